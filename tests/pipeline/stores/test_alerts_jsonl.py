"""Alert revisions are appended, survive a crash, and are found again."""

import os
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import StoreError
from pipeline.stores.alerts_jsonl import AlertsJsonl


def an_alert(alert_id: str = "a1", revision: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "alert_id": alert_id,
        "revision": revision,
        "record_score": 50.0,
        "raised": True,
        "principal": "arn:aws:iam::111122223333:role/ci",
        "principal_name": "ci",
        "detected_at": "2026-03-01T10:05:00Z",
        **fields,
    }


@pytest.fixture
def alerts(tmp_path: Path) -> AlertsJsonl:
    return AlertsJsonl(tmp_path / "home" / "alerts.jsonl")


def test_a_revision_written_twice_stands_once(alerts: AlertsJsonl) -> None:
    assert alerts.append([an_alert(), an_alert()]) == 1
    assert alerts.append([an_alert(), an_alert(revision=2)]) == 1
    assert [line["revision"] for line in alerts.revisions("a1")] == [1, 2]


def test_an_appended_line_leaves_those_before_it_as_they_were(alerts: AlertsJsonl) -> None:
    alerts.append([an_alert()])
    before = alerts.path.read_bytes()
    alerts.append([an_alert(revision=2, record_score=80.0)])
    assert alerts.path.read_bytes().startswith(before)


def test_the_latest_revision_speaks_for_its_alert(alerts: AlertsJsonl) -> None:
    alerts.append([an_alert(), an_alert(revision=2, record_score=80.0), an_alert("b2", record_score=60.0)])
    assert [(alert["alert_id"], alert["record_score"]) for alert in alerts.latest()] == [("a1", 80.0), ("b2", 60.0)]


def test_a_torn_last_line_is_skipped_counted_and_never_joined_with_the_next(alerts: AlertsJsonl) -> None:
    alerts.append([an_alert(), an_alert("b2")])
    whole = alerts.path.read_bytes()
    alerts.path.write_bytes(whole[:-20])
    assert [line["alert_id"] for line in alerts.revisions()] == ["a1"]
    assert alerts.append([an_alert("b2")]) == 1
    assert [line["alert_id"] for line in alerts.revisions()] == ["a1", "b2"]
    assert alerts.torn() == 1


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, ["c", "a", "b"]),
        ({"since": datetime(2026, 3, 2, tzinfo=UTC)}, ["b"]),
        ({"principal": "JANE"}, ["b"]),
        ({"principal": "role/ci"}, ["c", "a"]),
        ({"min_score": 50}, ["c", "a"]),
        ({"raised": True}, ["c", "b"]),
        ({"raised": False}, ["a"]),
    ],
)
def test_alerts_are_found_by_time_principal_score_and_raised(
    alerts: AlertsJsonl, filters: dict[str, Any], ids: list[str]
) -> None:
    alerts.append(
        [
            an_alert("a", raised=False),
            an_alert("b", principal_name="Jane", principal="x", record_score=30.0, detected_at="2026-03-02T00:00:00Z"),
            an_alert("c", record_score=90.0),
        ]
    )
    assert [alert["alert_id"] for alert in alerts.latest(**filters)] == ids


def test_the_start_of_an_id_is_enough_where_it_is_the_only_one(alerts: AlertsJsonl) -> None:
    alerts.append([an_alert("abc1"), an_alert("abd2")])
    assert alerts.find("abc")["alert_id"] == "abc1"
    with pytest.raises(StoreError, match="2 alerts' ids start with 'ab': give more of one, as in abc1"):
        alerts.find("ab")
    for unknown in ("zz", ""):
        with pytest.raises(StoreError, match="no alert's id starts with"):
            alerts.find(unknown)


def test_without_a_file_there_are_no_alerts(alerts: AlertsJsonl) -> None:
    assert alerts.latest() == []
    assert alerts.torn() == 0


def test_a_file_that_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="check the folder and its permissions"):
        AlertsJsonl(tmp_path).revisions()


def _append(path: Path, start: int) -> None:
    for number in range(start, start + 50):
        AlertsJsonl(path).append([an_alert(f"alert-{number}", padding="x" * 5000)])


def test_two_writers_at_once_lose_nothing(alerts: AlertsJsonl) -> None:
    context = get_context("spawn")
    writers = [context.Process(target=_append, args=(alerts.path, start)) for start in (0, 50)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert len(alerts.revisions()) == 100
    assert alerts.torn() == 0


def test_lines_that_are_no_alerts_are_not_read_as_such(alerts: AlertsJsonl) -> None:
    alerts.append([an_alert()])
    with open(alerts.path, "ab") as handle:
        handle.write(b'[1]\n{"alert_id": "x"}\n' + b"[" * 5000 + b"\n" + os.urandom(8).replace(b"\n", b"") + b"\n")
    assert [line["alert_id"] for line in alerts.revisions()] == ["a1"]
    assert alerts.torn() == 4
