"""Pairs of keys: the trainer signs with the private half, in a file or in KMS; who scores holds public halves only.

What is signed is a short message that names us and the SHA-256 of the text, so that no signature for anything else can
stand for one of ours, and a KMS, which takes 4 KiB, signs a manifest of any length.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models.seal import UnsignedError
from pipeline.errors import ModelError, SettingsError
from pipeline.stores.plain_file import UnfitFileError, flush_folder, open_plain, write_whole

Kind = Literal["ed25519", "p256"]
_MOST_BYTES: Final = 16 << 10
"""Bytes of a key's file, at most."""
_PURPOSE: Final = b"oddtrail signs "


def message_of(body: bytes) -> bytes:
    """What is signed of a text."""
    return _PURPOSE + hashlib.sha256(body).digest()


@dataclass(frozen=True)
class PublicKey:
    """The half that verifies."""

    kind: Kind
    der: bytes
    """SubjectPublicKeyInfo."""

    @cached_property
    def id(self) -> str:
        """Names the key."""
        return hashlib.sha256(self.der).hexdigest()[:16]

    @property
    def text(self) -> str:
        """As a setting holds it.

        >>> read_public(KeyFile.__doc__ and Ed25519PrivateKey.generate().public_key()).text[:8]
        'ed25519:'
        """
        return f"{self.kind}:{base64.b64encode(self.der).decode()}"

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the other half signed a message."""
        key = serialization.load_der_public_key(self.der)
        try:
            if isinstance(key, Ed25519PublicKey):
                key.verify(signature, message)
            elif isinstance(key, EllipticCurvePublicKey):
                key.verify(signature, message, ECDSA(hashes.SHA256()))
            else:
                return False
        except InvalidSignature:
            return False
        return True


def read_public(key: object) -> PublicKey:
    """A public key of the library's, as ours.

    Raises
    ------
    ValueError
        It is of no kind that signs bundles.
    """
    der = getattr(key, "public_bytes", lambda *_: b"")(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    if isinstance(key, Ed25519PublicKey):
        return PublicKey("ed25519", der)
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return PublicKey("p256", der)
    raise ValueError("is neither an Ed25519 nor a P-256 key")


def read_der(der: bytes) -> PublicKey:
    """A public key of its bytes (SubjectPublicKeyInfo).

    Raises
    ------
    ValueError
        They are none, or of another kind.
    """
    try:
        return read_public(serialization.load_der_public_key(der))
    except UnsupportedAlgorithm as error:
        raise ValueError("is of a kind that is not known") from error


def parse_trusted(text: str) -> PublicKey:
    """A key that `trusted_keys` names: its text, or a file with it in PEM.

    Raises
    ------
    SettingsError
        It is neither.
    """
    kind, colon, encoded = text.partition(":")
    if colon and kind in ("ed25519", "p256"):
        try:
            key = read_der(base64.b64decode(encoded, validate=True))
            if key.kind != kind:
                raise ValueError(f"is a {key.kind} key")
        except (ValueError, binascii.Error) as error:
            raise SettingsError(  # the text is not told: it may be a private key
                f"trusted_keys has a text that begins with '{kind}:' and is no {kind} key ({error}): give what "
                "`oddtrail models keygen` printed"
            ) from error
        return key
    path = Path(text).expanduser()
    try:
        with open_plain(path, follow=True) as file:
            content = file.read(_MOST_BYTES)
        if b"PRIVATE KEY" in content:
            raise ValueError("holds a private key, which belongs to the trainer alone")
        return read_public(serialization.load_pem_public_key(content))
    except (OSError, UnfitFileError, ValueError, UnsupportedAlgorithm) as error:
        raise SettingsError(
            f"trusted_keys names {path}, which is no public key ({error}): give the file that `oddtrail models keygen` "
            "wrote, or the text that it printed"
        ) from error


class Trusted:
    """Verifies with any of the keys that are trusted; several, while one takes another's place."""

    def __init__(self, keys: Sequence[PublicKey]) -> None:
        self.keys = {key.id: key for key in keys}

    def check(self, body: bytes, beside: Mapping[str, Any]) -> None:
        """Hold a text against the members beside it.

        Raises
        ------
        UnsignedError
            No trusted key signed it.
        """
        known = ", ".join(sorted(self.keys))
        named = beside.get("key")
        key = self.keys.get(named) if isinstance(named, str) else None
        if key is None:
            who = f"with key {named[:40]}" if isinstance(named, str) else "with no key pair"
            raise UnsignedError(
                f"it is signed {who}, and trusted are {known}: train where the trusted key is, or add the other one to "
                "`trusted_keys`"
            )
        try:
            signature = base64.b64decode(beside["signature"], validate=True)
        except (ValueError, TypeError, LookupError):
            signature = b""
        if beside.get("kind") != key.kind or not key.has_signed(message_of(body), signature):
            raise UnsignedError(
                f"it is not as key {key.id} signed it: it was changed; run `oddtrail train` where that key is"
            )


class KeyFile:
    """A private Ed25519 key in a file (PKCS #8, PEM) that only its owner may read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        try:
            with open_plain(self.path, follow=True) as file:
                content, mode = file.read(_MOST_BYTES), os.fstat(file.fileno()).st_mode
        except FileNotFoundError as error:
            raise ModelError(
                f"signing_key is {self.path}, and no such file is there: make it with `oddtrail models keygen`"
            ) from error
        except UnfitFileError as error:
            raise ModelError(f"signing_key is {self.path}, which {error}: give the file of a private key") from error
        if mode & 0o077:
            raise ModelError(
                f"signing_key is {self.path}, which others than its owner may use (mode {mode & 0o777:04o}): "
                f"make a new one, or `chmod 600 {self.path}` if you are sure that nobody did"
            )
        try:
            key = serialization.load_pem_private_key(content, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ModelError(
                f"signing_key is {self.path}, which holds no private key that can be read: make one with "
                "`oddtrail models keygen`"
            ) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise ModelError(
                f"signing_key is {self.path}, whose key is no Ed25519 key: make one with `oddtrail models keygen`"
            )
        return key

    @cached_property
    def public(self) -> PublicKey:
        """The half that verifies."""
        return read_public(self._private.public_key())

    def sign(self, body: bytes) -> dict[str, str]:
        """The members that stand beside a text."""
        return beside(self.public, self._private.sign(message_of(body)))

    def make(self) -> PublicKey:
        """Make a pair: the private half into the file, the public one beside it with the ending `.pub`.

        Raises
        ------
        ModelError
            Something is there already; a key is never overwritten.
        """
        public = self.path.with_name(f"{self.path.name}.pub")
        for path in (self.path, public):
            if os.path.lexists(path):
                raise ModelError(f"{path} is there already, and a key is never overwritten: name another file")
        key = Ed25519PrivateKey.generate()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        none = serialization.NoEncryption()
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        write_whole(self.path, key.private_bytes(pem, pkcs8, none), 0o600)
        write_whole(public, key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
        flush_folder(self.path.parent)
        return self.public


def beside(key: PublicKey, signature: bytes) -> dict[str, str]:
    """The members that stand beside a text that a key signed."""
    return {"signature": base64.b64encode(signature).decode(), "key": key.id, "kind": key.kind}
