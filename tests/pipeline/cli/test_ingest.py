"""`oddtrail ingest`: what was read is said in numbers that add up."""

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from tests import records
from tests.digests import Trail
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import NINE, a_record, write_trail


def test_the_numbers_of_an_ingestion_add_up(tmp_path: Path) -> None:
    digest = {"awsAccountId": "111122223333", "digestStartTime": "2026-03-02T09:00:00Z", "logFiles": []}
    write_trail(tmp_path / "trail", [a_record(), a_record(), {"eventName": 7}])
    (tmp_path / "trail/digest.json").write_text(json.dumps(digest))
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


OCSF = '{"class_uid": 6003, "metadata": {"version": "1.1.0"}, "time": 1}'
NOTHING: dict[str, tuple[str | bytes, str]] = {
    "a record that is none": ('{"Records": [{"eventName": 7}]}', "1 record set aside (no eventSource)"),
    "OCSF": (f"{OCSF}\n{OCSF}\n", "1 file of OCSF"),
    "flow logs": ("2 123456789010 eni-1 172.31.16.139 172.31.16.21 1 22 6 20 4249 1 2 ACCEPT OK\n", "VPC flow logs"),
    "an empty list": ('{"Records": []}', "holds no record"),
    "an empty file": ("", "1 empty file"),
    "a database": (b"SQLite format 3\0" + bytes(99), "1 file of SQLite database"),
    "a digest": (
        '{"awsAccountId": "1", "digestStartTime": "x", "digestS3Object": "x"}',
        "1 record counted as 'digest'",
    ),
    "words": ("hello world", "set aside (no JSON object)"),
    "the console's CSV": ("User name,Event time,Event name\nalice,x,y\n", "download it as JSON instead"),
    "half a table": ("eventname,eventtime\nA,x\n", "without eventSource and userIdentity: select these columns too"),
}


@pytest.mark.parametrize(("content", "told"), NOTHING.values(), ids=NOTHING)
@pytest.mark.parametrize("named", [True, False])
def test_nothing_stored_is_a_failure_that_names_what_was_found(
    tmp_path: Path, content: str | bytes, told: str, named: bool
) -> None:
    (tmp_path / "in").mkdir()
    file = tmp_path / "in/some.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    for again in (False, True):
        result = run("ingest", file if named else file.parent, "--home", tmp_path / "home", "--json")
        document = json.loads(result.stdout)
        assert result.exit_code == 1
        assert document["stored"] == 0
        assert ("1 file read before without any event" if again else told) in document["error"]["message"]
        assert result.stderr.count("\n") == 1


def test_nothing_new_is_a_success(tmp_path: Path) -> None:
    write_trail(tmp_path / "trail", [a_record()])
    run("ingest", tmp_path / "trail", "--home", tmp_path / "home")
    (tmp_path / "copy.json").write_text(json.dumps(a_record()))
    for path in (tmp_path / "trail", tmp_path / "copy.json"):
        assert run("ingest", path, "--home", tmp_path / "home").exit_code == 0


def test_what_is_none_of_cloudtrails_is_passed_over_and_named(tmp_path: Path) -> None:
    write_trail(tmp_path / "trail", [a_record()])
    for number in range(2):
        key = tmp_path / f"trail/AWSLogs/{'1' * 12}/Config/eu-west-1/{number}.json"
        key.parent.mkdir(parents=True, exist_ok=True)
        key.write_text("{")
    (tmp_path / "trail/ocsf.json").write_text(OCSF)
    document = answer("ingest", tmp_path / "trail", "--home", tmp_path / "home")
    assert document["passed_over"] == {"AWS Config": 2, "OCSF": 1}
    assert (document["stored"], document["set_aside"], document["records"]) == (1, 0, 1)
    again = run("ingest", tmp_path / "trail", "--home", tmp_path / "home2")
    assert "Passed over: 2 files of AWS Config, 1 of OCSF." in again.stdout


def test_standard_input_is_a_dash(tmp_path: Path) -> None:
    command = ["ingest", "-", "--home", str(tmp_path / "home"), "--json"]
    records = gzip.compress(json.dumps({"Records": [a_record()]}).encode())
    result = CliRunner().invoke(app, command, input=records)
    assert (result.exit_code, json.loads(result.stdout)["stored"]) == (0, 1)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("s3://NO", "names no bucket: write s3://bucket/prefix"),
        ("sqs://eu-west-1/111122223333/q", "add ?bucket=NAME/PREFIX"),
        ("https://example.com/x", "neither a path on this machine"),
        ("gs://bucket/x", "is no path on this machine"),
    ],
)
def test_an_address_is_a_usage_error_that_says_what_to_do(tmp_path: Path, path: str, told: str) -> None:
    result = run("ingest", path, "--home", tmp_path / "home")
    assert result.exit_code == 2
    assert told in result.stderr
    assert not (tmp_path / "home").exists()


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


@pytest.mark.parametrize(("named", "people"), [("", 1), ("okta-*", 2)])
def test_people_behind_one_role_are_told_apart_where_settings_name_the_role(
    named: str, people: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = [records.an_assumed_role("okta-admin", name) for name in ("maria@example.com", "nora@example.com")]
    trail = [records.a_record(identity) for identity in sessions]
    write_trail(tmp_path / "trail", trail)
    monkeypatch.setenv("ODDTRAIL_VERIFIED_SESSION_NAMES", named)
    answer("ingest", tmp_path / "trail", "--home", tmp_path / "home")
    import duckdb

    from pipeline.stores.home import open_store

    with open_store(tmp_path / "home") as store, duckdb.connect() as connection:
        store.events.view(connection)
        rows = connection.execute("SELECT principal, session_name FROM events").fetchall()
    assert len({principal for principal, _ in rows}) == people
    assert {name for _, name in rows} == {"maria@example.com", "nora@example.com"}


def test_what_is_not_as_cloudtrail_delivered_it_is_told(tmp_path):
    trail = Trail(tmp_path / "trail").deliver(3)
    given = ["ingest", trail.folder, "--home", tmp_path / "home"]
    shown = run(*given)
    assert "Held against 3 digests of CloudTrail (unsigned: hashes only): nothing missing or changed." in shown.stdout
    trail.deliver(1).logs[-1].unlink()
    told = answer(*given)
    assert told["integrity"]["digests"] == 1
    [finding] = told["integrity"]["found"]
    assert finding["text"] in told["notes"]
    assert finding["command"].startswith("aws cloudtrail validate-logs --trail-arn ")
    assert "integrity" not in run(*given).output
    trail.deliver(1).logs[-1].unlink()
    shown = run(*given)
    assert (shown.exit_code, "1 finding." in shown.stdout) == (0, True)
    trail.deliver(1)
    korean = run(*given, "--lang", "ko")
    assert "CloudTrail 다이제스트 1개와 대조함(서명 미확인, 해시만 대조): 빠지거나 변경된 것 없음." in korean.stdout
    assert "validate-logs" in shown.stderr.replace("\n", "")
    doctor = answer("doctor", "--home", tmp_path / "home")
    assert sum(check["check"] == "digests" for check in doctor["findings"]) == 2
