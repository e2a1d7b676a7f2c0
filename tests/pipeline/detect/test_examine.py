"""Two models are looked at one after the other, and neither more than it has to be."""

from weakref import ref

import numpy as np
import pytest

from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.detect.examine import examine
from pipeline.detect.promotion import compare
from pipeline.detect.trainer import train
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import Store
from tests.pipeline.detect.conftest import NOW, settings_of

PRIORS = AttackPriors.from_dict(read_attack_priors())


def test_the_gate_holds_one_model_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    bundles, opened, load = Bundles(store.home), list[ref[Model]](), Bundles.load
    trained = train(store, settings_of(store.home), NOW)
    [new] = [info for info in bundles.every() if info.model_id == trained.model_id]
    [old] = [info for info in bundles.every() if info != new]

    def load_alone(self, info, *told):
        assert [model for model in opened if model() is not None] == []
        model = load(self, info, *told)
        opened.append(ref(model))
        return model

    monkeypatch.setattr(Bundles, "load", load_alone)
    verdict = compare(store, settings_of(store.home), bundles, new, old)
    assert verdict.figures[-1].was is not None
    assert len(opened) == 2


def test_beside_a_model_that_is_broken_none_is_opened(store: Store) -> None:
    bundles = Bundles(store.home)
    [info] = bundles.every()

    def open_broken() -> Model:
        model = bundles.load(info, PRIORS)
        model.volume.sums[0] = np.nan
        return model

    verdict = examine(store, settings_of(store.home), info.day, open_broken, lambda: pytest.fail("opened"))
    assert [figure.name for figure in verdict.figures] == ["numbers"]


def test_one_that_cannot_be_opened_is_as_none(store: Store) -> None:
    bundles, settings = Bundles(store.home), settings_of(store.home)
    [info] = bundles.every()
    alone = examine(store, settings, info.day, lambda: bundles.load(info, PRIORS))
    assert alone.passed
    assert examine(store, settings, info.day, lambda: bundles.load(info, PRIORS), lambda: None) == alone
