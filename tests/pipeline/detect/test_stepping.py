"""A training that goes on from a model publishes, byte for byte, what a training from scratch would."""

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from models.manifest import MANIFEST
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.detect import history_span, provenance
from pipeline.detect.trainer import LEAST_DAYS, TrainReport, train
from pipeline.detect.worker import score
from pipeline.ingest.run import ingest
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.key import SigningKey
from pipeline.stores.home import open_store
from pipeline.stores.parquet.activity import ParquetActivity
from tests.builders import an_alert
from tests.pipeline.detect.conftest import settings_of
from tests.worlds import START, a_company, a_theft, a_trail, an_event, as_person, as_role, numbered

pytestmark = pytest.mark.sweep

FIRST = LEAST_DAYS + 1
"""The night of the first training."""
VICTIM = as_person("person1")
PRIORS = AttackPriors.from_dict(read_attack_priors())
Rows = list[dict[str, Any]]


def day(number: int) -> date:
    return (START + timedelta(days=number)).date()


def evening(number: int):
    return START + timedelta(days=number, hours=23, minutes=55)


def of_day(rows: Rows, number: int) -> Rows:
    return [row for row in rows if row["event_time"].date() == day(number)]


class Home:
    """A home whose days go by."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.settings = settings_of(home).model_copy(update=settings)
        self.home, self._files = home, 0

    def land(self, rows: Rows, now) -> None:
        self._files += 1
        if rows:
            with open_store(self.home) as store:
                ingest([a_trail(self.home.parent / f"trail{self._files}", rows)], store.events, now=now)

    def score(self, number: int) -> None:
        with open_store(self.home) as store:
            score(store, self.settings, evening(number))

    def train(self, number: int, *, from_scratch: bool = False, beside: bool = False) -> tuple[TrainReport, dict]:
        """Train, in a copy if `beside`; the report, and the bundle's files."""
        home = self.home
        if beside:
            home = shutil.copytree(self.home, self.home.parent / "copy")
        with open_store(home) as store:
            report = train(
                store, self.settings.model_copy(update={"home": home}), evening(number), from_scratch=from_scratch
            )
        [path] = [info.path for info in Bundles(home).every() if info.model_id == report.model_id]
        files = {file.name: file.read_bytes() for file in path.iterdir()}
        files[MANIFEST] = json.loads(files[MANIFEST])["signed"].encode()
        if beside:
            shutil.rmtree(home)
        return report, files

    def compare(self, number: int) -> TrainReport:
        """Train, and see that it comes to what training from scratch comes to."""
        whole, expected = self.train(number, from_scratch=True, beside=True)
        report, files = self.train(number)
        assert sorted(files) == sorted(expected)
        assert [name for name in files if files[name] != expected[name]] == [], report
        same = ("model_id", "day", "newest_day", "first_day", "days", "judged_days", "principals")
        assert [getattr(report, name) for name in same] == [getattr(whole, name) for name in same]
        assert (whole.stepped_from, whole.why, whole.stepped_days) == (None, "it was asked for", whole.days)
        return report


def a_world(seed: int, days: int) -> Rows:
    """A company with thefts, changes that many make within two days, and each day somebody never seen before."""
    rng = Random(seed)
    rows = a_company(days=days, people=3, roles=1, seed=seed)
    rows += [row for number in rng.sample(range(FIRST, days), 4) for row in a_theft(number, victim=VICTIM)]
    for number in rng.sample(range(FIRST, days - 1), 3):
        for person in range(3):
            when = START + timedelta(days=number + person // 2, hours=12, minutes=person)
            action = {"action": f"iam:PutUserPolicy{number}", "write": True, "level": "permissions"}
            rows.append(an_event(**as_person(f"person{person}"), **action, event_time=when))
    for number in range(FIRST, days):
        who = as_person(f"newcomer{number}") if rng.random() < 0.3 else as_role(f"new-role{number}")
        rows.append(an_event(**who, action="s3:ListBuckets", event_time=START + timedelta(days=number, hours=20)))
    return numbered(rows)


@pytest.mark.parametrize(("seed", "timezone", "nights"), [(1, "America/New_York", 16), (2, "Asia/Seoul", 15)])
def test_night_after_night_it_comes_to_the_same(tmp_path: Path, seed: int, timezone: str, nights: int) -> None:
    rng, rows = Random(seed), a_world(seed, nights)
    rng.shuffle(rows)
    late, rows = [row for row in rows[:60] if row["event_time"].date() >= day(FIRST)], rows[60:]
    silent = rng.randrange(FIRST + 2, nights - 3)
    home = Home(tmp_path / "home", timezone=timezone)
    home.land([row for row in rows if row["event_time"].date() < day(FIRST)], evening(FIRST - 1))
    compared = []
    for number in range(FIRST, nights):
        if number != silent:
            home.land(of_day(rows, number), evening(number))
        if number > FIRST:
            home.score(number)
        lands = [row for row in late if rng.random() < 0.3 and row["event_time"].date() < day(number)]
        late = [row for row in late if not any(row is other for other in lands)]
        home.land(lands, evening(number))
        chance = rng.random()  # one night in three nobody trains
        if number in (FIRST, nights - 1) or chance < 0.35:
            compared.append(home.compare(number))
        elif chance < 0.67:
            home.train(number)
    assert [report.stepped_from is None for report in compared] == [True] + [False] * (len(compared) - 1)


LAST = FIRST + 3
"""The newest night of the home below."""


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was trained and scored on four nights, with the files of a fifth day."""
    home = Home(tmp_path_factory.mktemp("nights") / "home")
    rows = a_company(days=LAST + 2, people=3, roles=1) + a_theft(LAST - 1, victim=VICTIM)
    home.land([row for row in rows if row["event_time"].date() < day(FIRST)], evening(FIRST - 1))
    for number in range(FIRST, LAST + 2):
        home.land(of_day(rows, number), evening(number))
        if number > FIRST:
            home.score(number)
        if number <= LAST:
            home.train(number)
    return home.home


@pytest.fixture
def home(tmp_path: Path, nights: Path) -> Home:
    shutil.copytree(nights, tmp_path / "home")
    return Home(tmp_path / "home")


def judging(home: Home, number: int) -> str:
    """Id of the model of a day."""
    [found] = {info.model_id for info in Bundles(home.home).every() if info.day == day(number)}
    return found


def test_it_reads_the_days_that_are_new_and_says_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []
    view = ParquetActivity.view
    newest = judging(home, LAST)
    home.train(LAST)  # what was rewritten is fingerprinted
    monkeypatch.setattr(
        ParquetActivity, "view", lambda self, connection, **named: read.append(named) or view(self, connection, **named)
    )
    report, _ = home.train(LAST + 1)
    assert (report.stepped_from, report.stepped_days, report.why) == (newest, 1, "the newest model still holds")
    assert report.days == LAST + 1
    [*_, only] = [named["only"] for named in read if "only" in named]  # the gate looks at days as well
    assert only == {("111111111111", day(number)) for number in (LAST, LAST + 1)}, "that one's first minutes"


def test_where_nothing_is_new_nothing_is_written(home: Home) -> None:
    def stamps() -> dict[Path, int]:
        return {file: file.stat().st_mtime_ns for file in (home.home / "models").rglob("*") if file.is_file()}

    newest, before = judging(home, LAST), stamps()
    report = home.compare(LAST)
    assert (report.model_id, report.stepped_from, report.stepped_days) == (newest, newest, 0)
    assert stamps() == before


def test_it_is_learned_from_scratch_where_that_is_asked_for(home: Home) -> None:
    assert home.train(LAST + 1, from_scratch=True)[0].stepped_from is None


def raise_alert(number: int) -> Callable[[Home], None]:
    def act(home: Home) -> None:
        with open_store(home.home) as store:
            alert = an_alert(raised=True, day=day(number), principal_key=as_person("person2")["principal"])
            store.alerts.append([alert])

    return act


def land_history(number: int) -> Callable[[Home], None]:
    """Files of an account that nobody watched, of a day that was learnt."""

    def act(home: Home) -> None:
        rows = [row | {"account": "999900001111"} for row in a_theft(number, victim=VICTIM)]
        home.land(numbered(rows, "history"), evening(LAST + 1))

    return act


def damage(home: Home) -> None:
    [path] = [info.path for info in Bundles(home.home).every() if info.day == day(LAST)]
    (path / "pairs.parquet").write_bytes(b"evil")


def lose_place(home: Home) -> None:
    [path] = [info.path for info in Bundles(home.home).every() if info.day == day(LAST)]
    (path / "first_places.parquet").unlink()


def lose_key(home: Home) -> None:
    (home.home / "models.key").unlink()
    SigningKey(home.home / "models.key").make()


def set_other(**settings: Any) -> Callable[[Home], None]:
    def act(home: Home) -> None:
        home.settings = home.settings.model_copy(update=settings)

    return act


def publish_as_before(home: Home) -> None:
    """Models as they were published before they said what they were made of."""
    bundles = Bundles(home.home)
    for info in bundles.every():
        bundles.publish(bundles.load(info, PRIORS))


def forget_activity(home: Home) -> None:
    with open_store(home.home) as store:
        now = evening(LAST + 1)
        store.events.prune(day(4), now)
        gone = [segment for segment in store.manifest.every("activity/*") if segment.day < str(day(4))]
        store.activity.forget_damaged(gone, now=now)


ALERTS, ACTIVITY = "alerts were raised since on days that it had learnt", "activity of days that it had learnt has"
SETTINGS = "another version made it, or other settings"
CHANGES: dict[str, tuple[Callable[[Home], None], int | None, str]] = {
    "an alert of the newest day": (raise_alert(LAST), LAST, "the newest model still holds"),
    "an alert of a day that was learnt": (raise_alert(LAST - 1), LAST - 1, ALERTS),
    "an alert of a day before all models": (raise_alert(FIRST - 1), None, ALERTS),
    "history of a day that was learnt": (land_history(LAST - 2), LAST - 2, ACTIVITY),
    "history of a day before all models": (land_history(3), None, ACTIVITY),
    "history of a day before history": (land_history(-2), None, "history began on 2026-03-02 and begins on 2026-02-28"),
    "a damaged model": (damage, LAST - 1, "it is damaged"),
    "a damaged model's places": (lose_place, LAST - 1, "it is damaged"),
    "another key": (lose_key, None, "there was no model to go on from"),
    "another seed": (set_other(seed=7), None, SETTINGS),
    "another lateness": (set_other(lateness=timedelta(minutes=30)), None, SETTINGS),
    "another time zone": (set_other(timezone="Asia/Seoul"), None, SETTINGS),
    "models of before": (publish_as_before, None, "it does not say what it was made of"),
    "activity that is gone": (forget_activity, None, "history began on 2026-03-02 and begins on 2026-03-06"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_no_longer_holds_is_learned_anew_from_where_it_does(home: Home, name: str) -> None:
    change, start, why = CHANGES[name]
    expected = None if start is None else judging(home, start)
    change(home)
    report = home.compare(LAST + 1)
    assert report.stepped_from == expected
    assert why in report.why
    assert report.stepped_days == (report.days if start is None else LAST + 1 - start)


def test_other_code_learns_from_scratch(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "_hash_code", lambda: "another")
    report = home.compare(LAST + 1)
    assert (report.stepped_from, SETTINGS in report.why) == (None, True)


def test_what_is_merged_or_pruned_is_still_what_was_learnt(home: Home) -> None:
    with open_store(home.home) as store, store.events.writing(evening(LAST + 1)):
        home_before = store.events.version("111111111111", day(LAST))
        store.events.compact(evening(LAST + 1))
        store.events.prune(day(3), evening(LAST + 1))
        assert store.events.version("111111111111", day(1)) == ""
        assert home_before
    assert home.compare(LAST + 1).stepped_days == 1


def test_history_moves_on_in_strides_and_is_learned_anew_then(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_span, "SPAN_DAYS", 10)
    with open_store(home.home) as store:
        shutil.rmtree(store.home / "models")
    firsts = []
    for number in range(LAST - 3, LAST + 2):
        report = home.compare(number)
        firsts.append((report.first_day, report.stepped_from is None))
    began = [first for first, anew in firsts if anew]
    assert began == sorted({first for first, _ in firsts})
