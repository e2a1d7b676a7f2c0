import json
from datetime import timedelta

import duckdb
import numpy as np
import pytest

from features.times.day import day_number
from models.bundle import MANIFEST, BundleError, pack, unpack
from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.walk import Walk
from tests.worlds import START, a_company, table

KEY = b"k" * 32


@pytest.fixture(scope="module")
def priors():
    return AttackPriors.from_dict(read_attack_priors())


@pytest.fixture(scope="module")
def activity():
    connection = duckdb.connect()
    connection.register("events", table(a_company(days=13, people=4, roles=3)))
    return Activity.of_events(connection)


def walked(activity, priors, days, model=None):
    model = model or Model(day_number(START.date()), priors)
    walk = Walk(model)
    while model.day < day_number(START.date()) + days:
        walk.step(
            activity.delivered(START.date() + timedelta(days=model.day - day_number(START.date()))), activity.members()
        )
    return model


@pytest.fixture(scope="module")
def model(activity, priors):
    return walked(activity, priors, 11)


def test_a_model_survives_its_bundle(model, activity, priors):
    restored = unpack(pack(model, KEY), KEY, priors)
    assert restored.id() == model.id()
    straight = walked(activity, priors, 13)
    resumed = walked(activity, priors, 13, restored)
    assert resumed.id() == straight.id()
    for mine, theirs in zip(resumed.history.days, straight.history.days, strict=True):
        assert np.allclose(mine.total, theirs.total, atol=1e-9)
        assert all(np.allclose(mine.detectors[n], theirs.detectors[n], atol=1e-9) for n in mine.detectors)


def test_a_bundle_is_data_only(model):
    assert {name.rpartition(".")[2] for name in pack(model, KEY)} == {"parquet", "json"}


@pytest.mark.parametrize("name", ["pairs.parquet", "meta.json"])
def test_a_changed_byte_is_found_before_anything_is_opened(model, priors, name):
    files = pack(model, KEY)
    files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])
    with pytest.raises(BundleError, match=name):
        unpack(files, KEY, priors)


def test_a_manifest_signed_with_another_key_is_refused(model, priors):
    with pytest.raises(BundleError, match="not signed"):
        unpack(pack(model, b"other" * 8), KEY, priors)


def test_a_file_nobody_signed_is_refused(model, priors):
    with pytest.raises(BundleError, match=r"evil\.pkl"):
        unpack({**pack(model, KEY), "evil.pkl": b"cos\nsystem"}, KEY, priors)


def test_a_missing_or_unreadable_manifest_is_refused(model, priors):
    files = pack(model, KEY)
    with pytest.raises(BundleError, match="no manifest"):
        unpack({n: c for n, c in files.items() if n != MANIFEST}, KEY, priors)
    with pytest.raises(BundleError, match="cannot be read"):
        unpack({**files, MANIFEST: b"{"}, KEY, priors)


def test_other_priors_ask_for_a_new_training(model):
    other = AttackPriors.from_dict({**read_attack_priors(), "version": "0"})
    with pytest.raises(BundleError, match="oddtrail train"):
        unpack(pack(model, KEY), KEY, other)


def test_the_manifest_names_the_model(model):
    assert json.loads(json.loads(pack(model, KEY)[MANIFEST])["signed"])["model_id"] == model.id()
