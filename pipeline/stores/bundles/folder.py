"""Bundles of a home: a folder each, published by a rename, signed; and which of them are in service."""

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from features.times.day import date_of, day_number
from models.bundle import MANIFEST, MOST_MANIFEST_BYTES, pack, read_manifest, unpack
from models.model import Model
from models.priors import AttackPriors
from models.seal import BundleError, SignWith, TrustIn, UnsignedError
from pipeline.errors import ModelError
from pipeline.settings import Settings
from pipeline.stores.bundles.in_service import FILE, MOST_BYTES, InService, read_in_service, seal_in_service
from pipeline.stores.bundles.key import SigningKey
from pipeline.stores.plain_file import UnfitFileError, flush_folder, read_plain, write_whole

if TYPE_CHECKING:  # key pairs take a while to load, and most homes have none
    from pipeline.stores.bundles.keys import Keys

_UNNAMED = 2
"""Bundles that are neither in service nor set aside, and are kept: what a training is about to hold against others."""
MOST_FILE_BYTES = 4 << 30
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

    Parameters
    ----------
    keys
        Key pairs that settings name, in place of the home's own key: then nothing else is believed.
    """

    def __init__(self, home: Path, keys: "Keys | None" = None) -> None:
        self.folder = home / "models"
        self._key, self._keys = SigningKey(home / "models.key"), keys
        self._verifier: TrustIn | None = None
        self.notes: list[str] = []
        """What publishing found to say, for whoever trains."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Bundles of the home that settings name, with the keys that they name."""
        if not settings.signing_key and not settings.trusted_keys:
            return cls(settings.home)
        from pipeline.stores.bundles.keys import find_keys

        return cls(settings.home, find_keys(settings))

    # -- publishing ----------------------------------------------------------------------------------------------

    def publish(self, model: Model, beside: Mapping[str, bytes] | None = None, note: Any = None) -> BundleInfo:
        """Write a bundle, whole or not at all; the same twice is one bundle, unless the first was damaged.

        It is in service once it was promoted.

        Parameters
        ----------
        beside, note
            Files that go with the model, and what the manifest says of it (`models.bundle.pack`).
        """
        name = f"{date_of(model.day).isoformat()}-{model.id().partition('-')[2]}"
        target = self.folder / name
        with self._alone():
            files = pack(model, self._signer(), beside, note)
            if not (self.folder / FILE).is_file():
                self._put(self._found_or_new())  # homes of before have none: what is there is in service
            if not self._is_there(target, files):
                self._write(target, files)
            self._prune(target)
        return _info(target)

    def _is_there(self, target: Path, files: Mapping[str, bytes]) -> bool:
        """Whether a bundle of these files was published and is whole."""
        info = _info(target)
        if not os.path.lexists(target) or not self.is_whole(info):
            return False
        there, made = (
            _signed(content) for content in (_read(info.path / MANIFEST, MOST_MANIFEST_BYTES), files[MANIFEST])
        )
        return bool(there == made)  # signatures of one text differ where the algorithm draws a number

    def _prune(self, *published: Path) -> None:
        """Remove what is neither in service nor set aside, but for the newest and what was just published."""
        found, every = self._found_or_new(), self.every()
        named = {*found.serving, *found.aside, *(path.name for path in published)}
        unnamed = [info for info in every if info.path.name not in named]
        for old in unnamed[:-_UNNAMED]:
            _remove(old.path)

    def _write(self, target: Path, files: dict[str, bytes]) -> None:
        staging = self.folder / f".{target.name}.{secrets.token_hex(4)}"
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
        flush_folder(self.folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only one who publishes; first removes what a publisher left that was killed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(
            self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644
        )
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            left = [*self.folder.glob(".[0-9]*"), *self.folder.glob(f".{FILE}.*")]
            for path in (*left, *self.folder.parent.glob(f".{self._key.path.name}.*")):
                _remove(path)
            yield
        finally:
            os.close(lock)

    def _signer(self) -> SignWith:
        """What signs."""
        if self._keys is None:
            self._verifier = None
            return self._signing_key()
        if self._keys.signer is None:
            raise ModelError(
                "this home holds public keys only, with which nothing can be signed: train where `signing_key` is set, "
                "or set it here"
            )
        return self._keys.signer

    def _trust(self) -> TrustIn:
        """What verifies."""
        if self._keys is None:
            return self._key.read()
        self._verifier = self._verifier or self._keys.verifier()
        return self._verifier

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

    # -- in service ----------------------------------------------------------------------------------------------

    def in_service(self) -> InService:
        """What is in service. Homes of before say nothing about it: there everything is.

        Raises
        ------
        ModelError
            What says so is damaged, or nobody who is trusted signed it.
        """
        path = self.folder / FILE
        try:
            content = read_plain(path, MOST_BYTES)
        except FileNotFoundError:
            return InService(0, () if self._keys else tuple(info.path.name for info in self.every()))
        except UnfitFileError as error:
            raise ModelError(f"{path} {error}: remove it, then run `oddtrail train`") from error
        try:
            return read_in_service(content, self._trust())
        except BundleError as error:
            raise ModelError(f"{path}: {error}") from error

    def serving(self) -> list[BundleInfo]:
        """Bundles in service that are there, the oldest first and the champion last.

        Raises
        ------
        ModelError
            What is in service cannot be told.
        """
        there = {info.path.name: info for info in self.every()}
        return [there[name] for name in self.in_service().serving if name in there]

    def aside(self) -> dict[str, str]:
        """Bundles that are never chosen, by name, with the reason; none where what is in service cannot be told."""
        try:
            return self.in_service().aside
        except ModelError:
            return {}

    def change(self, make: Callable[[InService], InService], seen: int = 0) -> InService:
        """Change what is in service, in one step.

        Parameters
        ----------
        make
            Makes what shall be of what is.
        seen
            The largest serial number that is remembered; the next is larger.
        """
        with self._alone():
            self._signer()
            found = self._found_or_new()
            if found.serial < seen:
                self.notes.append("the list of models in service was older than one that was seen, and was begun anew")
                found = InService(seen)
            changed = make(found)
            self._put(changed)
            self._prune()
        return changed

    def _found_or_new(self) -> InService:
        """What is in service; a new list where what says so is damaged or signed by nobody who is trusted."""
        try:
            return self.in_service()
        except ModelError as error:
            told = f"{str(error).partition(';')[0]}. What is in service was begun anew"
            self.notes += [told] if told not in self.notes else []
            return InService()

    def _put(self, found: InService) -> None:
        signer = self._signer()
        write_whole(self.folder / FILE, seal_in_service(found, signer))

    # -- elsewhere -----------------------------------------------------------------------------------------------

    def read(self, content: bytes) -> InService:
        """What a list of models in service says that comes from elsewhere.

        Raises
        ------
        ModelError
            It is damaged, or nobody who is trusted signed it.
        """
        try:
            return read_in_service(content, self._trust())
        except BundleError as error:
            raise ModelError(str(error)) from error

    def sealed(self) -> bytes:
        """The list of what is in service, signed; empty where there is none."""
        try:
            return read_plain(self.folder / FILE, MOST_BYTES)
        except FileNotFoundError:
            return b""

    def serial(self) -> int:
        """The number of the list that is here; 0 where there is none that can be believed."""
        try:
            return self.in_service().serial
        except ModelError:
            return 0

    def accept(self, content: bytes) -> None:
        """Put a list from elsewhere in place of the one here, once it was verified."""
        self.read(content)
        with self._alone():
            write_whole(self.folder / FILE, content)
            self._prune()

    def holds(self, name: str) -> bool:
        """Whether a bundle is here and whole."""
        return any(info.path.name == name and self.is_whole(info) for info in self.every())

    def receive(self, name: str, manifest: bytes, fetch: Callable[[str], bytes]) -> BundleInfo:
        """Put a bundle from elsewhere among those here, once every file was held against its signed manifest.

        Parameters
        ----------
        fetch
            Gives a file of it by name; after one that is not as it was signed, none is asked for.

        Raises
        ------
        ModelError
            Something of it is not as it was signed.
        """
        info = self._place(name)
        files = {}
        for file, digest in sorted(self._manifest(info, manifest)["files"].items()):
            files[file] = fetch(file)
            if hashlib.sha256(files[file]).hexdigest() != digest:
                raise _changed(info, file)
        with self._alone():
            self._write(info.path, files | {MANIFEST: manifest})
        return info

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

    def files(self, info: BundleInfo) -> dict[str, bytes]:
        """A bundle's files as they were signed.

        Raises
        ------
        ModelError
            It is damaged, or nobody who is trusted signed it.
        """
        self.describe(info)
        return self._files(info, self._trust())

    def _place(self, name: str) -> BundleInfo:
        """Where a bundle of this name lies."""
        try:
            if _NAME.fullmatch(name):
                return _info(self.folder / name)
        except ValueError:
            pass  # the 31st of February
        raise ModelError(f"'{name[:60]}' is no name of a model's folder")

    def _manifest(self, info: BundleInfo, content: bytes) -> dict[str, Any]:
        try:
            signed = read_manifest(content, self._trust())
        except BundleError as error:
            raise ModelError(f"{info.path.name}: {error}") from error
        if signed["model_id"] != info.model_id:
            raise ModelError(f"{info.path.name} holds model {signed['model_id']} under another's name")
        return signed

    # -- reading -------------------------------------------------------------------------------------------------

    def every(self) -> list[BundleInfo]:
        """Published bundles, the oldest first."""
        if not self.folder.is_dir():
            return []
        found = []
        with os.scandir(self.folder) as entries:
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
        key = self._trust()
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
        key = self._trust()
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
            return read_manifest(_read(info.path / MANIFEST, MOST_MANIFEST_BYTES), self._trust()).get("note")
        except (BundleError, ModelError, OSError):
            return None

    def beside(self, info: BundleInfo, names: Iterable[str]) -> dict[str, bytes]:
        """Files that were published beside a model, held against the signed manifest.

        Raises
        ------
        ModelError
            One is missing, or is not as it was signed here.
        """
        key = self._trust()
        try:
            signed = read_manifest(_read(info.path / MANIFEST, MOST_MANIFEST_BYTES), key)["files"]
            files = {name: _read(info.path / name, MOST_FILE_BYTES) for name in names}
        except BundleError as error:
            raise ModelError(f"{info.path}: {error}") from error
        except FileNotFoundError as error:
            raise _changed(info, Path(error.filename).name) from error
        for name, content in files.items():
            if signed.get(name) != hashlib.sha256(content).hexdigest():
                raise _changed(info, name)
        return files

    def _files(self, info: BundleInfo, key: TrustIn) -> dict[str, bytes]:
        """A bundle's files, of which nothing is opened that its signed manifest does not name."""
        files = {MANIFEST: self.manifest(info)}
        signed = read_manifest(files[MANIFEST], key)
        if signed["model_id"] != info.model_id:
            raise ModelError(f"{info.path} holds model {signed['model_id']} under another's name: remove it")
        named = signed["files"]
        with os.scandir(info.path) as entries:
            unknown = next(
                (entry.name for entry in entries if entry.name not in named and entry.name != MANIFEST), None
            )
        if unknown is not None:
            raise ModelError(f"{info.path} has a file nobody signed: {unknown}; remove it")
        for name in named:
            try:
                files[name] = _read(info.path / name, MOST_FILE_BYTES)
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


def _signed(manifest: bytes) -> Any:
    return json.loads(manifest)["signed"]


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
