"""What Slack is given: nothing of what an attacker wrote does anything there."""

import json
import re

import pytest

from pipeline.notify import slack
from pipeline.notify.address import parse_goal
from pipeline.notify.change import Change
from pipeline.notify.notice import Maker
from pipeline.notify.post import Poster
from pipeline.notify.slack import Slack, write_blocks
from tests.builders import an_alert
from tests.pipeline.notify.hostile import HOSTILE, PAGE, a_hostile_digest, a_hostile_notice, strange_links
from tests.pipeline.notify.receiver import receiving
from tests.pipeline.notify.test_post import LOOPBACK


def marked(value):
    """Texts that Slack reads as mrkdwn, the fallback among them."""
    if isinstance(value, dict):
        own = [value["text"]] if value.get("type") == "mrkdwn" else []
        return own + [text for each in value.values() for text in marked(each)]
    return [text for each in value for text in marked(each)] if isinstance(value, list) else []


def faults(document):
    """What Slack would obey, and what it would refuse."""
    found = []
    for text in [document["text"], *marked(document["blocks"])]:
        ours = re.sub(rf"<{re.escape(PAGE)}(/alert\?id=[^<>|]*)?\|open>", "", text)
        found += [f"obeyed: {ours}"] * bool(re.search(r"[<>]", ours))
        found += [f"entity: {text}"] * bool(re.search(r"&(?!(amp|lt|gt);)", text))
        found += strange_links(ours)
        found += ["long"] * (len(text) > 3_000)
    found += [block["type"] for block in document["blocks"] if block["type"] not in KINDS]
    found += ["not verbatim"] * (
        json.dumps(document).count('"mrkdwn"') != json.dumps(document).count('"verbatim": true')
    )
    return found + ["many blocks"] * (len(document["blocks"]) > 50)


KINDS = {"section", "rich_text", "actions", "context"}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_of_what_an_attacker_wrote_does_anything(name):
    for notice in (a_hostile_notice(HOSTILE[name]), a_hostile_digest(HOSTILE[name])):
        assert faults(write_blocks(notice)) == []


def test_the_test_sees_what_is_not_escaped(monkeypatch):
    monkeypatch.setattr(slack, "escape", lambda text: text)
    assert faults(write_blocks(a_hostile_notice(HOSTILE["slack"]))) != []


def test_it_arrives_and_says_the_sentence_first():
    with receiving() as receiver:
        sink = Slack(Poster(parse_goal(receiver.url, allow_http=True), LOOPBACK))
        assert sink.send(Maker("n", page_url=PAGE).tell(an_alert(), Change("raised")), 5).result == "sent"
        assert "SECRET" not in sink.where
    document = receiver.requests[0].json
    assert document["text"] == "CRITICAL: deploy called iam:CreateAccessKey."
    assert document["blocks"][0]["text"]["text"] == "🔴 *CRITICAL*  deploy called iam:CreateAccessKey."
    [button] = [block for block in document["blocks"] if block["type"] == "actions"]
    assert button["elements"][0]["url"] == f"{PAGE}/alert?id=a1"
    assert "aws iam put-role-policy --role-name deploy" in json.dumps(document)
