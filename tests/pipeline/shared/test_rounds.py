"""One home that ingests and scores, another that trains: together they decide as one home alone."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.seal import seal
from pipeline.detect.served import find_served
from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.errors import ModelError, OddtrailError
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.shared import models, rounds
from pipeline.shared.listing import LISTING
from pipeline.shared.place import PlaceError, open_place
from pipeline.shared.rounds import score_apart, train_apart
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import FILE
from pipeline.stores.bundles.pair import KeyFile
from pipeline.stores.home import Store, open_store
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
from pipeline.watch.plan import Plan
from pipeline.watch.watch import Watch
from tests.worlds import START, a_company, a_theft, a_trail, as_person

pytestmark = pytest.mark.sweep

DAYS, THEFT_DAY = 17, 14
LATE = START + timedelta(days=DAYS + 5)


@pytest.fixture(scope="session")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a company's events and a theft."""
    folder = tmp_path_factory.mktemp("apart")
    rows = a_company(days=DAYS, people=3, roles=2) + a_theft(THEFT_DAY, victim=as_person("person1"))
    with open_store(folder / "home") as store:
        ingest([a_trail(folder / "trail", rows)], store.events, now=LATE)
    return folder / "home"


class Homes:
    """A worker with events and public keys, and a trainer with the private key and nothing else."""

    def __init__(self, folder: Path, events: Path, address: str) -> None:
        self.key = KeyFile(folder / "signing.pem")
        self.place = open_place(address)
        public = self.key.public if self.key.path.exists() else self.key.make()
        shared = {"models_at": address, "activity_at": address, "threads": 1, "memory": 2**30, "budget": 2.0}
        self.of_worker = Settings(home=folder / "worker", trusted_keys=(public.text,), **shared)
        self.of_trainer = Settings(home=folder / "trainer", signing_key=str(self.key.path), **shared)
        if not (folder / "worker").exists():
            shutil.copytree(events, folder / "worker")
        self.worker: Store = open_store(folder / "worker")
        self.trainer: Store = open_store(folder / "trainer")

    def train(self, now=LATE):
        return train_apart(self.trainer, self.of_trainer, now)

    def score(self, now=LATE):
        return score_apart(self.worker, self.of_worker, now)

    def share(self, now=LATE):
        with pytest.raises(ModelError, match="no model yet"):
            self.score(now)

    def served(self):
        return find_served(self.worker, Bundles.of(self.of_worker))

    def told(self):
        return OperationsJsonl(self.worker.home / OPERATIONS_FILE).every()


@pytest.fixture
def homes(tmp_path: Path, events: Path, address: str) -> Iterator[Homes]:
    both = Homes(tmp_path, events, address)
    with both.worker, both.trainer:
        yield both


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory, events: Path) -> Path:
    """A worker and a trainer with a folder between them, and a first model in service."""
    folder = tmp_path_factory.mktemp("begun")
    (folder / "shared").mkdir()
    both = Homes(folder, events, str(folder / "shared"))
    with both.worker, both.trainer:
        both.share()
        both.train()
        both.score()
    return folder


@pytest.fixture
def apart(tmp_path: Path, events: Path, begun: Path) -> Iterator[Homes]:
    """The same, of one's own."""
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    both = Homes(tmp_path, events, str(tmp_path / "shared"))
    with both.worker, both.trainer:
        yield both


def test_two_homes_decide_as_one(homes, events, tmp_path):
    nights = [START + timedelta(days=day, hours=2) for day in (12, 13, 15)]
    with open_store(shutil.copytree(events, tmp_path / "one")) as one:
        settings = Settings(home=one.home, threads=1, memory=2**30, budget=2.0)
        first = train(one, settings, nights[0])
        homes.share(nights[0])
        assert homes.train(nights[0]).model_id == first.model_id
        for now in nights:
            told, same = homes.score(now), score(one, settings, now)
            assert (told.model_id, told.revisions) == (same.model_id, same.revisions)
            trained, again = homes.train(now), train(one, settings, now)
            assert (trained.model_id, trained.stepped_from, trained.gate) == (
                again.model_id, again.stepped_from, again.gate,
            )  # fmt: skip
        homes.score()
        score(one, settings, LATE)
        assert homes.trainer.events.days() == []
        assert [alert.as_dict() for alert in homes.worker.alerts.revisions()] == [
            alert.as_dict() for alert in one.alerts.revisions()
        ]
        assert "person1" in {alert.principal_name for alert in homes.worker.alerts.latest(raised=True)}


def test_what_was_shared_is_not_shared_again(homes):
    homes.share()
    before = homes.place.get(LISTING, 1 << 20)
    homes.share(LATE + timedelta(minutes=1))
    homes.share(LATE + timedelta(days=1))
    assert homes.place.get(LISTING, 1 << 20).content == before.content


def test_an_upload_that_was_cut_is_never_seen(homes, monkeypatch):
    put, left = type(homes.place).put, [20]

    def cut(self, name, content, over=None):
        left[0] -= 1
        if left[0] < 0:
            raise OddtrailError("the network is gone")
        put(self, name, content, over)

    with monkeypatch.context() as patch:
        patch.setattr(type(homes.place), "put", cut)
        with pytest.raises(OddtrailError, match="the network is gone"):
            homes.score()
    assert homes.place.get(LISTING, 1 << 20) is None
    with pytest.raises(OddtrailError, match="no activity is at"):
        homes.train()
    homes.share()
    left[0] = 5
    with monkeypatch.context() as patch:
        patch.setattr(type(homes.place), "put", cut)
        with pytest.raises(OddtrailError, match="the network is gone"):
            homes.train()
    homes.share()  # no list, no model
    homes.train()
    assert homes.score().model_id


def test_a_table_that_is_not_as_the_listing_says_is_told_and_nothing_is_trained(homes):
    homes.share()
    [first, *_] = sorted(homes_tables(homes))
    homes.place.put(first, b"PAR1 and more")
    with pytest.raises(OddtrailError, match="missing or not what was put there"):
        homes.train()
    assert Bundles.of(homes.of_trainer).every() == []


def homes_tables(homes):
    listing = json.loads(homes.place.get(LISTING, 1 << 20).content)
    return [
        f"activity/{key}/{name}-{digest}.parquet"
        for key, digests in listing["tables"].items()
        for name, digest in digests.items()
    ]


NOT_READ = [
    b"",
    b"[]",
    b'{"timezone": 1}',
    b'{"timezone":"UTC","lateness_minutes":15,"scored":null,"raised":[],"tables":{"../x/2026-03-02":{}}}',
]


@pytest.mark.parametrize("content", NOT_READ)
def test_a_listing_that_is_none_is_told(homes, content):
    homes.place.put(LISTING, content)
    with pytest.raises(OddtrailError, match="not as this version writes it"):
        homes.train()


# -- models that are not believed ----------------------------------------------------------------------------------


def retrained(homes):
    """Another model in service at the shared place; its folder's name."""
    return homes.train(LATE + timedelta(days=1)), Bundles.of(homes.of_trainer).serving()[-1].path.name


def flip(homes, name):
    path = homes.place.folder / name / "pairs.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])


def unsign(homes, name):
    (homes.place.folder / name / "manifest.json").unlink()


def replace_manifest(homes, name):
    [other] = [path for path in homes.place.folder.glob("2026-*") if path.name != name]
    shutil.copy(other / "manifest.json", homes.place.folder / name / "manifest.json")


def sign_with_another(homes, name):
    mine = KeyFile(homes.of_trainer.home / "mine.pem")
    mine.make()
    content = homes.place.get(FILE, 1 << 20).content
    homes.place.put(FILE, seal(json.loads(content)["signed"], mine))


@pytest.mark.parametrize("spoil", [flip, unsign, replace_manifest, sign_with_another])
def test_a_model_that_is_not_as_it_was_signed_is_not_fetched_and_the_one_here_stays(apart, spoil):
    was, scored = apart.served(), apart.score().model_id
    _, name = retrained(apart)
    spoil(apart, name)
    assert apart.score(LATE + timedelta(minutes=1)).model_id == scored
    assert apart.served() == was
    [event] = apart.told()
    assert event["kind"] == "models_not_fetched"
    assert not (apart.worker.home / "models" / name).exists()


def test_an_older_list_is_not_fetched(apart):
    older = apart.place.get(FILE, 1 << 20).content
    _, name = retrained(apart)
    apart.score()
    apart.place.put(FILE, older)
    apart.score()
    assert "older than the one here" in apart.told()[0]["text"]
    assert apart.served()[-1].path.name == name
    again = apart.train(LATE + timedelta(days=1))
    apart.score()
    assert apart.served()[-1].model_id == again.in_service


def test_a_place_that_is_gone_is_told_and_scoring_goes_on(apart):
    shutil.rmtree(apart.place.folder)
    apart.place.folder.write_bytes(b"")
    apart.score()
    assert [event["kind"] for event in apart.told()] == ["models_not_fetched"]


def test_a_folder_that_is_not_mounted_is_told_and_nothing_is_made_in_its_place(apart):
    shutil.rmtree(apart.place.folder)
    apart.score(LATE + timedelta(days=1))
    assert [event["kind"] for event in apart.told()] == ["activity_not_shared", "models_not_fetched"]
    with pytest.raises(PlaceError, match="is no folder: mount it"):
        apart.train(LATE + timedelta(days=1))
    assert not apart.place.folder.exists()


def test_a_backfill_that_is_away_hinders_a_first_training_and_no_other(events, tmp_path):
    away = tmp_path / "away"
    with open_store(shutil.copytree(events, tmp_path / "one")) as one:
        settings = Settings(home=one.home, activity_at=str(away), threads=1, memory=2**30)
        with pytest.raises(PlaceError, match="is no folder: mount it"):
            train_apart(one, settings, LATE)
        away.mkdir()
        trained = train_apart(one, settings, LATE)
        away.rmdir()
        assert train_apart(one, settings, LATE + timedelta(days=1)).stepped_from == trained.model_id
        [event] = OperationsJsonl(one.home / OPERATIONS_FILE).every()
        assert (event["kind"], event["text"]) == (
            "history_not_fetched",
            f"what a backfill made was not fetched: {away} is no folder: mount it, or make it where it shall be",
        )


def test_activity_that_cannot_be_shared_is_told_and_scoring_goes_on(apart, monkeypatch):
    def fail(*_):
        raise PlaceError("the network is gone")

    day_after = LATE + timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(rounds, "share_activity", fail)
        for _ in range(2):
            assert apart.score(day_after).model_id
    [event] = apart.told()
    assert (event["kind"], event["text"]) == (
        "activity_not_shared", "activity was not shared: the network is gone"
    )  # fmt: skip
    shared = []
    monkeypatch.setattr(rounds, "share_activity", lambda *given: shared.append(given))
    for _ in range(2):
        apart.score(day_after)
    assert len(shared) == 1


def test_somebody_who_published_meanwhile_is_not_written_over(apart, monkeypatch):
    def train_slowly(*args, **named):
        report = train(*args, **named)
        apart.place.put(FILE, b"another trainer's")
        return report

    with monkeypatch.context() as patch:
        patch.setattr(rounds, "train", train_slowly)
        with pytest.raises(OddtrailError, match="by somebody else meanwhile"):
            apart.train(LATE + timedelta(days=1))
    assert apart.place.get(FILE, 1 << 20).content == b"another trainer's"
    report = apart.train(LATE + timedelta(days=1))
    assert report.in_service
    apart.score()
    assert apart.served()[-1].model_id == report.in_service


def test_a_watch_shares_and_fetches_and_leaves_training_to_the_trainer(homes, tmp_path):
    (tmp_path / "bucket").mkdir()
    watch = Watch(homes.worker, homes.of_worker, Plan(sources=(str(tmp_path / "bucket"),)))
    first = watch.tick(LATE)
    assert (first.trained, first.model_id) == ("", "")
    assert any("no model yet" in problem for problem in first.problems)
    report = homes.train()
    second = watch.tick(LATE + timedelta(minutes=1))
    watch.close()
    assert (second.trained, second.model_id, second.problems) == ("", report.model_id, [])
    assert "person1" in {alert.principal_name for alert in homes.worker.alerts.latest(raised=True)}


def test_a_watch_takes_a_model_minutes_after_it_was_published(apart, tmp_path):
    (tmp_path / "bucket").mkdir()
    watch = Watch(apart.worker, apart.of_worker, Plan(sources=(str(tmp_path / "bucket"),)))
    first = watch.tick(LATE)
    report = apart.train(LATE + timedelta(days=1))
    assert report.in_service != first.model_id
    assert watch.tick(LATE + timedelta(minutes=4)).model_id == first.model_id
    assert watch.tick(LATE + timedelta(minutes=6)).model_id == report.in_service


def test_a_watch_that_could_not_fetch_tries_again_at_the_next_tick(apart, tmp_path):
    (tmp_path / "bucket").mkdir()
    away = apart.place.folder.rename(tmp_path / "away")
    apart.place.folder.write_bytes(b"")
    watch = Watch(apart.worker, apart.of_worker, Plan(sources=(str(tmp_path / "bucket"),)))
    first = watch.tick(LATE)
    [problem] = first.problems
    assert problem.startswith("no newer model was fetched: ")
    apart.place.folder.unlink()
    away.rename(apart.place.folder)
    report = apart.train(LATE + timedelta(days=1))
    second = watch.tick(LATE + timedelta(minutes=1))
    assert (second.problems, second.model_id, first.model_id != second.model_id) == ([], report.in_service, True)


@pytest.mark.parametrize("before", [False, True], ids=["the first", "another"])
def test_what_a_killed_trainer_never_published_is_published_by_its_next_tick(homes, before, monkeypatch):
    homes.share()
    if before:
        homes.train(LATE - timedelta(days=4))

    def kill(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(models, "publish_models", kill)
        with pytest.raises(KeyboardInterrupt):
            homes.train()
    trained = find_served(homes.trainer, Bundles.of(homes.of_trainer))
    assert len(trained) == 1 + before
    assert rounds.prepare(homes.trainer, homes.of_trainer, LATE) == []
    homes.score()
    assert [info.model_id for info in homes.served()] == [info.model_id for info in trained]
    assert homes.told() == []
    assert OperationsJsonl(homes.trainer.home / OPERATIONS_FILE).every() == []
