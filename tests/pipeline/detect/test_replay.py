"""Backtest after ingestion: causal, reproducible, and it finds a thief."""

import json
from datetime import timedelta

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from models.combine import FAMILIES
from pipeline.detect.activity import Activity
from pipeline.detect.replay import Replay
from pipeline.detect.stages import Stages
from pipeline.detect.walk import BURN_IN_DAYS
from pipeline.settings import Settings
from pipeline.stores.jsonl.alerts import AlertsJsonl
from tests.worlds import START, a_company, a_theft, as_person, as_role, numbered, table

TRAIN_DAYS = 14
THEFT_DAY = 18


def replayed(out, events, *, every_tick=False, budget=2.0, threads=2, timezone="UTC"):
    out.mkdir()
    connection = duckdb.connect(config={"threads": threads})
    connection.register("events", events)
    activity = Activity.of_events(connection, by_tick=True, timezone=timezone)
    alerts = AlertsJsonl(out / "alerts.jsonl")
    replay = Replay(activity, Settings(budget=budget), alerts, out / "scores.parquet", every_tick=every_tick)
    replay.run(activity.days(), START + timedelta(days=TRAIN_DAYS))
    return alerts.revisions()


@pytest.fixture(scope="module")
def events():
    return table(a_company(days=20) + a_theft(THEFT_DAY))


@pytest.fixture(scope="module")
def replay(events, tmp_path_factory):
    out = tmp_path_factory.mktemp("replay") / "out"
    return out, replayed(out, events)


def stolen(alerts):
    return [a for a in alerts if a.principal_name == "person3" and str(a.detected_at).startswith("2026-03-20")]


def test_a_stolen_session_is_raised_with_its_events_and_reasons(replay):
    _, alerts = replay
    theft = stolen(alerts)
    assert any(alert.raised for alert in theft)
    assert {"theft-000000", "theft-000001", "theft-000002"} <= set(theft[-1].event_ids)
    reasons = {(r.dimension, r.value) for r in theft[-1].reasons}
    assert ("country", "KP") in reasons
    assert any(dimension == "write" and value.startswith("iam:") for dimension, value in reasons)
    assert theft[-1].severity == "critical"


def test_it_is_the_strangest_thing_of_the_period(replay):
    _, alerts = replay
    assert max(alerts, key=lambda a: a.record_score) in stolen(alerts)


def test_reasons_and_other_add_up_to_the_sum_of_the_score_row(replay):
    out, alerts = replay
    scores = pq.read_table(out / "scores.parquet").to_pylist()
    rows = {(row["principal"], row["revision"], str(row["day"])): row for row in scores if row["revision"]}
    assert alerts
    for alert in alerts:
        row = rows[alert.principal_key, alert.revision, str(alert.window_start.date())]
        total = sum(reason.nats for reason in alert.reasons) + alert.other
        assert total == pytest.approx(alert.evidence, abs=1e-6)
        assert total + row["kind_prior"] == pytest.approx(row["sum"], abs=1e-6)
        assert sum(row[name] for name in (*FAMILIES, "kind_prior")) == pytest.approx(row["sum"], abs=1e-9)
        assert alert.record_score == pytest.approx(row["record_score"], abs=1e-9)


def test_stepping_every_tick_gives_the_same_bytes(replay, events, tmp_path):
    out, _ = replay
    replayed(tmp_path / "ticks", events, every_tick=True)
    assert (tmp_path / "ticks" / "alerts.jsonl").read_bytes() == (out / "alerts.jsonl").read_bytes()


def test_one_core_or_two_give_the_same_bytes(replay, events, tmp_path):
    out, _ = replay
    replayed(tmp_path / "one", events, threads=1)
    assert (tmp_path / "one" / "alerts.jsonl").read_bytes() == (out / "alerts.jsonl").read_bytes()
    assert pq.read_table(tmp_path / "one" / "scores.parquet").equals(pq.read_table(out / "scores.parquet"))


@pytest.mark.parametrize("hours", [16 * 24 + 7, THEFT_DAY * 24 + 14, THEFT_DAY * 24 + 20])
def test_later_deliveries_never_change_earlier_lines(replay, events, tmp_path, hours):
    out, _ = replay
    until = START + timedelta(hours=hours, minutes=20)
    replayed(tmp_path / "cut", events.filter(pc.less_equal(events["delivered_at"], until)))
    stamp = until.strftime("%Y-%m-%dT%H:%M:%SZ")

    def before(folder):
        lines = (folder / "alerts.jsonl").read_bytes().splitlines()
        return [line for line in lines if json.loads(line)["detected_at"] <= stamp]

    assert before(tmp_path / "cut") == before(out)


def test_the_order_of_rows_does_not_matter(replay, events, tmp_path):
    out, _ = replay
    backwards = events.take(list(range(events.num_rows))[::-1])
    replayed(tmp_path / "backwards", backwards)
    assert (tmp_path / "backwards" / "alerts.jsonl").read_bytes() == (out / "alerts.jsonl").read_bytes()


def test_a_thousand_usual_calls_do_not_hide_a_theft(replay, events, tmp_path):
    _, alerts = replay
    noon = START + timedelta(days=THEFT_DAY, hours=13)
    usual = [row for row in a_company(days=20) if row["principal"] == "idc/person3"][:1]
    padding = [
        usual[0] | {"event_time": noon + timedelta(seconds=3 * n), "delivered_at": noon + timedelta(hours=1)}
        for n in range(1000)
    ]
    padded = replayed(tmp_path / "padded", table(a_company(days=20) + a_theft(THEFT_DAY) + numbered(padding, "pad")))
    assert max(a.evidence for a in stolen(padded)) >= max(a.evidence for a in stolen(alerts)) - 1e-9


def test_a_release_to_a_whole_group_raises_at_most_one_alert(tmp_path):
    release = [
        row | {"action": "sqs:CreateQueue", "write": True, "level": "write"}
        for row in a_company(days=19)
        if row["kind"] == "workload" and row["event_time"] >= START + timedelta(days=18)
    ]
    alerts = replayed(tmp_path / "release", table(a_company(days=20) + numbered(release, "release")))
    about = {a.alert_id for a in alerts if a.raised and any(r.value == "sqs:CreateQueue" for r in a.reasons)}
    assert len(about) <= 1


def test_a_first_theft_does_not_teach_the_peers(tmp_path):
    second = a_theft(THEFT_DAY + 1, victim=as_role("service2-prod-role"))
    first = a_theft(THEFT_DAY, victim=as_role("service1-prod-role"))
    alerts = replayed(tmp_path / "twice", table(a_company(days=20) + first + numbered(second, "second")))
    raised = {a.principal_name for a in alerts if a.raised}
    assert {"service1-prod-role", "service2-prod-role"} <= raised


def test_the_day_is_the_deployments(events, tmp_path):
    alerts = replayed(tmp_path / "seoul", events, timezone="Asia/Seoul")
    assert any(a.raised for a in alerts if a.principal_name == "person3")


class Noted:
    """An alert store that only notes what it is given."""

    def __init__(self):
        self.appended = []

    def append(self, revisions):
        self.appended.append(list(revisions))
        return len(self.appended[-1])


@pytest.fixture(scope="module")
def small():
    connection = duckdb.connect(config={"threads": 1})
    connection.register("events", table(a_company(days=11, people=3, roles=2) + a_theft(9, as_person("person1"))))
    return Activity.of_events(connection, by_tick=True)


def test_it_says_how_far_it_is_and_what_it_came_to(small, tmp_path):
    alerts, steps, stages = Noted(), [], Stages()
    replay = Replay(small, Settings(budget=2.0), alerts, tmp_path / "scores.parquet", stages)
    replayed = replay.run(small.days(), START + timedelta(days=9), lambda *step: steps.append(step))
    assert steps == [("train" if done <= 9 else "score", done, 11) for done in range(1, 12)]
    assert (replayed.principals, replayed.judged_days) == (5, 2)
    raised = {alert.alert_id for of_day in alerts.appended for alert in of_day if alert.raised}
    assert replayed.raised == len(raised) > 0
    assert stages.seconds.keys() == stages.peak_bytes.keys() == {"train", "score"}


def test_a_days_alerts_are_stored_at_once_and_days_that_may_not_alert_store_nothing(small, tmp_path):
    alerts = Noted()
    replay = Replay(small, Settings(budget=None), alerts, tmp_path / "scores.parquet")
    replay.run(small.days(), START + timedelta(days=3))
    assert len(alerts.appended) == 11 - BURN_IN_DAYS
    assert [{alert.detected_at.date() for alert in of_day} for of_day in alerts.appended if of_day][-1] == {
        (START + timedelta(days=9)).date()
    }


def test_the_deployments_name_is_part_of_every_alerts_id(small, tmp_path):
    def ids(name):
        alerts = Noted()
        replay = Replay(small, Settings(budget=None, deployment=name), alerts, tmp_path / f"{name}.parquet")
        replay.run(small.days(), START + timedelta(days=9))
        return {alert.alert_id for of_day in alerts.appended for alert in of_day}

    assert ids("prod")
    assert not ids("prod") & ids("dev")
