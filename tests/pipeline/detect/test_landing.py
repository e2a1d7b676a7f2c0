"""Files that land after their deliveries were scored are judged when they come, or counted."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from features.times.day import day_number
from features.times.instant import micros
from models.model import LATE_DAYS
from pipeline.detect.landing import remember_watched, settle_landed
from pipeline.detect.scoring import CHECKPOINT, UNTIL
from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.ingest.run import ingest
from pipeline.stores.fetched import Fetched, put_fetched
from pipeline.stores.home import Store, open_store
from pipeline.stores.unjudged import count_unjudged
from tests.pipeline.detect.conftest import DAYS, NOW, PEOPLE, ROLES, THEFT_DAY, THIEF, settings_of
from tests.worlds import START, a_company, a_theft, a_trail, as_person, numbered


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was trained and has scored a week in which nothing happened."""
    home = tmp_path_factory.mktemp("honest") / "home"
    with open_store(home) as store:
        land(store, home.parent / "trail", a_company(days=DAYS, people=PEOPLE, roles=ROLES))
        train(store, settings_of(home), NOW)
        score(store, settings_of(home), NOW)
    return home


@pytest.fixture
def store(tmp_path: Path, honest: Path):
    with open_store(shutil.copytree(honest, tmp_path / "home")) as store:
        yield store


def land(store: Store, folder: Path, rows) -> None:
    ingest([a_trail(folder, rows)], store.events, now=NOW)


def theft(number):
    return a_theft(number, victim=as_person(THIEF))


def theft_alerts(store, number):
    day = (START + timedelta(days=number)).date()
    return [alert for alert in store.alerts.revisions() if alert.day == day and alert.principal_name == THIEF]


@pytest.mark.parametrize("days", [0, 1, 3, 6])
@pytest.mark.parametrize("trained", [False, True])
def test_what_lands_days_later_is_judged_and_worded_as_late(store, tmp_path, days, trained):
    number = DAYS - 1 - days
    if trained:
        train(store, settings_of(store.home), NOW)
    land(store, tmp_path / "late", theft(number))
    report = score(store, settings_of(store.home), NOW)
    alerts = [alert for alert in theft_alerts(store, number) if alert.raised]
    assert ("write", "iam:CreateUser") in {(reason.dimension, reason.value) for reason in alerts[-1].reasons}
    if days:
        assert alerts[-1].late
        assert "delivered" in alerts[-1].title
        assert alerts[-1].delay_minutes > (days - 1) * 1440
    assert count_unjudged(store.state) == report.never_judged == 0


def test_a_training_before_the_scoring_does_not_learn_what_landed_late_as_history(store, tmp_path):
    land(store, tmp_path / "late", theft(THEFT_DAY))
    train(store, settings_of(store.home), NOW)
    score(store, settings_of(store.home), NOW)
    assert any(alert.late and alert.raised for alert in theft_alerts(store, THEFT_DAY))


def test_scoring_again_after_what_came_late_changes_nothing(store, tmp_path):
    land(store, tmp_path / "late", theft(THEFT_DAY))
    score(store, settings_of(store.home), NOW)
    before = store.alerts.path.read_bytes()
    again = score(store, settings_of(store.home), NOW)
    assert (again.revisions, store.alerts.path.read_bytes()) == (0, before)


def test_what_lands_after_more_than_the_limit_is_counted(store, tmp_path):
    later = store.state.checkpoint(CHECKPOINT)
    moved = later | {UNTIL: later[UNTIL] + (LATE_DAYS + 3) * 86_400_000_000}
    store.state.put_checkpoint(CHECKPOINT, moved)
    rows = theft(THEFT_DAY)
    land(store, tmp_path / "late", rows)
    settle_landed(store, settings_of(store.home), judged=day_number(date(2026, 4, 20)), closed=moved[UNTIL])
    assert count_unjudged(store.state) == len(rows)
    assert store.arrivals.late(until=None) == store.arrivals.waiting() == []


def test_a_file_that_reaches_days_back_from_its_own_delivery_is_remembered(store, tmp_path):
    rows = theft(DAYS)
    delivered = START + timedelta(days=DAYS + 2, hours=12)
    [file] = a_trail(tmp_path / "trail", rows).iterdir()
    file.rename(file.with_name(f"{rows[0]['account']}_CloudTrail_us-east-1_{delivered:%Y%m%dT%H%MZ}_a.json.gz"))
    ingest([file.parent], store.events, now=NOW)
    closed = store.state.checkpoint(CHECKPOINT)[UNTIL]
    settle_landed(store, settings_of(store.home), judged=day_number(START.date()) + DAYS - 1, closed=closed)
    [late] = store.arrivals.late(until=None)
    assert (late.at, late.first) == (micros(delivered), micros(min(row["event_time"] for row in rows)))


def test_the_past_of_an_account_that_nobody_watched_is_history(store, tmp_path):
    other = [row | {"account": "999900001111"} for row in theft(THEFT_DAY)]
    land(store, tmp_path / "other", numbered(other, "other"))
    settle_landed(
        store,
        settings_of(store.home),
        judged=day_number(START.date()) + DAYS - 1,
        closed=store.state.checkpoint(CHECKPOINT)[UNTIL],
    )
    assert store.arrivals.late(until=None) == store.arrivals.waiting() == []
    assert count_unjudged(store.state) == 0


@pytest.mark.parametrize(("fetched", "late"), [(THEFT_DAY - 1, 1), (THEFT_DAY, 0)])
def test_an_account_of_which_activity_was_fetched_is_watched_from_the_day_after_that(store, tmp_path, fetched, late):
    day = (START + timedelta(days=fetched)).date()
    put_fetched(store.state, "999900001111", day, Fetched({}, "/mnt/shared", {}, stands=True))
    remember_watched(store)
    other = [row | {"account": "999900001111"} for row in theft(THEFT_DAY)]
    land(store, tmp_path / "other", numbered(other, "other"))
    closed = store.state.checkpoint(CHECKPOINT)[UNTIL]
    settle_landed(store, settings_of(store.home), judged=day_number(START.date()) + DAYS - 1, closed=closed)
    assert len(store.arrivals.late(until=None)) == late


def test_before_the_first_scoring_all_is_history(tmp_path):
    with open_store(tmp_path / "home") as store:
        land(store, tmp_path / "trail", a_company(days=DAYS, people=PEOPLE, roles=ROLES))
        assert store.arrivals.waiting()
        train(store, settings_of(store.home), NOW)
        assert store.arrivals.waiting() == store.arrivals.late(until=None) == []
