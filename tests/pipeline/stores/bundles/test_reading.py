"""Bundles as they are read: what was damaged or put there is neither opened, nor waited for, nor followed."""

import os
import shutil
import socket
from pathlib import Path

import pytest

from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.errors import ModelError
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.reading import BundleInfo

PRIORS = AttackPriors.from_dict(read_attack_priors())


def test_what_was_put_beside_a_model_is_not_believed(bundles: Bundles, published: BundleInfo) -> None:
    bundles.publish(Model(20_500, PRIORS), [("places.parquet", b"told")], "note")
    (published.path / "places.parquet").write_bytes(b"evil")
    with pytest.raises(ModelError, match=r"places\.parquet is missing or changed"):
        dict(bundles.beside(published, ["places.parquet"]))
    (published.path / "places.parquet").unlink()
    with pytest.raises(ModelError, match=r"places\.parquet is missing or changed"):
        dict(bundles.beside(published, ["places.parquet"]))
    (published.path / "meta.json").write_bytes(b"evil")
    with pytest.raises(ModelError, match=r"meta\.json"):
        dict(bundles.beside(published, ["meta.json"]))
    published.path.parent.with_name("models.key").unlink()
    assert bundles.note(published) is None
    (published.path / "manifest.json").unlink()
    assert bundles.note(published) is None


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _folder(path: Path) -> None:
    path.mkdir()


def _socket(path: Path) -> None:
    here = os.open(".", os.O_RDONLY)
    os.chdir(path.parent)  # a socket's path is short
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.fchdir(here)
        os.close(here)


@pytest.mark.parametrize("put", [_pipe, _link, _folder, _socket])
@pytest.mark.parametrize("name", ["manifest.json", "meta.json", "pairs.parquet", "more.parquet", "a b"])
def test_what_is_no_plain_file_is_neither_waited_for_nor_followed(
    bundles: Bundles, published: BundleInfo, name: str, put
) -> None:
    (published.path / name).unlink(missing_ok=True)
    put(published.path / name)
    for look in (bundles.describe, lambda info: bundles.load(info, PRIORS)):
        with pytest.raises(ModelError, match=r"is a .* and not a plain file|nobody signed") as told:
            look(published)
        assert "\n" not in str(told.value)
    assert published.as_dict()["bytes"] > 0
    assert bundles.publish(Model(20_500, PRIORS)) == published
    assert bundles.load(published, PRIORS).id() == published.model_id


def test_a_link_to_a_bundle_is_none(bundles: Bundles, published: BundleInfo, tmp_path: Path) -> None:
    shutil.copytree(published.path, tmp_path / "elsewhere")
    published.path.with_name("2026-03-01-00ff").symlink_to(tmp_path / "elsewhere")
    published.path.with_name("2026-02-31-00ff").mkdir()
    assert bundles.every() == [published]


def test_folders_that_are_no_bundles_are_passed_over(bundles: Bundles, published: BundleInfo) -> None:
    for name in ("junk", "2026-02-16-..", "2026-02-16", ".2026-02-16-0123.staging", "lost+found"):
        (published.path.parent / name).mkdir()
    assert bundles.every() == [published]


@pytest.mark.parametrize("name", ["", ".", "../2026-03-02-aa", "2026-02-31-aa", "2026-03-02-zz", "2026-03-02-aa\n"])
def test_a_name_that_is_none_of_a_bundle_has_no_place(bundles: Bundles, name: str) -> None:
    with pytest.raises(ModelError, match="is no name of a model's folder"):
        bundles.place(name)


def test_a_bundle_under_another_name_is_not_opened(bundles):
    older = bundles.publish(Model(20_500, PRIORS))
    newer = bundles.publish(Model(20_501, PRIORS))
    for file in newer.path.iterdir():
        file.unlink()
    for file in older.path.iterdir():
        (newer.path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(ModelError, match="under another's name"):
        bundles.load(newer, PRIORS)
    assert not bundles.is_whole(newer)
    assert bundles.note(newer) is None
    with pytest.raises(ModelError, match="under another's name"):
        bundles.beside(newer, ["meta.json"])


def test_files_are_given_as_they_were_signed_and_each_is_read_once(
    bundles: Bundles, published: BundleInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {path.name: path.read_bytes() for path in published.path.iterdir()}
    read = []

    def read_plain(path: Path, most: int) -> bytes:
        read.append(path.name)
        return path.read_bytes()

    monkeypatch.setattr("pipeline.stores.bundles.reading.read_plain", read_plain)
    assert dict(bundles.files(published)) == expected
    assert sorted(read) == sorted(expected)
    (published.path / "pairs.parquet").write_bytes(b"evil")
    with pytest.raises(ModelError, match=r"pairs\.parquet is missing or changed"):
        dict(bundles.files(published))
