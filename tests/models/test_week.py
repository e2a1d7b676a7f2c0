"""What a week adds up to that no day of it shows."""

from dataclasses import replace

import numpy as np
import pytest

from models.combine import FAMILIES, Piece, combine
from models.items import Items
from models.standing import Entry, Evidence, Standing
from models.week import DAYS, Week, from_columns, to_columns

EVE, BOB = 3, 4


def evidence(day, *entries, newcomers=()):
    """Evidence of (principal, token, family, nats)."""
    count = len(entries)
    whole = np.zeros(count, dtype=np.int64)
    principal, token = (np.array([e[place] for e in entries], dtype=np.int64) for place in (0, 1))
    real, nats = whole.astype(float), np.array([float(e[3]) for e in entries])
    hour = whole + day * 24
    first = whole == 0
    items = Items(
        principal, token, whole + day, whole, hour, whole, nats, first, whole, real, real, whole, whole, whole
    )
    pieces = [Piece(e[2], float(e[3])) for e in entries]
    return Evidence(day, items, pieces, [-1] * count, None, {}, frozenset(newcomers))


def standing(shown, principal=EVE, prior=-2.0):
    rows = np.flatnonzero(shown.items.principal == principal).tolist()
    entries = [Entry(shown, row, None) for row in rows]
    nats = combine([entry.piece for entry in entries])
    families = dict.fromkeys(FAMILIES, 0.0)
    for entry, value in zip(entries, nats, strict=True):
        families[entry.piece.family] += value
    contributions = list(zip(entries, nats, strict=True))
    total = sum(families.values()) + prior
    return Standing(shown.day, principal, 7, total, families, contributions, None, None, prior, frozenset())


def drip(days, *, told=(), family="write"):
    week = Week()
    for day in range(1, days):
        shown = evidence(day, (EVE, 100 + day, ("write", "read", "resource", "tool", "error")[day % 5], 3.0))
        week = week.go_on(day, [standing(shown)], dict.fromkeys(told, day))
    return week


def test_one_odd_thing_a_day_adds_up_and_says_since_when():
    today = standing(evidence(4, (EVE, 200, "exposure", 3.0)))
    week = drip(4).add_up(today)
    assert week.total == pytest.approx(today.total + 3.0 + 3.0 + 3.0)
    assert (week.since, week.day, today.since, today.first_day) == (1, 4, 0, 4)
    assert {entry.token for entry, _ in week.contributions} == {101, 102, 103, 200}
    assert week.total - week.prior == pytest.approx(sum(nats for _, nats in week.contributions))


def test_what_is_seven_days_old_is_forgotten():
    week = Week()
    week = week.go_on(10, [standing(evidence(10, (EVE, 1, "write", 5.0)))], {})
    for day in range(11, 10 + DAYS - 1):
        week = week.go_on(day, [], {})
    today = standing(evidence(10 + DAYS - 1, (EVE, 2, "read", 3.0)))
    assert week.add_up(today).since == 10
    assert week.go_on(10 + DAYS - 1, [], {}).add_up(replace(today, day=10 + DAYS)) is None


def test_what_was_told_is_not_told_again():
    today = standing(evidence(4, (EVE, 200, "exposure", 3.0)))
    assert drip(4).go_on(3, [], {EVE: 3}).add_up(today) is None
    assert drip(4, told={EVE}).add_up(today) is None
    assert drip(4).go_on(3, [], {BOB: 3}).add_up(today) is not None


def test_one_drip_is_one_alert_for_a_week():
    week = Week().go_on(10, [], {EVE: 10})
    for day in range(11, 10 + DAYS):
        week = week.go_on(day, [standing(evidence(day, (EVE, day, "write", 5.0)))], {})
        assert (week.add_up(standing(evidence(day + 1, (EVE, 99, "read", 5.0)))) is None) == (day + 1 < 10 + DAYS)


def test_what_was_told_after_midnight_is_told_as_if_it_had_been_before():
    first, second = (standing(evidence(day, (EVE, day, "write", 5.0))) for day in (10, 11))
    before = Week().go_on(10, [first], {EVE: 10}).go_on(11, [second], {})
    after = Week().go_on(10, [first], {}).go_on(11, [second], {EVE: 10})
    assert after.told == before.told == {EVE: 10}
    assert after.kept.items.day.tolist() == before.kept.items.day.tolist() == [11]


def test_a_value_counts_once_a_week():
    week = Week().go_on(0, [standing(evidence(0, (EVE, 1, "write", 5.0)))], {})
    assert week.add_up(standing(evidence(1, (EVE, 1, "write", 5.0)))) is None


def test_nobody_else_and_no_late_ledger_is_added_up():
    today = standing(evidence(4, (BOB, 200, "exposure", 3.0)), BOB)
    assert drip(4).add_up(today) is None
    assert drip(4).add_up(replace(standing(evidence(4, (EVE, 200, "exposure", 3.0))), late=5)) is None


def test_what_cannot_reach_so_many_nats_is_not_added_up():
    today = standing(evidence(4, (EVE, 200, "exposure", 3.0)))
    total = drip(4).add_up(today).total
    assert drip(4).add_up(today, total).total == total
    assert drip(4).add_up(today, total + 100) is None


def test_totals_are_those_of_the_weeks_where_there_is_one():
    eve, bob = standing(evidence(4, (EVE, 200, "exposure", 3.0))), standing(evidence(4, (BOB, 200, "write", 2.0)), BOB)
    week = drip(4)
    assert week.totals([eve, bob]).tolist() == [week.add_up(eve).total, bob.total]
    assert week.totals([]).tolist() == []


def test_the_order_in_which_evidence_came_makes_no_difference():
    one = evidence(0, (EVE, 1, "write", 5.0), (EVE, 2, "read", 4.0), (BOB, 2, "read", 1.0))
    parts = [evidence(0, (EVE, 2, "read", 4.0), (BOB, 2, "read", 1.0)), evidence(0, (EVE, 1, "write", 5.0))]
    bits = standing(one)
    bits.contributions = [(Entry(parts[1], 0, None), 1.0), (Entry(parts[0], 0, None), 1.0)]
    of_bob = standing(one, BOB)
    at_once, bit_by_bit = Week().go_on(0, [standing(one), of_bob], {}), Week().go_on(0, [of_bob, bits], {})
    for name, column in to_columns(at_once)["week_items"].items():
        assert list(column) == list(to_columns(bit_by_bit)["week_items"][name]), name


def test_columns_give_the_week_back():
    week, today = drip(4), standing(evidence(4, (EVE, 200, "exposure", 3.0)))
    back = from_columns(to_columns(week))
    assert back.add_up(today).total == week.add_up(today).total
    empty = from_columns(to_columns(Week()))
    assert empty.add_up(today) is None
    assert from_columns(to_columns(Week().go_on(3, [], {EVE: 3, BOB: 3}))).told == {EVE: 3, BOB: 3}
