"""Every model that an alert names can be told, in a home and in a backtest's folder."""

from datetime import date

import numpy as np

from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.detect.model_note import SCORES, note_model
from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.stores.bundles.folder import Bundles
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.detect.conftest import NOW, settings_of


def test_every_model_that_an_alert_names_is_noted(store):
    score(store, settings_of(store.home), NOW)
    named = {alert.model_id for alert in store.alerts.revisions()}
    notes = {note.model_id: note for note in store.models.every()}
    assert len(named) > 1
    assert set(notes) == named
    [bundle] = Bundles(store.home).every()
    for note in notes.values():
        assert note.made_of == bundle.model_id
        assert int(note.model_id.partition("-")[0]) == (note.day - date(1970, 1, 1)).days
        assert note.nats["50"] <= note.nats["75"] <= note.nats["90"]
        assert note.principals
        assert note.values


def test_it_can_be_shown_and_is_not_called_whole(store):
    score(store, settings_of(store.home), NOW)
    train(store, settings_of(store.home), NOW)
    [first, *_] = (alert.model_id for alert in store.alerts.latest() if alert.day > Bundles(store.home).every()[0].day)
    told = answer("models", "show", first, "--home", store.home)
    assert (told["model_id"], told["kept"]) == (first, False)
    shown = run("models", "show", first[:9], "--home", store.home).stdout
    assert "not whole: this was noted when it judged" in shown
    assert answer("models", "show", "--home", store.home)["kept"] is True
    assert run("models", "show", "2", "--home", store.home).exit_code == 1


def test_the_evidence_told_is_what_just_reaches_the_score(store):
    [bundle] = Bundles(store.home).every()
    model = Bundles(store.home).load(bundle, AttackPriors.from_dict(read_attack_priors()))
    nats = note_model(model, model.id()).nats
    assert set(nats) == {f"{score:g}" for score in SCORES}
    for name, at in nats.items():
        reached, below = model.history.calibration().score(np.array([at, at - 0.2]))
        assert reached >= float(name)
        assert at == 0 or below < float(name)
    assert nats["90"] > 0
