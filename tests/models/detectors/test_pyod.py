import numpy as np
import pytest

from models.detectors.pyod import FEWEST, PyodDetector
from models.detectors.registry import make_detector
from tests.models.vectors import past_of, usual, with_burst


@pytest.mark.parametrize("name", ["os.path", "../forest", "", "É"])
def test_what_is_no_name_is_refused_at_once(name: str) -> None:
    with pytest.raises(ValueError, match="give a name"):
        PyodDetector(name)


def test_a_detector_that_pyod_does_not_have_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="NoSuch could not be loaded"):
        PyodDetector("NoSuch")


def test_a_detector_of_pyod_finds_what_is_far_from_the_usual() -> None:
    detector = make_detector("pyod:ECOD").fit(past_of(usual()))
    scores = detector.score(with_burst(usual(seed=2), 0, calls=900.0, regions=9.0, denied=50.0, countries=4.0))
    assert scores[0] > np.median(scores)


def test_too_few_hours_are_no_evidence() -> None:
    few = usual(rows=FEWEST - 1)
    assert make_detector("pyod:ECOD").fit(past_of(few)).score(few).tolist() == [0.0] * len(few)
