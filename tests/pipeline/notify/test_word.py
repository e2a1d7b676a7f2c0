"""What people said of an alert is told: expected closes its message, malicious is told as such, once each."""

from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.feedback.choose import undo_mark
from pipeline.notify.config import PagerDutyNotifier, StdoutNotifier
from pipeline.notify.enqueue import enqueue
from pipeline.notify.notice import Maker, Notice
from pipeline.notify.outbox import Outbox
from pipeline.notify.outcome import Outcome
from pipeline.notify.word import find_words
from pipeline.settings import Settings
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.marks import Mark, Value
from tests.builders import an_alert

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""After the alerts were found."""


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "home") as store:
        yield store


def say(store, verdict, number=1, alert="a1", at=NOW, by="ana", **named):
    told = {
        "expected": {"values": (Value("write", "iam:CreateUser"),), "until": date(2026, 6, 1)},
        "malicious": {"days": (date(2026, 3, 2),)},
    }.get(verdict, {})
    made = Mark(
        id=f"{number:012x}", at=at, by=by, verdict=verdict, alert_id=alert, principal="p", **(told | named)
    )  # fmt: skip
    store.marks.add(made)
    return made


def undo(store, mark, number, by="bob"):
    store.marks.add(undo_mark(mark, store.marks.every(), f"{number:012x}", by, "", NOW))


def put(store, least="low"):
    words = find_words(store.marks.every())
    return enqueue(store, "n", StdoutNotifier(kind="stdout", least=least), Maker("n"), NOW, words=words)


def send(store):
    """What is sent: kinds, and what is new in each message."""
    sent = []
    for one in store.notices.waiting("n"):
        assert store.notices.claim("n", one, NOW + timedelta(hours=1))
        store.notices.end("n", one.id, "sent", NOW)
        sent.append((one.kind, tuple(one.content["changed"])))
    return sent


def told(store, least="low"):
    put(store, least)
    found = send(store)
    put(store, least)
    assert store.notices.waiting("n") == [], "nothing is told twice"
    return found


def test_expected_closes_and_more_of_the_same_stays_closed(store):
    store.alerts.append([an_alert("a1", severity="medium"), an_alert("a2")])
    assert told(store) == [("raised", ()), ("raised", ())]
    say(store, "expected", note="the new pipeline")
    assert told(store) == [("closed", ("ana marked it as expected: the new pipeline",))]
    store.alerts.append([an_alert("a1", 2, severity="medium")])
    assert told(store) == []


def test_what_becomes_graver_after_it_was_expected_is_told_anew_and_on_from_there(store):
    store.alerts.append([an_alert("a1", severity="medium")])
    told(store)
    say(store, "expected")
    told(store)
    store.alerts.append([an_alert("a1", 2, severity="high")])
    [(kind, why)] = told(store)
    assert kind == "raised"
    assert why == ("It was marked as expected, and is graver now.", "It was medium and is high now.")
    store.alerts.append([an_alert("a1", 3, severity="critical")])
    assert told(store) == [("updated", ("It was high and is critical now.",))]


def test_malicious_is_told_and_closes_nothing(store):
    store.alerts.append([an_alert("a1")])
    told(store)
    mark = say(store, "malicious", note="INC-118")
    assert told(store) == [("updated", ("ana marked it as malicious: INC-118",))]
    undo(store, mark, 2)
    assert told(store) == [("updated", ("bob took back that it was marked",))]


def test_a_word_that_is_taken_back_opens_it_again_however_often(store):
    store.alerts.append([an_alert("a1")])
    told(store)
    seen = []
    for number in (1, 3, 5):
        mark = say(store, "expected", number)
        seen += told(store)
        undo(store, mark, number + 1)
        seen += told(store)
    assert [kind for kind, _ in seen] == ["closed", "raised"] * 3


def test_malicious_after_expected_opens_it_again(store):
    store.alerts.append([an_alert("a1")])
    told(store)
    say(store, "expected", 1)
    told(store)
    say(store, "malicious", 2, by="bob")
    assert told(store) == [("raised", ("bob marked it as malicious",))]


def test_unsure_and_what_is_said_of_other_alerts_change_nothing(store):
    store.alerts.append([an_alert("a1")])
    told(store)
    say(store, "unsure")
    say(store, "expected", 2, alert="a9")
    assert told(store) == []


def test_what_was_expected_before_anybody_was_told_is_not_told_and_what_came_later_is(store):
    store.alerts.append([an_alert("a1", severity="medium")])
    say(store, "expected")
    assert told(store) == []
    store.alerts.append([an_alert("a1", 2, severity="medium")])
    assert told(store) == []
    store.alerts.append([an_alert("a1", 3, severity="critical")])
    assert [kind for kind, _ in told(store)] == ["raised"]


def test_expected_hides_no_revision_that_who_said_it_could_not_know(store):
    store.alerts.append([an_alert("a1", severity="low")])
    assert told(store, least="high") == []
    say(store, "expected", at=NOW - timedelta(days=300))
    store.alerts.append([an_alert("a1", 2, severity="critical")])
    assert [kind for kind, _ in told(store, least="high")] == ["raised"]


def test_what_waits_is_dropped_when_it_was_expected_and_told_with_the_word_when_malicious(store):
    store.alerts.append([an_alert("a1"), an_alert("a2")])
    put(store)
    say(store, "expected", 1)
    say(store, "malicious", 2, alert="a2")
    assert told(store) == [("raised", ("ana marked it as malicious",))]


def test_a_closing_message_that_waits_goes_when_the_word_is_taken_back(store):
    store.alerts.append([an_alert("a1")])
    told(store)
    mark = say(store, "expected")
    put(store)
    undo(store, mark, 2)
    assert told(store) == [("updated", ("bob took back that it was marked",))]


def test_an_index_is_named_where_the_name_is_whatever_somebody_wrote(store):
    store.alerts.append([an_alert("a1")])
    told(store)
    say(store, "malicious", by="the\nboss <!channel>", source="index", note="https://evil.example\x1b[2J")
    [(_, [sentence])] = told(store)
    assert "as the index of alerts says" in sentence
    assert not {"\n", "\x1b"} & set(sentence)
    assert "https://" not in sentence


class Pager:
    """Takes messages."""

    def __init__(self):
        self.sent: list[Notice] = []

    def send(self, notice: Notice, seconds: float) -> Outcome:
        self.sent.append(notice)
        return Outcome("sent")


def test_the_outbox_of_a_home_resolves_what_was_expected_and_outlives_a_log_that_cannot_be_read(store):
    pager = Pager()
    notifier = PagerDutyNotifier(kind="pagerduty", key="env:KEY")
    outbox = Outbox(store, Settings(home=store.home), {"oncall": notifier}, sinks=lambda _: pager)
    store.alerts.append([an_alert("a1", severity="high")])
    outbox.notify(NOW)
    say(store, "expected")
    outbox.notify(NOW)
    assert [one.state for one in pager.sent] == ["raised", "closed"]
    store.marks.path.unlink()
    store.marks.path.mkdir()
    store.alerts.append([an_alert("a2", severity="high")])
    outbox.notify(NOW)
    assert [one.alert_id for one in pager.sent] == ["a1", "a1", "a2"]
