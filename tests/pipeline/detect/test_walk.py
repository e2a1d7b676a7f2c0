"""The walk: each day is judged by a model that never saw it, tick by tick, and then learnt."""

from datetime import timedelta
from random import Random

import numpy as np
import pytest

from features.times.day import day_number
from features.times.instant import HOUR, micros
from features.times.tick import TICK
from models.bundle import pack, unpack
from models.desk import Desk
from models.model import LATE_DAYS
from models.room import Room
from pipeline.detect.mapped import make_room
from pipeline.detect.walk import BURN_IN_DAYS, DayOutcome, Walk
from tests.walks import a_model, an_activity, walk_through
from tests.worlds import START, a_company, a_theft, an_event, as_person, numbered

DAYS = 11
THEFT_DAY = 9
VICTIM = as_person("person1")
KEY = b"k" * 32


def a_world():
    return a_company(days=DAYS, people=3, roles=2) + a_theft(THEFT_DAY, victim=VICTIM)


@pytest.fixture(scope="module")
def activity():
    return an_activity(a_world())


@pytest.fixture(scope="module")
def days():
    """Days that are judged."""
    return walk_through(a_world())


def day(number):
    return (START + timedelta(days=number)).date()


def outcome_of(made):
    """What there is to compare of a day."""
    decisions = [(d.standing.principal, d.standing.tick, d.revision, d.score, d.raised) for d in made.outcome.decisions]
    standings = {key: (s.tick, s.total) for key, s in made.outcome.standings.items()}
    return decisions, standings, made.alerts


def test_nothing_is_judged_before_there_is_enough_to_judge_by(activity):
    walk, members = Walk(a_model()), activity.members()
    walk.desk = Desk(None)
    judged = [walk.step(activity.delivered(day(number)), members).judged for number in range(BURN_IN_DAYS + 2)]
    assert judged == [False] * BURN_IN_DAYS + [True] * 2
    assert len(walk.model.history.days) == 2


def test_a_walk_that_keeps_no_more_than_a_training_reads_learns_the_same(activity):
    plain, sparing, members = Walk(a_model()), Walk(a_model(), by_hour=False), activity.members()
    for number in range(BURN_IN_DAYS + 1):
        whole = plain.step(activity.delivered(day(number)), members)
        delivered = activity.delivered(day(number))
        spent = sparing.step(delivered, members, spend=True)
        assert delivered.tokens.num_rows == delivered.active.num_rows == delivered.hourly.num_rows == 0
    assert {key: each.total for key, each in spent.last.items()} == {k: each.total for k, each in whole.last.items()}
    assert len(whole.standings) > len(spent.standings) == 0
    assert dict(pack(sparing.model, KEY)) == dict(pack(plain.model, KEY))


def test_the_model_that_judged_has_not_learnt_the_day_and_then_learns_it(activity):
    model, members, seen = a_model(), activity.members(), []
    walk = Walk(model)

    def look(outcome):
        seen.append((outcome.day, model.day, model.learnt_days))

    for number in range(3):
        walk.step(activity.delivered(day(number)), members, look)
        assert (model.day, model.learnt_days) == (day_number(day(number)) + 1, number + 1)
    assert seen == [(day_number(day(number)), day_number(day(number)), number) for number in range(3)]


def test_what_is_new_on_a_day_is_new_all_day_and_known_the_day_after():
    again = [row | {"event_time": row["event_time"] + timedelta(days=1), "delivered_at": None} for row in theft()]
    rows = a_company(days=DAYS, people=3, roles=2) + theft() + numbered([an_event(**row) for row in again], "again")
    first, second = walk_through(rows)[THEFT_DAY - BURN_IN_DAYS :][:2]

    def held(made):
        [reason] = [r for r in made.alerts[-1].reasons if r.dimension == "country"]
        return reason.text

    assert held(first).startswith("first country KP: never in ")
    evidence = [max(s.evidence for s in made.outcome.last.values()) for made in (first, second)]
    assert evidence[0] > evidence[1] + 5


def theft():
    return a_theft(THEFT_DAY, victim=VICTIM)


def test_a_day_is_judged_the_same_whatever_comes_after_it(days):
    cut = walk_through(a_world(), days=THEFT_DAY + 1)
    assert len(cut) < len(days)
    assert [outcome_of(made) for made in cut] == [outcome_of(made) for made in days[: len(cut)]]
    assert any(made.alerts for made in cut)


def test_stepping_every_tick_gives_the_same(days):
    stepped = walk_through(a_world(), every_tick=True)
    assert list(map(outcome_of, stepped)) == list(map(outcome_of, days))


def test_decisions_are_made_at_ticks_in_the_order_of_the_clock(days):
    for made in days:
        ticks = [decision.standing.tick for decision in made.outcome.decisions]
        assert ticks == sorted(ticks)
        assert not any(tick % TICK for tick in ticks)
    assert len({d.standing.tick for d in days[THEFT_DAY - BURN_IN_DAYS].outcome.decisions}) > 1


def test_without_a_desk_a_day_is_judged_and_nothing_decided(activity):
    walk, members = Walk(a_model()), activity.members()
    outcomes = [walk.step(activity.delivered(day(number)), members) for number in range(DAYS)]
    assert [outcome.decisions for outcome in outcomes] == [[]] * DAYS
    assert outcomes[THEFT_DAY].last
    assert outcomes[THEFT_DAY].calibrations.keys() == {"total", "week", *walk.model.detectors}


def test_nothing_is_decided_before_the_tick_from_which_on_alerts_are_asked_for(activity, days):
    [early, *_] = [d.standing.tick for d in days[THEFT_DAY - BURN_IN_DAYS].outcome.decisions]
    walk, members, decided = Walk(a_model()), activity.members(), []
    walk.desk, walk.alerts_from = Desk(None), early + 1
    for number in range(DAYS):
        decided += walk.step(activity.delivered(day(number)), members).decisions
    assert decided
    assert min(decision.standing.tick for decision in decided) > early


def test_a_late_delivery_belongs_to_the_day_it_happened_on():
    at = START + timedelta(days=THEFT_DAY, hours=23)
    late = an_event(**VICTIM | {"country": "KP"}, action="iam:CreateUser", write=True, level="write", event_time=at)
    late["delivered_at"] = at + timedelta(hours=2)
    rows = a_company(days=DAYS, people=3, roles=2) + numbered([late], "late")
    before, made = walk_through(rows)[THEFT_DAY - BURN_IN_DAYS :][:2]
    tick, yesterday = micros(late["delivered_at"]), day_number(day(THEFT_DAY))
    [standing] = [standing for (of, _), standing in made.outcome.last.items() if of == yesterday]
    assert (made.outcome.day, standing.tick) == (yesterday + 1, tick)
    held = before.outcome.last.get((yesterday, standing.principal))
    assert standing.total > (held.total if held else 0) + 2


def theft_days_late(days):
    """A theft that is delivered days late, in a world that goes on."""
    late = [row | {"delivered_at": row["delivered_at"] + timedelta(days=days)} for row in theft()]
    return walk_through(a_company(days=THEFT_DAY + days + 2, people=3, roles=2) + late)


def test_what_comes_days_late_is_judged_when_it_comes_and_the_alert_says_so():
    made = theft_days_late(3)[THEFT_DAY + 3 - BURN_IN_DAYS]
    alerts = [alert for alert in made.alerts if alert.raised and alert.day == day(THEFT_DAY)]
    assert {alert.late for alert in alerts} == {True}
    assert alerts[-1].delay_minutes in range(3 * 1440, 3 * 1440 + 15)
    assert "delivered 3 days late" in alerts[-1].title
    assert ("country", "KP") in {(reason.dimension, reason.value) for reason in alerts[-1].reasons}
    assert made.outcome.unjudged == 0


def test_what_comes_too_late_is_counted():
    made = theft_days_late(LATE_DAYS + 1)[THEFT_DAY + LATE_DAYS + 1 - BURN_IN_DAYS]
    assert day(THEFT_DAY) not in {alert.day for alert in made.alerts}
    assert made.outcome.unjudged == len(theft())


def test_alerts_of_one_day_that_come_apart_are_not_one_alert():
    other = {
        "country": "AQ",
        "asn": 64999,
        "prefix": "203.0.113.0/24",
        "action": "cloudtrail:DeleteTrail",
        "write": True,
    }
    late = [row | other | {"delivered_at": row["delivered_at"] + timedelta(days=3)} for row in theft()]
    days = walk_through(a_company(days=DAYS + 3, people=3, roles=2) + theft() + numbered(late, "again"))
    alerts = [alert for made in days for alert in made.alerts if alert.day == day(THEFT_DAY) and alert.raised]
    in_time, later = ({alert.alert_id for alert in alerts if alert.late is late} for late in (False, True))
    assert in_time
    assert later
    assert not in_time & later


def test_a_day_without_deliveries_is_a_day_of_learning(activity):
    walk, nothing = Walk(a_model()), activity.delivered(day(99))
    outcome = walk.step(nothing, activity.members())
    assert (outcome.judged, outcome.standings, walk.model.learnt_days) == (False, {}, 1)


def kept_from_peers(walk):
    """Values of a principal that its peers do not learn."""
    baseline = walk.model.baseline
    pairs, kept = baseline.pairs, ~baseline.pairs.find_open(baseline.pairs.find_kept(baseline.day))
    return {
        (baseline.principals.values[principal], baseline.token(int(token)))
        for principal, token in zip(pairs.principal[kept], pairs.token[kept], strict=True)
    }


def test_the_day_of_a_raised_alert_is_kept_from_peers_and_others_are_not(activity):
    def walked(**options):
        walk, members = Walk(a_model(), **options), activity.members()
        for number in range(THEFT_DAY + 1):
            walk.step(activity.delivered(day(number)), members)
        return kept_from_peers(walk)

    assert walked() == set()
    kept = walked(raised=[(day_number(day(THEFT_DAY)), "idc/person1")])
    assert ("idc/person1", ("write", "iam:CreateUser")) in kept
    assert {principal for principal, _ in kept} == {"idc/person1"}
    assert walked(raised=[(day_number(day(THEFT_DAY)), "idc/person9")]) == set()


def test_a_theft_that_the_desk_raises_is_kept_from_peers_at_once(activity):
    walk, members = Walk(a_model()), activity.members()
    walk.desk = Desk(None)
    for number in range(THEFT_DAY + 1):
        outcome = walk.step(activity.delivered(day(number)), members)
    assert any(decision.raised for decision in outcome.decisions)
    assert ("idc/person1", ("country", "KP")) in kept_from_peers(walk)


def test_the_newest_hour_of_a_standing_is_that_of_what_it_counts(days):
    made = days[THEFT_DAY - BURN_IN_DAYS]
    [hour] = {DayOutcome.newest_hour(d.standing) for d in made.outcome.decisions if d.raised}
    assert hour == micros(START + timedelta(days=THEFT_DAY, hours=14)) // HOUR


def test_a_principals_day_counts_once_in_the_history_however_often_it_is_delivered(activity):
    walk, members = Walk(a_model()), activity.members()
    for number in range(DAYS):
        outcome = walk.step(activity.delivered(day(number)), members)
    record = walk.model.history.days[-1]
    assert record.day == outcome.day
    assert record.principal_days == len({row["principal"] for row in a_world() if row["event_time"].date() == day(10)})
    assert len(record.total) == len({key for key in outcome.last if key[0] == outcome.day})
    assert np.isfinite(record.total).all()


def a_restless_world(seed):
    """Two people change the same on one day and a third on the day after; late deliveries, and a newcomer."""
    rng = Random(seed)
    rows = a_company(days=DAYS, people=5, roles=2, seed=seed) + a_theft(THEFT_DAY, victim=VICTIM)
    for number, name in ((8, "person0"), (8, "person2"), (9, "person3"), (9, "newcomer")):
        time = START + timedelta(days=number, hours=rng.randrange(9, 17))
        action = {"action": "iam:PutUserPolicy", "write": True, "level": "permissions"}
        rows.append(an_event(**as_person(name), **action, event_time=time))
    for row in rng.sample(rows, 60):
        row["delivered_at"] = row["event_time"] + timedelta(hours=rng.choice([3, 20, 40, 80]))
    return numbered(rows)


def test_a_walk_with_room_elsewhere_gives_what_one_in_memory_does(tmp_path, monkeypatch):
    """Every array that may leave memory does, and is worked on a few entries at a time."""
    world = a_restless_world(3)

    def walked(room: Room | None) -> list[object]:
        activity = an_activity(world, spill=None if room is None else tmp_path)
        members = activity.members()
        model = a_model(room=room)
        walk, shown = Walk(model), list[object]()
        walk.desk = Desk(None)
        for today in (day(number) for number in range(DAYS)):
            outcome = walk.step(activity.delivered(today), members)
            shown.append([(s.key, s.tick, s.total, s.families, s.sharing) for s in outcome.last.values()])
            shown.append(dict(pack(model, KEY)))
        return [*shown, model.id(), dict(pack(unpack(dict(pack(model, KEY)), KEY, model.traits.priors, room), KEY))]

    plain = walked(None)
    for module in ("baseline", "knowing", "rates", "visits", "denial"):
        monkeypatch.setattr(f"models.{module}.PART", 7)
    for name, size in (("models.room.PIECE", 5), ("models.words.LEAST_RECENT", 9), ("models.counts.AT_ONCE", 5)):
        monkeypatch.setattr(name, size)
    for name, size in (("coding.AT_ONCE", 6), ("mapped.LARGE", 1)):
        monkeypatch.setattr(f"pipeline.detect.{name}", size)
    assert walked(make_room(tmp_path)) == plain


@pytest.mark.parametrize("seed", [1, 2])
def test_a_walk_that_was_broken_off_and_goes_on_from_bundles_equals_one_that_was_not(seed):
    activity = an_activity(a_restless_world(seed))
    members, model = activity.members(), a_model()
    raised = {(day_number(day(number)), VICTIM["principal"]) for number in range(7, DAYS)}
    walk = Walk(model, raised=raised)
    went_on, waves = None, 0
    for today in (day(number) for number in range(DAYS)):
        outcome = walk.step(activity.delivered(today), members)
        waves += any(standing.sharing for standing in outcome.last.values())
        if went_on is not None:
            Walk(went_on, raised=raised, goes_on=True).step(activity.delivered(today), members)
            assert dict(pack(went_on, KEY)) == dict(pack(model, KEY))
        went_on = unpack(dict(pack(model, KEY)), KEY, model.traits.priors)
    assert waves, "nothing hangs on the ledger of the day before"
