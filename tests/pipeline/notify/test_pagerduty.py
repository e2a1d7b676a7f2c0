"""What PagerDuty is given: one incident an alert, whatever is told of it."""

import json

import pytest

from pipeline.notify.address import parse_goal
from pipeline.notify.change import Change
from pipeline.notify.notice import Maker
from pipeline.notify.pagerduty import PagerDuty, write_event
from pipeline.notify.post import Poster
from pipeline.search.secret import Secret
from tests.builders import an_alert
from tests.pipeline.notify.hostile import HOSTILE, PAGE, a_hostile_digest, a_hostile_notice, every_text, strange_links
from tests.pipeline.notify.receiver import receiving, status
from tests.pipeline.notify.test_post import LOOPBACK

MAKER = Maker("n", "prod", page_url=PAGE)


def tell(state="raised", **named):
    return write_event(MAKER.tell(an_alert(**named), Change(state)))


def test_all_that_is_told_of_an_alert_is_one_incident():
    events = [tell(), tell("updated", revision=2), tell("closed", revision=3, raised=False)]
    assert {event["dedup_key"] for event in events} == {"oddtrail/prod/a1"}
    assert [event["event_action"] for event in events] == ["trigger", "trigger", "resolve"]
    assert tell(alert_id="a2")["dedup_key"] != events[0]["dedup_key"]


@pytest.mark.parametrize(
    ("ours", "theirs"), [("critical", "critical"), ("high", "error"), ("medium", "warning"), ("low", "info")]
)
def test_severities_are_theirs(ours, theirs):
    assert tell(severity=ours)["payload"]["severity"] == theirs


def test_a_digest_is_an_incident_of_its_own():
    digest = a_hostile_digest("x")
    assert write_event(digest)["dedup_key"] == digest.id


def test_the_key_arrives_and_is_never_said():
    key = Secret("R0UTINGKEY0123456789")
    with receiving(status(202), status(403, b"bad key R0UTINGKEY0123456789")) as receiver:
        goal = parse_goal(receiver.url, allow_http=True)
        sink = PagerDuty(Poster(goal, LOOPBACK, secrets=(str(key),)), key)
        notice = MAKER.tell(an_alert(), Change("raised"))
        assert sink.send(notice, 5).result == "sent"
        outcome = sink.send(notice, 5)
    event = receiver.requests[0].json
    assert event["routing_key"] == key
    assert event["payload"]["summary"] == "deploy called iam:CreateAccessKey."
    assert event["links"] == [{"href": f"{PAGE}/alert?id=a1", "text": "Open"}]
    assert key not in outcome.problem + sink.where + repr(sink)
    assert "answers 403" in outcome.problem


@pytest.mark.parametrize("name", HOSTILE)
def test_every_field_is_within_bounds_and_plain(name):
    for notice in (a_hostile_notice(HOSTILE[name]), a_hostile_digest(HOSTILE[name])):
        event = write_event(notice)
        assert len(event["payload"]["summary"]) <= 1_024
        assert len(event["dedup_key"]) <= 255
        assert len(json.dumps(event)) < 100_000
        assert [link for text in every_text(event["payload"]) for link in strange_links(text)] == []
