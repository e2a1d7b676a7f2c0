import hashlib
import hmac
import json
from datetime import timedelta

import duckdb
import pytest

from features.times.day import day_number
from models.bundle import pack, unpack
from models.manifest import MANIFEST, read_manifest
from models.model import Model
from models.priors import AttackPriors
from models.seal import BundleError
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
    walk = Walk(model, goes_on=True)
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
    assert pack(resumed, KEY) == pack(straight, KEY)


def test_what_is_kept_from_peers_is_so_in_its_bundle(model, priors):
    restored = unpack(pack(model, KEY), KEY, priors)
    pairs = restored.baseline.pairs
    restored.baseline.flag(pairs.principal[3:9], pairs.token[3:9])
    assert len(pairs.flagged) == (~pairs.find_open(pairs.find_kept(model.day))).sum() == 6
    assert unpack(pack(restored, KEY), KEY, priors).baseline.pairs.flagged == pairs.flagged


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


def test_what_goes_beside_a_model_is_signed_with_it_and_passed_over(model, priors):
    files = pack(model, KEY, beside={"members.parquet": b"told"}, note={"first_day": "2026-03-02"})
    assert read_manifest(files[MANIFEST], KEY)["note"] == {"first_day": "2026-03-02"}
    assert unpack(files, KEY, priors).id() == model.id()
    with pytest.raises(BundleError, match=r"members\.parquet"):
        unpack({**files, "members.parquet": b"evil"}, KEY, priors)


def test_the_manifest_names_the_model(model):
    assert json.loads(json.loads(pack(model, KEY)[MANIFEST])["signed"])["model_id"] == model.id()


def test_an_empty_key_neither_signs_nor_verifies(model, priors):
    with pytest.raises(BundleError, match="empty"):
        pack(model, b"")
    body = "{}"
    forged = {"signed": body, "signature": hmac.new(b"", body.encode(), "sha256").hexdigest()}
    with pytest.raises(BundleError, match="empty"):
        read_manifest(json.dumps(forged).encode(), b"")


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"day": "x", "priors": 3}', b"[" * 50_000])
def test_files_that_were_signed_and_do_not_fit_are_one_line(model, priors, content):
    files = {**pack(model, KEY), "meta.json": content}
    signed = json.loads(json.loads(files[MANIFEST])["signed"])
    signed["files"]["meta.json"] = hashlib.sha256(content).hexdigest()
    body = json.dumps(signed)
    files[MANIFEST] = json.dumps(
        {"signed": body, "signature": hmac.new(KEY, body.encode(), "sha256").hexdigest()}
    ).encode()
    with pytest.raises(BundleError, match="run `oddtrail train`"):
        unpack(files, KEY, priors)
