"""Bundles from elsewhere: nothing is put here that was not verified."""

from pathlib import Path

import pytest

from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.errors import ModelError
from pipeline.stores.bundles.exchange import Exchange
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import FILE

PRIORS = AttackPriors.from_dict(read_attack_priors())


def test_a_bundle_and_its_list_are_taken(trainer, worker):
    [info] = trainer.serving()
    files, here = dict(trainer.files(info)), Exchange(worker)
    assert (here.sealed(), here.serial(), here.holds(info.path.name)) == (b"", 0, False)
    taken = here.receive(info.path.name, trainer.manifest(info), files.__getitem__)
    assert here.holds(info.path.name)
    assert dict(worker.files(taken)) == files
    assert worker.serving() == []
    here.accept(Exchange(trainer).sealed())
    assert worker.serving() == [taken]
    assert (here.sealed(), here.serial()) == (Exchange(trainer).sealed(), Exchange(trainer).serial())
    (taken.path / "pairs.parquet").write_bytes(b"")
    assert not here.holds(info.path.name)
    here.receive(info.path.name, trainer.manifest(info), files.__getitem__)
    assert here.holds(info.path.name)


def test_a_manifest_under_another_name_or_by_another_key_is_not_taken(trainer, worker, tmp_path):
    [info] = trainer.serving()
    files, manifest = dict(trainer.files(info)), trainer.manifest(info)
    asked = []

    def fetch(name):
        asked.append(name)
        return files[name]

    with pytest.raises(ModelError, match=r"^2026-03-02-00 holds model .* under another's name"):
        Exchange(worker).receive("2026-03-02-00", manifest, fetch)
    with pytest.raises(ModelError, match=f"^{info.path.name}: .*with no key pair"):
        Exchange(worker).receive(info.path.name, _sign_at_home(tmp_path), fetch)
    assert (asked, worker.every()) == ([], [])


def test_files_are_kept_as_they_come_and_are_nowhere_if_one_is_wrong(trainer, worker):
    [info] = trainer.serving()
    files, manifest = dict(trainer.files(info)), trainer.manifest(info)
    Exchange(worker).receive(info.path.name, manifest, files.__getitem__)
    before, asked = dict(worker.files(info_of(worker))), []

    def fetch(name):
        [staging] = worker.folder.glob(f".{info.path.name}.*")
        assert sorted(path.name for path in staging.iterdir()) == sorted(asked)
        asked.append(name)
        return b"evil" if name == "pairs.parquet" else files[name]

    with pytest.raises(ModelError, match=r"pairs\.parquet is missing or changed"):
        Exchange(worker).receive(info.path.name, manifest, fetch)
    assert asked[-1] == "pairs.parquet"
    assert dict(worker.files(info_of(worker))) == before
    assert not list(worker.folder.glob(".[0-9]*"))


def info_of(bundles):
    [info] = bundles.every()
    return info


def _sign_at_home(tmp_path: Path) -> bytes:
    bundles = Bundles(tmp_path / "another")
    return bundles.manifest(bundles.publish(Model(20_500, PRIORS)))


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"])
def test_a_list_that_nobody_signed_is_not_taken(trainer, worker, content):
    here = Exchange(worker)
    here.accept(Exchange(trainer).sealed())
    for take in (here.read, here.accept):
        with pytest.raises(ModelError):
            take(content)
    assert here.sealed() == Exchange(trainer).sealed()
    (worker.folder / FILE).write_bytes(content)
    assert here.serial() == 0
