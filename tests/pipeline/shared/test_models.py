"""Models in a shared place: files first, the manifest after them, and the list last; whoever fetches verifies."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.settings import Settings
from pipeline.shared.models import fetch_models, publish_models, publishing, refresh_models
from pipeline.shared.place import ABSENT, FolderPlace, Found, PlaceError
from pipeline.stores.bundles.exchange import Exchange
from pipeline.stores.bundles.in_service import FILE
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
from tests.pipeline.stores.bundles.two_machines import PRIORS, serve

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Watched(FolderPlace):
    """A folder that remembers what was put into it and asked of it, in order."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.names: list[str] = []
        self.asked: list[str] = []

    def get(self, name: str, most: int) -> Found | None:
        self.asked.append(name)
        return super().get(name, most)

    def put(self, name: str, content: bytes, over: str | None = None) -> None:
        super().put(name, content, over)
        self.names.append(name)


@pytest.fixture
def place(tmp_path: Path) -> Watched:
    (tmp_path / "shared").mkdir()
    return Watched(tmp_path / "shared")


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
    place.put(FILE, Exchange(trainer).sealed())
    with pytest.raises((ModelError, PlaceError)):
        fetch_models(place, worker)
    assert worker.every() == []


def test_an_old_model_that_cannot_be_verified_keeps_no_newer_one_back(place, trainer, worker):
    publish_models(place, trainer, ABSENT)
    first, newer = trainer.serving()[0], serve(trainer, 20_501)
    (first.path / "pairs.parquet").write_bytes(b"")
    (place.folder / first.path.name / "manifest.json").unlink()
    [told] = publish_models(place, trainer, place.get(FILE, 1 << 20).tag)
    assert told.startswith(f"model {first.model_id} was not published: ")
    fetch_models(place, worker)
    assert [info.path.name for info in worker.serving()] == [newer]


def test_a_champion_that_cannot_be_verified_is_not_published(place, trainer):
    (trainer.serving()[-1].path / "pairs.parquet").write_bytes(b"")
    with pytest.raises(ModelError, match=r"pairs\.parquet is missing or changed"):
        publish_models(place, trainer, ABSENT)
    assert place.names == []


def test_files_of_a_model_that_is_there_are_not_read_again(place, trainer, monkeypatch):
    publish_models(place, trainer, ABSENT)
    monkeypatch.setattr(trainer, "files", None)
    assert publish_models(place, trainer, place.get(FILE, 1 << 20).tag) == []


def test_after_a_file_that_is_not_as_it_was_signed_none_is_fetched(place, trainer, worker):
    publish_models(place, trainer, ABSENT)
    folder = place.folder / trainer.serving()[0].path.name
    for path in folder.glob("*.parquet"):
        path.write_bytes(b"no such model")
    place.asked.clear()
    with pytest.raises(ModelError, match="missing or changed"):
        fetch_models(place, worker)
    assert len([name for name in place.asked if name.endswith(".parquet")]) == 1


def test_what_is_replaced_and_what_is_passed_over_is_told(place, trainer):
    place.put(FILE, b"somebody's")
    serve(trainer, 20_501)
    (trainer.serving()[0].path / "pairs.parquet").write_bytes(b"")
    settings = Settings(home=trainer.folder.parent, models_at=str(place.folder))
    with open_store(settings.home) as store, publishing(store, settings, trainer, NOW):
        pass
    replaced, passed_over = OperationsJsonl(settings.home / OPERATIONS_FILE).every()
    assert replaced["text"].startswith(f"what {place.folder} held was replaced: ")
    assert passed_over["kind"] == "models_not_published"


def test_without_a_place_nothing_is_shared(tmp_path, trainer):
    settings = Settings(home=trainer.folder.parent)
    assert refresh_models(settings, trainer) == ""
    with open_store(settings.home) as store, publishing(store, settings, trainer, NOW):
        pass
    assert not (tmp_path / "shared").exists()


def test_the_shared_list_is_read_once_whoever_looks(place, trainer, monkeypatch, key):
    monkeypatch.setattr("pipeline.shared.models.open_place", lambda _: place)
    settings = Settings(home=trainer.folder.parent, models_at=str(place.folder), signing_key=str(key.path))
    for change, times in ((lambda: None, 2), (lambda: None, 1), (lambda: serve(trainer, 20_501), 2)):
        change()
        place.asked.clear()
        assert refresh_models(settings, trainer) == ""
        assert place.asked.count(FILE) == times, "who publishes looks whether somebody else did meanwhile"
        found = place.get(FILE, 1 << 20)
        assert (found and found.content) == Exchange(trainer).sealed()


def test_what_fails_is_not_published(place, trainer):
    settings = Settings(home=trainer.folder.parent, models_at=str(place.folder))

    def fail():
        raise RuntimeError

    with (
        open_store(settings.home) as store,
        pytest.raises(RuntimeError),
        publishing(store, settings, trainer, NOW),
    ):
        fail()
    assert place.get(FILE, 1 << 20) is None
