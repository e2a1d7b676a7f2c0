"""Promises that every detector keeps. A detector added to the registry is judged here without another line."""

from dataclasses import replace

import numpy as np
import pytest

from models.bundle import pack, unpack
from models.detectors.base import Past
from models.detectors.hours import COLUMNS, Hours
from models.detectors.registry import DETECTORS, make_detector
from models.history import DayRecord, Maxima
from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from tests.models.vectors import NAMES as KEYS
from tests.models.vectors import ROWS, past_of, usual, with_burst

NAMES = [*DETECTORS, "pyod:ECOD", "pyod:HBOS", "pyod:IForest"]
PAST = past_of(*(usual(seed=seed) for seed in range(3)))
NOTHING = past_of(usual(rows=0))


@pytest.fixture(scope="module", params=NAMES)
def detector(request):
    """A detector that has learnt the usual; not to be taught anything else."""
    return make_detector(request.param, seed=7).fit(PAST)


@pytest.fixture
def learner(detector):
    """A detector of the same name that may be taught."""
    return make_detector(detector.name, seed=7)


def test_a_detector_is_made_by_the_name_it_gives(detector):
    assert detector.name in NAMES
    assert make_detector(detector.name).name == detector.name


def test_one_finite_score_an_hour(detector):
    scores = detector.score(usual(seed=5, rows=50))
    assert scores.shape == (50,)
    assert scores.dtype == np.float64
    assert np.isfinite(scores).all()


def test_no_hours_no_scores(detector):
    assert detector.score(usual(rows=0)).shape == (0,)
    assert [each.shape for each in detector.explain(usual(rows=0))] == [(0, len(COLUMNS))] * 2


def test_fit_returns_the_detector_and_leaves_its_input_alone(learner):
    past = past_of(usual())
    before = past.sample.values.copy(), past.timetable.sums.copy()
    assert learner.fit(past) is learner
    hours = usual(seed=2)
    learner.score(hours)
    learner.explain(hours)
    assert (past.sample.values == before[0]).all()
    assert (past.timetable.sums == before[1]).all()
    assert (hours.values == usual(seed=2).values).all()


@pytest.mark.parametrize("kind", [0, 1, 2, 9], ids=["a kind", "another", "a small kind", "a kind never seen"])
def test_higher_is_stranger(detector, kind):
    """An hour with far more of everything scores above every usual one of its kind."""
    hours = usual(seed=6)
    hours = with_burst(hours, 0, **dict.fromkeys(COLUMNS[:-1], 500.0))
    codes = np.full(len(hours), kind)
    scores = detector.score(replace(hours, kind=codes, group=codes))
    assert scores[0] > np.median(scores[1:])
    assert scores[0] >= scores[1:].max()


def test_a_score_depends_on_its_own_hour_only_or_on_its_tick(detector):
    hours = usual(seed=3, rows=40)
    order = np.random.default_rng(4).permutation(40)
    together = detector.score(hours)
    assert detector.score(hours.where(order)) == pytest.approx(together[order], abs=1e-12)
    if not detector.by_tick:
        alone = np.concatenate([detector.score(hours.where(np.array([row]))) for row in range(40)])
        assert (alone == together).all()


def test_the_same_seed_gives_the_same_scores(detector):
    again = make_detector(detector.name, seed=7).fit(PAST)
    hours = usual(seed=5)
    assert (again.score(hours) == detector.score(hours)).all()


def test_learning_anew_forgets_what_was_learnt(learner):
    """A detector is refitted every night; it must not carry the day before yesterday along."""
    strange = usual(seed=8)
    other = past_of(usual(seed=6))
    learner.fit(past_of(replace(strange, values=strange.values * 5))).fit(other)
    fresh = make_detector(learner.name, seed=7).fit(other)
    hours = usual(seed=9)
    assert (learner.score(hours) == fresh.score(hours)).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_an_hour_that_is_not_finite_is_refused_by_number(detector, bad):
    hours = usual(rows=10)
    hours.values[3, 4] = bad
    with pytest.raises(ValueError, match="row 3"):
        detector.score(hours)


def test_vectors_of_other_columns_are_refused(detector):
    hours = usual()
    with pytest.raises(ValueError, match=str(len(COLUMNS))):
        detector.score(replace(hours, values=hours.values[:, :-1]))


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_too_little_to_learn_from_still_gives_finite_scores(learner, rows):
    scores = learner.fit(past_of(usual(rows=rows))).score(usual())
    assert scores.shape == (ROWS,)
    assert np.isfinite(scores).all()


def test_columns_that_never_vary_still_give_finite_scores(learner):
    still = replace(usual(), values=np.zeros((ROWS, len(COLUMNS))))
    assert np.isfinite(learner.fit(past_of(still)).score(usual())).all()


@pytest.mark.parametrize("measure", [("regions", 9.0), ("data_reads", 300.0), ("denied", 40.0), ("countries", 5.0)])
def test_what_was_planted_is_named_first(detector, measure):
    name, value = measure
    ordinary = usual(seed=11)
    ordinary.values[7] = np.median(ordinary.values, axis=0)
    hours = with_burst(ordinary, 7, **{name: value})
    why = detector.explain(hours.where(np.array([7])))
    assert COLUMNS[int(np.argmax(why.share[0]))] == name
    assert why.typical[0, COLUMNS.index(name)] < value / 3


@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_was_packed_and_unpacked_scores_the_same(name):
    priors = AttackPriors.from_dict(read_attack_priors())
    model = Model(day=20_000, priors=priors, detectors=[name], seed=7)
    model.sample.hours, model.timetable = PAST.sample, PAST.timetable
    model.sample.known = np.full(len(PAST.sample), 19_999)
    none = np.empty(0)
    for day in range(3):
        scores = make_detector(name).fit(PAST).score(usual(seed=day))
        maxima = Maxima(scores, scores > np.quantile(scores, 0.99))
        model.history.add(DayRecord(19_997 + day, ROWS, none, none, none.astype(bool), {name: maxima}, none, none))
    unpacked = unpack(dict(pack(model, b"key")), b"key", priors)
    assert list(unpacked.detectors) == [name]
    assert unpacked.id() == model.id()
    for before, after in zip(model.history.days, unpacked.history.days, strict=True):
        assert (before.detectors[name].score == after.detectors[name].score).all()
        assert (before.detectors[name].suspect == after.detectors[name].suspect).all()
    model.fit_detectors()
    unpacked.fit_detectors()
    hours = with_burst(usual(seed=9), 3, calls=900.0, denied=90.0)
    scores = model.detectors[name].score(hours)
    assert len(np.unique(scores)) > 1
    assert (unpacked.detectors[name].score(hours) == scores).all()


def test_what_was_learnt_does_not_depend_on_the_order_of_hours():
    order = np.random.default_rng(5).permutation(ROWS)
    one, other = past_of(usual()), past_of(usual().where(order))
    assert (one.sample.values == other.sample.values).all()
    assert one.timetable.sums == pytest.approx(other.timetable.sums)
    assert isinstance(one, Past)
    assert isinstance(one.sample, Hours)
    assert len(KEYS) == ROWS
