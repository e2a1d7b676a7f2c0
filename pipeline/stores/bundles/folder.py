"""Bundles of a home: a folder each, published by a rename, signed with the home's own key."""

import hashlib
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from features.times.day import date_of, day_number
from models.bundle import MANIFEST, BundleError, pack, read_manifest, unpack
from models.model import Model
from models.priors import AttackPriors
from pipeline.errors import ModelError

KEPT = 14
"""Bundles that are kept."""
_MOST_BYTES = 4 << 30
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class BundleInfo:
    """One published bundle."""

    day: date
    """The day it judges."""
    model_id: str
    path: Path

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        size = sum(file.stat().st_size for file in self.path.iterdir())
        return {"day": str(self.day), "model_id": self.model_id, "path": str(self.path), "bytes": size}


class Bundles:
    """Bundles below `home/models`, the newest last.

    The key that signs them is made at the first training, readable by its owner only. It tells a bundle of this home
    from one that was changed or put there; it is no boundary against someone who can read the home.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "models"
        self._key_file = home / "models.key"

    def publish(self, model: Model) -> BundleInfo:
        """Write a bundle, whole or not at all; the same model twice is one bundle, unless the first was damaged."""
        name = f"{date_of(model.day).isoformat()}-{model.id().partition('-')[2]}"
        target = self._folder / name
        if target.exists() and not self.is_whole(self._info(target)):
            shutil.rmtree(target)
        if not target.exists():
            staging = self._folder / f".{name}.{secrets.token_hex(4)}"
            staging.mkdir(parents=True)
            for file, content in pack(model, self._key(make=True)).items():
                with (staging / file).open("wb") as handle:
                    handle.write(content)
                    handle.flush()
                    os.fsync(handle.fileno())
            staging.rename(target)
        for old in self.every()[:-KEPT]:
            shutil.rmtree(old.path)
        return self._info(target)

    def every(self) -> list[BundleInfo]:
        """Published bundles, the oldest first."""
        if not self._folder.is_dir():
            return []
        named = (path for path in self._folder.iterdir() if _NAME.fullmatch(path.name) and path.is_dir())
        return sorted((self._info(path) for path in named), key=lambda info: (info.day, info.path.stat().st_mtime_ns))

    def load(self, info: BundleInfo, priors: AttackPriors) -> Model:
        """The model of a bundle.

        Raises
        ------
        ModelError
            It is damaged, was not signed here or does not fit this version.
        """
        files = {}
        for path in sorted(info.path.iterdir()):
            if path.stat().st_size > _MOST_BYTES:
                raise ModelError(f"{path} has {path.stat().st_size:,} bytes, more than a model has; remove the folder")
            files[path.name] = path.read_bytes()
        try:
            return unpack(files, self._key(), priors)
        except BundleError as error:
            raise ModelError(f"{info.path}: {error}") from error

    def describe(self, info: BundleInfo) -> dict[str, Any]:
        """What the signed manifest of a bundle says, once every file has been held against it.

        Raises
        ------
        ModelError
            It is damaged or was not signed here.
        """
        try:
            manifest = read_manifest((info.path / MANIFEST).read_bytes(), self._key())
        except FileNotFoundError as error:
            raise ModelError(f"{info.path} has no manifest; run `oddtrail train` to fit a new model") from error
        except BundleError as error:
            raise ModelError(f"{info.path}: {error}") from error
        for name, digest in manifest["files"].items():
            path = info.path / name
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                raise ModelError(
                    f"{info.path}: the model's file {name} is missing or changed; run `oddtrail train` to fit a new one"
                )
        return manifest

    def is_whole(self, info: BundleInfo) -> bool:
        """Whether a bundle is whole and signed with the key that is there."""
        try:
            self.describe(info)
        except ModelError:
            return False
        return True

    def _info(self, path: Path) -> BundleInfo:
        day, _, digest = path.name[:10], path.name[10:11], path.name[11:]
        return BundleInfo(date.fromisoformat(day), f"{day_number(date.fromisoformat(day))}-{digest}", path)

    def _key(self, make: bool = False) -> bytes:
        if make and not self._key_file.exists():
            self._key_file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as handle:
                handle.write(secrets.token_bytes(32))
        try:
            return self._key_file.read_bytes()
        except FileNotFoundError as error:
            raise ModelError(
                f"the key that signs this home's models is gone ({self._key_file}); "
                "run `oddtrail train` to fit a new model with a new key"
            ) from error
