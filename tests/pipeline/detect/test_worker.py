"""The worker: every delivery is scored once, whatever interrupts it, and alerts are stored before it is remembered."""

import shutil
from datetime import date, timedelta

import pytest

from features.times.day import date_of
from pipeline.detect import scoring
from pipeline.detect.mapped import MappedSheet
from pipeline.detect.scoring import CHECKPOINT, KEPT_DAYS
from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.errors import ModelError, NoHistoryError
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import Store, open_store
from pipeline.stores.jsonl.alerts import AlertsJsonl
from pipeline.stores.sqlite.state import SqliteState
from tests.pipeline.detect.conftest import DAYS, NOW, THEFT_DAY, THIEF, settings_of
from tests.worlds import START

FIRST = DAYS - 1 - 7
"""The day that a first training's model judges."""


class KilledError(Exception):
    """As if the process had ended here."""


def scored(store: Store, now=NOW):
    return score(store, settings_of(store.home), now)


def day(number):
    return str((START + timedelta(days=number)).date())


def counters(store):
    return store.state.checkpoint(CHECKPOINT)["counters"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory, trained):
    """Revisions and checkpoint of a scoring that nothing interrupted."""
    with open_store(shutil.copytree(trained, tmp_path_factory.mktemp("whole") / "home")) as store:
        scored(store)
        return store.alerts.revisions(), store.state.checkpoint(CHECKPOINT)


def test_the_first_scoring_finds_the_theft_of_the_week_that_training_left(store):
    report = scored(store)
    assert (report.first_day, report.last_day) == (day(FIRST), day(DAYS - 1))
    alerts = store.alerts.latest(raised=True)
    assert {alert.day for alert in alerts if alert.principal_name == THIEF} == {date.fromisoformat(day(THEFT_DAY))}
    assert report.revisions == len(store.alerts.revisions()) > report.raised == report.open_alerts == len(alerts) > 0


def test_an_alert_names_the_model_that_judged_its_day_before_learning_it(store):
    first = scored(store, START + timedelta(days=FIRST, hours=23))
    assert first.model_id == Bundles(store.home).every()[0].model_id
    scored(store)
    for alert in store.alerts.revisions():
        judged = date_of(int(alert.model_id.partition("-")[0]))
        assert judged - alert.day in (timedelta(0), timedelta(days=1))


def test_scoring_again_changes_nothing(store):
    scored(store)
    before, checkpoint = store.alerts.path.read_bytes(), store.state.checkpoint(CHECKPOINT)
    again = scored(store)
    assert (again.revisions, again.raised) == (0, 0)
    assert again.open_alerts > 0
    assert store.alerts.path.read_bytes() == before
    assert store.state.checkpoint(CHECKPOINT) == checkpoint


@pytest.mark.parametrize(("before", "raises"), [(50.0, True), (None, True), (1.0, False), (..., False)])
def test_what_was_raised_of_another_budget_uses_up_nothing_of_this_one(store, before, raises):
    """Or a budget that is lowered would be used up for weeks."""
    kept = {"day": day(FIRST), "counters": {day(FIRST): [60, 3000]}, "until": 0}
    store.state.put_checkpoint(CHECKPOINT, kept if before is ... else kept | {"budget": before})
    report = score(store, settings_of(store.home).model_copy(update={"budget": 1.0}), NOW)
    assert (report.open_alerts > 0) == raises
    assert store.state.checkpoint(CHECKPOINT)["budget"] == 1.0
    assert counters(store)[day(FIRST)] == ([0, 0] if raises else [60, 3000])


def test_scoring_with_room_in_files_decides_as_in_memory(store, whole, monkeypatch):
    made = []
    monkeypatch.setattr("pipeline.detect.mapped.LARGE", 1)
    begin = MappedSheet.__init__
    monkeypatch.setattr(MappedSheet, "__init__", lambda *given: made.append(given) or begin(*given))
    scored(store)
    assert (store.alerts.revisions(), store.state.checkpoint(CHECKPOINT)) == whole
    assert len(made) > 100
    assert not list((store.home / "spill").iterdir())


def test_scoring_in_steps_decides_as_scoring_at_once(store, whole):
    for hours in range(FIRST * 24 + 7, DAYS * 24, 43):
        scored(store, START + timedelta(hours=hours, minutes=20))
    scored(store)
    assert (store.alerts.revisions(), store.state.checkpoint(CHECKPOINT)) == whole


def test_trainings_in_between_decide_as_the_worker_alone(store, whole):
    for number in (FIRST + 1, THEFT_DAY):
        scored(store, START + timedelta(days=number, hours=23, minutes=50))
        train(store, settings_of(store.home), START + timedelta(days=number + 1, minutes=20))
    scored(store)
    decided = [(alert.alert_id, alert.revision, alert.record_score, alert.raised) for alert in store.alerts.revisions()]
    assert decided == [(alert.alert_id, alert.revision, alert.record_score, alert.raised) for alert in whole[0]]


def test_alerts_are_stored_before_their_day_is_remembered(store, monkeypatch):
    order = []
    append, remember = AlertsJsonl.append, SqliteState.put_checkpoint

    def note_append(self, alerts):
        order.append("alerts")
        return append(self, alerts)

    def note_remember(self, name, value, *, token=0):
        order.append(value["day"])
        remember(self, name, value, token=token)

    monkeypatch.setattr(AlertsJsonl, "append", note_append)
    monkeypatch.setattr(SqliteState, "put_checkpoint", note_remember)
    scored(store)
    assert order == [step for number in range(FIRST, DAYS) for step in ("alerts", day(number))]


@pytest.mark.parametrize(("owner", "what"), [(AlertsJsonl, "append"), (SqliteState, "put_checkpoint")])
def test_killed_in_the_middle_of_a_day_nothing_is_lost_or_written_twice(store, whole, monkeypatch, owner, what):
    original, calls = getattr(owner, what), []

    def killed(*arguments, **named):
        calls.append(arguments)
        if len(calls) == THEFT_DAY - FIRST + 1:
            raise KilledError
        return original(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(owner, what, killed)
        with pytest.raises(KilledError):
            scored(store)
    assert store.state.checkpoint(CHECKPOINT)["day"] == day(THEFT_DAY - 1)
    written = len(store.alerts.revisions())
    assert scored(store).revisions == len(whole[0]) - written
    assert (store.alerts.revisions(), store.state.checkpoint(CHECKPOINT)) == whole


def test_the_budgets_counters_are_remembered_as_each_day_began(store):
    scored(store)
    days = counters(store)
    assert list(days) == [day(number) for number in range(FIRST, DAYS)]
    assert days[day(FIRST)] == [0, 0]
    assert [count for count, _ in days.values()] == list(range(DAYS - FIRST))
    raised_before_theft, raised_after = days[day(THEFT_DAY)][1], days[day(THEFT_DAY + 1)][1]
    assert raised_after > raised_before_theft


def test_only_so_many_days_counters_are_remembered(store, monkeypatch):
    assert KEPT_DAYS >= 14, "a model that is kept is never older than that"
    monkeypatch.setattr(scoring, "KEPT_DAYS", 3)
    scored(store)
    assert list(counters(store)) == [day(number) for number in range(DAYS - 3, DAYS)]


def test_nothing_that_is_delivered_later_than_now_is_seen(store):
    report = scored(store, START + timedelta(days=THEFT_DAY, hours=13))
    assert report.last_day == day(THEFT_DAY)
    assert THIEF not in {alert.principal_name for alert in store.alerts.latest(raised=True)}
    assert scored(store).raised > 0


def test_it_scores_with_the_newest_model_that_is_old_enough(store):
    scored(store, START + timedelta(days=12, hours=23))
    middle = train(store, settings_of(store.home), START + timedelta(days=12, hours=1))
    train(store, settings_of(store.home), NOW)
    report = scored(store)
    assert (report.model_id, report.first_day) == (middle.model_id, day(12))


def test_before_the_first_scoring_the_oldest_model_is_used(store):
    oldest = Bundles(store.home).every()[0]
    train(store, settings_of(store.home), NOW)
    assert len(Bundles(store.home).every()) == 2
    assert scored(store).model_id == oldest.model_id


def test_scoring_without_a_model_says_to_train(untrained_store):
    with pytest.raises(ModelError, match="oddtrail train"):
        scored(untrained_store)


def test_a_model_that_was_changed_on_disk_is_not_opened(store):
    [info] = Bundles(store.home).every()
    path = info.path / "pairs.parquet"
    path.write_bytes(path.read_bytes()[:-4] + b"evil")
    with pytest.raises(ModelError, match=r"pairs\.parquet is missing or changed"):
        scored(store)
    assert store.state.checkpoint(CHECKPOINT) is None


def test_where_nothing_was_delivered_since_the_models_day_it_says_so(store):
    with pytest.raises(NoHistoryError, match=f"nothing was delivered since {day(FIRST)}"):
        scored(store, START + timedelta(days=FIRST - 1))


def test_the_report_has_the_alerts_that_are_new_or_were_revised(store):
    report = scored(store, START + timedelta(days=THEFT_DAY + 1))
    assert {alert.alert_id: alert.revision for alert in report.alerts} == {
        alert.alert_id: alert.revision for alert in store.alerts.latest()
    }
    assert [alert["alert_id"] for alert in report.as_dict()["alerts"]] == [alert.alert_id for alert in report.alerts]
    assert scored(store, START + timedelta(days=THEFT_DAY + 1)).alerts == []
    later = scored(store)
    assert len(later.alerts) < len(store.alerts.latest())


def test_days_that_no_model_is_left_for_are_counted(store):
    scored(store, START + timedelta(days=FIRST, hours=20, minutes=20))
    train(store, settings_of(store.home), START + timedelta(days=FIRST + 3, minutes=30))
    bundles = Bundles(store.home)
    shutil.rmtree(bundles.every()[0].path)
    assert scored(store).never_judged > 0
