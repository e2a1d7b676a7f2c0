"""Scoring that goes on decides as scoring at once does: tick by tick, after restarts, and whatever lands late."""

import gzip
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.declared import can_declare
from pipeline.connection import connect
from pipeline.detect.backtest import Backtest, run_backtest
from pipeline.detect.scoring import CHECKPOINT
from pipeline.detect.worker import catch_up, score
from pipeline.ingest.run import ingest
from pipeline.stores.home import Store, open_store
from pipeline.stores.jsonl.alerts import AlertsJsonl
from pipeline.stores.jsonl.entry import Entry
from pipeline.stores.jsonl.marks import Mark, Value
from tests.deliveries import SPLIT, World, a_world, delivered, steps
from tests.pipeline.detect.conftest import settings_of

pytestmark = pytest.mark.sweep


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return a_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def at_once(world: World, tmp_path_factory: pytest.TempPathFactory):
    """Revisions and checkpoint of a scoring of all at once."""
    with open_store(shutil.copytree(world.home, tmp_path_factory.mktemp("at_once") / "home")) as store:
        ingest(world.later, store.events, now=world.end)
        score(store, settings_of(store.home), world.end)
        return told(store)


def told(store: Store):
    counters = store.state.checkpoint(CHECKPOINT)["counters"]
    return [alert.as_dict() for alert in store.alerts.revisions()], counters, store.hour_scores.read().to_pylist()


def land(store: Store, files: list[Path], now: datetime) -> None:
    if files:
        ingest(files, store.events, now=now)


def go_on(store: Store, every, *, restart_at: int = 10**9) -> int:
    """Score at each time what landed by then, started anew after so many times; return how many revisions that made."""
    written, waiting = 0, [*every]
    while waiting:
        (now, landing), *others = waiting[:restart_at]
        with connect(1, 2**30) as connection:
            land(store, landing, now)
            scoring, _ = catch_up(store, settings_of(store.home), now, connection)
            written += scoring.written
            for later, landing_then in others:
                land(store, landing_then, later)
                written += len(scoring.go_on(later))
        waiting = waiting[restart_at:]
    return written


def test_a_backtest_decides_what_a_training_and_a_scoring_do(world, at_once, tmp_path):
    """Of the same files, in a store of its own, without a model that was ever saved."""
    trail = world.home.parent / "trail"
    run_backtest(Backtest([trail], SPLIT, tmp_path / "out"), settings_of(tmp_path / "nowhere"))
    assert [alert.as_dict() for alert in AlertsJsonl(tmp_path / "out/alerts.jsonl").revisions()] == at_once[0]


@pytest.fixture
def store(world: World, tmp_path: Path):
    with open_store(shutil.copytree(world.home, tmp_path / "home")) as store:
        yield store


@pytest.mark.parametrize(("minutes", "restart_at"), [((9, 22, 250), 10**9), ((131,), 4)])
def test_what_is_scored_as_it_arrives_is_what_scoring_at_once_decides(store, world, at_once, minutes, restart_at):
    written = go_on(store, steps(world, *minutes), restart_at=restart_at)
    assert told(store)[0] == at_once[0]
    assert len({alert["day"] for alert in at_once[0]}) > 1
    assert len(at_once[0]) > 20
    assert {day: told(store)[1][day] for day in at_once[1]} == at_once[1]
    assert written == len(at_once[0])
    assert told(store)[2] == at_once[2]
    assert at_once[2]


def test_what_arrives_is_decided_alike_with_room_in_files(store, world, at_once, monkeypatch):
    monkeypatch.setattr("pipeline.detect.mapped.LARGE", 1)
    go_on(store, steps(world, 53), restart_at=9)
    assert told(store)[0] == at_once[0]


def test_what_is_declared_counts_alike_tick_by_tick_and_at_once(store, world, at_once, tmp_path):
    """A value of the strongest alert is usual from the second day on, and its first day is not learnt."""
    told_of = max((alert for alert in at_once[0] if alert["day"] == str(SPLIT.date())), key=lambda a: a["record_score"])
    key, at = told_of["principal_key"], SPLIT + timedelta(hours=20)
    kept = Entry(id="1", at=at, by="ana", kind="kept_out", principal=key, day=SPLIT.date())
    usual = [
        Entry(id=f"2-{n}", at=at, by="ana", kind="usual", scope="deployment", dimension=one["dimension"],
              value=one["value"])
        for n, one in enumerate(reason for alert in at_once[0] for reason in alert["reasons"])
        if can_declare(one["dimension"])
    ]  # fmt: skip
    with open_store(shutil.copytree(world.home, tmp_path / "whole")) as whole:
        for home in (whole, store):
            for entry in (kept, *usual[::7]):
                home.declared.add(entry)
        ingest(world.later, whole.events, now=world.end)
        score(whole, settings_of(whole.home), world.end)
        wanted = told(whole)[0]
    go_on(store, steps(world, 151))
    assert told(store)[0] == wanted
    first, second = (
        [alert for alert in at_once[0] if (alert["day"] == str(SPLIT.date())) is today] for today in (True, False)
    )
    assert wanted[: len(first)] == first, "a day that had begun is judged as ever"
    assert wanted[len(first) :] != second


@pytest.mark.parametrize("by", ["declaring", "marking"])
def test_a_backtest_reads_what_was_declared_as_of_its_time(store, world, at_once, tmp_path, by):
    at = SPLIT + timedelta(hours=20)
    for number, alert in enumerate(at_once[0]):
        values = [(one["dimension"], one["value"]) for one in alert["reasons"] if can_declare(one["dimension"])][:1]
        if values and by == "declaring":
            [(dimension, value)] = values
            said = {"scope": "deployment", "dimension": dimension, "value": value}
            store.declared.add(Entry(id=str(number), at=at, by="ana", kind="usual", **said))
        elif values:
            said = {"alert_id": alert["alert_id"], "principal": alert["principal_key"], "until": SPLIT.date()}
            said |= {"verdict": "expected", "values": tuple(Value(*one) for one in values), "scope": "group"}
            said["until"] += timedelta(days=30)
            store.marks.add(Mark(id=f"{number:012x}", at=at, by="ana", **said))
    if by == "marking":
        said = {"verdict": "malicious", "alert_id": at_once[0][0]["alert_id"], "days": (SPLIT.date(),)}
        store.marks.add(Mark(id="f" * 12, at=at, by="ana", principal=at_once[0][0]["principal_key"], **said))
    ingest(world.later, store.events, now=world.end)
    score(store, settings_of(store.home), world.end)
    run_backtest(Backtest([world.home.parent / "trail"], SPLIT, tmp_path / "out"), settings_of(store.home))
    assert [alert.as_dict() for alert in AlertsJsonl(tmp_path / "out/alerts.jsonl").revisions()] == told(store)[0]
    assert told(store)[0] != at_once[0]


@pytest.mark.parametrize("minutes", [113, 151])
def test_what_lands_late_is_decided_as_by_scoring_each_time_anew(store, world, tmp_path, minutes):
    def shuffled():
        """Some files an hour late, and some a day."""
        held: list[tuple[datetime, Path]] = []
        for now, landing in steps(world, minutes):
            late = [path for number, path in enumerate(landing) if number % 9 == 4]
            held += [(now + timedelta(hours=26 if len(held) % 5 == 0 else 1), path) for path in late]
            due = [path for at, path in held if at <= now]
            held = [(at, path) for at, path in held if at > now]
            yield now, sorted([*(path for path in landing if path not in late), *due])

    with open_store(shutil.copytree(world.home, tmp_path / "anew")) as other:
        for now, landing in shuffled():
            land(other, landing, now)
            score(other, settings_of(other.home), now)
        wanted = [alert.as_dict() for alert in other.alerts.revisions()]
    go_on(store, shuffled())
    assert [alert.as_dict() for alert in store.alerts.revisions()] == wanted
    assert len(store.arrivals.late(None)) > 30


def test_what_comes_days_late_over_many_minutes_is_one_alert_as_at_once(store, world, tmp_path):
    """A trail stood still for a day, and delivers it when the day after next has begun."""
    stood, other = [], []
    for path in world.later:
        late = delivered(path) - SPLIT < timedelta(hours=22)
        (stood if late else other).append(path)
    begun = SPLIT + timedelta(days=2)
    late_ones = []
    for number, path in enumerate(stood):
        copy = tmp_path / re.sub(r"\d{8}T\d{4}Z", f"{begun + timedelta(minutes=number % 9):%Y%m%dT%H%MZ}", path.name)
        copy.write_bytes(path.read_bytes())
        late_ones.append(copy)
    end = begun + timedelta(minutes=20)
    with open_store(shutil.copytree(world.home, tmp_path / "at_once")) as whole:
        ingest([*other, *late_ones], whole.events, now=end)
        score(whole, settings_of(whole.home), end)
        wanted = told(whole)[0]
    late = [alert for alert in wanted if alert["late"]]
    assert max(alert["revision"] for alert in late) > 1
    assert len({alert["detected_at"] for alert in late}) > 3

    def minutes():
        waiting = sorted([*other, *late_ones], key=delivered)
        for now in [
            *(now for now, _ in steps(world, 151) if now < begun),
            *(begun + timedelta(minutes=n) for n in range(20)),
        ]:
            landing = [path for path in waiting if delivered(path) <= now]
            waiting = waiting[len(landing) :]
            yield now, landing

    go_on(store, minutes())
    assert told(store)[0] == wanted


def test_an_event_that_another_trail_delivers_again_counts_once(store, world, at_once, tmp_path):
    def doubled():
        before: list[Path] = []
        for now, landing in steps(world, 151):
            copies = []
            for path in before[::7]:  # the other trail is two minutes slower
                at = f"{delivered(path) + timedelta(minutes=2):%Y%m%dT%H%MZ}"
                copy = tmp_path / re.sub(r"\d{8}T\d{4}Z", at, path.name)
                copy.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1))
                copies.append(copy)
            yield now, [*landing, *copies]
            before = landing

    go_on(store, doubled())
    assert told(store)[0] == at_once[0]


def test_where_nothing_comes_a_day_ends_all_the_same(store, world):
    quiet = [(SPLIT + timedelta(hours=hours), []) for hours in range(0, 60, 4)]
    assert go_on(store, quiet) == 0
    assert store.state.checkpoint(CHECKPOINT)["day"] == str((quiet[-1][0]).date())


def go_on_by(store: Store, world: World, clock) -> None:
    """Score as files land, by a clock that is wrong now and then: it tells at which times each step looks."""
    first, *others = steps(world, 151)
    with connect(1, 2**30) as connection:
        land(store, first[1], first[0])
        scoring, _ = catch_up(store, settings_of(store.home), first[0], connection)
        for number, (now, landing) in enumerate(others):
            land(store, landing, now)
            for seen in clock(number, now):
                scoring.go_on(seen)


def test_a_clock_that_is_set_back_changes_nothing(store, world, at_once):
    hour = timedelta(hours=1)
    jumps = {3: [-hour], 4: [0 * hour, -hour, 0 * hour], 8: [-30 * hour, 0 * hour], 15: [-3 * hour], 16: [-hour]}
    go_on_by(store, world, lambda number, now: [now + jump for jump in jumps.get(number, [0 * hour])])
    assert told(store)[0] == at_once[0]
    assert {day: told(store)[1][day] for day in at_once[1]} == at_once[1]


@pytest.mark.parametrize("hours", [1, 24])
def test_a_clock_that_was_ahead_delays_and_neither_skips_nor_doubles_anything(store, world, at_once, hours):
    """What comes until the time that it told is judged as late; a watch has a clock of its own that does not jump."""
    go_on_by(store, world, lambda number, now: [now + timedelta(hours=hours), now] if number == 7 else [now])
    alerts, wanted = told(store)[0], at_once[0]
    assert {alert["alert_id"] for alert in alerts} == {alert["alert_id"] for alert in wanted}
    assert {alert["alert_id"] for alert in alerts if alert["raised"]} == {
        alert["alert_id"] for alert in wanted if alert["raised"]
    }
    assert len({(alert["alert_id"], alert["revision"]) for alert in alerts}) == len(alerts)
