"""Text that is signed: whoever reads it asks first whether a key that is trusted signed these very bytes.

A key is the bytes that who signs shares with who verifies (HMAC-SHA256), or one half of a pair: then who verifies
cannot sign.
"""

import hmac
import json
from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias


class BundleError(ValueError):
    """A bundle is damaged, was not signed with the key, or does not fit this version."""


class UnsignedError(BundleError):
    """What was read was not signed with a key that is trusted."""


class Signer(Protocol):
    """The private half of a pair."""

    def sign(self, body: bytes) -> Mapping[str, str]:
        """The members that stand beside a text and say who signed it, `signature` among them."""


class Verifier(Protocol):
    """Public halves that are trusted."""

    def check(self, body: bytes, beside: Mapping[str, Any]) -> None:
        """Hold a text against the members beside it.

        Raises
        ------
        UnsignedError
            No key that is trusted signed it.
        """


SignWith: TypeAlias = bytes | Signer
TrustIn: TypeAlias = bytes | Verifier


def seal(body: str, key: SignWith) -> bytes:
    """A text with its signature beside it.

    >>> open_seal(seal("told", b"k" * 32), b"k" * 32)
    'told'
    """
    beside = {"signature": _share(body.encode(), key)} if isinstance(key, bytes) else key.sign(body.encode())
    return json.dumps({"signed": body, **beside}).encode()


def open_seal(content: bytes, key: TrustIn, what: str = "the model's manifest") -> str:
    """The text of `seal`, once its signature was checked.

    Parameters
    ----------
    what
        Names it in errors.

    Raises
    ------
    BundleError
        It cannot be read; an `UnsignedError` where no trusted key signed it.
    """
    try:
        outer = json.loads(content)
        text, beside = outer["signed"], {name: value for name, value in outer.items() if name != "signed"}
        body = text.encode()
        signature = beside["signature"].encode()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise BundleError(f"{what} cannot be read; run `oddtrail train` to fit a new model") from error
    if not isinstance(key, bytes):
        key.check(body, beside)
    elif not hmac.compare_digest(_share(body, key).encode(), signature):
        raise UnsignedError(
            f"{what} is not signed with this home's key: it was changed or comes from elsewhere; "
            "run `oddtrail train` to fit a new model"
        )
    return str(text)


def _share(body: bytes, key: bytes) -> str:
    if not key:
        raise BundleError("the key that signs models is empty; run `oddtrail train` to fit a new model with a new key")
    return hmac.new(key, body, "sha256").hexdigest()
