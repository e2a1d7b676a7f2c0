"""The key that signs a home's bundles: 32 random bytes that only their owner may write, there whole or not at all."""

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from pipeline.errors import ModelError
from pipeline.stores.plain_file import UnfitFileError, open_plain, write_whole

KEY_BYTES: Final = 32
_LEAST_DIFFERENT: Final = 8
"""Different bytes among 32 random ones: fewer come once in 10^27 keys, and in zeros that a crash left."""
_MEND: Final = "run `oddtrail train` to fit a new model with a new key"


class SigningKey:
    """The key in `path`. One that is unfit neither signs nor verifies anything."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> bytes:
        """The key.

        Raises
        ------
        ModelError
            There is none, or what is there is unfit: no plain file, of another length, no random bytes, or writable by
            others than its owner.
        """
        try:
            with open_plain(self.path) as file:
                key = file.read(KEY_BYTES + 1)
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        except FileNotFoundError as error:
            raise ModelError(f"the key that signs this home's models is gone ({self.path}); {_MEND}") from error
        except UnfitFileError as error:
            raise ModelError(f"the key that signs this home's models, {self.path}, {error}; {_MEND}") from error
        unfit = _find_unfit(key, mode)
        if unfit:
            raise ModelError(f"the key that signs this home's models, {self.path}, {unfit}; {_MEND}")
        return key

    def make(self) -> bytes:
        """Put a new key in place of whatever is there."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        key = secrets.token_bytes(KEY_BYTES)
        while _find_unfit(key, 0o600):
            key = secrets.token_bytes(KEY_BYTES)
        write_whole(self.path, key, 0o600)
        return key


def _find_unfit(key: bytes, mode: int) -> str:
    """Why these bytes cannot be a key; empty when they can.

    >>> _find_unfit(b"", 0o600), _find_unfit(bytes(32), 0o600), _find_unfit(bytes(range(32)), 0o600)
    ('is empty', 'is no random bytes', '')
    """
    if not key:
        return "is empty"
    if len(key) != KEY_BYTES:
        return f"has not the {KEY_BYTES} bytes of a key"
    if len(set(key)) < _LEAST_DIFFERENT:
        return "is no random bytes"
    if mode & 0o022:
        return f"may be written by others than its owner (mode {mode:04o})"
    return ""
