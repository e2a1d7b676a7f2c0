"""Key pairs: who verifies cannot sign, and nothing is opened that no trusted key signed."""

import base64
import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from models import tables
from models.model import Model
from models.priors import AttackPriors
from models.seal import BundleError, UnsignedError, open_seal, seal
from pipeline.datafiles import read_attack_priors
from pipeline.errors import ModelError, SettingsError
from pipeline.settings import Settings
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import FILE
from pipeline.stores.bundles.pair import KeyFile, Trusted, parse_trusted
from pipeline.stores.bundles.reading import BundleInfo

PRIORS = AttackPriors.from_dict(read_attack_priors())
PEM, PUBLIC = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo


@pytest.fixture
def key(tmp_path: Path) -> KeyFile:
    made = KeyFile(tmp_path / "keys" / "signing.pem")
    made.make()
    return made


@pytest.fixture
def other(tmp_path: Path) -> KeyFile:
    made = KeyFile(tmp_path / "keys" / "other.pem")
    made.make()
    return made


def test_a_pair_is_made_once_and_its_private_half_is_its_owners(key):
    assert key.path.stat().st_mode & 0o777 == 0o600
    assert parse_trusted(f"{key.path}.pub") == parse_trusted(key.public.text) == key.public
    with pytest.raises(ModelError, match="never overwritten"):
        key.make()
    key.path.unlink()
    with pytest.raises(ModelError, match=r"\.pub is there already"):
        KeyFile(key.path).make()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_private_key_that_others_may_use_signs_nothing(key, mode):
    key.path.chmod(mode)
    with pytest.raises(ModelError, match=f"mode {mode:04o}"):
        KeyFile(key.path).sign(b"told")


def test_what_is_no_private_key_is_told(tmp_path, key):
    rsa_key = rsa.generate_private_key(65537, 2048).private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for content in (b"", b"junk", Path(f"{key.path}.pub").read_bytes(), rsa_key):
        path = tmp_path / "one.pem"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(ModelError, match=r"signing_key is .*oddtrail models keygen"):
            KeyFile(path).sign(b"told")
    with pytest.raises(ModelError, match="no such file"):
        KeyFile(tmp_path / "none.pem").sign(b"told")


def test_a_trusted_key_opens_what_it_signed_and_no_other_does(key, other):
    sealed = seal("told", key)
    assert open_seal(sealed, Trusted([other.public, key.public])) == "told"
    with pytest.raises(UnsignedError, match="trusted are"):
        open_seal(sealed, Trusted([other.public]))
    with pytest.raises(UnsignedError):
        open_seal(sealed, Trusted([]))
    with pytest.raises(UnsignedError, match="not signed with this home's key"):
        open_seal(sealed, b"k" * 32)
    with pytest.raises(UnsignedError, match="with no key pair"):
        open_seal(seal("told", b"k" * 32), Trusted([key.public]))


def test_one_bit_of_a_sealed_text_is_told(key):
    sealed, trusted = seal('{"a": 1}', key), Trusted([key.public])
    for at in range(len(sealed)):
        for bit in (1, 32):
            changed = sealed[:at] + bytes([sealed[at] ^ bit]) + sealed[at + 1 :]
            try:
                assert open_seal(changed, trusted) == '{"a": 1}'  # only what stands between the members
            except BundleError:
                continue


@pytest.mark.parametrize(
    "change",
    [
        {"signature": ""},
        {"signature": "!"},
        {"signature": base64.b64encode(bytes(64)).decode()},
        {"kind": "p256"},
        {"kind": None},
        {"key": "0" * 16},
        {"key": 7},
        {"signed": "other"},
    ],
)
def test_members_that_do_not_fit_are_refused(key, change):
    sealed = json.dumps(json.loads(seal("told", key)) | change).encode()
    with pytest.raises(UnsignedError):
        open_seal(sealed, Trusted([key.public]))


def test_a_signature_for_another_text_stands_for_none_of_ours(key):
    signed = key._private.sign(b"told")
    forged = {"signed": "told", "signature": base64.b64encode(signed).decode(), "key": key.public.id, "kind": "ed25519"}
    with pytest.raises(UnsignedError):
        open_seal(json.dumps(forged).encode(), Trusted([key.public]))


@pytest.mark.parametrize("text", ["ed25519:!", "ed25519:", "p256:AAAA", "/nowhere.pub"])
def test_a_trusted_key_that_is_none_is_told(text):
    with pytest.raises(SettingsError, match="trusted_keys"):
        parse_trusted(text)


@pytest.mark.parametrize("kind", ["ed25519", "p256"])
def test_a_private_key_in_place_of_a_public_one_is_never_printed(key, kind):
    private = serialization.load_pem_private_key(key.path.read_bytes(), None)
    pkcs8, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    encoded = base64.b64encode(private.private_bytes(serialization.Encoding.DER, pkcs8, none)).decode()
    with pytest.raises(SettingsError, match=f"begins with '{kind}:' and is no {kind} key") as refused:
        parse_trusted(f"{kind}:{encoded}")
    assert encoded[:20] not in str(refused.value)


def test_a_private_key_or_one_of_another_kind_is_not_trusted(tmp_path, key):
    with pytest.raises(SettingsError, match="belongs to the trainer alone"):
        parse_trusted(str(key.path))
    for made in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())):
        path = tmp_path / "other.pub"
        path.write_bytes(made.public_key().public_bytes(PEM, PUBLIC))
        with pytest.raises(SettingsError, match="neither an Ed25519 nor a P-256 key"):
            parse_trusted(str(path))
    with pytest.raises(SettingsError, match="is a ed25519 key"):
        parse_trusted(key.public.text.replace("ed25519:", "p256:"))


# -- bundles -------------------------------------------------------------------------------------------------------


def trainer(tmp_path: Path, key: KeyFile) -> Bundles:
    return Bundles.of(Settings(home=tmp_path / "trainer", signing_key=str(key.path)))


def worker(tmp_path: Path, *trusted: KeyFile) -> Bundles:
    """What scores elsewhere: a copy of the trainer's models, and public keys."""
    shutil.rmtree(tmp_path / "worker", ignore_errors=True)
    shutil.copytree(tmp_path / "trainer", tmp_path / "worker")
    return Bundles.of(Settings(home=tmp_path / "worker", trusted_keys=tuple(one.public.text for one in trusted)))


@pytest.fixture
def published(tmp_path: Path, key: KeyFile) -> BundleInfo:
    bundles = trainer(tmp_path, key)
    info = bundles.publish(Model(20_500, PRIORS))
    bundles.change(lambda found: found.promote(info.path.name))
    return info


def test_a_worker_opens_what_the_trainer_signed_and_can_sign_nothing(tmp_path, key, published):
    bundles = worker(tmp_path, key)
    [info] = bundles.serving()
    assert bundles.load(info, PRIORS).id() == published.model_id
    assert not (tmp_path / "trainer" / "models.key").exists()
    for sign in (lambda: bundles.publish(Model(20_501, PRIORS)), lambda: bundles.change(lambda found: found)):
        with pytest.raises(ModelError, match="public keys only"):
            sign()


def test_a_key_takes_anothers_place_while_both_are_trusted(tmp_path, key, other, published):
    bundles = trainer(tmp_path, other)
    bundles = Bundles.of(
        Settings(home=tmp_path / "trainer", signing_key=str(other.path), trusted_keys=(key.public.text,))
    )
    newer = bundles.publish(Model(20_501, PRIORS))
    bundles.change(lambda found: found.promote(newer.path.name))
    both = worker(tmp_path, key, other)
    assert [both.load(info, PRIORS).id() for info in both.serving()] == [published.model_id, newer.model_id]
    with pytest.raises(ModelError, match="trusted are"):
        worker(tmp_path, key).serving()


def _flip(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])


def _unsign(path: Path) -> None:
    (path.parent / "manifest.json").unlink()


def _sign_with_own_key(path: Path) -> None:
    manifest = path.parent / "manifest.json"
    manifest.write_bytes(seal(json.loads(manifest.read_bytes())["signed"], b"k" * 32))


def _sign_with_another(path: Path) -> None:
    manifest = path.parent / "manifest.json"
    mine = KeyFile(path.parents[2] / "mine.pem")
    mine.make()
    manifest.write_bytes(seal(json.loads(manifest.read_bytes())["signed"], mine))


def _name_a_pickle(path: Path) -> None:
    (path.parent / "model.pkl").write_bytes(b"cos\nsystem\n(S'false'\ntR.")


@pytest.mark.parametrize("spoil", [_flip, _unsign, _sign_with_own_key, _sign_with_another, _name_a_pickle])
def test_what_is_not_as_the_trainer_signed_it_is_not_opened(tmp_path, key, published, spoil, monkeypatch):
    bundles = worker(tmp_path, key)
    [info] = bundles.serving()
    spoil(info.path / "pairs.parquet")
    spoilt = (info.path / "pairs.parquet").read_bytes()

    def read_rows(content):
        assert spoil is _flip, "nothing of it is opened"
        assert content != spoilt, "what was changed is not opened"
        return tables.read_rows(content)

    monkeypatch.setattr("models.signed_files.read_rows", read_rows)
    for look in (lambda: bundles.load(info, PRIORS), lambda: bundles.describe(info)):
        with pytest.raises(ModelError):
            look()


def test_a_worker_with_keys_serves_nothing_without_a_signed_list(tmp_path, key, published):
    bundles = worker(tmp_path, key)
    (bundles.folder / FILE).unlink()
    assert bundles.serving() == []
