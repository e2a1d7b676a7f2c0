"""Hours scored once, by detectors that look at one hour or at a tick; the largest of a day as it was known."""

import numpy as np

from models.calibration import Calibration
from models.detectors.hours import COLUMNS, Hours
from models.detectors.registry import make_detector
from models.detectors.scored import Scored, score_hours
from tests.models.vectors import past_of, usual

NAMES = ("forest", "population", "pyod:ECOD")


def test_scored_bit_by_bit_is_scored_at_once() -> None:
    past = past_of(usual(), usual(seed=2))
    detectors = {name: make_detector(name).fit(past) for name in NAMES}
    calibrations = {name: Calibration.fit(np.arange(100.0), 200, 14) for name in NAMES}
    hours = usual(seed=5)
    hours = hours.where(np.argsort(hours.tick, kind="stable"))
    whole = score_hours(hours, detectors, calibrations, explain=True)
    ticks = np.unique(hours.tick)
    parts = [
        score_hours(hours.where(hours.tick == tick), detectors, calibrations, explain=True) for tick in ticks.tolist()
    ]
    together = Scored.concatenated(parts)
    for name in NAMES:
        assert (whole.raw[name] == together.raw[name]).all()
        assert (whole.record[name] == together.record[name]).all()
        assert whole.blamed[name].tolist() == together.blamed[name].tolist()


def test_the_strongest_of_a_day_is_the_largest_that_was_known() -> None:
    values = np.zeros((4, len(COLUMNS)))
    one = np.array([5, 5, 5, 6])
    hours = Hours(one, np.arange(4), np.array([10, 20, 30, 5]), np.array([1, 1, 2, 1]), one * 0, one * 0, values)
    scored = Scored(hours, {"a": np.array([1.0, 3.0, 9.0, 7.0])}, {"a": np.array([10.0, 30.0, 90.0, 70.0])})
    scored.blamed = {"a": np.array([None] * 4, dtype=object)}
    assert [scored.strongest("a", 1, 5, tick) for tick in (9, 10, 19, 20, 99)] == [None, 0, 0, 1, 1]
    found = scored.find_strongest("a", 1, 5, 99)
    assert found is not None
    assert (found.raw, found.record, found.hour) == (3.0, 30.0, 1)
    assert scored.find_strongest("a", 3, 5, 99) is None


def test_no_hours_are_no_scores() -> None:
    assert len(Scored.concatenated([Scored(), Scored()])) == 0
    assert Scored().find_strongest("forest", 1, 1, 1) is None
