from random import Random

import numpy as np
import pytest

from models.baseline import NOBODY
from models.combine import Piece
from models.counts import Volumes
from models.items import Items
from models.ledger import Evidence, Ledger

DAY = 100


def evidence(*entries, day=DAY, prior=None, volumes=(), newcomers=()):
    """Evidence of (principal, token, tick, nats, circle), in order of tick."""
    count = len(entries)
    principal, token, tick, nats, circle = (list(c) for c in zip(*entries, strict=True)) if entries else ([],) * 5
    zero = np.zeros(count, dtype=np.int64)
    items = Items(
        np.array(principal, dtype=np.int64), np.array(token, dtype=np.int64), np.full(count, day),
        np.array(tick, dtype=np.int64), zero + day * 24, zero, np.array(nats, dtype=float), zero == 0, zero,
        zero.astype(float), zero.astype(float), zero, zero, zero,
    )  # fmt: skip
    measured = [np.array(list(c)) for c in zip(*volumes, strict=True)] if volumes else [np.empty(0, dtype=np.int64)] * 4
    zeros = np.zeros(len(volumes), dtype=np.int64)
    counts = Volumes(
        measured[0], zeros + day, measured[1], zeros, measured[2].astype(float), zeros, measured[3], zeros + 1.0,
        zeros + 1.0,
    )  # fmt: skip
    pieces = [Piece("fact", n) for n in nats]
    return Evidence(day, items, pieces, list(circle), counts, prior or {}, frozenset(newcomers))


def run(ledger, *ticks):
    return [standing for tick in ticks for standing in ledger.advance(tick)]


def test_evidence_counts_from_the_tick_it_was_delivered_in():
    ledger = Ledger()
    ledger.open(evidence((1, 7, 10, 5.0, -1), (1, 8, 20, 9.0, -1)))
    assert [s.total for s in run(ledger, 10, 15, 20)] == [5.0, pytest.approx(9.0 + (5 - np.log(11)) / 2**0.5)]


def test_the_kinds_prior_lowers_every_sum_of_the_kind():
    ledger = Ledger()
    ledger.open(evidence((1, 7, 10, 5.0, -1), prior={1: -2.0}))
    (standing,) = ledger.advance(10)
    assert (standing.total, standing.evidence) == (3.0, 5.0)


def test_a_value_counts_once_however_often_it_is_delivered():
    ledger = Ledger()
    ledger.open(evidence((1, 7, 10, 5.0, -1), (1, 7, 20, 5.0, -1)))
    assert [s.total for s in run(ledger, 10, 20)] == [5.0]


def test_late_evidence_joins_yesterdays_ledger_and_older_has_one_of_its_own():
    ledger = Ledger()
    ledger.open(evidence((1, 7, 10, 5.0, -1)))
    ledger.advance(10)
    late = evidence((1, 8, 30, 9.0, -1), day=DAY + 1)
    late.items.day[:] = DAY
    ledger.open(late)
    (standing,) = ledger.advance(30)
    assert standing.day == DAY
    assert standing.total > 9.0
    older = evidence((1, 9, 50, 9.0, -1), day=DAY + 2)
    older.items.day[:] = DAY
    ledger.open(older)
    (standing,) = ledger.advance(50)
    assert (standing.key, standing.total) == ((DAY, 1, DAY + 2), 9.0)


def test_a_ledger_of_what_came_late_takes_the_kind_from_the_day_it_came_on_and_closes_with_it():
    ledger, late = Ledger(), evidence((1, 7, 10, 9.0, -1), prior={1: -2.0}, day=DAY + 5)
    late.items.day[:] = DAY
    ledger.open(late)
    (standing,) = ledger.advance(10)
    assert (standing.total, standing.late) == (7.0, DAY + 5)
    more = evidence((1, 8, 30, 5.0, -1), day=DAY + 6)
    more.items.day[:] = DAY
    ledger.open(more)
    (standing,) = ledger.advance(30)
    assert (standing.total, standing.late) == (5.0, DAY + 6)


@pytest.mark.parametrize("opens", [True, False])
def test_a_yesterday_before_the_first_day_is_judged_unless_others_have(opens):
    ledger, late = Ledger(opens_yesterday=opens), evidence((1, 7, 10, 9.0, -1))
    late.items.day[:] = DAY - 1
    ledger.open(late)
    assert [standing.key for standing in ledger.advance(10)] == [(DAY - 1, 1)] * opens


def test_a_first_that_three_peers_share_is_one_change_and_stays_with_the_oddest():
    ledger = Ledger()
    ledger.open(evidence((1, 7, 10, 6.0, 0), (2, 7, 20, 6.0, 0), (2, 9, 20, 3.0, -1), (3, 7, 30, 6.0, 0)))
    assert [s.total for s in ledger.advance(10)] == [6.0]
    ledger.advance(20)
    after = {s.principal: s for s in ledger.advance(30)}
    assert after[1].total == after[3].total == 0.0
    assert after[2].total > 6.0
    assert after[2].sharing == {1, 3}


def test_two_principals_are_no_change():
    ledger = Ledger()
    ledger.open(evidence((1, 7, 10, 6.0, 0), (2, 7, 10, 6.0, 0)))
    assert [s.total for s in ledger.advance(10)] == [6.0, 6.0]


def test_a_first_of_two_principals_on_two_days_is_no_change_of_three():
    ledger = Ledger()
    ledger.open(evidence((1, 7, 10, 6.0, 0), (2, 7, 10, 6.0, 0)))
    ledger.advance(10)
    ledger.open(evidence((1, 7, 30, 6.0, 0), day=DAY + 1))
    (standing,) = ledger.advance(30)
    assert (standing.total, standing.sharing) == (6.0, frozenset())


def test_the_same_first_in_another_circle_is_no_part_of_the_change():
    ledger = Ledger()
    ledger.open(evidence((1, 7, 10, 6.0, 0), (2, 7, 10, 6.0, 0), (3, 7, 10, 6.0, 1)))
    assert {s.total for s in ledger.advance(10)} == {6.0}


def test_a_count_adds_the_larger_of_own_past_and_population():
    ledger = Ledger()
    ledger.open(evidence(volumes=[(1, 10, 2.0, 0), (1, 20, 3.0, 1)]))
    assert [s.families["count"] for s in run(ledger, 10, 20)] == [2.0, 3.0]


def test_contributions_add_up_to_the_sum():
    ledger = Ledger()
    ledger.open(evidence(*[(1, t, 10, 3.0 + t, -1) for t in range(6)], prior={1: -1.5}, volumes=[(1, 10, 2.0, 0)]))
    (standing,) = ledger.advance(10)
    told = sum(nats for _, nats in standing.contributions) + standing.families["count"] + standing.prior
    assert standing.total == pytest.approx(told, abs=1e-12)


def moving(*entries, known=(), **more):
    """Evidence of places, new to everybody but the tokens that are `known`; tokens of 100 and more are acts."""
    shown = evidence(*entries, **more)
    shown.pieces[:] = [
        Piece("fact" if token >= 100 else "place", piece.nats)
        for token, piece in zip(shown.items.token.tolist(), shown.pieces, strict=True)
    ]
    shown.items.circle[:] = [0 if token >= 100 or token in known else NOBODY for token in shown.items.token.tolist()]
    return shown


def totals(*entries, **more):
    ledger = Ledger()
    ledger.open(moving(*entries, **more))
    last = {}
    for tick in sorted({entry[2] for entry in entries}):
        last |= {standing.principal: standing.total for standing in ledger.advance(tick)}
    return last


def test_a_place_that_nobody_ever_had_moves_with_everybody_and_stays_with_who_came_first():
    apart = [(who, 7, 10 * who, 6.0, who) for who in (1, 2, 3, 4)]
    assert totals(*apart) == {1: 6.0, 2: 0.0, 3: 0.0, 4: 0.0}
    assert totals(*apart, known={7}) == dict.fromkeys((1, 2, 3, 4), 6.0)


def test_who_acts_in_a_move_keeps_the_act_and_holds_the_move():
    apart = [(who, 7, 10 * who, 6.0, who) for who in (1, 2, 3, 4)]
    assert totals(*apart, (3, 100, 50, 5.0, -1)) == {1: 0.0, 2: 0.0, 3: 11.0, 4: 0.0}


def test_a_place_from_which_most_do_what_is_odd_is_no_move():
    """Else a thief with three credentials would hide two behind the third."""
    apart = [(who, 7, 10, 6.0, who) for who in (1, 2, 3, 4)]
    acts = [(who, 100 + who, 20, 5.0, -1) for who in (1, 2)]
    assert totals(*apart, *acts) == {1: 11.0, 2: 11.0, 3: 6.0, 4: 6.0}


def test_what_most_others_moved_for_goes_along():
    """The country of a new office may be one that others know; of who did not move it stays odd."""
    moved = [(who, token, 10 * who, nats, who) for who in (1, 2, 3) for token, nats in ((7, 6.0), (8, 4.0))]
    gone = totals(*moved, (4, 8, 40, 4.0, 4), known={8})
    assert gone[2] == gone[3] == gone[4] == 0.0
    assert gone[1] == 7.0
    others = totals(*moved[:2], *((who, 8, 40, 4.0, who) for who in (4, 5, 6)), known={8})
    assert [others[who] for who in (4, 5, 6)] == [4.0] * 3


def test_what_a_change_leaves_goes_to_who_is_the_oddest_now_also_where_nothing_came_of_it():
    """3 held what 4 and 5 share; a change takes what made it the oddest. 4 shares nothing with 1, and holds it now."""
    ledger, last = Ledger(), {}
    shared = [(who, 8, 10, 5.0, 0) for who in (3, 4, 5)]
    ledger.open(evidence(*shared, (4, 9, 10, 4.0, -1), *((who, 7, 10 * who, 6.0, 0) for who in (2, 3)),
                         (1, 7, 40, 6.0, 0)))  # fmt: skip
    for tick in (10, 20, 30):
        last |= {standing.principal: standing for standing in ledger.advance(tick)}
    assert 8 in {entry.token for entry, _ in last[3].contributions}
    assert {entry.token for entry, _ in last[4].contributions} == {9}
    last |= {standing.principal: standing for standing in ledger.advance(40)}
    assert {who: {entry.token for entry, _ in one.contributions} for who, one in last.items()} == {
        1: {7}, 2: set(), 3: set(), 4: {8, 9}, 5: set(),
    }  # fmt: skip


def a_crowd(choice: Random, day: int = DAY):
    """Places and acts of a dozen, some shared by many, over ten ticks."""
    entries = [
        (choice.randrange(12), choice.choice((7, 8, 9, 10, 101, 102, 103, 104 + choice.randrange(50))),
         choice.randrange(10), choice.choice((0.5, 3.0, 5.0, 6.0)), choice.choice((-1, 0, 0, 1)))
        for _ in range(40)
    ]  # fmt: skip
    return moving(*sorted(entries, key=lambda entry: entry[2]), known={9, 10}, day=day)


@pytest.mark.parametrize("seed", range(30))
def test_tick_by_tick_each_standing_is_what_all_of_it_at_once_adds_up_to(seed):
    """However far a change reaches, nobody is left with what stood before it."""
    stepped, at_once, choice = Ledger(), Ledger(), Random(seed)
    told = [{}, {}]
    for day in (DAY, DAY + 1):
        crowd = a_crowd(choice, day)
        if day > DAY:
            crowd.items.day[::3] = DAY
        for ledger, ticks, last in zip((stepped, at_once), (range(10), (10,)), told, strict=True):
            ledger.open(crowd)
            last |= {standing.key: standing for standing in run(ledger, *ticks)}
    for key, standing in told[1].items():
        assert told[0][key].total == pytest.approx(standing.total, abs=1e-12)
        assert told[0][key].sharing == standing.sharing
