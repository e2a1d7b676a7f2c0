"""A bounded sample: so many hours a kind and day, the same ones whoever takes them."""

import numpy as np

from models.calibration import DAYS
from models.detectors.sample import A_DAY, Sample
from tests.models.vectors import NAMES, usual

MANY = [f"role/{number}" for number in range(3 * A_DAY)]


def test_a_day_leaves_so_many_hours_of_a_kind_and_old_days_leave() -> None:
    sample = Sample()
    for day in range(DAYS + 5):
        sample.learn(day, usual(seed=day, rows=3 * A_DAY, day=day), MANY)
    kinds, sizes = np.unique(sample.hours.kind[sample.known == DAYS + 4], return_counts=True)
    assert dict(zip(kinds.tolist(), sizes.tolist(), strict=True)) == {0: A_DAY, 1: A_DAY, 2: 20}
    assert set(sample.known.tolist()) == set(range(5, DAYS + 5))


def test_the_same_hours_are_taken_in_whatever_order_and_under_whatever_codes() -> None:
    one, other = Sample(), Sample()
    hours = usual(rows=3 * A_DAY)
    one.learn(1, hours, MANY)
    turned = np.random.default_rng(3).permutation(len(hours))
    moved = hours.where(turned)
    moved.principal = np.arange(len(hours))
    other.learn(1, moved, [MANY[code] for code in turned])
    assert (one.hours.values == other.hours.values).all()
    assert (one.hours.hour == other.hours.hour).all()


def test_a_name_that_is_no_text_is_a_name() -> None:
    sample = Sample()
    sample.learn(1, usual(), [*NAMES[:-1], "\ud800"])
    assert len(sample.hours) > 0
