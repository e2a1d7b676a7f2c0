import numpy as np
import pytest

from models.calibration import Calibration, score_rate
from models.history import find_suspects


@pytest.fixture
def sums():
    return np.random.default_rng(3).exponential(2.5, 3000) - 2


def test_the_rate_inside_the_data_is_the_rate_seen(sums):
    fitted = Calibration.fit(sums, principal_days=3000, days=14)
    cut = np.sort(sums)[::-1][14 * 5 - 1]
    assert fitted.rate(np.array([cut]))[0] == pytest.approx(5, rel=0.15)


def test_the_rate_falls_strictly_and_the_score_rises_strictly_far_beyond_the_data(sums):
    fitted = Calibration.fit(sums, principal_days=3000, days=14)
    grid = np.linspace(-8, 120, 400)
    assert (np.diff(fitted.rate(grid)) < 0).all()
    assert (np.diff(fitted.score(grid)) > 0).all()
    assert fitted.score(grid).max() < 100


def test_a_deployment_without_history_scores_by_the_shipped_prior():
    fitted = Calibration.fit(np.empty(0), principal_days=0, days=1)
    low, high = fitted.score(np.array([0.0, 20.0]))
    assert low < high


def test_the_score_means_a_rate():
    assert score_rate(np.array([1000.0, 100.0, 10.0, 1.0, 0.1])).tolist() == [0.0, 25.0, 50.0, 75.0, 90.0]


def test_few_principals_borrow_their_tail():
    small = Calibration.fit(np.array([1.0, 2.0, 3.0]), principal_days=30, days=14)
    assert small.rate(np.array([3.0]))[0] > small.rate(np.array([12.0]))[0] > 0


def test_the_rarest_of_a_day_are_kept_out_of_later_calibrations_two_at_most(sums):
    fitted = Calibration.fit(sums, principal_days=3000, days=14)
    found = find_suspects(np.array([0.0, 90.0, 60.0, 80.0]), fitted)
    assert found.tolist() == [False, True, False, True]
    assert not find_suspects(np.array([0.0, 1.0]), fitted).any()
