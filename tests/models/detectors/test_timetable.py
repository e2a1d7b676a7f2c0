"""Decayed sums by group and hour of the week: what is usual shrinks to what is wider, and what is old is forgotten."""

from dataclasses import replace

import numpy as np
import pytest

from models.detectors.hours import COLUMNS
from models.detectors.timetable import CELL_HOURS, HALF_LIFE, LEAST_SPREAD, Timetable
from tests.models.vectors import usual

CALLS = COLUMNS.index("calls")


def with_calls(calls: float, group: int, week: int = 10, rows: int = 30):
    hours = usual(rows=rows)
    hours.values[:, CALLS] = calls
    hours.values[:, -1] = week
    return replace(hours, group=np.full(rows, group))


def test_a_mean_shrinks_from_the_hour_to_the_group_to_everybody() -> None:
    timetable = Timetable()
    timetable.learn(with_calls(100.0, group=1, rows=200))
    timetable.learn(with_calls(3.0, group=2))
    asked = [with_calls(1.0, group, week).where(np.array([0])) for group, week in ((2, 10), (2, 50), (7, 10))]
    here, elsewhere, nobody = (timetable.usual(one).mean[0, CALLS] for one in asked)
    own, weight = np.log1p(3.0), 30.0
    fade = 0.5 ** (1 / HALF_LIFE)
    everybody = (200 * fade * np.log1p(100.0) + 30 * own) / (200 * fade + 30)
    group = (weight * own + CELL_HOURS * everybody) / (weight + CELL_HOURS)
    assert nobody == pytest.approx(everybody)
    assert elsewhere == pytest.approx(group)
    assert here == pytest.approx((weight * own + CELL_HOURS * group) / (weight + CELL_HOURS))


def test_spread_is_what_means_were_off_by_and_never_nothing() -> None:
    timetable = Timetable()
    for day in range(40):
        timetable.learn(with_calls(5.0 if day % 2 else 500.0, group=1))
        timetable.learn(with_calls(5.0, group=2))
    assert timetable.usual(with_calls(1.0, 1)).spread[0, CALLS] > 1.0
    assert timetable.usual(with_calls(1.0, 2)).spread[0, COLUMNS.index("regions")] >= LEAST_SPREAD


def test_cells_that_nobody_was_in_for_long_are_forgotten() -> None:
    timetable = Timetable()
    timetable.learn(with_calls(5.0, group=9, rows=1))
    for _ in range(300):
        timetable.learn(with_calls(5.0, group=1, rows=1))
    assert set((timetable.key // 168).tolist()) == {1}
    assert timetable.key.tolist() == sorted(timetable.key.tolist())


def test_a_day_without_hours_only_fades() -> None:
    timetable = Timetable()
    timetable.learn(usual(rows=0))
    timetable.learn(with_calls(5.0, group=1))
    before = timetable.hours.copy()
    timetable.learn(usual(rows=0))
    assert timetable.hours == pytest.approx(before * 0.5 ** (1 / HALF_LIFE))
