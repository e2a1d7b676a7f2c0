"""`oddtrail dead-letters`: what could not be indexed is shown bounded, inert and without secrets."""

import json
from pathlib import Path

import pytest

from pipeline.cli.index import DEAD_LETTERS
from pipeline.delivery.dead_letter import DeadLetter, FolderDeadLetters
from tests.pipeline.cli.commands import answer, run

ODD = "\x1b]0;owned\x07[/x][link=file:///etc/passwd]\u202e\ud800"


def put(home: Path, *letters: DeadLetter) -> None:
    FolderDeadLetters(home / DEAD_LETTERS).put(letters)


def a_letter(raw: bytes = b"{}", reason: str = "400 mapper_parsing_exception", **fields: str) -> DeadLetter:
    return DeadLetter(reason, "2026-03-02T09:00:00Z", fields.get("origin", "a.json"), raw, fields.get("event_id", "e"))


def test_nothing_is_shown_where_nothing_is(tmp_path: Path) -> None:
    assert run("dead-letters", "list", "--home", tmp_path).stdout == "No dead letters.\n"
    assert answer("dead-letters", "list", "--home", tmp_path)["letters"] == []


def test_hostile_letters_are_inert_and_bounded(tmp_path: Path) -> None:
    put(tmp_path, a_letter(ODD.encode("utf-8", "replace") * 99_999, ODD * 999, origin=ODD * 999, event_id=ODD * 999))
    shown = run("dead-letters", "list", "--home", tmp_path)
    assert shown.exit_code == 0
    assert not {"\x1b", "\x07", "\u202e"} & set(shown.stdout)
    assert len(shown.stdout) < 20_000
    as_json = run("dead-letters", "list", "--home", tmp_path, "--json").stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(as_json)
    assert len(as_json) < 100_000


def test_the_oldest_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    put(tmp_path, *(a_letter(b"x" * 10, f"reason {n % 3}", event_id=f"e{n}") for n in range(30)))
    told = answer("dead-letters", "list", "--home", tmp_path, "--limit", 4)
    assert [letter["event_id"] for letter in told["letters"]] == ["e0", "e1", "e2", "e3"]
    assert (told["total"], told["bytes"]) == (30, 300)
    assert told["reasons"] == {"reason 0": 10, "reason 1": 10, "reason 2": 10}
    assert (
        "30 dead letters; these are the oldest 4"
        in run("dead-letters", "list", "--home", tmp_path, "--limit", 4).stdout
    )


def test_a_record_is_shown_without_its_secrets(tmp_path: Path) -> None:
    raw = json.dumps({"eventName": "CreateLoginProfile", "requestParameters": {"password": "hunter2hunter2"}}).encode()
    put(tmp_path, a_letter(raw))
    assert "hunter2hunter2" not in run("dead-letters", "list", "--home", tmp_path, "--json").stdout


def test_a_letter_that_has_only_a_beginning_does_not_look_whole(tmp_path: Path) -> None:
    put(tmp_path, DeadLetter("gzip is truncated", "2026-03-02T00:00:00Z", "a.json.gz", b"x", cut=True))
    assert "only its beginning" in " ".join(run("dead-letters", "list", "--home", tmp_path).stdout.split())
    [letter] = answer("dead-letters", "list", "--home", tmp_path)["letters"]
    assert letter["cut"] is True


def test_a_folder_of_ones_own_is_used(tmp_path: Path) -> None:
    FolderDeadLetters(tmp_path / "own").put([a_letter()])
    told = answer("dead-letters", "list", "--home", tmp_path, "--dead-letters", tmp_path / "own")
    assert told["total"] == 1


@pytest.mark.parametrize("line", [b"{}", b"not json", b'{"raw": "%%", "reason": "", "at": "", "origin": ""}'])
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes) -> None:
    put(tmp_path, a_letter())
    [file] = (tmp_path / DEAD_LETTERS).iterdir()
    file.write_bytes(file.read_bytes() + line + b"\n")
    result = run("dead-letters", "list", "--home", tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"{file.name}, line 2" in result.stderr
