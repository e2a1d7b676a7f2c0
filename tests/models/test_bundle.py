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
from models.seal import BundleError, seal
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from pipeline.detect.walk import Walk
from tests.models.test_signed_files import Asked
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
    restored = unpack(dict(pack(model, KEY)), KEY, priors)
    assert restored.id() == model.id()
    straight = walked(activity, priors, 13)
    resumed = walked(activity, priors, 13, restored)
    assert dict(pack(resumed, KEY)) == dict(pack(straight, KEY))


def test_what_is_kept_from_peers_is_so_in_its_bundle(model, priors):
    restored = unpack(dict(pack(model, KEY)), KEY, priors)
    pairs = restored.baseline.pairs
    restored.baseline.flag(pairs.principal[3:9], pairs.token[3:9])
    assert len(pairs.flagged) == (~pairs.find_open(pairs.find_kept(model.day))).sum() == 6
    assert unpack(dict(pack(restored, KEY)), KEY, priors).baseline.pairs.flagged == pairs.flagged


def test_a_bundle_is_data_only(model):
    assert {name.rpartition(".")[2] for name, _ in pack(model, KEY)} == {"parquet", "json"}


@pytest.mark.parametrize("name", ["pairs.parquet", "meta.json"])
def test_a_changed_byte_is_found_before_its_file_is_opened(model, priors, name):
    files = dict(pack(model, KEY))
    files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])
    with pytest.raises(BundleError, match=name):
        unpack(files, KEY, priors)


def test_a_manifest_signed_with_another_key_is_refused(model, priors):
    with pytest.raises(BundleError, match="not signed"):
        unpack(dict(pack(model, b"other" * 8)), KEY, priors)


def test_a_file_nobody_signed_is_refused(model, priors):
    with pytest.raises(BundleError, match=r"evil\.pkl"):
        unpack({**dict(pack(model, KEY)), "evil.pkl": b"cos\nsystem"}, KEY, priors)


def test_a_missing_or_unreadable_manifest_is_refused(model, priors):
    files = dict(pack(model, KEY))
    with pytest.raises(BundleError, match="no manifest"):
        unpack({n: c for n, c in files.items() if n != MANIFEST}, KEY, priors)
    with pytest.raises(BundleError, match="cannot be read"):
        unpack({**files, MANIFEST: b"{"}, KEY, priors)


def test_other_priors_ask_for_a_new_training(model):
    other = AttackPriors.from_dict({**read_attack_priors(), "version": "0"})
    with pytest.raises(BundleError, match="oddtrail train"):
        unpack(dict(pack(model, KEY)), KEY, other)


def test_what_goes_beside_a_model_is_signed_with_it_and_passed_over(model, priors):
    files = dict(pack(model, KEY, beside=[("members.parquet", b"told")], note={"first_day": "2026-03-02"}))
    assert read_manifest(files[MANIFEST], KEY)["note"] == {"first_day": "2026-03-02"}
    assert unpack(files, KEY, priors).id() == model.id()
    with pytest.raises(BundleError, match=r"members\.parquet"):
        unpack({**files, "members.parquet": b"evil"}, KEY, priors)


def test_the_manifest_names_the_model(model):
    assert json.loads(json.loads(dict(pack(model, KEY))[MANIFEST])["signed"])["model_id"] == model.id()


def test_an_empty_key_neither_signs_nor_verifies(model, priors):
    with pytest.raises(BundleError, match="empty"):
        dict(pack(model, b""))
    body = "{}"
    forged = {"signed": body, "signature": hmac.new(b"", body.encode(), "sha256").hexdigest()}
    with pytest.raises(BundleError, match="empty"):
        read_manifest(json.dumps(forged).encode(), b"")


PINNED = {
    "breadth.parquet", "cells.parquet", "history.parquet", "manifest.json", "maxima.parquet", "meta.json",
    "pairs.parquet", "principals.parquet", "recent.parquet", "sample.parquet", "timetable.parquet", "tokens.parquet",
    "volume.parquet", "week_items.parquet", "week_told.parquet",
}  # fmt: skip
"""Files of every bundle so far: whoever reads them all reads a small model of today."""


@pytest.fixture
def parted(monkeypatch):
    """Room for few rows of a file, and fewer of a part of it."""
    monkeypatch.setattr("models.tables.MOST_ROWS", 6)
    monkeypatch.setattr("models.tables.GROUP", 4)


def test_a_small_model_has_the_files_it_ever_had(model):
    yesterday = {f"yesterday_{of}.parquet" for of in ("items", "counts", "principals")}
    assert {name for name, _ in pack(model, KEY)} == PINNED | (yesterday if model.yesterday else set())


def test_a_model_in_parts_is_the_model(model, priors, parted):
    model = unpack(dict(pack(model, KEY)), KEY, priors)  # others have the first one as it was
    model.baseline.flag(model.baseline.pairs.principal[::30], model.baseline.pairs.token[::30])
    files = dict(pack(model, KEY))
    several = {name.partition("-")[0] for name in files if "-0001" in name}
    assert {"pairs", "tokens", "cells", "principals"} <= several
    restored = unpack(files, KEY, priors)
    assert restored.id() == model.id() == read_manifest(files[MANIFEST], KEY)["model_id"]
    one, other = restored.baseline, model.baseline
    for of in ("key", "hours", "total"):
        made, was = getattr(one.pairs, of), getattr(other.pairs, of)
        assert (made.dtype, made.tolist()) == (was.dtype, was.tolist())
    assert one.pairs.flagged == other.pairs.flagged
    assert len(one.pairs.flagged) > 2
    assert one.tokens.column().equals(other.tokens.column())
    for of in ("token_dimension", "recent_key", "recent", "hours", "total", "settled_hours", "firsts"):
        assert getattr(one, of).tolist() == getattr(other, of).tolist(), of
    assert [one.level(code) for code in range(len(one.tokens))] == [
        other.level(code) for code in range(len(one.tokens))
    ]
    assert [record.total.tolist() for record in restored.history.days] == [
        record.total.tolist() for record in model.history.days
    ]
    assert dict(pack(restored, KEY)) == files


def test_of_a_file_in_parts_each_is_held_against_what_was_signed(model, priors, parted):
    files = dict(pack(model, KEY))
    one, other = files["pairs-0001.parquet"], files["pairs-0002.parquet"]
    last = max(name for name in files if name.startswith("pairs-"))
    for wrong, told in (
        ({"pairs-0001.parquet": one[:-1] + bytes([one[-1] ^ 1])}, r"pairs-0001\.parquet is missing or changed"),
        ({"pairs-0001.parquet": other, "pairs-0002.parquet": one}, r"pairs-0001\.parquet is missing or changed"),
        ({"pairs-9999.parquet": one}, r"nobody signed: pairs-9999\.parquet"),
    ):
        with pytest.raises(BundleError, match=told):
            unpack(files | wrong, KEY, priors)
    for name in ("pairs.parquet", "pairs-0001.parquet", last):
        with pytest.raises(BundleError, match=f"{name} is missing or changed"):
            unpack({n: content for n, content in files.items() if n != name}, KEY, priors)


def resigned(files, hashes):
    """Files with a manifest of other names, signed all the same."""
    body = json.loads(json.loads(files[MANIFEST])["signed"]) | {"files": hashes}
    return files | {MANIFEST: seal(json.dumps(body), KEY)}


def test_a_manifest_with_a_gap_is_refused_whoever_signed_it(model, priors, parted):
    files = dict(pack(model, KEY))
    hashes = read_manifest(files[MANIFEST], KEY)["files"]
    assert unpack(resigned(files, hashes), KEY, priors).id() == model.id()
    for gone in ("pairs.parquet", "pairs-0001.parquet", "tokens-0001.parquet"):
        left = {name: digest for name, digest in hashes.items() if name != gone}
        with pytest.raises(BundleError, match="manifest is not as this version writes it"):
            unpack(resigned({n: c for n, c in files.items() if n != gone}, left), KEY, priors)


def test_files_are_made_and_asked_for_one_after_another(model, priors, parted):
    made, files = pack(model, KEY), dict(pack(model, KEY))
    assert next(made)[0] == "tokens.parquet"
    assert [name for name, _ in made][-1] == MANIFEST

    asked = Asked(files)
    unpack(asked, KEY, priors)
    assert sorted(asked.asked) == sorted(set(files) - {MANIFEST})


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"day": "x", "priors": 3}', b"[" * 50_000])
def test_files_that_were_signed_and_do_not_fit_are_one_line(model, priors, content):
    files = {**dict(pack(model, KEY)), "meta.json": content}
    signed = json.loads(json.loads(files[MANIFEST])["signed"])
    signed["files"]["meta.json"] = hashlib.sha256(content).hexdigest()
    body = json.dumps(signed)
    files[MANIFEST] = json.dumps(
        {"signed": body, "signature": hmac.new(KEY, body.encode(), "sha256").hexdigest()}
    ).encode()
    with pytest.raises(BundleError, match="run `oddtrail train`"):
        unpack(files, KEY, priors)
