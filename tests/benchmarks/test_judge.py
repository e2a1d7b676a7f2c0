"""A campaign is found by a raised alert that names one of its events, or for a peer, by its principal and day."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd

from benchmarks.campaigns import Campaign
from benchmarks.judge import clean_rate, judge_alerts, judge_days
from features.times.day import day_number
from pipeline.stores.alert import Alert
from tests.builders import an_alert

AT = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
PLANTED = [
    Campaign("c1", "simulator", "t", "loud", AT, AT, ("e1", "e2")),
    Campaign("c2", "recording", "t", "stealthy", AT, AT, ("e3",)),
]


def a_revision(alert_id: str, event_ids: list[str], raised: bool = True, after: int = 6) -> Alert:
    return an_alert(alert_id, raised=raised, event_ids=event_ids, detected_at=AT + timedelta(minutes=after))


def test_a_raised_alert_finds_the_campaigns_whose_events_it_names() -> None:
    judged = judge_alerts([a_revision("a", ["other", "e2"]), a_revision("b", ["other"])], PLANTED)
    assert judged.found == {"c1"}
    assert judged.alerts == 2


def test_a_held_alert_finds_nothing_and_costs_nothing() -> None:
    judged = judge_alerts([a_revision("a", ["e1"], raised=False)], PLANTED)
    assert (judged.found, judged.alerts) == (set(), 0)


def test_revisions_of_an_alert_cost_once_and_the_first_that_found_says_when() -> None:
    revisions = [a_revision("a", ["e1"], after=6), a_revision("a", ["e1", "e2"], after=30)]
    judged = judge_alerts(revisions, PLANTED)
    assert judged.alerts == 1
    assert judged.minutes == {"c1": 6.0}


def test_a_peer_finds_a_campaign_by_its_principal_and_day() -> None:
    principal_days = {"e1": ("ann", 5), "e2": ("ann", 6), "e3": ("bob", 6)}
    judged = judge_days({("ann", 6), ("cat", 6), ("bob", 5)}, PLANTED, principal_days)
    assert (judged.found, judged.alerts) == ({"c1"}, 3)


def test_an_event_that_activity_does_not_have_finds_nothing() -> None:
    assert judge_days({("ann", 6)}, PLANTED, {}).found == set()


def test_only_clean_principal_days_of_the_test_count_for_the_rate_and_each_once(tmp_path: Path) -> None:
    days = [date(2026, 3, day) for day in (1, 2, 2, 3, 3)]
    names = ["dan", "ann", "ann", "bob", "cat"]
    table = pd.DataFrame({"principal": names, "day": days, "record_score": [99.0, 75, 80, 99, 74]})
    table.to_parquet(tmp_path / "scores.parquet")
    second = day_number(date(2026, 3, 2))
    rate = clean_rate(tmp_path / "scores.parquet", {("bob", second + 1)}, range(second, second + 2))
    assert rate == 0.5


def test_the_wait_is_counted_from_when_the_first_event_came() -> None:
    came = {"e1": AT + timedelta(minutes=9), "e2": AT + timedelta(minutes=5), "e3": AT + timedelta(minutes=300)}
    judged = judge_alerts([a_revision("a", ["e1"], after=16), a_revision("b", ["e3"], after=301)], PLANTED, came)
    assert judged.minutes == {"c1": 16.0, "c2": 301.0}
    assert judged.waited == {"c1": 11.0, "c2": 1.0}
