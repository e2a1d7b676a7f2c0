import hashlib
import hmac
import json
import random
from datetime import timedelta

import duckdb
import pytest

from features.times.day import day_number
from models.bundle import MANIFEST, MOST_MANIFEST_BYTES, pack, read_manifest, unpack
from models.model import Model
from models.priors import AttackPriors
from models.seal import BundleError, UnsignedError
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


NOT_READ = {
    "not ASCII": b'{"signed": "{}", "signature": "\xc3\xa9"}',
    "half a character": b'{"signed": "\\ud800", "signature": "\\udfff"}',
    "deep": b"[" * 200_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "deep inside": b'{"signed": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "long": b'{"signed": "' + b"a" * MOST_MANIFEST_BYTES + b'", "signature": ""}',
    "a huge number": b'{"signed": ' + b"9" * 20_000 + b', "signature": ""}',
    "wrong types": b'{"signed": {"files": 1}, "signature": 7}',
    "null": b"null",
    "a list": b'["signed", "signature"]',
    "not UTF-8": b"\xff\xfe{}",
    "empty": b"",
}


@pytest.mark.parametrize("content", NOT_READ.values(), ids=NOT_READ)
def test_a_manifest_that_is_none_is_one_line(content):
    with pytest.raises(BundleError, match="run `oddtrail train`") as told:
        read_manifest(content, KEY)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "body",
    ["[]", "7", "{}", '{"format": 1}', '{"format": 1, "model_id": 2, "files": {}}', "[" * 50_000]
    + [f'{{"format": 1, "model_id": "a", "files": {files}}}' for files in ("[]", '{"../a": "b"}', '{"meta.json": 1}')],
)
def test_what_was_signed_is_looked_at_all_the_same(body):
    signed = {"signed": body, "signature": hmac.new(KEY, body.encode(), "sha256").hexdigest()}
    with pytest.raises(BundleError, match="run `oddtrail train`"):
        read_manifest(json.dumps(signed).encode(), KEY)


def test_a_changed_manifest_is_never_believed_and_never_a_traceback(model, priors):
    """Bytes changed, left out, put in and doubled, at places drawn by chance; the seed is the test's number."""
    files = pack(model, KEY)
    right = read_manifest(files[MANIFEST], KEY)
    for seed in range(2_000):
        draw = random.Random(seed)
        content = bytearray(files[MANIFEST])
        for _ in range(draw.randint(1, 4)):
            at, span = draw.randrange(len(content)), draw.randint(0, 40)
            content[at : at + span] = draw.choice([b"", draw.randbytes(3), b'"', b"[{", content[at : at + span] * 2])
        told = read_or_tell(bytes(content))
        assert told == right or (isinstance(told, str) and "\n" not in told), f"seed {seed}"


def read_or_tell(content):
    """What a manifest says, or why it is not read."""
    try:
        return read_manifest(content, KEY)
    except BundleError as error:
        return str(error)


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


def test_only_the_signature_is_told_apart(model):
    with pytest.raises(UnsignedError):
        read_manifest(pack(model, b"other" * 8)[MANIFEST], KEY)
