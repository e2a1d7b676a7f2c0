"""What was counted once so that pages are quick: a few Parquet tables by name, each made of something with a version.

They lie in `prepared/` below a home, apart from what the list of files knows. All may be removed: it is made again.
"""

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa

from pipeline.errors import StoreError
from pipeline.stores.parquet.files import write_parquet

FOLDER: Final = "prepared"
KEPT_SECONDS: Final = 600.0
"""How long what was replaced stays for who reads it."""
GROUP: Final = 65_536
_QUICK: Final = "lz4"
"""A fifth more bytes than zstd, and a fourth less time to read a few rows."""
_NAME: Final = re.compile(r"[a-z0-9-]{1,60}", re.ASCII)


class Found(NamedTuple):
    """Tables that lie there."""

    folder: Path
    fresh: bool
    """Whether they are made of what there is now."""

    def path(self, table: str) -> str:
        """The file of one of them."""
        return str(self.folder / f"{table}.parquet")


class Prepared:
    """What is prepared in a home.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     prepared = Prepared(Path(folder))
    ...     prepared.put("day", make_key(["a"]), [("hours", pa.table({"calls": [7]}))])
    ...     prepared.find("day", make_key(["a"])).fresh, prepared.find("day", make_key(["b"])).fresh
    (True, False)
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    def find(self, name: str, key: str) -> Found | None:
        """The tables of a name: those of a key, else the newest that were made before; None where there are none."""
        folder = self._of(name)
        if (folder / key).is_dir():
            return Found(folder / key, True)
        older = sorted(_listed(folder), key=_time)
        return Found(older[-1], False) if older else None

    def put(self, name: str, key: str, tables: Iterable[tuple[str, pa.Table]], group: int = GROUP) -> None:
        """Keep tables, in one step; what they replace goes some minutes later.

        Parameters
        ----------
        tables
            Each with its name; they are taken one by one, so that one alone has to be in memory.
        group
            Rows that are read together at least; fewer where one name of a sorted table is looked for.

        Raises
        ------
        StoreError
            They cannot be written.
        """
        folder = self._of(name)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(dir=folder, prefix="."))
            try:
                for table, rows in tables:
                    write_parquet(rows, made / f"{table}.parquet", compression=_QUICK, group=group)
                if not (folder / key).exists():
                    os.rename(made, folder / key)
            finally:
                shutil.rmtree(made, ignore_errors=True)
            for old in folder.iterdir():
                if old.name != key and _time(old) < time.time() - KEPT_SECONDS:
                    shutil.rmtree(old, ignore_errors=True)
        except OSError as error:
            raise StoreError(
                f"{folder} cannot be written ({error.strerror}): make room, or let it be written"
            ) from error

    def keep(self, prefix: str, names: Iterable[str]) -> None:
        """Of what bears a name that begins so, keep these alone."""
        kept = set(names)
        for folder in _listed(self._folder):
            if folder.name.startswith(prefix) and folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _of(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of what is prepared")
        return self._folder / name


def make_key(parts: Iterable[str]) -> str:
    """A short text that is another one whenever one of the parts is.

    >>> make_key(["a", "b"]) == make_key(["ab"])
    False
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8) + part.encode())
    return digest.hexdigest()[:32]


def _listed(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []


def _time(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:
        return 0.0
