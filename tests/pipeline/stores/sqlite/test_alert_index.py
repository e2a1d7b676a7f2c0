"""The index of alerts says what the file says, whatever became of the file meanwhile."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.alerts.related import find_related, marks_of
from pipeline.errors import StoreError
from pipeline.stores.jsonl.alerts import AlertsJsonl
from pipeline.stores.sqlite.alert_index import AlertIndex, DayCount
from tests.builders import an_alert

DAY = date(2026, 3, 2)
KEY = {
    "access_key": "AKIAONE", "session_name": "", "identity": "i", "account": "1", "started": None, "mfa": None,
    "agents": [], "addresses": [], "calls": 1, "issued_keys": [],
}  # fmt: skip


@pytest.fixture
def alerts(tmp_path: Path) -> AlertsJsonl:
    return AlertsJsonl(tmp_path / "alerts.jsonl")


@pytest.fixture
def index(alerts: AlertsJsonl) -> AlertIndex:
    return AlertIndex(alerts.path.with_name("index.sqlite"), alerts, marks_of)


def listed(index: AlertIndex, day: date = DAY) -> list[list[str]]:
    index.refresh()
    return [[one.id for one in incident] for incident in index.incidents(day, 10)]


def test_the_strongest_comes_first_and_a_break_in_once(alerts: AlertsJsonl, index: AlertIndex) -> None:
    assert listed(index) == []
    alerts.append(
        [
            an_alert("c", record_score=80, related=["d"]),
            an_alert("b", record_score=95),
            an_alert("d", record_score=70, related=["c"]),
            an_alert("held", raised=False, held_because="budget"),
            an_alert("weak", raised=False, held_because="evidence"),
            an_alert("later", day="2026-03-03"),
        ]
    )
    assert listed(index) == [["b"], ["c", "d"]]
    assert [one.id for one in index.held(DAY, 10)] == ["held"]
    assert [tuple(one) for one in index.days(5)] == [(date(2026, 3, 3), 1, 0), (DAY, 3, 1)]
    assert index.count_incidents(DAY) == 2
    assert [[one.id for one in each] for each in index.incidents(DAY, 1, 1)] == [["c", "d"]]


def test_an_alert_that_is_raised_is_in_its_incident_whatever_else_it_says(
    alerts: AlertsJsonl, index: AlertIndex
) -> None:
    alerts.append([an_alert("a", held_because="budget"), an_alert("b", raised=False, held_because="budget")])
    assert listed(index) == [["a"]]
    assert [one.id for one in index.held(DAY, 10)] == ["b"]
    assert (index.count_incidents(DAY), index.days(1)[0]) == (1, DayCount(DAY, 1, 1))


def test_an_incident_that_goes_while_a_day_is_listed_is_left_out(
    alerts: AlertsJsonl, index: AlertIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts.append([an_alert("a", record_score=90), an_alert("b", record_score=80)])
    assert listed(index) == [["a"], ["b"]]
    ask = index._ask

    def take_back(sql: str, values: Sequence[Any] = ()) -> list[Any]:
        found = ask(sql, values)
        if sql.startswith("SELECT incident"):
            alerts.append([an_alert("a", 2, raised=False, held_because="budget")])
            index.refresh()
        return found

    monkeypatch.setattr(index, "_ask", take_back)
    assert [[one.id for one in each] for each in index.incidents(DAY, 10)] == [["b"]]


def test_a_later_revision_stands_and_an_earlier_one_that_comes_late_does_not(
    alerts: AlertsJsonl, index: AlertIndex
) -> None:
    alerts.append([an_alert("a", 1, principal_name="before", sessions=[KEY])])
    assert listed(index) == [["a"]]
    alerts.append([an_alert("a", 3, record_score=50), an_alert("a", 2, record_score=60)])
    assert listed(index) == [["a"]]
    found = index.find("a")
    assert found is not None
    assert (found.revision, found.record_score) == (3, 50)
    assert index.search("nowhere", ["key AKIAONE"], 5) == []
    assert index.find("b") is None


def test_a_file_that_is_another_one_is_read_anew(alerts: AlertsJsonl, index: AlertIndex) -> None:
    alerts.append([an_alert("a"), an_alert("b")])
    assert len(listed(index)) == 2
    alerts.path.unlink()
    assert listed(index) == []
    alerts.append([an_alert("c")])
    assert listed(index) == [["c"]]
    again = AlertIndex(index.path, alerts, marks_of)
    assert listed(again) == [["c"]]


def test_a_bad_line_hides_no_other_and_is_counted(alerts: AlertsJsonl, index: AlertIndex) -> None:
    alerts.append([an_alert("a")])
    with alerts.path.open("ab") as file:
        file.write(b'{"alert_id": 1}\n{"torn')
    assert listed(index) == [["a"]]
    assert index.count_bad() == 1
    alerts.append([an_alert("b")])
    assert sorted(listed(index)) == [["a"], ["b"]]
    assert index.count_bad() == 2


def test_what_shares_a_mark_is_what_is_related(alerts: AlertsJsonl, index: AlertIndex) -> None:
    one, other = an_alert("a", sessions=[KEY]), an_alert("b", principal_key="x", sessions=[KEY])
    alerts.append([one, other, an_alert("c", principal_key="y", influencers=[])])
    index.refresh()
    near = list(index.marked(marks_of(one), DAY, DAY, 10))
    assert [found.alert.alert_id for found in find_related(one, near)] == ["b"]
    assert list(index.marked(marks_of(one), date(2026, 3, 3), date(2026, 3, 4), 10)) == []


def test_a_part_of_a_name_finds_and_is_no_pattern(alerts: AlertsJsonl, index: AlertIndex) -> None:
    alerts.append([an_alert("a", principal_name="Straße%")])
    index.refresh()
    assert [one.id for one in index.search("STRASSE", [], 5)] == ["a"]
    assert index.search("st%e", [], 5) == []


def test_many_are_found_as_few_are(alerts: AlertsJsonl, index: AlertIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    one = an_alert("a", sessions=[KEY], principal_name="Ana")
    other = an_alert("b", principal_key="x", sessions=[KEY], principal_name="Anaconda")
    alerts.append([one, other, an_alert("c", principal_key="y", influencers=[], principal_name="bot")])
    index.refresh()

    def look() -> tuple[list[str], list[str], list[str]]:
        near = index.marked(marks_of(one), DAY, DAY, 10)
        return (
            [found.id for found in index.search("ana", [], 5)],
            [found.id for found in index.search("nobody", [*marks_of(one)], 5)],
            sorted(found.alert_id for found in near),
        )

    few = look()
    assert few == (["a", "b"], ["a", "b"], ["a", "b"])
    monkeypatch.setattr("pipeline.stores.sqlite.alert_index._FEW", 0)
    assert look() == few


def test_the_alerts_of_some_days_are_read_one_by_one(alerts: AlertsJsonl, index: AlertIndex) -> None:
    alerts.append([an_alert("a"), an_alert("b", day=date(2026, 3, 5)), an_alert("a", 2)])
    index.refresh()
    assert [(one.alert_id, one.revision) for one in index.between(DAY, DAY)] == [("a", 2)]
    assert [one.alert_id for one in index.between(DAY, date(2026, 3, 5))] == ["b", "a"]


def test_what_is_no_index_is_told(alerts: AlertsJsonl) -> None:
    path = alerts.path.with_name("other")
    path.write_bytes(b"not a database, not at all" * 100)
    with pytest.raises(StoreError, match="remove it"):
        AlertIndex(path, alerts, marks_of).refresh()
