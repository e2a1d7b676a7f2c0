"""Promises that every detector keeps. A detector added to the registry is judged here without another line."""

import numpy as np
import pytest

from models.bundle import pack, unpack
from models.detectors.base import COLUMNS
from models.detectors.registry import DETECTORS, make_detector
from models.history import DayRecord
from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors

NAMES = [*DETECTORS, "pyod:ECOD", "pyod:HBOS"]
STACKED = {"pyod:ECOD"}  # PyOD ranks the rows to score among each other as well as among those it learnt from
ROWS = 300


def usual(seed: int = 1, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """Evidence as ordinary principal-days show it: most columns nothing, now and then a nat or two, three kinds."""
    chance = np.random.default_rng(seed)
    vectors = chance.exponential(1.0, (rows, len(COLUMNS))) * (chance.random((rows, len(COLUMNS))) < 0.3)
    return vectors, np.where(np.arange(rows) < rows - 20, np.arange(rows) % 2, 2)


VECTORS, STRATA = usual()


@pytest.fixture(scope="module", params=NAMES)
def detector(request):
    """A detector that has learnt the usual; not to be taught anything else."""
    return make_detector(request.param, seed=7).fit(VECTORS, STRATA)


@pytest.fixture
def learner(detector):
    """A detector of the same name that may be taught."""
    return make_detector(detector.name, seed=7)


def test_a_detector_is_made_by_the_name_it_gives(detector):
    assert detector.name in NAMES
    assert make_detector(detector.name).name == detector.name


def test_one_finite_score_a_row(detector):
    scores = detector.score(*usual(seed=2, rows=50))
    assert scores.shape == (50,)
    assert scores.dtype == np.float64
    assert np.isfinite(scores).all()


def test_no_rows_no_scores(detector):
    assert detector.score(VECTORS[:0], STRATA[:0]).shape == (0,)


def test_fit_returns_the_detector_and_leaves_its_input_alone(learner):
    vectors, strata = usual()
    before = vectors.copy()
    assert learner.fit(vectors, strata) is learner
    learner.score(vectors, strata)
    assert (vectors == before).all()


@pytest.mark.parametrize("kind", [0, 1, 2, 9], ids=["a kind", "another", "a small kind", "a kind never seen"])
def test_higher_is_stranger(detector, kind):
    """A day with far more evidence of everything scores above every usual one of its kind."""
    of_kind = VECTORS[kind == STRATA] if kind in STRATA else VECTORS
    rows = np.vstack([of_kind, np.full((1, len(COLUMNS)), 40.0)])
    scores = detector.score(rows, np.full(len(rows), kind))
    assert scores[-1] > np.median(scores[:-1])
    assert scores[-1] >= scores[:-1].max()


def test_a_score_depends_on_its_own_row_only(detector):
    vectors, strata = usual(seed=3, rows=40)
    order = np.random.default_rng(4).permutation(40)
    together = detector.score(vectors, strata)
    assert detector.score(vectors[order], strata[order]) == pytest.approx(together[order], abs=1e-12)
    if detector.name not in STACKED:
        alone = np.concatenate([detector.score(vectors[i : i + 1], strata[i : i + 1]) for i in range(40)])
        assert alone == pytest.approx(together, abs=1e-12)


def test_the_same_seed_gives_the_same_scores(detector):
    again = make_detector(detector.name, seed=7).fit(VECTORS, STRATA)
    rows = usual(seed=5)
    assert (again.score(*rows) == detector.score(*rows)).all()


def test_learning_anew_forgets_what_was_learnt(learner):
    """A detector is refitted every night; it must not carry the day before yesterday along."""
    other = usual(seed=6)
    learner.fit(VECTORS * 5 + 3, STRATA).fit(*other)
    fresh = make_detector(learner.name, seed=7).fit(*other)
    assert (learner.score(VECTORS, STRATA) == fresh.score(VECTORS, STRATA)).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_row_that_is_not_finite_is_refused_by_number(detector, learner, bad):
    vectors, strata = usual(rows=10)
    vectors[3, 4] = bad
    with pytest.raises(ValueError, match="row 3"):
        detector.score(vectors, strata)
    with pytest.raises(ValueError, match="row 3"):
        learner.fit(vectors, strata)


def test_a_row_of_other_columns_is_refused(detector, learner):
    with pytest.raises(ValueError, match=str(len(COLUMNS))):
        detector.score(VECTORS[:, :-1], STRATA)
    with pytest.raises(ValueError, match=str(len(COLUMNS))):
        learner.fit(VECTORS[:, :-1], STRATA)


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_too_little_to_learn_from_still_gives_finite_scores(learner, rows):
    scores = learner.fit(VECTORS[:rows], STRATA[:rows]).score(VECTORS, STRATA)
    assert scores.shape == (ROWS,)
    assert np.isfinite(scores).all()


def test_columns_that_never_vary_still_give_finite_scores(learner):
    assert np.isfinite(learner.fit(np.zeros_like(VECTORS), STRATA).score(VECTORS, STRATA)).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_was_packed_and_unpacked_scores_the_same(name):
    priors = AttackPriors.from_dict(read_attack_priors())
    model = Model(day=20_000, priors=priors, detectors=[name], seed=7)
    for day in range(3):
        vectors, strata = usual(seed=day)
        scores = model.detectors[name].score(vectors, strata)
        total = vectors.sum(axis=1)
        clean = np.zeros(len(total), dtype=bool)
        largest = vectors.max(axis=1)
        model.history.add(
            DayRecord(19_997 + day, ROWS, total, largest, vectors, strata, clean, {name: scores}, np.zeros(ROWS), total)
        )
    unpacked = unpack(pack(model, b"key"), b"key", priors)
    assert list(unpacked.detectors) == [name]
    model.fit_detectors()
    unpacked.fit_detectors()
    rows = usual(seed=9)
    scores = model.detectors[name].score(*rows)
    assert len(np.unique(scores)) > 1
    assert (unpacked.detectors[name].score(*rows) == scores).all()
