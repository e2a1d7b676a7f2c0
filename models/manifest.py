"""The signed manifest of a bundle: which files it has, the hash of each, and what was noted of them."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from models.seal import BundleError, SignWith, TrustIn, open_seal, seal

FORMAT: Final = 2
MANIFEST: Final = "manifest.json"
MOST_MANIFEST_BYTES: Final = 1 << 20
"""Bytes of a manifest, at most; ours have two thousand."""
_NAME: Final = re.compile(r"[a-z_]{1,40}\.(json|parquet)", re.ASCII)


def hash_file(content: bytes) -> str:
    """What a manifest says of a file's content.

    >>> hash_file(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()


def make_manifest(hashes: Mapping[str, str], model_id: str, key: SignWith, note: Any = None) -> bytes:
    """The signed manifest of files by their hashes, which `note` goes with, as JSON can hold it."""
    body = json.dumps({"format": FORMAT, "model_id": model_id, "files": dict(hashes), "note": note}, sort_keys=True)
    return seal(body, key)


def read_manifest(content: bytes, key: TrustIn) -> dict[str, Any]:
    """What a signed manifest says.

    Raises
    ------
    BundleError
        It cannot be read; an `UnsignedError` where it was not signed with the key.
    """
    if len(content) > MOST_MANIFEST_BYTES:
        raise BundleError("the model's manifest is longer than one; run `oddtrail train` to fit a new model")
    body = open_seal(content, key)
    try:
        signed: dict[str, Any] = json.loads(body)
        fits = isinstance(signed["model_id"], str) and all(
            _NAME.fullmatch(name) and isinstance(digest, str) for name, digest in signed["files"].items()
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        fits = False
    if not fits or "format" not in signed:
        raise BundleError(
            "the model's manifest is not as this version writes it; run `oddtrail train` to fit a new model"
        )
    return signed
