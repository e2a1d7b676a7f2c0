"""Bundles of a home: a folder each, published by a rename, signed with the home's own key."""

import fcntl
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from features.times.day import date_of, day_number
from models.bundle import MANIFEST, MOST_MANIFEST_BYTES, BundleError, UnsignedError, pack, read_manifest, unpack
from models.model import Model
from models.priors import AttackPriors
from pipeline.errors import ModelError
from pipeline.stores.bundles.key import SigningKey
from pipeline.stores.plain_file import UnfitFileError, flush_folder, read_plain

KEPT = 14
"""Bundles that are kept."""
_MOST_BYTES = 4 << 30
"""Bytes of one file of a bundle, at most."""
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{1,64}", re.ASCII)
_LOCK = ".lock"


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


class Bundles:
    """Bundles below `home/models`, the newest last.

    The key that signs them is made at the first training, readable by its owner only. It tells a bundle of this home
    from one that was changed or put there; it is no boundary against someone who can read the home. A key that is
    unfit, or with which nothing was signed that lies beside it, is put away for a new one at the next training, and so
    is what nobody can verify any more: a key that was put there never signs.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "models"
        self._key = SigningKey(home / "models.key")
        self.notes: list[str] = []
        """What publishing found to say, for whoever trains."""

    def publish(self, model: Model, beside: Mapping[str, bytes] | None = None, note: Any = None) -> BundleInfo:
        """Write a bundle, whole or not at all; the same twice is one bundle, unless the first was damaged.

        Parameters
        ----------
        beside, note
            Files that go with the model, and what the manifest says of it (`models.bundle.pack`).
        """
        name = f"{date_of(model.day).isoformat()}-{model.id().partition('-')[2]}"
        target = self._folder / name
        with self._alone():
            files = pack(model, self._signing_key(), beside, note)
            if not self._is_there(target, files):
                self._write(target, files)
            for old in self.every()[:-KEPT]:
                _remove(old.path)
        return _info(target)

    def _is_there(self, target: Path, files: Mapping[str, bytes]) -> bool:
        """Whether a bundle of these files was published and is whole."""
        info = _info(target)
        return (
            os.path.lexists(target)
            and self.is_whole(info)
            and _read(info.path / MANIFEST, MOST_MANIFEST_BYTES) == files[MANIFEST]
        )

    def _write(self, target: Path, files: dict[str, bytes]) -> None:
        staging = self._folder / f".{target.name}.{secrets.token_hex(4)}"
        staging.mkdir(parents=True)
        for name, content in files.items():
            with (staging / name).open("wb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
        flush_folder(staging)
        if os.path.lexists(target):
            _remove(target)
        staging.rename(target)
        flush_folder(self._folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only one who publishes; first removes what a publisher left that was killed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(
            self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644
        )
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for left in (*self._folder.glob(".[0-9]*"), *self._folder.parent.glob(f".{self._key.path.name}.*")):
                _remove(left)
            yield
        finally:
            os.close(lock)

    def _signing_key(self) -> bytes:
        """The home's key; a new one where there is none that signed what is there."""
        try:
            key = self._key.read()
            signed = [self._is_signed(info, key) for info in self.every()]
            if True in signed or False not in signed:
                return key
            found = f"{self._key.path} signed none of the models beside it: it was put there"
        except ModelError as error:
            found = str(error).partition(";")[0]
        if os.path.lexists(self._key.path):
            self.notes.append(f"{found}. A new key was made, and older models, which nobody can verify, were removed")
        for info in self.every():
            _remove(info.path)
        return self._key.make()

    def _is_signed(self, info: BundleInfo, key: bytes) -> bool | None:
        """Whether a bundle's manifest is signed with the key; None where it has none that can be read."""
        try:
            read_manifest(_read(info.path / MANIFEST, MOST_MANIFEST_BYTES), key)
        except UnsignedError:
            return False
        except (BundleError, ModelError, OSError):
            return None
        return True

    def every(self) -> list[BundleInfo]:
        """Published bundles, the oldest first."""
        if not self._folder.is_dir():
            return []
        found = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if _NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                    with suppress(ValueError):  # the 31st of February
                        found.append(_info(Path(entry.path)))
        return sorted(found, key=lambda info: (info.day, info.path.lstat().st_mtime_ns))

    def load(self, info: BundleInfo, priors: AttackPriors) -> Model:
        """The model of a bundle.

        Raises
        ------
        ModelError
            It is damaged, was not signed here or does not fit this version.
        """
        key = self._key.read()
        try:
            return unpack(self._files(info, key), key, priors)
        except BundleError as error:
            raise ModelError(f"{info.path}: {error}") from error

    def describe(self, info: BundleInfo) -> dict[str, Any]:
        """What the signed manifest of a bundle says, once every file has been held against it.

        Raises
        ------
        ModelError
            It is damaged or was not signed here.
        """
        key = self._key.read()
        try:
            files = self._files(info, key)
            manifest = read_manifest(files[MANIFEST], key)
        except BundleError as error:
            raise ModelError(f"{info.path}: {error}") from error
        for name, digest in manifest["files"].items():
            if hashlib.sha256(files[name]).hexdigest() != digest:
                raise _changed(info, name)
        return manifest

    def note(self, info: BundleInfo) -> Any:
        """What the signed manifest of a bundle says beside; None where it says nothing, or was not signed here."""
        try:
            return read_manifest(_read(info.path / MANIFEST, MOST_MANIFEST_BYTES), self._key.read()).get("note")
        except (BundleError, ModelError, OSError):
            return None

    def beside(self, info: BundleInfo, names: Iterable[str]) -> dict[str, bytes]:
        """Files that were published beside a model, held against the signed manifest.

        Raises
        ------
        ModelError
            One is missing, or is not as it was signed here.
        """
        key = self._key.read()
        try:
            signed = read_manifest(_read(info.path / MANIFEST, MOST_MANIFEST_BYTES), key)["files"]
            files = {name: _read(info.path / name, _MOST_BYTES) for name in names}
        except BundleError as error:
            raise ModelError(f"{info.path}: {error}") from error
        except FileNotFoundError as error:
            raise _changed(info, Path(error.filename).name) from error
        for name, content in files.items():
            if signed.get(name) != hashlib.sha256(content).hexdigest():
                raise _changed(info, name)
        return files

    def _files(self, info: BundleInfo, key: bytes) -> dict[str, bytes]:
        """A bundle's files, of which nothing is opened that its signed manifest does not name."""
        if not os.path.lexists(info.path / MANIFEST):
            raise ModelError(f"{info.path} has no manifest; run `oddtrail train` to fit a new model")
        files = {MANIFEST: _read(info.path / MANIFEST, MOST_MANIFEST_BYTES)}
        named = read_manifest(files[MANIFEST], key)["files"]
        with os.scandir(info.path) as entries:
            unknown = next(
                (entry.name for entry in entries if entry.name not in named and entry.name != MANIFEST), None
            )
        if unknown is not None:
            raise ModelError(f"{info.path} has a file nobody signed: {unknown}; remove it")
        for name in named:
            try:
                files[name] = _read(info.path / name, _MOST_BYTES)
            except FileNotFoundError as error:
                raise _changed(info, name) from error
        return files

    def is_whole(self, info: BundleInfo) -> bool:
        """Whether a bundle is whole and signed with the key that is there."""
        try:
            self.describe(info)
        except (ModelError, OSError):
            return False
        return True


def _info(path: Path) -> BundleInfo:
    day, digest = date.fromisoformat(path.name[:10]), path.name[11:]
    return BundleInfo(day, f"{day_number(day)}-{digest}", path)


def _read(path: Path, most: int) -> bytes:
    try:
        return read_plain(path, most)
    except UnfitFileError as error:
        raise ModelError(f"{path} {error}: remove the folder it is in, then run `oddtrail train`") from error


def _changed(info: BundleInfo, name: str) -> ModelError:
    return ModelError(
        f"{info.path}: the model's file {name} is missing or changed; run `oddtrail train` to fit a new one"
    )


def _remove(path: Path) -> None:
    """Remove a folder with all that is in it, or whatever else lies there; links are not followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
