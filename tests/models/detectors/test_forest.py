"""A forest a kind, one for the kinds that are too small, none where there is too little."""

from dataclasses import replace

import numpy as np
from joblib import parallel_config

from models.baseline import Ints
from models.detectors.forest import FEWEST, Forest
from models.detectors.hours import COUNTS, Hours
from tests.models.vectors import past_of, usual, with_burst


def hours(kind: Ints, times: float = 1.0, seed: int = 1) -> Hours:
    made = usual(seed=seed, rows=len(kind))
    made.values[:, :COUNTS] *= times
    return replace(made, kind=kind)


def kinds(*sizes: int) -> Ints:
    return np.repeat(np.arange(len(sizes)), sizes)


def test_a_large_kind_has_a_forest_of_its_own_and_small_ones_share_one() -> None:
    forest = Forest(seed=1).fit(past_of(hours(kinds(FEWEST, 5))))
    assert sorted(forest.forests_) == [0]
    assert forest.score(hours(kinds(FEWEST, 5))).all()
    assert sorted(forest.forests_) == [-1, 0]


def test_what_is_odd_for_its_kind_may_be_usual_for_another() -> None:
    quiet, loud = hours(kinds(FEWEST)), hours(kinds(0, FEWEST), times=20.0)
    forest = Forest(seed=1).fit(past_of(Hours.concatenated([quiet, loud])))
    row = loud.where(np.array([0, 0]))
    as_quiet, as_loud = forest.score(replace(row, kind=np.array([0, 1])))
    assert as_quiet > as_loud


def test_too_few_hours_have_no_forest_and_every_score_is_nothing() -> None:
    few = hours(kinds(FEWEST - 1))
    assert Forest().fit(past_of(few)).score(few).tolist() == [0.0] * (FEWEST - 1)
    assert not Forest().fit(past_of(few)).explain(few).share.any()


def test_a_kind_nobody_has_seen_is_judged_by_the_shared_forest() -> None:
    ordinary = hours(kinds(FEWEST))
    forest = Forest(seed=1).fit(past_of(ordinary))
    odd = replace(with_burst(ordinary, 0, calls=900.0, actions=90.0, regions=9.0), kind=np.full(FEWEST, 7))
    assert forest.score(odd)[0] > np.median(forest.score(ordinary))


def test_scores_are_the_same_for_any_number_of_threads() -> None:
    past, judged = past_of(usual()), usual(seed=4)
    alone = Forest(seed=1).fit(past)
    with parallel_config(n_jobs=3):
        together = Forest(seed=1).fit(past)
    assert (alone.score(judged) == together.score(judged)).all()
    assert (alone.explain(judged).share == together.explain(judged).share).all()
