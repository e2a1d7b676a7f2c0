import pytest

from models.detectors.base import COLUMNS
from models.detectors.registry import DETECTORS, make_detector
from models.detectors.sums import EvidenceSum


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detector_is_made_by_its_name(name: str) -> None:
    assert make_detector(name).name == name


def test_a_detector_nobody_wrote_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="own_past, population"):
        make_detector("crystal-ball")


def test_the_parts_of_the_sum_hold_every_column_once() -> None:
    parts = [detector for name in DETECTORS if isinstance(detector := make_detector(name), EvidenceSum)]
    held = [column for part in parts for column in part.columns]
    assert sorted(held) == sorted(COLUMNS)
