import numpy as np
import pytest

from models.detectors.hours import COLUMNS, COUNTS, check_hours, scale
from tests.models.vectors import usual


def test_the_last_hour_of_the_week_is_next_to_the_first() -> None:
    values = np.zeros((3, len(COLUMNS)))
    values[:, COUNTS] = [0, 167, 84]
    first, last, middle = scale(values)[:, -2:]
    assert np.abs(first - last).max() < 0.05
    assert np.abs(first - middle).max() == pytest.approx(2)


@pytest.mark.parametrize("columns", [1, len(COLUMNS) - 1])
def test_other_columns_are_refused(columns: int) -> None:
    hours = usual()
    hours.values = hours.values[:, :columns]
    with pytest.raises(ValueError, match=str(len(COLUMNS))):
        check_hours(hours)
