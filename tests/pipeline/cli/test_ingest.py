"""`oddtrail ingest`: what was read is said in numbers that add up."""

from pathlib import Path

import pytest

from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import NINE, a_record, write_trail


def test_the_numbers_of_an_ingestion_add_up(tmp_path: Path) -> None:
    digest = {"awsAccountId": "111122223333", "digestStartTime": "2026-03-02T09:00:00Z", "logFiles": []}
    write_trail(tmp_path / "trail", [a_record(), a_record(), {"eventName": 7}])
    (tmp_path / "trail/digest.json").write_text(__import__("json").dumps(digest))
    told = answer("ingest", tmp_path / "trail", "--home", tmp_path / "home")
    assert {"files", "records", "stored", "duplicates", "set_aside", "other", "seconds"} <= set(told)
    assert told["records"] == told["stored"] + told["duplicates"] + told["set_aside"] + sum(told["other"].values())
    assert (told["stored"], told["duplicates"], told["set_aside"]) == (1, 1, 1)


def test_a_file_that_was_read_before_is_skipped(tmp_path: Path) -> None:
    write_trail(tmp_path / "trail", [a_record()])
    for stored, skipped in ((1, 0), (0, 1)):
        told = answer("ingest", tmp_path / "trail", "--home", tmp_path / "home")
        assert (told["stored"], told["skipped_files"]) == (stored, skipped)


def test_in_a_pipe_there_is_no_progress_and_no_colour(tmp_path: Path) -> None:
    write_trail(tmp_path / "trail", [a_record()])
    result = run("ingest", tmp_path / "trail", "--home", tmp_path / "home")
    assert "\x1b" not in result.output
    assert "1 record of 1 file in" in result.stdout
    assert "no geo database" in result.stderr


def test_a_path_where_nothing_is_says_so(tmp_path: Path) -> None:
    result = run("ingest", tmp_path / "nowhere", "--home", tmp_path / "home")
    assert result.exit_code == 1
    assert "nowhere" in result.stderr


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "no CloudTrail log file is in 'trail': give the folder that holds AWSLogs"),
        (["notes.txt", "photo.png"], "no CloudTrail log file is in 'trail', only 2 other files: give"),
    ],
)
def test_a_folder_without_log_files_says_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("trail").mkdir()
    for name in names:
        Path("trail", name).write_bytes(b"\x89 something else")
    result = run("ingest", "trail", "--home", "home")
    assert (result.exit_code, result.stdout) == (1, "")
    assert told in result.stderr


def test_files_that_hold_no_event_are_counted_and_say_where_events_lie(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"Records": [{"eventName": 7}]}')
    result = run("ingest", tmp_path, "--home", tmp_path / "home")
    assert result.exit_code == 0
    assert "None of it is an event." in result.stdout


def test_training_without_an_event_says_to_ingest(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"Records": [{"eventName": 7}]}')
    run("ingest", tmp_path, "--home", tmp_path / "home")
    result = run("train", "--home", tmp_path / "home")
    assert result.exit_code == 1
    assert "the store holds no events: run `oddtrail ingest PATH` first" in result.stderr


def test_own_networks_are_named(tmp_path: Path) -> None:
    (tmp_path / "networks.toml").write_text('"198.51.100.0/24" = "office Seoul"\n')
    write_trail(tmp_path / "trail", [a_record(NINE)])
    answer("ingest", tmp_path / "trail", "--home", tmp_path / "home", "--networks", tmp_path / "networks.toml")
    import duckdb

    from pipeline.stores.home import open_store

    with open_store(tmp_path / "home") as store, duckdb.connect() as connection:
        store.events.view(connection)
        assert connection.execute("SELECT network FROM events").fetchall() == [("office Seoul",)]
