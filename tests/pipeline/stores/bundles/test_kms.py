"""A key in KMS signs, and its public half verifies elsewhere. Moto has KMS with P-256; of Ed25519 it knows nothing."""

from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from models.seal import UnsignedError, open_seal, seal
from pipeline.errors import ModelError
from pipeline.settings import Settings
from pipeline.stores.bundles.keys import find_keys
from pipeline.stores.bundles.kms import KmsKey
from pipeline.stores.bundles.pair import Trusted, parse_trusted


@pytest.fixture
def client(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        yield boto3.client("kms", region_name="eu-west-1")


def make(client, spec="ECC_NIST_P256", usage="SIGN_VERIFY"):
    return client.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"]


def test_what_kms_signed_is_verified_with_its_public_key_alone(client):
    key = KmsKey(make(client))
    sealed = seal("told" * 5_000, key)  # longer than KMS signs at once
    trusted = Trusted([parse_trusted(key.public.text)])
    assert key.public.text.startswith("p256:")
    assert open_seal(sealed, trusted) == "told" * 5_000
    with pytest.raises(UnsignedError):
        open_seal(sealed.replace(b"toldtold", b"TOLDtold", 1), trusted)
    with pytest.raises(UnsignedError):
        open_seal(sealed, Trusted([KmsKey(make(client)).public]))


def test_settings_name_a_key_of_kms(client, tmp_path: Path):
    keys = find_keys(Settings(home=tmp_path, signing_key=f"kms:{make(client)}"))
    assert keys is not None
    assert keys.signer is not None
    assert open_seal(seal("told", keys.signer), keys.verifier()) == "told"


def test_a_key_that_is_not_there_or_signs_nothing_is_told(client):
    with pytest.raises(ModelError, match=r"signing_key is kms:.*NotFoundException.*allow kms:GetPublicKey"):
        seal("told", KmsKey("00000000-0000-0000-0000-000000000000"))
    with pytest.raises(ModelError, match="ECC_NIST_P256 or ECC_NIST_EDWARDS25519"):
        seal("told", KmsKey(make(client, "RSA_2048")))
