"""Detectors by name: PyOD's in the forest's place, and errors that say what to give."""

import pytest

from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.detect.new_model import make_model
from pipeline.errors import SettingsError
from pipeline.settings import load_settings

PRIORS = AttackPriors.from_dict(read_attack_priors())


def test_pyod_takes_the_forests_place_by_name():
    assert list(make_model(1, PRIORS, load_settings()).detectors) == ["forest", "population"]
    named = load_settings({"detectors": "surprise,pyod:HBOS,population"})
    assert list(make_model(1, PRIORS, named).detectors) == ["pyod:HBOS", "population"]
    assert make_model(1, PRIORS, load_settings({"detectors": "surprise"})).detectors == {}


@pytest.mark.parametrize(
    "text",
    [
        "crystal",
        "forest,forest",
        "pyod:ECOD,pyod:HBOS",
        "pyod:os.path",
        ",",
        "forest:2",
        "forest:0",
        "forest:1",
        "surprise:0.5",
        "forest:0.6,population:0.4",
        "forest:x",
        "pyod:ECOD:",
        "forest:0.2,forest",
    ],
)
def test_what_is_no_list_of_detectors_is_refused(text):
    with pytest.raises(SettingsError, match="pyod:ECOD"):
        load_settings({"detectors": text})


def test_a_detector_that_pyod_does_not_have_is_told_before_anything_is_learnt():
    with pytest.raises(SettingsError, match="NoSuch could not be loaded"):
        make_model(1, PRIORS, load_settings({"detectors": "pyod:NoSuch"}))


def test_a_share_of_the_budget_is_read_beside_the_name() -> None:
    settings = load_settings({"detectors": "surprise,forest:0.2,pyod:ECOD:0.05,population"})
    assert settings.shares == {"forest": 0.2, "pyod:ECOD": 0.05}
    assert settings.vector_models == ("forest", "pyod:ECOD", "population")
    assert load_settings().shares == {}
