from dataclasses import replace

import numpy as np
import pytest

from models.calibration import Calibration
from models.desk import FLOOR_NATS, HELD_PER_DAY, MOST_JOINED, Desk
from models.hands import Hands
from models.history import ACT_NATS, DayRecord, History
from models.ledger import Standing


@pytest.fixture
def history():
    """Fourteen days of a hundred principals whose sums fall off exponentially."""
    rng, made = np.random.default_rng(5), History()
    for day in range(14):
        total = rng.exponential(2.0, 100)
        made.add(DayRecord(day, 100, total, total / 2, np.zeros(100, dtype=bool), {}, np.zeros(100), total))
    return made


def standing(principal, total, day=14, tick=0, write=None):
    families = {"write": total if write is None else write}
    return Standing(day, principal, tick, total, families, [], None, None, 0.0, frozenset())


def a_desk(history, budget=2.0):
    desk = Desk(budget)
    desk.start_day(history, history.calibration(), history.calibration("week"))
    return desk


def review(desk, *standings, tactics=()):
    return desk.review(list(standings), lambda _: frozenset(tactics))


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
    assert 0 < desk.raised <= 1.25 * budget * 10


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


def seen_in(principal, total, *traces, day=14, sharing=()):
    return replace(standing(principal, total, day=day), traces=frozenset(traces), sharing=frozenset(sharing))


def test_a_break_in_uses_the_budget_once(history):
    desk = a_desk(history, budget=1.0)
    first, second, third = (seen_in(principal, 60.0 - principal, 7) for principal in (1, 2, 3))
    decisions = [review(desk, one)[0] for one in (first, second, third)]
    assert [decision.raised for decision in decisions] == [True] * 3
    assert desk.raised == 1
    assert [decision.joins for decision in decisions] == [set(), {first.key}, {first.key, second.key}]


@pytest.mark.parametrize("other", [{}, {"day": 16}])
def test_other_hands_or_another_day_are_another_break_in(history, other):
    desk = a_desk(history, budget=5.0)
    review(desk, seen_in(1, 60.0, 7))
    (decision,) = review(desk, seen_in(2, 59.0, *([7] if other else [8]), **other))
    assert (decision.joins, desk.raised) == (set(), 2)


def test_who_shares_a_change_belongs_to_the_alert_that_stands_for_it(history):
    desk = a_desk(history)
    review(desk, seen_in(1, 60.0, sharing=[2]))
    (decision,) = review(desk, seen_in(2, 50.0))
    assert (decision.joins, desk.raised) == ({(14, 1)}, 1)


def test_a_crowd_in_one_network_uses_the_budget_after_all(history):
    desk = a_desk(history, budget=1.0)
    decisions = [decision for p in range(20) for decision in review(desk, seen_in(p, 80.0 - p, 7))]
    assert sum(decision.raised for decision in decisions) == desk.raised * (1 + MOST_JOINED) < 20


def test_what_nothing_speaks_for_is_not_written(history):
    desk = a_desk(history, budget=None)
    desk._calibration = History().calibration()  # with no history, much is rare
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
    assert desk._acts == history.quantile(0.5)
    assert not any(d.raised for d in review(desk, weak))
    assert all(d.raised for d in review(desk, strong))


def test_critical_acts_stay_within_the_budget(history):
    desk = a_desk(history)
    acts = [replace(standing(code, 9.0, write=0.0), acts=4.0) for code in range(50)]
    assert sum(d.raised for d in review(desk, *acts)) == 2.0 * (1 + 1)
    assert review(desk, standing(99, 200.0))[0].raised  # room is left for the strongest


def slow(total):
    """Adds up a week to a total."""
    return lambda day, least: replace(day, total=total, since=day.day - 4) if total >= least else None


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
    assert desk.raised == 1


def test_weeks_stay_within_the_budget(history):
    desk, most = a_desk(history), history.quantile(0.2, of="week")
    for code in range(40):
        review_week(desk, standing(code, 4.1, write=0.0), most + 5)
    assert desk.raised <= 2.0 * (1 + 1)


def test_a_day_that_is_raised_is_told_without_its_week(history):
    desk = a_desk(history)
    (decision,) = review_week(desk, standing(1, 200.0), 300.0)
    assert (decision.raised, decision.standing.since) == (True, 0)


@pytest.mark.parametrize(
    ("total", "young", "told"),
    [(0.5, True, True), (0.0, True, False), (FLOOR_NATS, False, True), (FLOOR_NATS - 0.1, False, False)],
)
def test_what_was_made_is_told_with_its_maker_and_who_has_a_history_only_where_it_is_odd(history, total, young, told):
    desk = a_desk(history, budget=1.0)
    review(desk, seen_in(1, 60.0, 99))
    made = replace(seen_in(2, total, 99), kin=frozenset({99}), young=young)
    decisions = review(desk, made)
    assert [(decision.raised, decision.joins) for decision in decisions if decision.raised] == [
        (True, {(14, 1)})
    ] * told
    assert desk.raised == 1


def test_what_nobody_raised_made_is_judged_as_ever(history):
    desk = a_desk(history, budget=1.0)
    review(desk, seen_in(1, 60.0, 99))
    other = replace(seen_in(2, 0.5, 98), kin=frozenset({98}), young=True)
    assert not any(decision.raised for decision in review(desk, other))


def with_share(history):
    desk = Desk(2.0, shares={"forest": 0.5})
    desk.start_day(history, history.calibration(), history.calibration("week"))
    return desk


def test_what_a_detector_raises_by_itself_says_so_and_uses_budget(history):
    desk, nothing = with_share(history), standing(1, -2.0, write=0.0)
    decision = desk.raise_alone(nothing, "forest", 93.0, frozenset())
    assert (decision.raised, decision.score, decision.standing.by, decision.revision) == (True, 93.0, "forest", 1)
    assert desk.raised == 1
    assert desk.raise_alone(nothing, "forest", 99.0, frozenset()) is None
    assert desk.raise_alone(standing(2, -2.0), "population", 99.0, frozenset()) is None


def test_a_detector_never_raises_beyond_its_share_or_the_budget(history):
    desk = with_share(history)
    made = [desk.raise_alone(standing(code, -2.0), "forest", 93.0, frozenset()) for code in range(20)]
    assert sum(one is not None for one in made) == 3
    full = with_share(history)
    review(full, *[standing(code, 100.0 + code) for code in range(50)])
    assert full.raise_alone(standing(99, -2.0), "forest", 93.0, frozenset()) is None


def chained(*links):
    """Principal n uses key Kn; each pair says whose key handed out whose."""

    def find_hands(standing, others):
        key = f"K{standing.principal}"
        handed_by = {f"K{to}": frozenset({f"K{by}"}) for by, to in links}
        return Hands(frozenset({key}), {one: by for one, by in handed_by.items() if one in others | {key}})

    return find_hands


def review_chain(desk, *standings, links):
    return desk.review(list(standings), lambda _: frozenset(), find_hands=chained(*links))


@pytest.mark.parametrize("link", [(1, 2), (2, 1)], ids=["the first opened", "the second opened"])
def test_a_chain_of_keys_is_one_break_in_and_uses_the_budget_once(history, link):
    desk = a_desk(history)
    (first,) = review_chain(desk, standing(1, 30.0), links=[link])
    used = desk.raised
    (second,) = review_chain(desk, standing(2, 20.0, tick=1), links=[link])
    assert first.raised
    assert second.raised
    assert second.joins == {(14, 1)}
    assert desk.raised == used


def test_what_no_key_leads_to_uses_the_budget(history):
    desk = a_desk(history)
    review_chain(desk, standing(1, 30.0), links=[(1, 2)])
    (other,) = review_chain(desk, standing(3, 20.0, tick=1), links=[(1, 2)])
    assert not other.joins
    assert desk.raised == 2


def test_a_chain_finds_room_when_the_budget_is_used_up(history):
    desk = a_desk(history, budget=1.0)
    review_chain(desk, *[standing(p, 30.0 - p / 100) for p in range(1, 9)], links=[])
    assert [d.held for d in review_chain(desk, standing(20, 20.0, tick=1), links=[])] == ["budget"]
    (opened,) = review_chain(desk, standing(21, 20.0, tick=1), links=[(1, 21)])
    assert opened.raised
    assert opened.joins == {(14, 1)}


def test_a_chain_does_not_raise_what_would_not_be_raised(history):
    """Or a hub's odd day would tell of all that is a little odd in its spokes."""
    desk = a_desk(history)
    review_chain(desk, standing(1, 30.0), links=[(1, 2)])
    weak = review_chain(desk, standing(2, history.quantile(2.0) - 0.5, tick=1, write=0.0), links=[(1, 2)])
    assert not any(decision.raised for decision in weak)
    assert desk.raised == 1


def test_hands_are_asked_for_only_where_something_is_decided(history):
    desk, asked = a_desk(history), []

    def find_hands(one, others):
        asked.append(one.principal)
        return Hands()

    desk.review([standing(1, 30.0), standing(2, 1.0)], lambda _: frozenset(), find_hands=find_hands)
    desk.review([standing(1, 30.1, tick=1)], lambda _: frozenset(), find_hands=find_hands)
    assert asked == [1]


def opened(by_opener, links=()):
    """Every session was opened by people by whose habits a standing adds up to less."""
    find_hands = chained(*links)

    def find(standing, others):
        return replace(find_hands(standing, others), by_opener=by_opener)

    return find


def test_what_its_opener_does_every_day_is_not_raised(history):
    desk = a_desk(history)
    strange, usual = standing(1, 30.0), standing(1, 1.0)
    (held,) = desk.review([strange], lambda _: frozenset(), find_hands=opened(usual))
    assert (held.raised, held.held, desk.raised) == (False, "evidence", 0)
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


def untold(until):
    """Nobody knows who opened a session before a tick; then it is told that nobody of the deployment did."""

    def find(standing, others):
        return Hands(told_by=until if standing.tick < until else 0)

    return find


def test_what_may_still_be_told_of_is_waited_for(history):
    desk = a_desk(history)
    strange = standing(1, 30.0)
    assert desk.review([strange], lambda _: frozenset(), find_hands=untold(5), tick=0) == []
    assert (desk.raised, desk.next_due()) == (0, 5)
    assert desk.review([], lambda _: frozenset(), find_hands=untold(5), tick=4) == []
    (raised,) = desk.review([], lambda _: frozenset(), find_hands=untold(5), tick=5)
    assert (raised.raised, raised.standing.tick, desk.raised, desk.next_due()) == (True, 5, 1, None)


def test_what_changes_meanwhile_is_judged_as_it_stands_then(history):
    desk = a_desk(history)
    desk.review([standing(1, 30.0)], lambda _: frozenset(), find_hands=untold(5), tick=0)
    (held,) = desk.review(
        [standing(1, 31.0, tick=2)], lambda _: frozenset(), find_hands=opened(standing(1, 1.0)), tick=2
    )
    assert (held.held, desk.next_due()) == ("evidence", None)


def test_a_fresh_session_puts_nothing_off_again(history):
    """Or who opens one every few minutes would wait until the day is over."""
    desk = a_desk(history)

    def find(one, others):
        return Hands(told_by=one.tick + 5)

    for tick in (0, 2, 4):
        changed = [standing(1, 30.0 + tick, tick=tick)]
        assert desk.review(changed, lambda _: frozenset(), find_hands=find, tick=tick) == []
        assert desk.next_due() == 5
    (raised,) = desk.review([], lambda _: frozenset(), find_hands=find, tick=5)
    assert raised.raised


def test_nothing_waits_beyond_its_day(history):
    desk = Desk(2.0)
    desk.start_day(history, history.calibration(), history.calibration("week"), 3)
    desk.review([standing(1, 30.0)], lambda _: frozenset(), find_hands=untold(5), tick=0)
    assert desk.next_due() == 3
    (raised,) = desk.review([], lambda _: frozenset(), find_hands=untold(5), tick=3)
    assert raised.raised


def test_a_critical_act_waits_for_nobody(history):
    desk = a_desk(history)
    act = replace(standing(1, 30.0), acts=ACT_NATS)
    (raised,) = desk.review([act], lambda _: frozenset(), find_hands=untold(5), tick=0)
    assert raised.raised
