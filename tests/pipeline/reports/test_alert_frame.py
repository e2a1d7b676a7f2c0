"""Alerts as a frame: the last revision of each, of the last days, drills left out."""

from datetime import date

import pytest

from pipeline.errors import NoHistoryError, StoreError
from pipeline.reports.alert_frame import COLUMNS, open_alerts
from pipeline.stores.home import open_store
from tests.builders import an_alert
from tests.pipeline.reports.test_source import a_home


@pytest.fixture
def home(tmp_path):
    home = a_home(tmp_path / "home")
    with open_store(home) as store:
        store.alerts.append(
            [
                an_alert("a1", record_score=60.0, raised=False, held_because="budget"),
                an_alert("a1", revision=2, record_score=80.0, principal_name="x\x1b[31m"),
                an_alert("b1", record_score=95.0, related=["a1"]),
                an_alert("c1", day="2026-01-01"),
                an_alert("d1", drill="d"),
            ]
        )
    return home


def test_a_row_is_the_last_revision_of_an_alert_the_strongest_first(home):
    rows = open_alerts(home)
    assert rows.columns.tolist() == [*COLUMNS]
    assert rows["alert_id"].tolist() == ["b1", "a1"]
    assert rows["score"].tolist() == [95.0, 80.0]
    assert rows["incident"].tolist() == ["a1", "a1"]
    assert rows["held"].tolist() == ["", ""]
    assert rows["name"].tolist() == ["deploy", "x\\x1b[31m"]


def test_more_days_hold_more(home):
    assert set(open_alerts(home, days=100)["alert_id"]) == {"a1", "b1", "c1"}
    assert open_alerts(home, days=1)["day"].dt.date.unique().tolist() == [date(2026, 3, 2)]


def test_a_home_without_alerts_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match=r"oddtrail ingest.*oddtrail demo"):
        open_alerts(tmp_path / "nothing")
    home = a_home(tmp_path / "home")
    with pytest.raises(NoHistoryError, match="was not scored yet: `oddtrail train`"):
        open_alerts(home)
    with open_store(home) as store:
        store.alerts.append([])
    with pytest.raises(NoHistoryError, match="has no alert, raised or held"):
        open_alerts(home)
