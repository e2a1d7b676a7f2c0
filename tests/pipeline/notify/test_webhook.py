"""Signed as the Standard Webhooks say, so that their libraries accept it and nobody else's words."""

import base64
import hashlib
import hmac
import json

import pytest

from pipeline.errors import SettingsError
from pipeline.notify.address import parse_goal
from pipeline.notify.change import Change
from pipeline.notify.notice import Maker
from pipeline.notify.post import Poster
from pipeline.notify.webhook import Webhook, read_key, write_event
from pipeline.search.secret import Secret
from tests.builders import an_alert
from tests.pipeline.notify.hostile import HOSTILE, a_hostile_digest, a_hostile_notice
from tests.pipeline.notify.receiver import receiving
from tests.pipeline.notify.test_post import LOOPBACK

OLD, NEW = (Secret("whsec_" + base64.b64encode(bytes([n]) * 32).decode()) for n in (1, 2))
NOTICE = Maker("n").tell(an_alert(), Change("raised"))


def verify(secret, request, now):
    """As a receiver does it, written from the specification and not from our code."""
    name, at = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    assert abs(int(at) - now) <= 300
    signed = b".".join([name.encode(), at.encode(), request.body])
    key = base64.b64decode(secret.split("_", 1)[1])
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [each.split(",", 1) for each in request.headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(signature, expected) for version, signature in given)


def sent(*secrets, times=1):
    with receiving() as receiver:
        poster = Poster(parse_goal(receiver.url, allow_http=True), LOOPBACK)
        for number in range(times):
            assert Webhook(poster, secrets, lambda at=1_000_000 + number: at).send(NOTICE, 5).result == "sent"
    return receiver.requests


def test_a_receiver_verifies_it_and_no_change_of_it():
    [request] = sent(NEW)
    assert verify(NEW, request, 1_000_100)
    assert not verify(OLD, request, 1_000_100)
    request.body += b" "
    assert not verify(NEW, request, 1_000_100)


def test_while_secrets_change_either_verifies_it():
    [request] = sent(NEW, OLD)
    assert verify(NEW, request, 1_000_000)
    assert verify(OLD, request, 1_000_000)


def test_a_message_keeps_its_id_and_body_however_often_it_is_sent():
    first, second = sent(NEW, times=2)
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"], "the time is another"


def test_what_it_says_is_what_the_notice_says():
    event = write_event(NOTICE)
    assert (event["type"], event["timestamp"]) == ("alert.raised", "2026-03-02T10:00:00Z")
    assert event["data"]["alert_id"] == "a1"
    assert event["data"]["headline"] == "deploy called iam:CreateAccessKey."


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_AAAA", "hunter2", "whsec_é", OLD[6:], "whsec_" + "A" * 31 + "!"])
def test_a_secret_that_is_none_is_refused_and_not_shown(text):
    with pytest.raises(SettingsError, match="openssl rand") as caught:
        read_key(Secret(text))
    assert not text or text in ("whsec_",) or text not in str(caught.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_an_attacker_writes_is_json_and_bounded(name):
    for notice in (a_hostile_notice(HOSTILE[name]), a_hostile_digest(HOSTILE[name])):
        body = json.dumps(write_event(notice)).encode()
        assert len(body) < 100_000
        assert json.loads(body)["data"]["id"] == notice.id
