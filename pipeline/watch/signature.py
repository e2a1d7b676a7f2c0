"""Whether CloudTrail signed a digest: SHA256withRSA (PKCS #1 v1.5) with the key of its region and of that time."""

from datetime import datetime
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from pipeline.ingest.digest_file import DigestFile, read_digest_name

Standing: TypeAlias = Literal["unsigned", "verified", "wrong"]
"""`unsigned`: no signature came with it, or nobody knows its key; then there are only hashes to go by."""


class PublicKeys(Protocol):
    """CloudTrail's public keys."""

    @property
    def problem(self) -> str:
        """Why some could not be asked for; empty where all could."""
        ...

    def find(self, region: str, fingerprint: str, at: datetime) -> bytes | None:
        """The key of a region that was valid at a time, as DER of PKCS #1; None where it cannot be known."""


@runtime_checkable
class KeysByRegion(PublicKeys, Protocol):
    """The same, which tell by region what went wrong."""

    def problem_of(self, region: str) -> str:
        """Why keys of a region could not be asked for; empty where they could."""


def problem_of(keys: PublicKeys, region: str) -> str:
    """Why keys of a region could not be asked for: that of another, which anybody may name, takes off no doubt."""
    return keys.problem_of(region) if isinstance(keys, KeysByRegion) else keys.problem


def verify(digest: DigestFile, keys: PublicKeys | None) -> Standing:
    """Hold a digest's signature against CloudTrail's key."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    told = read_digest_name(digest.name)
    if not digest.signature or keys is None or told is None:
        return "unsigned"
    found = keys.find(told.region, digest.fingerprint, told.end)
    if found is None:
        return "unsigned"
    try:
        key = load_der_public_key(found)
    except (ValueError, UnsupportedAlgorithm):
        return "unsigned"
    if not isinstance(key, RSAPublicKey):
        return "unsigned"
    for signature in digest.signature.split():
        try:
            key.verify(bytes.fromhex(signature), digest.signed.encode(), PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            continue
        return "verified"
    return "wrong"
