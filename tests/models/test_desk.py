from dataclasses import replace

import numpy as np
import pytest

from models.budget import FLOOR_NATS
from models.calibration import Calibration
from models.desk import HELD_PER_DAY, Desk
from models.history import ACT_NATS, DayRecord, History
from tests.models.desks import a_desk, a_history, opened, review, review_chain, slow, standing


@pytest.fixture
def history():
    return a_history()


def test_what_the_budgets_quantile_was_reached_by_is_raised(history):
    desk = a_desk(history)
    cut = history.quantile(2.0)
    (decision,) = review(desk, standing(1, cut + 0.1, write=0.0))
    assert decision.raised


def test_quiet_days_raise_nothing():
    history = History()
    history.add(
        DayRecord(
            1,
            10,
            np.full(5, 0.1),
            np.full(5, 0.1),
            np.zeros(5, dtype=bool),
            {},
            np.zeros(5),
            np.full(5, 0.1),
        )
    )
    desk = a_desk(history)
    assert not any(d.raised for d in review(desk, standing(1, FLOOR_NATS - 0.1)))


@pytest.mark.parametrize("budget", [1.0, 2.0, 5.0])
def test_a_flood_never_raises_more_than_a_quarter_over_the_budget(history, budget):
    desk = Desk(budget)
    for day in range(14, 24):
        desk.start_day(history, history.calibration(), history.calibration("week"))
        review(desk, *[standing(p, 40.0 + p, day=day) for p in range(200)])
    assert 0 < desk.budget.raised <= 1.25 * budget * 10


def test_a_flood_of_decoys_leaves_room_for_the_critical(history):
    desk = a_desk(history, budget=5.0)
    cut = history.quantile(5.0)
    review(desk, *[standing(p, cut + 1 + p / 100, write=0.0) for p in range(30)])
    (decision,) = [d for d in review(desk, standing(99, cut + 0.5, write=60.0)) if d.standing.principal == 99]
    assert decision.raised


def test_a_revision_is_written_when_the_score_rises_by_five_or_a_tactic_joins(history):
    desk = a_desk(history)
    (first,) = review(desk, standing(1, 9.0), tactics=["Discovery"])
    assert first.revision == 1
    assert review(desk, standing(1, 9.01), tactics=["Discovery"]) == []
    (joined,) = review(desk, standing(1, 9.02), tactics=["Discovery", "Impact"])
    assert joined.revision == 2
    (risen,) = review(desk, standing(1, 30.0), tactics=["Impact"])
    assert risen.score >= first.score + 5


def test_what_was_raised_stays_raised(history):
    desk = a_desk(history)
    review(desk, standing(1, 20.0))
    assert desk.cases[14, 1].raised
    review(desk, standing(1, 1.0), tactics=["Impact"])
    assert desk.cases[14, 1].raised


@pytest.mark.parametrize(("above", "why"), [(-1.0, "others"), (0.1, "budget")])
def test_at_most_fifty_a_day_are_held(history, above, why):
    desk = a_desk(history, budget=1.0)
    cut = history.quantile(1.0)
    made = [d for p in range(300) for d in review(desk, standing(p, cut + above + p / 10_000, write=0.0))]
    assert [d.held for d in made if not d.raised] == [why] * HELD_PER_DAY


def test_what_the_budget_alone_has_no_room_for_is_written_though_fifty_weaker_ones_were(history):
    desk = a_desk(history, budget=1.0)
    cut = history.quantile(1.0)
    flood = [standing(p, cut - 0.1 - p / 1000, write=0.0) for p in range(300)]
    assert {d.held for d in review(desk, *flood)} == {"others"}
    review(desk, *[standing(1000 + p, 40.0 + p) for p in range(9)])
    (decision,) = review(desk, standing(2000, cut + 0.1, write=0.0))
    assert (decision.raised, decision.held) == (False, "budget")


def test_without_a_budget_the_score_alone_decides(history):
    desk = a_desk(history, budget=None)
    low, high = review(desk, standing(1, history.quantile(0.3)), standing(2, history.quantile(5.0)))
    assert {(d.standing.principal, d.raised) for d in (low, high)} == {(1, True), (2, False)}


def test_the_score_is_that_of_the_calibration(history):
    desk = a_desk(history)
    (decision,) = review(desk, standing(1, 12.0))
    expected: Calibration = history.calibration()
    assert decision.score == expected.score(np.array([12.0]))[0]


def test_what_nothing_speaks_for_is_not_written(history):
    desk = a_desk(history, budget=None)
    desk.budget._calibration = History().calibration()  # with no history, much is rare
    assert review(desk, standing(1, -0.1), standing(2, 0.0)) == []


def with_acts(history, acts, days=14):
    """A history in which so many principal-days a day hold a critical act."""
    for record in history.days:
        record.acts[:acts] = 4.0
    return history


def test_a_critical_act_is_raised_below_the_ordinary_cut(history):
    cut = history.quantile(2.0)
    ordinary, act = standing(1, cut - 0.5, write=0.0), replace(standing(2, FLOOR_NATS + 0.1, write=0.0), acts=ACT_NATS)
    desk = a_desk(history)
    assert cut - 0.5 > FLOOR_NATS + 0.1
    assert [d.raised for d in review(desk, ordinary)] == [False]
    assert [d.raised for d in review(desk, act)] == [True]


def test_a_critical_act_that_is_a_habit_is_ordinary(history):
    desk = a_desk(history)
    act = replace(standing(2, FLOOR_NATS + 0.1, write=0.0), acts=ACT_NATS - 0.1)
    assert not any(d.raised for d in review(desk, act))


def test_where_everybody_does_it_only_the_strongest_critical_acts_are_raised(history):
    desk = a_desk(with_acts(history, 100))
    weak, strong = (replace(standing(code, total, write=0.0), acts=4.0) for code, total in ((2, 4.1), (3, 12.0)))
    assert desk.budget.cuts.acts == history.quantile(0.5)
    assert not any(d.raised for d in review(desk, weak))
    assert all(d.raised for d in review(desk, strong))


def test_critical_acts_stay_within_the_budget(history):
    desk = a_desk(history)
    acts = [replace(standing(code, 9.0, write=0.0), acts=4.0) for code in range(50)]
    assert sum(d.raised for d in review(desk, *acts)) == 2.0 * (1 + 1)
    assert review(desk, standing(99, 200.0))[0].raised  # room is left for the strongest


def review_week(desk, one, total):
    return desk.review([one], lambda _: frozenset(), slow(total))


def test_a_week_is_raised_where_no_day_of_it_is(history):
    desk, most = a_desk(history), history.quantile(0.2, of="week")
    quiet = standing(1, 4.1, write=0.0)
    assert [d.raised for d in review_week(a_desk(history), quiet, most - 0.1)] in ([], [False])
    (decision,) = review_week(desk, quiet, most + 0.1)
    assert decision.raised
    assert decision.standing.since == quiet.day - 4
    assert desk.cases[quiet.key].by_week


def test_what_is_raised_by_its_week_goes_on_as_such(history):
    desk, most = a_desk(history), history.quantile(0.2, of="week")
    review_week(desk, standing(1, 4.1, write=0.0), most + 0.1)
    assert review_week(desk, standing(1, 4.2, write=0.0), most + 0.2) == []
    (more,) = review_week(desk, standing(1, 4.3, write=0.0), most + 30)
    assert (more.raised, more.revision, more.standing.total) == (True, 2, most + 30)
    assert desk.budget.raised == 1


def test_weeks_stay_within_the_budget(history):
    desk, most = a_desk(history), history.quantile(0.2, of="week")
    for code in range(40):
        review_week(desk, standing(code, 4.1, write=0.0), most + 5)
    assert desk.budget.raised <= 2.0 * (1 + 1)


def test_a_day_that_is_raised_is_told_without_its_week(history):
    desk = a_desk(history)
    (decision,) = review_week(desk, standing(1, 200.0), 300.0)
    assert (decision.raised, decision.standing.since) == (True, 0)


def with_share(history):
    desk = Desk(2.0, shares={"forest": 0.5})
    desk.start_day(history, history.calibration(), history.calibration("week"))
    return desk


def test_what_a_detector_raises_by_itself_says_so_and_uses_budget(history):
    desk, nothing = with_share(history), standing(1, -2.0, write=0.0)
    decision = desk.raise_alone(nothing, "forest", 93.0, frozenset())
    assert (decision.raised, decision.score, decision.standing.by, decision.revision) == (True, 93.0, "forest", 1)
    assert desk.budget.raised == 1
    assert desk.raise_alone(nothing, "forest", 99.0, frozenset()) is None
    assert desk.raise_alone(standing(2, -2.0), "population", 99.0, frozenset()) is None


def test_a_detector_never_raises_beyond_its_share_or_the_budget(history):
    desk = with_share(history)
    made = [desk.raise_alone(standing(code, -2.0), "forest", 93.0, frozenset()) for code in range(20)]
    assert sum(one is not None for one in made) == 3
    full = with_share(history)
    review(full, *[standing(code, 100.0 + code) for code in range(50)])
    assert full.raise_alone(standing(99, -2.0), "forest", 93.0, frozenset()) is None


def test_what_its_opener_does_every_day_is_not_raised(history):
    desk = a_desk(history)
    strange, usual = standing(1, 30.0), standing(1, 1.0)
    (held,) = desk.review([strange], lambda _: frozenset(), find_hands=opened(usual))
    assert (held.raised, held.held, desk.budget.raised) == (False, "evidence", 0)
    assert held.standing.total == strange.total  # what it is worth by itself is told
    (raised,) = desk.review([standing(1, 31.0, tick=1)], lambda _: frozenset(), find_hands=opened(standing(1, 31.0)))
    assert raised.raised


def test_an_opener_explains_nothing_once_an_alert_was_raised(history):
    desk = a_desk(history)
    desk.review([standing(1, 30.0)], lambda _: frozenset())
    (again,) = desk.review(
        [standing(1, 60.0, tick=1)], lambda _: frozenset({"Impact"}), find_hands=opened(standing(1, 1.0))
    )
    assert again.raised


def test_who_opened_it_in_a_raised_session_explains_nothing(history):
    desk = a_desk(history)
    review_chain(desk, standing(1, 30.0), links=[(1, 2)])
    (role,) = desk.review(
        [standing(2, 20.0, tick=1)], lambda _: frozenset(), find_hands=opened(standing(2, 1.0), links=[(1, 2)])
    )
    assert role.raised
    assert role.joins == {(14, 1)}
