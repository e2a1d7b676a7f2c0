import pytest

from models.detectors.registry import DETECTORS, make_detector


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detector_is_made_by_its_name(name: str) -> None:
    assert make_detector(name).name == name


def test_a_detector_nobody_wrote_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="forest, population"):
        make_detector("crystal-ball")
