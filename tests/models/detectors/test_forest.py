"""A forest a kind, one for the kinds that are too small, none where there is too little."""

import numpy as np

from models.baseline import Floats, Ints
from models.detectors.base import COLUMNS
from models.detectors.forest import FEWEST, Forest


def vectors(rows: int, around: float = 0.0, seed: int = 0) -> Floats:
    return np.abs(np.random.default_rng(seed).normal(around, 1.0, (rows, len(COLUMNS))))


def kinds(*sizes: int) -> Ints:
    return np.repeat(np.arange(len(sizes)), sizes)


def test_a_large_kind_has_a_forest_of_its_own_and_small_ones_share_one() -> None:
    forest = Forest(seed=1).fit(vectors(FEWEST + 5), kinds(FEWEST, 5))
    assert sorted(forest.forests_) == [-1, 0]


def test_what_is_odd_for_its_kind_may_be_usual_for_another() -> None:
    quiet, loud = vectors(FEWEST, 0.0), vectors(FEWEST, 9.0, seed=1)
    forest = Forest(seed=1).fit(np.concatenate([quiet, loud]), kinds(FEWEST, FEWEST))
    row = np.repeat(loud[:1], 2, axis=0)
    as_quiet, as_loud = forest.score(row, np.array([0, 1]))
    assert as_quiet > as_loud


def test_too_few_days_have_no_forest_and_every_score_is_nothing() -> None:
    few = vectors(FEWEST - 1)
    assert Forest().fit(few, kinds(FEWEST - 1)).score(few, kinds(FEWEST - 1)).tolist() == [0.0] * (FEWEST - 1)


def test_a_kind_nobody_has_seen_is_judged_by_the_shared_forest() -> None:
    usual = vectors(FEWEST)
    forest = Forest(seed=1).fit(usual, kinds(FEWEST))
    odd = np.full((1, len(COLUMNS)), 40.0)
    assert forest.score(odd, np.array([7]))[0] > np.median(forest.score(usual, kinds(FEWEST)))
