"""A raised alert takes in what comes after it was raised, by the ticks of deliveries alone."""

from datetime import timedelta

import pytest

from pipeline.alerts.live import AT_ONCE
from pipeline.detect.replay import Replay
from pipeline.settings import Settings
from pipeline.stores.jsonl.alerts import AlertsJsonl
from tests.walks import an_activity
from tests.worlds import START, a_company, a_theft, an_event, as_person, as_role, numbered

THEFT_DAY = 9
VICTIM = as_person("person1")


def more(count, every=timedelta(minutes=2), delay=timedelta(hours=1), prefix="more"):
    """A thief that goes on with what was stolen, some time after."""
    last = a_theft(THEFT_DAY, victim=VICTIM)[-1]
    times = [last["event_time"] + delay + every * place for place in range(count)]
    rows = [last | {"event_time": at, "delivered_at": at + timedelta(minutes=4)} for at in times]
    return numbered(rows, prefix)


def revisions(tmp_path, rows, days=THEFT_DAY + 2):
    tmp_path.mkdir(exist_ok=True)
    world = a_company(days=days, people=3, roles=2) + a_theft(THEFT_DAY, victim=VICTIM) + rows
    activity, alerts = an_activity(world), AlertsJsonl(tmp_path / "alerts.jsonl")
    replay = Replay(activity, Settings(budget=None), alerts, tmp_path / "scores.parquet")
    replay.run(activity.days(), START + timedelta(days=THEFT_DAY))
    return [alert for alert in alerts.revisions() if alert.principal_name == "person1" and alert.day.day == 11]


def test_more_of_the_same_is_in_the_counts_of_a_further_revision(tmp_path):
    rows = more(3)
    alerts = revisions(tmp_path, rows)
    last, decided = alerts[-1], revisions(tmp_path / "before", [])[-1]
    assert last.raised
    assert {row["event_id"] for row in rows} <= set(last.event_ids)
    assert last.event_count >= decided.event_count + len(rows)
    assert last.alert_id == decided.alert_id
    assert last.detected_at > max(row["delivered_at"] for row in rows) - timedelta(minutes=1)


def test_revisions_are_numbered_in_the_order_of_their_ticks(tmp_path):
    alerts = revisions(tmp_path, more(5, every=timedelta(minutes=20)))
    assert [alert.revision for alert in alerts] == list(range(1, len(alerts) + 1))
    assert [alert.detected_at for alert in alerts] == sorted(alert.detected_at for alert in alerts)
    assert [alert.event_count for alert in alerts] == sorted(alert.event_count for alert in alerts)


def test_a_busy_day_is_told_again_once_an_hour_and_misses_nothing(tmp_path):
    rows = more(200)
    alerts = revisions(tmp_path, rows)
    assert len(alerts) <= AT_ONCE + 8
    assert {"more-000000", "more-000199"} <= set(alerts[-1].event_ids) or alerts[-1].event_count >= 200
    late = [b.detected_at - a.detected_at for a, b in zip(alerts[AT_ONCE - 1 :], alerts[AT_ONCE:], strict=False)]
    assert min(late) >= timedelta(minutes=5)


def test_usual_calls_write_no_revision(tmp_path):
    usual = [row for row in a_company(days=THEFT_DAY + 1, people=3, roles=2) if row["principal"] == VICTIM["principal"]]
    last = max(usual, key=lambda row: row["event_time"])
    at = START + timedelta(days=THEFT_DAY, hours=22)
    rows = numbered([last | {"event_time": at, "delivered_at": at + timedelta(minutes=4)}], "usual")
    assert len(revisions(tmp_path, rows)) == len(revisions(tmp_path / "before", []))


@pytest.mark.parametrize("late", [timedelta(hours=12), timedelta(hours=20)])
def test_what_comes_the_day_after_joins_the_alert(tmp_path, late):
    rows = [row | {"delivered_at": row["delivered_at"] + late} for row in more(2)]
    assert revisions(tmp_path, rows)[-1].event_count == revisions(tmp_path / "before", [])[-1].event_count + 2


def test_alerts_of_one_break_in_name_each_other(tmp_path):
    second = [
        row | {"event_time": row["event_time"] + timedelta(hours=2), "delivered_at": None}
        for row in a_theft(THEFT_DAY, victim=as_role("service1-prod-role"))
    ]
    world = a_company(days=THEFT_DAY + 1, people=3, roles=2) + a_theft(THEFT_DAY, victim=VICTIM)
    activity = an_activity(world + numbered([an_event(**row) for row in second], "second"))
    alerts = AlertsJsonl(tmp_path / "alerts.jsonl")
    replay = Replay(activity, Settings(budget=None), alerts, tmp_path / "scores.parquet")
    replay.run(activity.days(), START + timedelta(days=THEFT_DAY))
    raised = {alert.principal_name: alert for alert in alerts.latest(raised=True)}
    person, role = raised["person1"], raised["service1-prod-role"]
    assert (person.related, role.related) == ((role.alert_id,), (person.alert_id,))
