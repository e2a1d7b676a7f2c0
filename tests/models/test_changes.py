from models.ledger import Ledger
from tests.models.evidences import DAY, evidence, moving


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
