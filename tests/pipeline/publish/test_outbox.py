"""The outbox: whatever happens to the engine or to us, each alert ends there once, in its last revision."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from pipeline.documents.alert_names import HISTORY, RESULTS
from pipeline.publish.outbox import Published, publish
from pipeline.publish.setting import Setting
from pipeline.search.deadline import Deadline
from pipeline.stores.home import open_store
from tests.builders import an_alert
from tests.pipeline.publish.playing import Killed, PlayedTarget, Playing

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MONTH = f"{RESULTS}-2026.03"
ALERTS = [
    an_alert("a1"), an_alert("a2", record_score=80.0), an_alert("a1", 2, record_score=95.0),
    an_alert("a3", day="2026-04-01"), an_alert("a1", 3, record_score=97.0), an_alert("a2", 2, title="more"),
]  # fmt: skip


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "home") as store:
        yield store


def send(store, engine, **named):
    return publish(store, PlayedTarget(engine), NOW, **named)


def check(engine):
    """What has to be there once all of ALERTS were published."""
    there = engine.documents(RESULTS)
    assert {name: (each["revision"], each["initial_record_score"]) for name, each in there.items()} == {
        "a1": (3, 91.4), "a2": (2, 80.0), "a3": (1, 91.4),
    }  # fmt: skip
    assert there["a2"]["title"] == there["a2"]["message"] == "more"
    assert set(engine.documents(HISTORY)) == {"a1-1", "a1-2", "a1-3", "a2-1", "a2-2", "a3-1"}


def test_every_alert_is_told_once_and_every_revision_kept(store):
    engine = Playing()
    store.alerts.append(ALERTS)
    assert send(store, engine) == Published(sent=3, revisions=6, left=0)
    check(engine)
    before = engine.requests
    assert send(store, engine) == Published(0, 0, 0)
    assert engine.requests == before, "nobody is asked when there is nothing to tell"


def test_revisions_that_come_one_by_one_give_the_same(store):
    engine = Playing("elasticsearch")
    for alert in ALERTS:
        store.alerts.append([alert])
        assert send(store, engine).left == 0
    assert {each["revision"] for each in engine.documents("oddtrail-alerts-2026.03").values()} == {3, 2}
    assert engine.documents("oddtrail-alerts-2026.03")["a1"]["initial_record_score"] == 91.4
    assert set(engine.documents(HISTORY)) == {"a1-1", "a1-2", "a1-3", "a2-1", "a2-2", "a3-1"}


def test_every_revision_in_the_history_names_the_first_ones_score(store):
    engine = Playing()
    for alert in ALERTS:
        store.alerts.append([alert])
        send(store, engine)
    scores = {
        name: (each["initial_record_score"], each["record_score"]) for name, each in engine.documents(HISTORY).items()
    }
    assert scores == {
        "a1-1": (91.4, 91.4), "a1-2": (91.4, 95.0), "a1-3": (91.4, 97.0),
        "a2-1": (80.0, 80.0), "a2-2": (80.0, 91.4), "a3-1": (91.4, 91.4),
    }  # fmt: skip


def test_what_others_wrote_beside_an_alert_stays(store):
    engine = Playing()
    store.alerts.append(ALERTS[:1])
    send(store, engine)
    engine.write_beside(MONTH, "a1", {"triage": {"status": "closed", "owner": "ann"}, "mine": 1})
    store.alerts.append(ALERTS)
    send(store, engine)
    assert engine.documents(RESULTS)["a1"]["triage"] == {"status": "closed", "owner": "ann"}
    assert engine.documents(RESULTS)["a1"]["mine"] == 1
    check(engine)


def test_somebody_who_writes_between_reading_and_writing_loses_nothing(store):
    engine = Playing()
    store.alerts.append(ALERTS[:1])
    send(store, engine)
    engine.meanwhile = lambda engine: engine.write_beside(MONTH, "a1", {"triage": {"status": "open"}})
    store.alerts.append(ALERTS)
    assert send(store, engine).left == 0
    assert engine.documents(RESULTS)["a1"]["triage"] == {"status": "open"}
    check(engine)


def test_a_lower_revision_never_takes_the_place_of_a_higher_one(store, tmp_path):
    engine = Playing()
    store.alerts.append(ALERTS)
    send(store, engine)
    with open_store(tmp_path / "other") as other:
        other.alerts.append(ALERTS[:3])
        assert send(other, engine) == Published(sent=0, revisions=0, left=0)
    check(engine)


def test_an_engine_that_is_down_delays_and_loses_nothing(store):
    engine = Playing()
    store.alerts.append(ALERTS)
    engine.down = True
    told = send(store, engine)
    assert (told.sent, told.left) == (0, 6)
    assert "does not answer" in told.problem
    engine.down = False
    assert send(store, engine) == Published(sent=3, revisions=6, left=0)
    check(engine)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("requests", range(14))
def test_killed_at_any_request_it_goes_on_where_it_was(store, before, requests, monkeypatch):
    monkeypatch.setattr("pipeline.publish.outbox.BATCH", 2)
    engine = Playing()
    store.alerts.append(ALERTS)
    engine.cut_after, engine.cut_before = requests, before
    with suppress(Killed):
        send(store, engine)
    engine.cut_after = None
    assert send(store, engine).left == 0
    check(engine)


def test_an_answer_that_is_lost_doubles_nothing(store):
    engine = Playing()
    store.alerts.append(ALERTS)
    engine.silent_bulks = 1
    assert send(store, engine).left == 0
    check(engine)


def test_an_alert_that_is_refused_keeps_none_of_the_others_and_is_tried_again(store):
    engine = Playing()
    engine.refuse["a2"] = 400, "mapper_parsing_exception"
    store.alerts.append(ALERTS)
    told = send(store, engine)
    assert (told.sent, told.left) == (2, 1)
    assert told.problem == "refused: 400 mapper_parsing_exception refused by the test"
    store.alerts.append([an_alert("a4")])
    assert (send(store, engine).sent, "a4" in engine.documents(RESULTS)) == (1, True)
    engine.refuse.clear()
    assert send(store, engine) == Published(sent=1, revisions=0, left=0)
    check_without = engine.documents(RESULTS)
    del check_without["a4"]
    assert check_without["a2"]["revision"] == 2


def test_a_right_that_is_missing_holds_everything_back(store):
    engine = Playing()
    engine.refuse["a1"] = 403, "security_exception"
    store.alerts.append(ALERTS)
    told = send(store, engine)
    assert told.left == 6
    assert "403 security_exception" in told.problem
    engine.refuse.clear()
    assert send(store, engine).left == 0
    check(engine)


def test_an_index_that_was_removed_gets_back_what_it_had(store):
    engine = Playing()
    store.alerts.append(ALERTS)
    send(store, engine)
    del engine.indices[MONTH]
    store.alerts.append([an_alert("a4")])
    assert send(store, engine).left == 0
    assert set(engine.documents(MONTH)) == {"a1", "a2", "a4"}
    assert engine.documents(MONTH)["a1"]["initial_record_score"] == 91.4


@pytest.fixture
def refilling(store, monkeypatch):
    """An engine of which both indices of a month were removed, and one more alert of that month."""
    monkeypatch.setattr("pipeline.publish.outbox.BATCH", 2)
    engine = Playing()
    store.alerts.append(ALERTS)
    send(store, engine)
    del engine.indices[MONTH], engine.indices[f"{HISTORY}-2026.03"]
    store.alerts.append([an_alert("a4")])
    engine.requests = 0
    return engine


def check_refilled(engine):
    assert engine.documents(RESULTS).pop("a4")["revision"] == 1
    for index in list(engine.indices.values()):
        for name in ("a4", "a4-1"):
            index.pop(name, None)
    check(engine)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("requests", range(27))
def test_killed_at_any_request_while_an_index_gets_back_what_it_had(store, refilling, before, requests):
    refilling.cut_after, refilling.cut_before = requests, before
    with pytest.raises(Killed):
        send(store, refilling)
    refilling.cut_after = None
    store.alerts.append([an_alert("a4")])
    assert send(store, refilling).left == 0
    check_refilled(refilling)


@pytest.mark.parametrize("requests", range(1, 27))
def test_time_runs_out_at_any_request_while_an_index_gets_back_what_it_had(store, refilling, requests, monkeypatch):
    def end(seconds):
        return Deadline(seconds, now=lambda: 0.0 if refilling.requests < requests else seconds, sleep=lambda _: None)

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.publish.outbox.Deadline", end)
        assert send(store, refilling).left > 0
    assert send(store, refilling).left == 0
    check_refilled(refilling)


def test_what_is_refused_while_an_index_gets_back_what_it_had_is_tried_again(store, refilling):
    refilling.refuse["a2"] = 400, "mapper_parsing_exception"
    assert send(store, refilling).left > 0
    refilling.refuse.clear()
    assert send(store, refilling).left == 0
    check_refilled(refilling)


def test_a_history_that_was_removed_gets_back_what_it_had(store):
    engine = Playing()
    store.alerts.append(ALERTS)
    send(store, engine)
    del engine.indices[f"{HISTORY}-2026.03"]
    store.alerts.append([an_alert("a4")])
    assert send(store, engine) == Published(sent=1, revisions=6, left=0)
    assert set(engine.documents(HISTORY)) == {"a1-1", "a1-2", "a1-3", "a2-1", "a2-2", "a3-1", "a4-1"}


def test_what_is_refused_is_sent_with_all_the_rest_of_an_index_that_was_removed(store):
    engine = Playing()
    engine.refuse["a2"] = 400, "mapper_parsing_exception"
    store.alerts.append(ALERTS)
    send(store, engine)
    engine.refuse.clear()
    del engine.indices[MONTH]
    assert send(store, engine).left == 0
    check(engine)


def test_another_cluster_at_the_address_is_told_everything(store):
    store.alerts.append(ALERTS)
    send(store, Playing())
    empty = Playing()
    empty.cluster = "two"
    store.alerts.append([an_alert("a4")])
    assert send(store, empty).left == 0
    assert set(empty.documents(RESULTS)) == {"a1", "a2", "a3", "a4"}


def test_again_writes_what_is_there_in_the_same_revision(store):
    engine = Playing()
    store.alerts.append(ALERTS)
    send(store, engine)
    engine.meta["detector_id"] = "det2"
    assert send(store, engine) == Published(0, 0, 0)
    assert send(store, engine, again=True) == Published(sent=3, revisions=0, left=0)
    assert {each["detector_id"] for each in engine.documents(RESULTS).values()} == {"det2"}
    check(engine)


def test_a_file_that_was_put_back_from_a_copy_is_read_from_its_start(store):
    engine = Playing()
    store.alerts.append(ALERTS)
    send(store, engine)
    store.alerts.path.unlink()
    store.alerts.append([an_alert("b1"), *ALERTS])
    assert send(store, engine).left == 0
    assert "b1" in engine.documents(RESULTS)


@pytest.mark.parametrize(
    "noted", ["x", 7, {"offset": "x"}, {"offset": 5, "length": 99, "digest": "no"}, {"stuck": [3]}]
)
def test_a_place_that_is_none_means_the_start(store, noted):
    engine = Playing()
    store.alerts.append(ALERTS)
    store.state.put_checkpoint(f"publish {PlayedTarget(engine).name}", noted)
    assert send(store, engine).left == 0
    check(engine)


def test_lines_that_hold_no_alert_are_passed_over_and_a_torn_one_is_waited_for(store):
    engine = Playing()
    store.alerts.append(ALERTS[:1])
    with store.alerts.path.open("ab") as file:
        file.write(b"{torn}\n\n" + b'{"alert_id"')
    assert send(store, engine) == Published(sent=1, revisions=1, left=0)
    store.alerts.append(ALERTS)
    assert send(store, engine).left == 0
    check(engine)


def test_each_target_and_deployment_has_a_place_of_its_own(store):
    one, two = Playing(), Playing("elasticsearch", "other.example.com")
    store.alerts.append(ALERTS)
    assert send(store, one).sent == send(store, two).sent == 3
    other = publish(store, PlayedTarget(one, Setting(deployment="eu")), NOW)
    assert (other.sent, other.left) == (0, 0), "they are there"
    assert one.closed == 2


def test_time_that_runs_out_leaves_the_rest_for_the_next_call(store):
    engine = Playing()
    store.alerts.append(ALERTS)
    told = send(store, engine, seconds=0)
    assert (told.sent, told.left, told.problem) == (0, 6, "no time was left")
    assert send(store, engine).left == 0


def test_no_request_is_waited_for_longer_than_there_is_time(store):
    engine = Playing()
    store.alerts.append(ALERTS)
    send(store, engine, seconds=7)
    assert engine.requests > 5
    assert max(engine.timeouts) <= 7


def test_an_index_that_we_may_not_make_is_told(store):
    engine = Playing()
    engine.forbids_indices = True
    store.alerts.append(ALERTS)
    told = send(store, engine)
    assert told.left == 6
    assert f"does not let us make the index {MONTH} (403 security_exception no permissions)" in told.problem


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({}, "no template of oddtrail's for oddtrail-alerts: run `oddtrail setup URL`"),
        ({"made_by": "oddtrail", "version": 1}, "template of another oddtrail"),
    ],
)
def test_nothing_is_written_without_our_template(store, meta, said):
    engine = Playing()
    engine.meta = meta
    store.alerts.append(ALERTS)
    told = send(store, engine)
    assert said in told.problem
    assert not engine.indices


def test_the_newest_month_is_the_write_index_and_each_has_its_name(store):
    engine = Playing()
    store.alerts.append(ALERTS)
    send(store, engine)
    assert engine.aliases[MONTH] == {"oddtrail-alerts-2026.03": {}, RESULTS: {"is_write_index": False}}
    assert engine.aliases[f"{RESULTS}-2026.04"][RESULTS] == {"is_write_index": True}
