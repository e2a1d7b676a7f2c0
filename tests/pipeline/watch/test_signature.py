"""A digest's signature is CloudTrail's, somebody else's, or unknown; and no key or signature makes it fail."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pipeline.ingest.digest_file import read_digest
from pipeline.ingest.inflate import LIMITS
from pipeline.watch.signature import verify
from tests.digests import FINGERPRINT, KEY, REGION, Keys, Trail

OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def trail(tmp_path: Path) -> Trail:
    return Trail(tmp_path).deliver(2)


def signed(trail: Trail, at: int, signature: str):
    path = trail.digests[at]
    return read_digest(path.name, "ab" * 32, path.read_bytes(), LIMITS, signature)


def test_what_cloudtrail_signed_is_verified_with_the_key_of_its_region(trail):
    keys = Keys()
    assert [verify(signed(trail, at, trail.signatures[at]), keys) for at in (0, 1)] == ["verified"] * 2
    assert keys.asked == [(REGION, FINGERPRINT)] * 2


@pytest.mark.parametrize("signature", ["ab", "zz", "0" * 512, "a" * 511, "\x00"])
def test_any_other_signature_is_wrong(trail, signature):
    assert verify(signed(trail, 0, signature), Keys()) == "wrong"
    assert verify(signed(trail, 0, trail.signatures[1]), Keys()) == "wrong"
    assert verify(signed(trail, 0, trail.signatures[0]), Keys(OTHER)) == "wrong"


def test_a_digest_that_was_changed_is_not_what_was_signed(trail):
    content = trail.digests[0].read_bytes()
    trail.digests[0].write_bytes(content + content[:0])
    good = signed(trail, 0, trail.signatures[0])
    assert verify(good._replace(signed=good.signed.replace("a", "b", 1)), Keys()) == "wrong"


def test_without_signature_or_key_there_are_only_hashes(trail):
    good = signed(trail, 0, trail.signatures[0])
    assert verify(good, None) == "unsigned"
    assert verify(good, Keys(None)) == "unsigned"
    assert verify(signed(trail, 0, ""), Keys()) == "unsigned"


class Given:
    def __init__(self, key: bytes) -> None:
        self.key = key

    def find(self, *asked: object) -> bytes:
        return self.key


@pytest.mark.parametrize(
    "key",
    [
        b"",
        b"no key",
        KEY.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)[:-9],
        ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        ),
    ],
    ids=["empty", "a text", "cut", "of another kind"],
)  # fmt: skip
def test_a_key_that_is_none_says_nothing(trail, key):
    assert verify(signed(trail, 0, trail.signatures[0]), Given(key)) == "unsigned"
