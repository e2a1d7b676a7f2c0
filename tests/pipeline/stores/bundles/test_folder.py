"""Bundles of a home: what was damaged or put there is not believed, and training again mends it."""

from pathlib import Path

import pytest

from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.errors import ModelError
from pipeline.stores.bundles.folder import BundleInfo, Bundles

PRIORS = AttackPriors.from_dict(read_attack_priors())


@pytest.fixture
def bundles(tmp_path: Path) -> Bundles:
    return Bundles(tmp_path)


@pytest.fixture
def published(bundles: Bundles) -> BundleInfo:
    return bundles.publish(Model(20_500, PRIORS))


def test_a_bundle_is_read_back_and_published_once(bundles: Bundles, published: BundleInfo) -> None:
    before = (published.path / "manifest.json").stat().st_mtime_ns
    assert bundles.publish(Model(20_500, PRIORS)) == published
    assert (published.path / "manifest.json").stat().st_mtime_ns == before
    assert bundles.every() == [published]
    assert bundles.load(published, PRIORS).id() == published.model_id == bundles.describe(published)["model_id"]


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


def test_folders_that_are_no_bundles_are_passed_over(bundles: Bundles, published: BundleInfo) -> None:
    for name in ("junk", "2026-02-16-..", "2026-02-16", ".2026-02-16-0123.staging", "lost+found"):
        (published.path.parent / name).mkdir()
    assert bundles.every() == [published]
