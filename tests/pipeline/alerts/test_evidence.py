"""The worker looks only at events its alerts speak of; what it writes is the same as with all of them."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from features.times.day import day_number
from models.desk import Desk
from models.explain import Reason
from models.model import Model
from models.priors import AttackPriors
from pipeline.alerts.document import Judge, make_alerts, read_events
from pipeline.alerts.evidence import EvidenceEvents, find_showing, only_showing
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.walk import Walk
from tests.worlds import START, a_company, a_theft, table

THEFT_DAY = 16


def activity_of(**options):
    connection = duckdb.connect()
    connection.register("events", table(a_company(days=18, people=6, roles=6) + a_theft(THEFT_DAY)))
    return Activity.of_events(connection, by_tick=True, **options)


@pytest.fixture(scope="module")
def whole():
    return activity_of()


def test_alerts_are_the_same_as_with_all_events(whole):
    members = whole.members()
    model = Model(day_number(START.date()), AttackPriors.from_dict(read_attack_priors()))
    walk, judge = Walk(model), Judge(model, "m", members, "t", ZoneInfo("UTC"))
    with_all, with_few, looked_at = [], [], []

    def write(outcome):
        if not outcome.decisions:
            return
        few = read_events([decision.standing for decision in outcome.decisions], judge, whole)
        principals = {judge.key_of(decision.standing.principal) for decision in outcome.decisions}
        every = EvidenceEvents(whole.connection, principals, few.since, few.until)
        with_all.extend(make_alerts(outcome.decisions, judge, every))
        with_few.extend(make_alerts(outcome.decisions, judge, few))
        looked_at.append(len(few))

    for offset in range(18):
        if offset == 8:
            walk.desk = Desk(None)
        walk.step(whole.delivered((START + timedelta(days=offset)).date()), members, write)
    every = whole.connection.execute("SELECT count(*) FROM counted").fetchall()[0][0]
    assert with_few == with_all
    assert any(alert.raised for alert in with_all)
    assert 0 < max(looked_at) < every / 4
    dimensions = {reason.dimension for alert in with_all for reason in alert.reasons}
    assert len(dimensions) > 4


def test_what_became_known_earlier_is_left_out_and_what_comes_later_stays_the_same(whole):
    first = (START + timedelta(days=12)).date()
    late = activity_of(first=first)
    assert late.days() == [day for day in whole.days() if day >= first]
    for day in late.days():
        mine, its = late.delivered(day), whole.delivered(day)
        assert mine.tokens.num_rows > 0
        assert mine.tokens.equals(its.tokens)
        assert mine.active.equals(its.active)
        assert mine.hourly.equals(its.hourly)
    assert late.members() == whole.members()


def test_no_decision_needs_no_events(whole):
    with only_showing(whole, []):
        assert whole.connection.execute("SELECT count(*) FROM counted").fetchall() == [(0,)]
    assert whole.connection.execute("SELECT count(*) > 0 FROM counted").fetchall() == [(True,)]


def test_who_has_an_event_that_shows_a_reason_is_found(whole):
    def find(who, *reasons):
        return find_showing(whole.connection, "counted", [(who, reasons)])

    [(victim,)] = whole.connection.execute("SELECT principal FROM counted WHERE action = 'iam:CreateUser'").fetchall()
    [(other,)] = whole.connection.execute(
        "SELECT DISTINCT principal FROM counted WHERE principal <> $who LIMIT 1", {"who": victim}
    ).fetchall()
    made = Reason("surprise", "write", "iam:CreateUser", 0.0, 1.0, 9.0, "", 0)
    unseen = Reason("surprise", "write", "iam:Nothing", 0.0, 1.0, 9.0, "", 0)
    [(hour,)] = whole.connection.execute(
        "SELECT epoch_us(event_time) // 3600000000 FROM counted WHERE action = 'iam:CreateUser'"
    ).fetchall()
    counted = Reason("population", "calls", "", 0.0, 1.0, 9.0, "", hour)
    assert find(victim, made) == find(victim, unseen, made) == find(victim, counted) == {victim}
    assert find(victim, unseen) == find(other, made) == find("nobody", made) == set()
    assert find(other) == {other}  # without a reason any event counts
    assert find_showing(whole.connection, "counted", []) == set()
