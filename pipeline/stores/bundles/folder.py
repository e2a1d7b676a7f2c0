"""Bundles of a home: a folder each, published by a rename, signed; and which of them are in service."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from features.times.day import date_of
from models.bundle import pack
from models.manifest import MANIFEST, read_manifest
from models.model import Model
from models.seal import BundleError, SignWith, TrustIn, UnsignedError
from pipeline.errors import ModelError
from pipeline.settings import Settings
from pipeline.stores.bundles.in_service import FILE, MOST_BYTES, InService, read_in_service, seal_in_service
from pipeline.stores.bundles.key import SigningKey
from pipeline.stores.bundles.reading import BundleInfo, BundleReader
from pipeline.stores.plain_file import UnfitFileError, flush_folder, read_plain, write_whole

if TYPE_CHECKING:  # key pairs take a while to load, and most homes have none
    from pipeline.stores.bundles.keys import Keys

_UNNAMED = 2
"""Bundles that are neither in service nor set aside, and are kept: what a training is about to hold against others."""
_LOCK = ".lock"


class Bundles(BundleReader):
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
        super().__init__(home / "models", self._find_trust)
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

    def publish(self, model: Model, beside: Iterable[tuple[str, bytes]] = (), note: Any = None) -> BundleInfo:
        """Write a bundle, whole or not at all; the same twice is one bundle, unless the first was damaged.

        Files are written one after another, as they are made.

        It is in service once it was promoted.

        Parameters
        ----------
        beside, note
            Files that go with the model, and what the manifest says of it (`models.bundle.pack`).
        """
        info = self.place(f"{date_of(model.day).isoformat()}-{model.id().partition('-')[2]}")
        with self._alone():
            staging = self._stage(info.path, pack(model, self._signer(), beside, note))
            if not (self.folder / FILE).is_file():
                self._seal(self._found_or_new())  # homes of before have none: what is there is in service
            if self._is_there(info, (staging / MANIFEST).read_bytes()):
                _remove(staging)
            else:
                self._put(staging, info.path)
            self._prune(info.path)
        return info

    def put(self, info: BundleInfo, files: Iterable[tuple[str, bytes]]) -> None:
        """Put the files of a bundle that was signed elsewhere where it lies here, in place of what is there.

        They are written as they come; where they end in an error, nothing of them is left.
        """
        with self._alone():
            self._put(self._stage(info.path, files), info.path)

    def _is_there(self, info: BundleInfo, manifest: bytes) -> bool:
        """Whether a bundle with this manifest was published and is whole."""
        try:
            there = _text(self.manifest(info))
        except (ModelError, OSError, ValueError, LookupError, TypeError, RecursionError):
            return False
        return bool(there == _text(manifest)) and self.is_whole(info)  # signatures differ where a number is drawn

    def _prune(self, *published: Path) -> None:
        """Remove what is neither in service nor set aside, but for the newest and what was just published."""
        found, every = self._found_or_new(), self.every()
        named = {*found.serving, *found.aside, *(path.name for path in published)}
        unnamed = [info for info in every if info.path.name not in named]
        for old in unnamed[:-_UNNAMED]:
            _remove(old.path)

    def _stage(self, target: Path, files: Iterable[tuple[str, bytes]]) -> Path:
        """Write files beside where they shall lie, and bring them to the disk."""
        staging = self.folder / f".{target.name}.{secrets.token_hex(4)}"
        staging.mkdir(parents=True)
        try:
            for name, content in files:
                with (staging / name).open("wb") as handle:
                    handle.write(content)
                    handle.flush()
                    os.fsync(handle.fileno())
        except BaseException:
            _remove(staging)
            raise
        flush_folder(staging)
        return staging

    def _put(self, staging: Path, target: Path) -> None:
        """Put what was written in place of what is there, in one step."""
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

    def _find_trust(self) -> TrustIn:
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
            read_manifest(self.manifest(info), key)
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
            return read_in_service(content, self.trust())
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
            self._seal(changed)
            self._prune()
        return changed

    def put_list(self, content: bytes) -> None:
        """Put a list that was signed elsewhere in place of the one here."""
        with self._alone():
            write_whole(self.folder / FILE, content)
            self._prune()

    def _found_or_new(self) -> InService:
        """What is in service; a new list where what says so is damaged or signed by nobody who is trusted."""
        try:
            return self.in_service()
        except ModelError as error:
            told = f"{str(error).partition(';')[0]}. What is in service was begun anew"
            self.notes += [told] if told not in self.notes else []
            return InService()

    def _seal(self, found: InService) -> None:
        signer = self._signer()
        write_whole(self.folder / FILE, seal_in_service(found, signer))


def _text(manifest: bytes) -> Any:
    return json.loads(manifest)["signed"]


def _remove(path: Path) -> None:
    """Remove a folder with all that is in it, or whatever else lies there; links are not followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
