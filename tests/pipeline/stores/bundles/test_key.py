"""The key is there whole, or it is no key."""

import os
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.stores.bundles.key import SigningKey


def test_a_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    key = SigningKey(tmp_path / "home" / "models.key")
    made = key.make()
    assert key.read() == made
    assert len(made) == 32
    assert key.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in key.path.parent.iterdir()] == ["models.key"]


def test_on_a_full_disk_the_old_key_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = SigningKey(tmp_path / "models.key")
    before = key.make()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        key.make()
    assert key.read() == before
    assert [path.name for path in tmp_path.iterdir()] == ["models.key"]


@pytest.mark.parametrize(
    ("put", "said"),
    [
        (lambda path: None, "is gone"),
        (lambda path: path.mkdir(), "is a folder and not a plain file"),
        (lambda path: os.mkfifo(path), "is a pipe and not a plain file"),
        (lambda path: path.symlink_to("/dev/urandom"), "is a link and not a plain file"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_bytes(os.urandom(16)), "has not the 32 bytes"),
        (lambda path: path.write_bytes(os.urandom(1 << 20)), "has not the 32 bytes"),
        (lambda path: path.write_bytes(bytes(32)), "is no random bytes"),
    ],
)
def test_an_unfit_key_is_told_with_what_to_do(tmp_path: Path, put, said: str) -> None:
    put(tmp_path / "models.key")
    with pytest.raises(ModelError, match=f"{said}.*; run `oddtrail train`"):
        SigningKey(tmp_path / "models.key").read()
