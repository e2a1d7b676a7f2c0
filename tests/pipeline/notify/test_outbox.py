"""The outbox: whatever happens to a receiver or to us, each state of an alert is told, and once as far as we can."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from itertools import pairwise
from types import SimpleNamespace

import pytest

from pipeline.notify.address import parse_goal
from pipeline.notify.config import StdoutNotifier
from pipeline.notify.outbox import EACH, FIRST_WAIT, LONGEST_WAIT, SECONDS, TRIES, Outbox
from pipeline.notify.outcome import Outcome
from pipeline.notify.post import Poster
from pipeline.notify.slack import Slack
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from tests.builders import an_alert
from tests.pipeline.notify.playing import Place
from tests.pipeline.notify.receiver import hang, receiving, status

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def alert(name="a1", revision=1, severity="medium", **named):
    return an_alert(name, revision, severity=severity, **named)


def notifier(**named):
    return StdoutNotifier(kind="stdout", **named)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "home") as store:
        yield store


def an_outbox(store, place, name="n", **named):
    return Outbox(
        store, Settings(home=store.home), {name: notifier(**named)}, draw=lambda: 0.0, sinks=lambda one: place
    )


def test_each_state_is_told_once_and_nothing_else(store):
    place = Place()
    outbox = an_outbox(store, place)
    for revision in (
        alert(),
        alert(revision=2),
        alert("a2"),
        alert(revision=3, severity="critical"),
        alert(revision=4),
    ):
        store.alerts.append([revision])
        outbox.notify(NOW)
    assert place.told() == [("a1", "raised"), ("a2", "raised"), ("a1", "updated")]
    assert len(set(place.ids)) == 3
    assert outbox.notify(NOW + HOUR)["n"].left == 0
    assert len(place.came) == 3


def test_what_came_before_anybody_was_told_is_one_message_of_what_is_known_now(store):
    store.alerts.append(
        [alert(), alert(revision=2, severity="high"), alert(revision=3, severity="critical", title="all")]
    )
    place = Place()
    an_outbox(store, place).notify(NOW)
    [only] = place.came
    assert (only.state, only.severity, only.headline, only.revision) == ("raised", "critical", "all.", 3)


def test_a_drill_that_is_over_before_anybody_was_told_is_told_to_nobody(store):
    place = Place()
    outbox = an_outbox(store, place, quiet=("11:00-13:00"))
    store.alerts.append([alert(drill="d")])
    outbox.notify(NOW)
    store.alerts.append([alert(revision=2, drill="d", raised=False, held_because="drill")])
    assert outbox.notify(NOW + 2 * HOUR)["n"].left == 0
    assert place.came == []


def test_a_new_notifier_is_told_of_the_last_day_and_of_what_comes(store):
    old = NOW - timedelta(days=1, minutes=1)
    store.alerts.append([alert("old", detected_at=old.isoformat()), alert("new")])
    place = Place()
    outbox = an_outbox(store, place)
    outbox.notify(NOW)
    store.alerts.append([alert("late", detected_at=(NOW - HOUR).isoformat())])
    outbox.notify(NOW + timedelta(days=3))
    assert [name for name, _ in place.told()] == ["new", "late"]


def test_a_receiver_that_is_down_delays_and_loses_nothing_and_is_asked_ever_less_often(store):
    place = Place()
    place.down = "answers 500"
    outbox = an_outbox(store, place)
    store.alerts.append([alert(f"a{number}") for number in range(5)])
    asked = []
    for minute in range(6 * 60):
        told = outbox.notify(NOW + minute * MINUTE)["n"]
        assert told.problem == "answers 500"
        assert told.left == 5
        asked += [minute] * (len(place.came) - len(asked))
    gaps = [after - before for before, after in pairwise(asked)]
    assert gaps[0] == FIRST_WAIT / 60
    assert gaps == sorted(gaps)
    assert gaps[-1] == LONGEST_WAIT / 60
    place.down, place.came = "", []
    told = outbox.notify(NOW + 8 * HOUR)["n"]
    assert (told.sent, told.left, told.problem) == (5, 0, "")
    assert sorted(name for name, _ in place.told()) == [f"a{number}" for number in range(5)]


def test_before_a_receiver_that_fails_and_hangs_each_state_is_taken_once(store):
    """By real connections: an answer of 500, none at all, an answer of 503, and then it is well."""
    with receiving(status(500), hang, status(503)) as receiver:
        sink = Slack(Poster(parse_goal(receiver.url, allow_http=True), (ip_network("127.0.0.1/32"),)))
        place = SimpleNamespace(where=sink.where, send=lambda notice, seconds: sink.send(notice, 0.3))
        outbox = an_outbox(store, place)
        store.alerts.append([alert()])
        problems = {outbox.notify(NOW + minutes * MINUTE)["n"].problem for minutes in range(0, 60, 5)}
        store.alerts.append([alert(revision=2), alert(revision=3, severity="critical")])
        for minutes in range(60, 120, 5):
            assert outbox.notify(NOW + minutes * MINUTE)["n"].problem == ""
    assert {"500" in problem for problem in problems} == {True, False}
    first, *_, taken, graver = [request.body for request in receiver.requests]
    assert len(receiver.requests) == 5
    assert first == taken != graver
    assert store.notices.count("n") == {"sent": 2}


def test_retries_survive_a_restart_under_the_same_id(tmp_path):
    place = Place(Outcome("later", "hangs"))
    for number in range(4):
        with open_store(tmp_path / "home") as store:
            if not number:
                store.alerts.append([alert()])
            an_outbox(store, place).notify(NOW + number * timedelta(seconds=40))
    assert len(place.came) == 2, "once at first, once a minute later, and not again once it was taken"
    assert len(set(place.ids)) == 1


def test_a_receiver_is_left_alone_for_as_long_as_it_asks(store):
    place = Place(Outcome("later", "answers 429", after=600))
    outbox = an_outbox(store, place)
    store.alerts.append([alert(), alert("a2")])
    for minute in range(0, 12):
        outbox.notify(NOW + minute * MINUTE)
        assert len(place.came) == (1 if minute < 10 else 3)


def test_a_message_that_is_refused_keeps_none_of_the_others_and_is_given_up_at_last(store):
    class Picky(Place):
        def send(self, notice, seconds):
            self.came.append(notice)
            return Outcome("refused", "answers 400") if notice.alert_id == "bad" else Outcome("sent")

    place = Picky()
    outbox = an_outbox(store, place)
    store.alerts.append([alert("bad"), alert("good")])
    for minute in range(0, 120):
        outbox.notify(NOW + minute * MINUTE)
    names = [name for name, _ in place.told()]
    assert names.count("good") == 1
    assert names.count("bad") == TRIES
    [refused] = [one for one in store.notices.latest("n", 9) if one.state == "refused"]
    assert refused.problem == "answers 400"


def test_where_nothing_at_all_is_taken_nothing_is_given_up(store):
    """As with a key that is wrong, which PagerDuty answers as it answers a message that is."""
    place = Place(*[Outcome("refused", "answers 400: invalid key")] * 30)
    outbox = an_outbox(store, place)
    store.alerts.append([alert(), alert("a2")])
    for hour in range(12):
        outbox.notify(NOW + hour * HOUR)
    place.outcomes = []
    outbox.notify(NOW + 20 * HOUR)
    assert store.notices.count("n") == {"sent": 2}


def test_one_that_hangs_delays_neither_the_others_nor_the_tick(store):
    slow, quick = Place(), Place()
    slow.hangs = 30.0
    notifiers = {"slow": notifier(), "quick": notifier(least="medium")}
    outbox = Outbox(
        store, Settings(home=store.home), notifiers, sinks=lambda one: quick if one.least == "medium" else slow
    )
    store.alerts.append([alert(f"a{number}") for number in range(3)])
    began = time.monotonic()
    told = outbox.notify(NOW, seconds=2)
    assert time.monotonic() - began < 4
    assert told["slow"].problem == "no answer in time"
    assert told["slow"].left == 3
    began = time.monotonic()
    assert outbox.notify(NOW + HOUR)["quick"].left == 0
    assert time.monotonic() - began < 2
    assert len(slow.came) == 1, "it is not asked again while the first try is not back"
    assert sorted(name for name, _ in quick.told()) == ["a0", "a1", "a2"]
    assert SECONDS + EACH < 60


def test_something_that_raises_is_a_problem_and_no_end(store):
    class Broken(Place):
        def send(self, notice, seconds):
            raise RuntimeError("from a library\x1b[0m")

    store.alerts.append([alert()])
    told = an_outbox(store, Broken()).notify(NOW)["n"]
    assert told.left == 1
    assert told.problem == "RuntimeError: from a library\\x1b[0m"


def test_two_at_once_send_nothing_twice(tmp_path):
    """The second one runs while the first has a message under way."""
    folder, place = tmp_path / "home", Place()

    class Slow(Place):
        def send(self, notice, seconds):
            with open_store(folder) as other:
                an_outbox(other, place).notify(NOW)
            place.came.append(notice)
            return Outcome("sent")

    with open_store(folder) as store:
        store.alerts.append([alert(f"a{number}") for number in range(6)])
        an_outbox(store, Slow()).notify(NOW)
        assert store.notices.count("n") == {"sent": 6}
    assert len(place.ids) == len(set(place.ids)) == 6


def test_quiet_hours_hold_and_then_tell_in_one_and_the_critical_pass(store):
    place = Place()
    outbox = an_outbox(store, place, quiet="11:00-13:00")
    store.alerts.append([alert("a1"), alert("a2", severity="high"), alert("a3", severity="critical")])
    told = outbox.notify(NOW)["n"]
    assert (place.told(), told.left, told.problem) == ([("a3", "raised")], 2, "")
    store.alerts.append([alert("a1", 2, severity="high", title="more")])
    outbox.notify(NOW + 30 * MINUTE)
    outbox.notify(NOW + HOUR)
    digest = place.came[-1]
    assert digest.state == "digest"
    assert sorted(item.headline for item in digest.items) == ["deploy called iam:CreateAccessKey.", "more."]
    assert store.notices.count("n") == {"sent": 2, "folded": 2}
    assert len(place.came) == 2


def test_no_more_than_so_many_an_hour_and_the_rest_in_one(store):
    place = Place()
    outbox = an_outbox(store, place, most=5)
    for minute in range(50):
        store.alerts.append([alert(f"a{minute}-{number}") for number in range(3)])
        outbox.notify(NOW + minute * MINUTE)
    assert len(place.came) <= 5
    outbox.notify(NOW + 61 * MINUTE)
    outbox.notify(NOW + 130 * MINUTE)
    assert store.notices.count("n").get("waiting", 0) == 0
    counts = [1 if one.state == "raised" else len(one.items) + one.more for one in place.came]
    assert sum(counts) == 150, "each is told, alone or with others"
    assert len(place.came) <= 10


def test_a_file_of_alerts_that_was_put_back_tells_nothing_twice(store):
    place = Place()
    outbox = an_outbox(store, place)
    store.alerts.append([alert(), alert("a2")])
    outbox.notify(NOW)
    lines = store.alerts.path.read_bytes().splitlines(keepends=True)
    store.alerts.path.write_bytes(b"".join(reversed(lines)))
    store.alerts.append([alert("a3")])
    outbox.notify(NOW + MINUTE)
    assert [name for name, _ in place.told()] == ["a1", "a2", "a3"]


def test_a_spoilt_line_hides_none_of_the_others(store):
    place = Place()
    store.alerts.append([alert()])
    with store.alerts.path.open("ab") as file:
        file.write(b'{"alert_id": 7}\n\xff\xfe\n[[[\n')
    store.alerts.append([alert("a2")])
    an_outbox(store, place).notify(NOW)
    assert [name for name, _ in place.told()] == ["a1", "a2"]


def test_a_test_is_sent_whatever_the_hour_and_touches_no_outbox(store):
    place = Place()
    outbox = an_outbox(store, place, quiet_days="mon tue wed thu fri sat sun", most=1)
    assert outbox.test(NOW)["n"].result == "sent"
    assert place.came[0].state == "test"
    assert store.notices.count("n") == {}


PROGRAM = """
    import sys
    from datetime import UTC, datetime
    from ipaddress import ip_network
    from pipeline.notify.address import parse_goal
    from pipeline.notify.config import StdoutNotifier
    from pipeline.notify.outbox import Outbox
    from pipeline.notify.post import Poster
    from pipeline.notify.slack import Slack
    from pipeline.settings import Settings
    from pipeline.stores.home import open_store

    home, url, at = sys.argv[1:]
    sink = Slack(Poster(parse_goal(url, allow_http=True), (ip_network("127.0.0.1/32"),)))
    with open_store(home) as store:
        outbox = Outbox(store, Settings(home=home), {"n": StdoutNotifier(kind="stdout")}, sinks=lambda one: sink)
        print(outbox.notify(datetime.fromisoformat(at)))
"""


def run(home, url, at):
    program = textwrap.dedent(PROGRAM)
    command = [sys.executable, "-c", program, str(home), url, at.isoformat()]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})


def test_whoever_is_killed_while_sending_sends_it_again_later_and_then_never_again(tmp_path):
    with open_store(tmp_path / "home") as store:
        store.alerts.append([alert()])
    with receiving(hang) as receiver:
        process = run(tmp_path / "home", receiver.url, NOW)
        assert receiver.came.wait(30), "the message has left, and nobody knows what became of it"
        process.send_signal(signal.SIGKILL)
        process.wait()
        for minutes in (0.5, 2, 3, 120):
            assert run(tmp_path / "home", receiver.url, NOW + minutes * MINUTE).wait(60) == 0
    first, second = receiver.requests
    assert first.body == second.body
    with open_store(tmp_path / "home") as store:
        assert store.notices.count("n") == {"sent": 1}
