"""The trainer: it learns what was delivered before a day, and publishes the model of that day."""

import shutil
from datetime import date, timedelta

import pytest

from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.detect import history_span
from pipeline.detect.trainer import FIRST_SCORED_DAYS, LEAST_DAYS, TrainReport, train
from pipeline.detect.walk import BURN_IN_DAYS
from pipeline.detect.worker import score
from pipeline.errors import NoHistoryError
from pipeline.ingest.run import ingest
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.fetched import Fetched, put_fetched
from pipeline.stores.home import Store, open_store
from tests.builders import an_alert
from tests.pipeline.detect.conftest import DAYS, NOW, PEOPLE, ROLES, THEFT_DAY, THIEF, settings_of
from tests.worlds import START, a_theft, a_trail

PRIORS = AttackPriors.from_dict(read_attack_priors())
FIRST = DAYS - 1 - FIRST_SCORED_DAYS
"""The day that a first training's model judges."""


def trained(store: Store, now=NOW) -> TrainReport:
    return train(store, settings_of(store.home), now)


def day(number):
    return str((START + timedelta(days=number)).date())


def damage(store):
    for info in Bundles(store.home).every():
        path = info.path / "pairs.parquet"
        path.write_bytes(path.read_bytes()[:-4] + b"evil")


def raised(store):
    return {alert.principal_name for alert in store.alerts.latest(raised=True)}


def test_a_first_training_leaves_the_last_week_to_the_first_scoring(untrained_store):
    report = trained(untrained_store)
    assert (report.first_day, report.day, report.newest_day) == (day(0), day(FIRST), day(DAYS - 1))
    assert (report.days, report.judged_days) == (FIRST, FIRST - BURN_IN_DAYS)
    assert report.principals == PEOPLE + ROLES
    [info] = Bundles(untrained_store.home).every()
    assert (info.model_id, str(info.day)) == (report.model_id, report.day)


def test_a_first_scoring_begins_after_the_first_day_of_which_there_are_events(untrained_store):
    begins = FIRST + 3
    for account, of in untrained_store.activity.days():
        if str(of) < day(begins):
            put_fetched(untrained_store.state, account, of, Fetched({}, "/mnt/shared", {}, stands=True))
    untrained_store.events.prune(date.fromisoformat(day(begins)), NOW)
    report = trained(untrained_store)
    assert (report.first_day, report.day) == (day(0), day(begins + 1))
    assert report.notes[0] == (
        f"the activity of {begins} account-days from {day(0)} to {day(begins - 1)} was fetched from /mnt/shared"
    )
    [info] = Bundles(untrained_store.home).every()
    fetched = Bundles(untrained_store.home).note(info)["fetched"]
    assert fetched == {"/mnt/shared": {"111111111111": [f"{day(0)}/{day(begins - 1)}"]}}


def test_a_training_learns_up_to_the_day_of_the_newest_delivery_and_not_that_day(store):
    report = trained(store)
    assert (report.day, report.newest_day, report.days) == (day(DAYS - 1), day(DAYS - 1), DAYS - 1)
    earlier = trained(store, START + timedelta(days=13, hours=1))
    assert (earlier.day, earlier.newest_day) == (day(13), day(13))


@pytest.mark.parametrize(("newest", "left"), [(LEAST_DAYS + FIRST_SCORED_DAYS - 1, 0), (LEAST_DAYS, 0)])
def test_a_history_too_short_to_leave_a_week_leaves_nothing(untrained_store, newest, left):
    report = trained(untrained_store, START + timedelta(days=newest, hours=12))
    assert (report.day, report.days) == (day(newest - left), newest)


def test_training_on_too_little_says_how_much_is_needed(untrained_store):
    with pytest.raises(NoHistoryError, match=f"there are 7 whole days .* at least {LEAST_DAYS} are needed"):
        trained(untrained_store, START + timedelta(days=LEAST_DAYS - 1, hours=23))
    assert Bundles(untrained_store.home).every() == []


def test_only_the_last_days_of_a_long_history_are_read(store, monkeypatch):
    monkeypatch.setattr(history_span, "SPAN_DAYS", 10)
    report = trained(store)
    assert (report.first_day, report.days) == (day(6), 10)


def test_a_training_twice_is_one_bundle(store):
    second, third = trained(store), trained(store)
    assert third.model_id == second.model_id
    assert [info.model_id for info in Bundles(store.home).every()][1:] == [second.model_id]


def test_trainings_and_their_gate_with_room_in_files_come_to_what_they_do_in_memory(refreshed, tmp_path, monkeypatch):
    """Every array that may leave memory does, bundles are in parts, and the second training goes on from the first."""

    def walk(home):
        with open_store(shutil.copytree(refreshed, home)) as store:
            trained(store)
            score(store, settings_of(home), NOW)
            second = trained(store, START + timedelta(days=DAYS - 2, hours=1))
            report = trained(store)
            newest = Bundles(home).every()[-1]
            told = [(each.model_id, each.stepped_from, each.gate) for each in (second, report)]
            return told, report.as_dict() | {"seconds": 0}, Bundles(home).load(newest, PRIORS).id()

    plain = walk(tmp_path / "plain")
    assert plain[0][1][1] == plain[0][0][0]  # the last one went on from the one before, and was held against it
    assert plain[0][1][2]["figures"][-1]["was"] is not None
    for name, size in (
        ("pipeline.detect.mapped.LARGE", 1), ("models.room.PIECE", 50), ("models.tables.MOST_ROWS", 25),
        ("models.tables.GROUP", 10), ("models.words.SORTED", 9), ("models.baseline.PART", 40),
    ):  # fmt: skip
        monkeypatch.setattr(name, size)
    assert walk(tmp_path / "parted") == plain
    assert list((tmp_path / "parted/models").glob("*/pairs-0001.parquet"))
    assert not list((tmp_path / "parted/spill").iterdir())


def test_activity_is_written_once_and_again_only_for_days_with_late_files(ingested, tmp_path):
    with open_store(shutil.copytree(ingested, tmp_path / "home")) as store:
        assert [trained(store).account_days for _ in range(2)] == [DAYS, 0]
        ingest([a_trail(tmp_path / "late", a_theft(5))], store.events, now=NOW)
        assert trained(store).account_days == 1


def test_what_an_alert_was_raised_about_is_kept_from_its_peers(store):
    def learnt(*alerts):
        store.alerts.append(alerts)
        trained(store)
        newest = Bundles(store.home).every()[-1].path
        content = (newest / "pairs.parquet").read_bytes()
        shutil.rmtree(newest)
        return content

    about = {"day": day(THEFT_DAY), "principal_key": f"idc/{THIEF}"}
    plain = learnt()
    assert learnt(an_alert(raised=False, **about)) == plain
    assert learnt(an_alert(revision=2, raised=True, **about)) != plain


def test_what_a_short_history_lacks_is_said(untrained_store):
    short, few = trained(untrained_store).notes
    assert short.startswith(f"a history of {FIRST} days is short of 21")
    assert few.startswith(f"{PEOPLE + ROLES} principals are few")


def test_a_model_lost_before_its_week_was_scored_is_fitted_for_that_week_again(store):
    [first] = Bundles(store.home).every()
    damage(store)
    again = trained(store)
    assert (again.model_id, again.day) == (first.model_id, str(first.day))
    score(store, settings_of(store.home), NOW)
    assert THIEF in raised(store)


def test_models_lost_after_scoring_are_fitted_from_where_it_stands(store):
    middle = START + timedelta(days=12, hours=5)
    score(store, settings_of(store.home), middle)
    trained(store)
    damage(store)
    assert trained(store).day == str(middle.date())
    score(store, settings_of(store.home), NOW)
    assert THIEF in raised(store)
