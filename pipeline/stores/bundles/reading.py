"""Reading bundles: each held against its signed manifest, and nothing opened that this does not name."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from features.times.day import day_number
from models.bundle import unpack
from models.manifest import MANIFEST, MOST_MANIFEST_BYTES, hash_file, read_manifest
from models.model import Model
from models.priors import AttackPriors
from models.room import Room
from models.seal import BundleError, TrustIn
from models.tables import list_parts
from pipeline.errors import ModelError
from pipeline.stores.plain_file import UnfitFileError, read_plain

MOST_FILE_BYTES = 4 << 30
"""Bytes of one file of a bundle, at most."""
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class BundleInfo:
    """One published bundle."""

    day: date
    """The day it judges."""
    model_id: str
    path: Path

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        size = sum(file.lstat().st_size for file in self.path.iterdir())
        return {"day": str(self.day), "model_id": self.model_id, "path": str(self.path), "bytes": size}


class BundleReader:
    """Bundles in a folder, the newest last.

    Parameters
    ----------
    trust
        Finds what verifies; a `ModelError` where there is nothing.
    """

    def __init__(self, folder: Path, trust: Callable[[], TrustIn]) -> None:
        self.folder, self.trust = folder, trust

    def every(self) -> list[BundleInfo]:
        """Published bundles, the oldest first."""
        if not self.folder.is_dir():
            return []
        found = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    with suppress(ModelError):
                        found.append(self.place(entry.name))
        return sorted(found, key=lambda info: (info.day, info.path.lstat().st_mtime_ns))

    def place(self, name: str) -> BundleInfo:
        """Where a bundle of this name lies, whether or not there is one.

        Raises
        ------
        ModelError
            It is no name of a bundle.
        """
        if _NAME.fullmatch(name):
            with suppress(ValueError):  # the 31st of February
                day, digest = date.fromisoformat(name[:10]), name[11:]
                return BundleInfo(day, f"{day_number(day)}-{digest}", self.folder / name)
        raise ModelError(f"'{name[:60]}' is no name of a model's folder")

    def load(self, info: BundleInfo, priors: AttackPriors, room: Room | None = None) -> Model:
        """The model of a bundle, what is large of it in a room if one is given.

        Raises
        ------
        ModelError
            It is damaged, was not signed here or does not fit this version.
        """
        _, files = self._open_named(info)
        try:
            return unpack(files, self.trust(), priors, room)  # holds each file against its hash
        except BundleError as error:
            raise ModelError(f"{info.path}: {error}") from error

    def describe(self, info: BundleInfo) -> dict[str, Any]:
        """What the signed manifest of a bundle says, once every file has been held against it.

        Raises
        ------
        ModelError
            It is damaged or was not signed here.
        """
        signed, files = self._open_named(info)
        for name, digest in signed["files"].items():
            hold(info, name, files[name], digest)
        return signed

    def files(self, info: BundleInfo) -> Iterator[tuple[str, bytes]]:
        """Names and contents of a bundle's files as they were signed, one after another, the manifest last.

        Raises
        ------
        ModelError
            It is damaged, or nobody who is trusted signed it.
        """
        signed, files = self._open_named(info)
        for name, digest in signed["files"].items():
            yield name, hold(info, name, files[name], digest)
        yield MANIFEST, files[MANIFEST]

    def note(self, info: BundleInfo) -> Any:
        """What the signed manifest of a bundle says beside; None where it says nothing, or was not signed here."""
        try:
            return self.check(info, self.manifest(info)).get("note")
        except (ModelError, OSError):
            return None

    def beside(self, info: BundleInfo, names: Iterable[str]) -> Mapping[str, bytes]:
        """Some files of a bundle, and what further files their tables have, each read when it is asked for.

        Raises
        ------
        ModelError
            The manifest was not signed here; as one is asked for, it is missing, or is not as it was signed.
        """
        signed = self.check(info, self.manifest(info))["files"]
        every = [file for name in names for file in list_parts(name, signed)]
        return _HeldFiles(info, {name: signed.get(name, "") for name in every})

    def is_whole(self, info: BundleInfo) -> bool:
        """Whether a bundle is whole and signed with the key that is there."""
        try:
            self.describe(info)
        except (ModelError, OSError):
            return False
        return True

    def manifest(self, info: BundleInfo) -> bytes:
        """A bundle's manifest as it lies there.

        Raises
        ------
        ModelError
            There is none that can be read.
        """
        if not os.path.lexists(info.path / MANIFEST):
            raise ModelError(f"{info.path} has no manifest; run `oddtrail train` to fit a new model")
        return _read(info.path / MANIFEST, MOST_MANIFEST_BYTES)

    def check(self, info: BundleInfo, manifest: bytes, where: str = "") -> dict[str, Any]:
        """What a manifest says, once it is known to be signed and this bundle's.

        Parameters
        ----------
        where
            Names what was read, in errors; without it, the bundle's folder.

        Raises
        ------
        ModelError
            It cannot be read, nobody who is trusted signed it, or it is of another model.
        """
        where = where or str(info.path)
        try:
            signed = read_manifest(manifest, self.trust())
        except BundleError as error:
            raise ModelError(f"{where}: {error}") from error
        if signed["model_id"] != info.model_id:
            raise ModelError(f"{where} holds model {signed['model_id']} under another's name: remove it")
        return signed

    def _open_named(self, info: BundleInfo) -> tuple[dict[str, Any], Mapping[str, bytes]]:
        """What a bundle's manifest says, and its files, of which nothing is opened that this does not name."""
        manifest = self.manifest(info)
        signed = self.check(info, manifest)
        with os.scandir(info.path) as entries:
            others = (entry.name for entry in entries if entry.name != MANIFEST)
            unknown = next((name for name in others if name not in signed["files"]), None)
        if unknown is not None:
            raise ModelError(f"{info.path} has a file nobody signed: {unknown}; remove it")
        return signed, _Files(info, signed["files"], manifest)


class _Files(Mapping[str, bytes]):
    """Files of a bundle that its manifest names, each read when it is asked for, and the manifest as it was read."""

    def __init__(self, info: BundleInfo, signed: Mapping[str, str], manifest: bytes | None = None) -> None:
        self._info, self._signed, self._manifest = info, signed, manifest

    def __getitem__(self, name: str) -> bytes:
        if name == MANIFEST and self._manifest is not None:
            return self._manifest
        if name not in self._signed:
            raise KeyError(name)
        return _read_file(self._info, name)

    def __contains__(self, name: object) -> bool:
        return name in self._signed or (name == MANIFEST and self._manifest is not None)

    def __iter__(self) -> Iterator[str]:
        yield from self._signed
        if self._manifest is not None:
            yield MANIFEST

    def __len__(self) -> int:
        return len(self._signed) + (self._manifest is not None)


class _HeldFiles(_Files):
    """The same, each held against its hash."""

    def __getitem__(self, name: str) -> bytes:
        return hold(self._info, name, super().__getitem__(name), self._signed[name])


def hold(info: BundleInfo, name: str, content: bytes, digest: str) -> bytes:
    """A file's content, once it was held against what its manifest says.

    Raises
    ------
    ModelError
        It is not as it was signed.
    """
    if hash_file(content) != digest:
        raise _changed(info, name)
    return content


def _changed(info: BundleInfo, name: str) -> ModelError:
    return ModelError(
        f"{info.path}: the model's file {name} is missing or changed; run `oddtrail train` to fit a new one"
    )


def _read_file(info: BundleInfo, name: str) -> bytes:
    try:
        return _read(info.path / name, MOST_FILE_BYTES)
    except FileNotFoundError as error:
        raise _changed(info, name) from error


def _read(path: Path, most: int) -> bytes:
    try:
        return read_plain(path, most)
    except UnfitFileError as error:
        raise ModelError(f"{path} {error}: remove the folder it is in, then run `oddtrail train`") from error
