import numpy as np
import pytest

from models.detectors.base import COLUMNS
from models.detectors.pyod import FEWEST, PyodDetector
from models.detectors.registry import make_detector


@pytest.mark.parametrize("name", ["os.path", "../forest", ""])
def test_what_is_no_name_is_refused_at_once(name: str) -> None:
    with pytest.raises(ValueError, match="give a name"):
        PyodDetector(name)


def test_a_detector_that_pyod_does_not_have_is_refused_when_it_is_fitted() -> None:
    usual = np.ones((FEWEST, len(COLUMNS)))
    with pytest.raises(ValueError, match="NoSuch could not be loaded"):
        PyodDetector("NoSuch").fit(usual, np.zeros(FEWEST, dtype=np.int64))


def test_a_detector_of_pyod_finds_what_is_far_from_the_usual() -> None:
    usual = np.random.default_rng(1).exponential(size=(2 * FEWEST, len(COLUMNS)))
    strata = np.zeros(len(usual), dtype=np.int64)
    detector = make_detector("pyod:ECOD").fit(usual, strata)
    odd, even = detector.score(np.stack([np.full(len(COLUMNS), 30.0), usual.mean(axis=0)]), strata[:2])
    assert odd > even


def test_too_few_days_are_no_evidence() -> None:
    few = np.ones((FEWEST - 1, len(COLUMNS)))
    strata = np.zeros(len(few), dtype=np.int64)
    assert make_detector("pyod:ECOD").fit(few, strata).score(few, strata).tolist() == [0.0] * len(few)
