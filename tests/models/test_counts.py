"""Tails, running totals and what rises."""

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from models.counts import MOST_TAIL_NATS, Volumes, keep_rising, no_volumes, sum_running, weigh_tail, weigh_unusual


def test_an_overdispersed_tail_is_the_negative_binomials() -> None:
    count, mean, variance = np.array([12.0]), np.array([5.0]), np.array([10.0])
    assert weigh_tail(count, mean, variance)[0] == pytest.approx(-nbinom.logsf(11, 5.0, 0.5))


@pytest.mark.parametrize("variance", [5.0, 2.0])
def test_a_tail_that_is_not_overdispersed_is_poissons(variance: float) -> None:
    found = weigh_tail(np.array([12.0]), np.array([5.0]), np.array([variance]))
    assert found[0] == pytest.approx(-poisson.logsf(11, 5.0))


def test_a_tail_is_finite_where_nothing_was_ever_counted_and_far_out() -> None:
    found = weigh_tail(np.array([1.0, 1e9]), np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    assert np.isfinite(found).all()
    assert found[1] == MOST_TAIL_NATS


def test_only_what_is_above_its_mean_is_unusual() -> None:
    found = weigh_unusual(np.array([[4.0, 5.0, 9.0]]), np.full((1, 3), 5.0), np.full((1, 3), 8.0))
    assert found[0, :2].tolist() == [0.0, 0.0]
    assert found[0, 2] == weigh_tail(np.array([9.0]), np.array([5.0]), np.array([8.0]))[0] > 0


def test_running_totals_begin_anew_with_each_key() -> None:
    counts, key = np.array([[1.0, 0.0], [2.0, 5.0], [4.0, 1.0], [8.0, 0.0]]), np.array([3, 3, 7, 7])
    assert sum_running(counts, key).tolist() == [[1.0, 0.0], [3.0, 5.0], [4.0, 1.0], [12.0, 1.0]]


def volumes(*rows: tuple[int, int, float, int], day: int = 5) -> Volumes:
    """Rows of (principal, tick, nats, population)."""
    principal, tick, nats, population = (np.array(column) for column in zip(*rows, strict=True))
    zero = np.zeros(len(rows), dtype=np.int64)
    return Volumes(principal, zero + day, tick, zero, nats, zero, population, zero + 1.0, zero + 1.0)


def test_what_does_not_exceed_the_largest_so_far_is_left_out() -> None:
    kept = keep_rising([volumes((1, 10, 2.0, 0), (1, 20, 1.0, 0), (1, 30, 2.0, 0), (1, 40, 3.0, 0), (1, 50, 0.0, 0))])
    assert kept.tick.tolist() == [10, 40]


def test_principals_days_and_sides_rise_apart() -> None:
    first = volumes((1, 10, 5.0, 0), (2, 20, 1.0, 0), (1, 30, 2.0, 1))
    kept = keep_rising([first, volumes((1, 40, 1.0, 0), day=6)])
    assert kept.nats.tolist() == [5.0, 1.0, 2.0, 1.0]


def test_parts_are_put_in_order_of_tick_and_the_largest_of_a_tick_stands() -> None:
    kept = keep_rising([volumes((1, 30, 4.0, 0)), volumes((1, 10, 1.0, 0), (1, 30, 6.0, 0))])
    assert list(zip(kept.tick.tolist(), kept.nats.tolist(), strict=True)) == [(10, 1.0), (30, 6.0)]


def test_nothing_stays_nothing() -> None:
    assert len(keep_rising([no_volumes(), no_volumes()])) == 0
