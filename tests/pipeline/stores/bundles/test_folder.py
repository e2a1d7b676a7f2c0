"""Bundles of a home: what was damaged or put there is not believed, and training again mends it."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.baseline import pair_key
from models.groups import Member
from models.model import Model
from models.priors import AttackPriors
from models.tables import write_columns
from pipeline.datafiles import read_attack_priors
from pipeline.errors import ModelError
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.reading import BundleInfo

PRIORS = AttackPriors.from_dict(read_attack_priors())


def test_a_bundle_is_read_back_and_published_once(bundles: Bundles, published: BundleInfo) -> None:
    before = (published.path / "manifest.json").stat().st_mtime_ns
    assert bundles.publish(Model(20_500, PRIORS)) == published
    assert (published.path / "manifest.json").stat().st_mtime_ns == before
    assert bundles.every() == [published]
    assert bundles.load(published, PRIORS).id() == published.model_id == bundles.describe(published)["model_id"]


def test_a_bundle_that_holds_something_else_takes_the_place_of_the_first(
    bundles: Bundles, published: BundleInfo
) -> None:
    for beside, note in (({"places.parquet": b"told"}, None), ({"places.parquet": b"told"}, {"first_day": "today"})):
        assert bundles.publish(Model(20_500, PRIORS), beside.items(), note) == published
        assert bundles.beside(published, beside) == beside
        assert bundles.note(published) == note
        assert bundles.load(published, PRIORS).id() == published.model_id
    assert [path.name for path in published.path.parent.iterdir() if path.is_dir()] == [published.path.name]


def _change(published: BundleInfo) -> None:
    with (published.path / "pairs.parquet").open("ab") as file:
        file.write(b"evil")


def _remove(published: BundleInfo) -> None:
    (published.path / "meta.json").unlink()


def _unsign(published: BundleInfo) -> None:
    (published.path / "manifest.json").unlink()


def _lose_key(published: BundleInfo) -> None:
    published.path.parent.with_name("models.key").unlink()


@pytest.mark.parametrize("damage", [_change, _remove, _unsign, _lose_key])
def test_what_is_damaged_is_told_and_the_next_training_puts_it_right(
    bundles: Bundles, published: BundleInfo, damage
) -> None:
    damage(published)
    for look in (bundles.describe, lambda info: bundles.load(info, PRIORS)):
        with pytest.raises(ModelError, match="run `oddtrail train` to fit a new"):
            look(published)
    assert bundles.publish(Model(20_500, PRIORS)) == published
    assert bundles.load(published, PRIORS).id() == published.model_id


KEYS = {"empty": b"", "short": b"k" * 31, "long": bytes(range(33)), "zeros": bytes(32), "a pattern": b"ab" * 16}


@pytest.mark.parametrize("content", KEYS.values(), ids=KEYS)
def test_an_unfit_key_verifies_nothing_and_the_next_training_makes_another(
    bundles: Bundles, published: BundleInfo, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "models.key").write_bytes(content)
    with pytest.raises(ModelError, match=r"models\.key.*run `oddtrail train`"):
        bundles.load(published, PRIORS)
    bundles.publish(Model(20_500, PRIORS))
    assert "A new key was made" in bundles.notes[0]
    assert len((tmp_path / "models.key").read_bytes()) == 32
    assert (tmp_path / "models.key").stat().st_mode & 0o777 == 0o600
    bundles.load(published, PRIORS)


def test_a_key_that_others_may_write_is_refused(bundles: Bundles, published: BundleInfo, tmp_path: Path) -> None:
    for mode in (0o602, 0o620, 0o666):
        (tmp_path / "models.key").chmod(mode)
        with pytest.raises(ModelError, match=f"may be written by others than its owner .mode {mode:04o}"):
            bundles.load(published, PRIORS)


def test_a_key_that_was_put_there_never_signs(bundles: Bundles, published: BundleInfo, tmp_path: Path) -> None:
    theirs = bytes(range(32))
    bundles.publish(Model(20_501, PRIORS))
    (tmp_path / "models.key").write_bytes(theirs)
    with pytest.raises(ModelError, match="not signed with this home's key"):
        bundles.load(published, PRIORS)
    newest = bundles.publish(Model(20_502, PRIORS))
    assert "it was put there" in bundles.notes[0]
    assert (tmp_path / "models.key").read_bytes() != theirs
    assert bundles.every() == [newest]


def test_one_damaged_bundle_says_nothing_about_the_key(bundles: Bundles, published: BundleInfo, tmp_path: Path) -> None:
    key = (tmp_path / "models.key").read_bytes()
    (published.path / "manifest.json").write_bytes(b"{")
    bundles.publish(Model(20_501, PRIORS))
    assert (tmp_path / "models.key").read_bytes() == key
    assert bundles.notes == []


def test_what_cannot_be_made_leaves_nothing(bundles: Bundles, published: BundleInfo) -> None:
    def fail() -> Iterator[tuple[str, bytes]]:
        assert [path for path in published.path.parent.glob(".*.*") if (path / "pairs.parquet").is_file()]
        yield "places.parquet", b"told"
        raise OSError("no space left")

    before = {path: path.read_bytes() for path in published.path.parent.rglob("*") if path.is_file()}
    with pytest.raises(OSError, match="no space left"):
        bundles.publish(Model(20_501, PRIORS), fail())
    assert {path: path.read_bytes() for path in published.path.parent.rglob("*") if path.is_file()} == before
    assert bundles.every() == [published]
    assert not list(published.path.parent.glob(".[0-9]*"))


def test_a_bundle_in_parts_is_published_and_read_back(bundles: Bundles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.tables.MOST_ROWS", 2)
    model = Model(20_500, PRIORS)
    model.enrol([Member(f"p{n}", "human", "IAMUser", f"p{n}", "", "1") for n in range(5)])
    tokens = model.baseline.token_codes(["read"] * 5, [f"s3:Get{n}" for n in range(5)], ["read"] * 5)
    model.baseline.pairs.add(pair_key(np.arange(5), tokens), np.ones(5, dtype=np.int64))
    info = bundles.publish(model, write_columns("places", {"prefix": ["a", "b", "c"]}))
    assert {"pairs-0002.parquet", "tokens-0002.parquet", "places-0001.parquet"} <= set(os.listdir(info.path))
    assert bundles.load(info, PRIORS).id() == info.model_id
    assert list(bundles.beside(info, ["places.parquet"])) == ["places.parquet", "places-0001.parquet"]
    (info.path / "pairs-0001.parquet").rename(info.path / "pairs-0003.parquet")
    with pytest.raises(ModelError, match=r"nobody signed: pairs-0003\.parquet"):
        bundles.load(info, PRIORS)
    assert bundles.publish(model, write_columns("places", {"prefix": ["a", "b", "c"]})) == info
    assert bundles.is_whole(info)


def test_what_a_killed_publisher_left_is_removed(bundles: Bundles, published: BundleInfo, tmp_path: Path) -> None:
    (published.path.parent / ".2026-02-16-0123.abcd").mkdir()
    (tmp_path / ".models.key.abcd").touch()
    bundles.publish(Model(20_501, PRIORS))
    assert not list(tmp_path.glob("**/.*.abcd"))
