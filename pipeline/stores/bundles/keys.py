"""With which key a home's bundles are signed, and with which they are verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pipeline.settings import Settings
from pipeline.stores.bundles.kms import SCHEME, KmsKey
from pipeline.stores.bundles.pair import KeyFile, PublicKey, Trusted, parse_trusted

Pair: TypeAlias = KeyFile | KmsKey


@dataclass(frozen=True, slots=True)
class Keys:
    """Key pairs that a home uses in place of a key of its own."""

    signer: Pair | None
    """Signs; who only scores has none."""
    trusted: Sequence[PublicKey] = ()

    def verifier(self) -> Trusted:
        """Verifies with the keys that are trusted, the signer's own among them."""
        return Trusted([*self.trusted, *([self.signer.public] if self.signer else [])])


def find_keys(settings: Settings) -> Keys | None:
    """The key pairs that settings name; None where a home signs and verifies with its own key.

    Raises
    ------
    SettingsError
        A public key is none.
    """
    if not settings.signing_key and not settings.trusted_keys:
        return None
    return Keys(find_signer(settings), tuple(map(parse_trusted, settings.trusted_keys)))


def find_signer(settings: Settings) -> Pair | None:
    """What signs by the settings."""
    if not settings.signing_key:
        return None
    if settings.signing_key.startswith(SCHEME):
        return KmsKey(settings.signing_key.removeprefix(SCHEME))
    return KeyFile(Path(settings.signing_key).expanduser())
