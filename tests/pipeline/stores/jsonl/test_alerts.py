"""Alerts in a file of lines: what is special about it beside what every store of alerts promises."""

import errno
import os
import re
from pathlib import Path

import msgspec
import pytest

from pipeline.errors import StoreError
from pipeline.stores.alert import Alert
from pipeline.stores.jsonl.alerts import AlertsJsonl
from tests.contracts.test_alert_stores import an_alert


@pytest.fixture
def alerts(tmp_path: Path) -> AlertsJsonl:
    return AlertsJsonl(tmp_path / "home" / "alerts.jsonl")


def test_an_appended_line_leaves_those_before_it_as_they_were(alerts: AlertsJsonl) -> None:
    alerts.append([an_alert()])
    before = alerts.path.read_bytes()
    alerts.append([an_alert(revision=2, record_score=80.0)])
    assert alerts.path.read_bytes().startswith(before)


def test_a_torn_last_line_is_skipped_counted_and_never_joined_with_the_next(alerts: AlertsJsonl) -> None:
    alerts.append([an_alert(), an_alert("b2")])
    whole = alerts.path.read_bytes()
    alerts.path.write_bytes(whole[:-20])
    assert [alert.alert_id for alert in alerts.revisions()] == ["a1"]
    assert alerts.append([an_alert("b2")]) == 1
    assert [alert.alert_id for alert in alerts.revisions()] == ["a1", "b2"]
    assert alerts.torn() == 1


def test_a_line_that_lost_only_its_end_is_whole_and_stands_alone(alerts: AlertsJsonl) -> None:
    alerts.append([an_alert()])
    alerts.path.write_bytes(alerts.path.read_bytes().rstrip(b"\n"))
    alerts.append([an_alert("b2")])
    assert [alert.alert_id for alert in alerts.revisions()] == ["a1", "b2"]
    assert alerts.torn() == 0


def test_on_a_full_disk_the_file_stays_as_it_was_and_the_error_says_what_to_do(
    alerts: AlertsJsonl, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts.append([an_alert()])
    before, write = alerts.path.read_bytes(), os.write
    monkeypatch.setattr(os, "write", lambda handle, content: write(handle, content[:50]))
    with pytest.raises(StoreError, match=f"{os.strerror(errno.ENOSPC)}.*make room and run again"):
        alerts.append([an_alert("b2"), an_alert("c3")])
    assert alerts.path.read_bytes() == before


def test_a_file_that_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="check the folder and its permissions"):
        AlertsJsonl(tmp_path).revisions()
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="check the folder and its permissions"):
        AlertsJsonl(tmp_path / "file" / "alerts.jsonl").append([an_alert()])


def test_lines_that_are_no_alerts_are_not_read_as_such(alerts: AlertsJsonl) -> None:
    alerts.append([an_alert()])
    with open(alerts.path, "ab") as handle:
        handle.write(b'[1]\n{"alert_id": "x"}\n' + b"[" * 5000 + b"\n" + os.urandom(8).replace(b"\n", b"") + b"\n")
    assert [alert.alert_id for alert in alerts.revisions()] == ["a1"]
    assert alerts.torn() == 4


LINE = msgspec.json.encode(an_alert("b2"))
BAD = {
    "a key is missing": (LINE.replace(b'"title"', b'"tilte"'), "missing required field `title`"),
    "another type": (LINE.replace(b'"revision":1', b'"revision":"1"'), r"Expected `int`, got `str` - at `\$.revision`"),
    "cut": (LINE[:-30], "no JSON"),
    "not UTF-8": (LINE.replace(b'"ci"', b'"\xff\xfe"'), "UTF-8|no JSON"),
    "no object": (b"7", "Expected `object`"),
    "deep": (b"[" * 100_000, "deeply|no JSON|Expected"),
    "zeros": (bytes(512), "no JSON"),
    "huge": (b'{"alert_id": "' + b"x" * (17 << 20) + b'"}', "more than 16,777,216 bytes"),
}


@pytest.mark.parametrize(("line", "why"), BAD.values(), ids=BAD)
def test_a_bad_line_is_named_and_hides_no_other(alerts: AlertsJsonl, line: bytes, why: str) -> None:
    alerts.append([an_alert("a1"), an_alert("c3")])
    first, second = alerts.path.read_bytes().splitlines(keepends=True)
    alerts.path.write_bytes(first + line + b"\n\n" + second)
    assert [alert.alert_id for alert in alerts.latest()] == ["a1", "c3"]
    [bad] = alerts.bad_lines
    assert bad.number == 2
    assert re.search(why, bad.why)
    assert alerts.append([an_alert("b2")]) == 1
    assert alerts.find("b2").alert_id == "b2"


def test_what_is_no_file_is_not_waited_for(alerts: AlertsJsonl) -> None:
    alerts.path.parent.mkdir()
    os.mkfifo(alerts.path)
    with pytest.raises(StoreError, match="is a pipe and not a plain file: check the folder"):
        alerts.revisions()
    with pytest.raises(StoreError, match="is a pipe and not a plain file: check the folder"):
        alerts.append([an_alert()])


def test_a_title_of_before_names_the_gravest_harm_when_it_is_read(alerts: AlertsJsonl) -> None:
    harm = {"kind": "deleted", "tried": False, "calls": 47, "actions": ["s3:DeleteObject"]}
    alerts.append([an_alert(title="ci called s3:ListBuckets", harms=[harm]), an_alert("b2", title="ci x")])
    written = alerts.path.read_bytes()
    told = ["ci deleted or stopped things (47 × s3:DeleteObject), called s3:ListBuckets", "ci x"]
    assert [alert.title for alert in alerts.revisions()] == told
    assert [line.alert.title for line in alerts.follow(0) if line.alert] == told
    assert alerts.find("a1").title == told[0]
    assert b"ci called s3:ListBuckets" in alerts.path.read_bytes() == written


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Lines that were read as alerts."""
    lines: list[bytes] = []
    given = AlertsJsonl._read

    def note(self: AlertsJsonl, line: bytes) -> Alert | str:
        lines.append(line)
        return given(self, line)

    monkeypatch.setattr(AlertsJsonl, "_read", note)
    return lines


def test_whoever_appends_reads_what_came_since_and_no_more(alerts: AlertsJsonl, read: list[bytes]) -> None:
    alerts.append([an_alert(f"a{number}") for number in range(50)])
    alerts.revisions()
    other = AlertsJsonl(alerts.path)
    other.append([an_alert("theirs")])
    read.clear()
    assert alerts.append([an_alert("theirs"), an_alert("a3"), an_alert("ours")]) == 1
    assert len(read) == 2  # the last line that was known, and theirs
    read.clear()
    assert other.append([an_alert("ours"), an_alert("a4")]) == 0
    assert len(read) < 5


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_a_file_that_was_put_back_from_a_copy_is_read_anew(alerts: AlertsJsonl, kept: int) -> None:
    alerts.append([an_alert(f"a{number}") for number in range(5)])
    alerts.revisions()
    lines = alerts.path.read_bytes().splitlines(keepends=True)
    alerts.path.write_bytes(b"".join(lines[:kept]))
    assert alerts.append([an_alert(f"a{number}") for number in range(5)]) == 5 - kept
    assert {alert.alert_id for alert in alerts.revisions()} == {f"a{number}" for number in range(5)}


def test_a_line_without_its_break_is_an_alert_and_is_not_written_twice(alerts: AlertsJsonl) -> None:
    alerts.append([an_alert("a1"), an_alert("a2")])
    alerts.path.write_bytes(alerts.path.read_bytes().removesuffix(b"\n"))
    for fresh in (alerts, AlertsJsonl(alerts.path)):
        assert fresh.append([an_alert("a2")]) == 0
    assert alerts.append([an_alert("a2"), an_alert("a3")]) == 1
    assert [alert.alert_id for alert in alerts.revisions()] == ["a1", "a2", "a3"]
