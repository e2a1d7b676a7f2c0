"""Alerts in a file of lines: what is special about it beside what every store of alerts promises."""

import errno
import os
from pathlib import Path

import pytest

from pipeline.errors import StoreError
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
