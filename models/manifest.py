"""The signed manifest of a bundle: which files it has, the hash of each, and what was noted of them."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from models.seal import BundleError, SignWith, TrustIn, open_seal, seal
from models.tables import is_name

FORMAT: Final = 2
MANIFEST: Final = "manifest.json"
MOST_MANIFEST_BYTES: Final = 1 << 20
"""Bytes of a manifest, at most; ours have two thousand, and a hundred more for each file of a large model."""
MOST_FILES: Final = 5_000
"""Files of a bundle, at most: of a model of a thousand busy accounts."""
_JSON: Final = re.compile(r"[a-z_]{1,40}\.json", re.ASCII)


def hash_file(content: bytes) -> str:
    """What a manifest says of a file's content.

    >>> hash_file(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()


def make_manifest(hashes: Mapping[str, str], model_id: str, key: SignWith, note: Any = None) -> bytes:
    """The signed manifest of files by their hashes, which `note` goes with, as JSON can hold it.

    Raises
    ------
    BundleError
        Nobody could read it: the files are too many, or not named as a bundle's are.
    """
    if not _are_names(hashes):
        raise BundleError(f"a model of {len(hashes):,} files cannot be signed: they are too many, or have other names")
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
        files = signed["files"]
        fits = isinstance(signed["model_id"], str) and all(isinstance(digest, str) for digest in files.values())
        fits = fits and _are_names(files)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        fits = False
    if not fits or "format" not in signed:
        raise BundleError(
            "the model's manifest is not as this version writes it; run `oddtrail train` to fit a new model"
        )
    return signed


def _are_names(names: Collection[str]) -> bool:
    """Whether so many files so named may be a bundle: of a table's files none is left out."""
    return len(names) <= MOST_FILES and all(_JSON.fullmatch(name) or is_name(name, names) for name in names)
