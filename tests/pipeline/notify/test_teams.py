"""What Teams is given: runs of text, which hold no Markdown, and no link but ours."""

import json

import pytest

from pipeline.notify.change import Change
from pipeline.notify.notice import Maker
from pipeline.notify.teams import MOST_BYTES, write_message
from tests.builders import an_alert
from tests.pipeline.notify.hostile import HOSTILE, PAGE, a_hostile_digest, a_hostile_notice, every_text, strange_links


def faults(document):
    """What Teams would obey, and what it would refuse."""
    [attachment] = document["attachments"]
    card = attachment["content"]
    found = [block["type"] for block in card["body"] if block["type"] != "RichTextBlock"]
    found += [run["type"] for block in card["body"] for run in block["inlines"] if run["type"] != "TextRun"]
    found += [text for text in every_text(card["body"]) if "{{" in text or "${" in text or strange_links(text)]
    found += [str(action) for action in card["actions"] if not action["url"].startswith(PAGE)]
    return found + [each for each in every_text(card["fallbackText"]) if "evil" in each]


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_of_what_an_attacker_wrote_does_anything(name):
    for notice in (a_hostile_notice(HOSTILE[name]), a_hostile_digest(HOSTILE[name])):
        body = write_message(notice)
        assert len(body) <= MOST_BYTES
        assert faults(json.loads(body)) == []


def test_the_test_sees_markdown_and_templates():
    document = json.loads(write_message(a_hostile_notice("x")))
    card = document["attachments"][0]["content"]
    card["body"].append({"type": "TextBlock", "text": "[x](https://evil.example)", "inlines": []})
    card["body"][0]["inlines"][0]["text"] = "{{DATE(2026-01-01)}}"
    assert len(faults(document)) >= 2


def test_a_card_says_who_why_and_what_to_do():
    [attachment] = json.loads(write_message(Maker("n", page_url=PAGE).tell(an_alert(), Change("raised"))))[
        "attachments"
    ]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    texts = every_text(attachment["content"]["body"])
    for part in ("CRITICAL", "deploy called iam:CreateAccessKey.", "Why", "What to do next"):
        assert part in texts


def test_what_has_no_room_is_left_out_and_said():
    body = write_message(a_hostile_digest("é" * 300))
    assert len(body) <= MOST_BYTES
    assert b"The rest has no room here" in body
