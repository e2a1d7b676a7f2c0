"""Models in a shared place: files first, the manifest after them, and the list last; whoever fetches verifies."""

from pathlib import Path

import pytest

from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.errors import ModelError
from pipeline.settings import Settings
from pipeline.shared.models import fetch_models, publish_models, publishing, refresh_models
from pipeline.shared.place import ABSENT, FolderPlace, PlaceError
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import FILE
from pipeline.stores.bundles.pair import KeyFile

PRIORS = AttackPriors.from_dict(read_attack_priors())


class Watched(FolderPlace):
    """A folder that remembers what was put into it, in order."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.names: list[str] = []

    def put(self, name: str, content: bytes, over: str | None = None) -> None:
        super().put(name, content, over)
        self.names.append(name)


@pytest.fixture
def place(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "shared")


@pytest.fixture
def key(tmp_path: Path) -> KeyFile:
    made = KeyFile(tmp_path / "signing.pem")
    made.make()
    return made


@pytest.fixture
def trainer(tmp_path: Path, key: KeyFile) -> Bundles:
    bundles = Bundles.of(Settings(home=tmp_path / "trainer", signing_key=str(key.path)))
    serve(bundles, 20_500)
    return bundles


@pytest.fixture
def worker(tmp_path: Path, key: KeyFile) -> Bundles:
    return Bundles.of(Settings(home=tmp_path / "worker", trusted_keys=(key.public.text,)))


def serve(bundles: Bundles, day: int) -> str:
    name = bundles.publish(Model(day, PRIORS)).path.name
    bundles.change(lambda found: found.promote(name))
    return name


def test_the_manifest_follows_its_files_and_the_list_comes_last(place, trainer, worker):
    publish_models(place, trainer, ABSENT)
    [name] = [info.path.name for info in trainer.serving()]
    assert place.names[-2:] == [f"{name}/manifest.json", FILE]
    first = fetch_models(place, worker)
    assert [worker.load(info, PRIORS).id() for info in worker.serving()] == [trainer.serving()[0].model_id]
    place.names.clear()
    publish_models(place, trainer, first)
    assert place.names == [FILE]
    newer = serve(trainer, 20_501)
    publish_models(place, trainer, place.get(FILE, 1 << 20).tag)
    assert {found.partition("/")[0] for found in place.names} == {FILE, newer}
    assert fetch_models(place, worker) != first
    assert worker.serving()[-1].path.name == newer


def test_where_nothing_was_published_nothing_is_fetched(place, worker):
    assert fetch_models(place, worker) == ABSENT
    assert worker.every() == []


def test_a_model_that_is_not_the_champion_may_be_missing(place, trainer, worker):
    first, newer = trainer.serving()[0].path.name, serve(trainer, 20_501)
    publish_models(place, trainer, ABSENT)
    (place.folder / first / "manifest.json").unlink()
    fetch_models(place, worker)
    assert [info.path.name for info in worker.serving()] == [newer]


def test_a_model_that_is_here_and_damaged_is_fetched_again(place, trainer, worker):
    publish_models(place, trainer, ABSENT)
    fetch_models(place, worker)
    (worker.serving()[0].path / "pairs.parquet").write_bytes(b"")
    serve(trainer, 20_501)
    publish_models(place, trainer, place.get(FILE, 1 << 20).tag)
    fetch_models(place, worker)
    assert all(worker.is_whole(info) for info in worker.serving())


@pytest.mark.parametrize("name", ["../../evil", "2026-02-31-00", "in_service.json", "2026-03-02-zz"])
def test_a_name_that_is_none_of_a_model_is_not_fetched(place, trainer, worker, name):
    trainer.change(lambda found: type(found)(found.serial + 1, (name,), {}))
    place.put(FILE, trainer.sealed())
    with pytest.raises((ModelError, PlaceError)):
        fetch_models(place, worker)
    assert worker.every() == []


def test_without_a_place_nothing_is_shared(tmp_path, trainer):
    settings = Settings(home=trainer.folder.parent)
    assert refresh_models(settings, trainer) == ""
    with publishing(settings, trainer):
        pass
    assert not (tmp_path / "shared").exists()


def test_what_fails_is_not_published(place, trainer):
    settings = Settings(home=trainer.folder.parent, models_at=str(place.folder))

    def fail():
        raise RuntimeError

    with pytest.raises(RuntimeError), publishing(settings, trainer):
        fail()
    assert place.get(FILE, 1 << 20) is None
