"""Markdown of an alert: no name in it is a link, an image, HTML, a mention or the end of a block."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from pipeline.alerts.related import Related
from pipeline.alerts.story import Line, Story
from pipeline.render.alert_markdown import code, fenced, write_markdown
from pipeline.stores.alert import Alert
from tests.builders import a_reason, an_alert
from tests.pipeline.alerts.test_playbook import a_harm, a_session, an_opener
from tests.pipeline.render.hostile import HOSTILE

ZONE = ZoneInfo("UTC")
MARKUP = [
    "[click](javascript:alert(1))", "![x](https://e.example/p.png)", "<img src=x onerror=alert(1)>", "$x$", ":skull:",
    "https://e.example", "www.e.example", "a@e.example", "@everyone", "#1", "| a | b |", "```", "`", "``", "~~~",
    "````\n# x", "# heading", "> q", "- [ ] task", "* * *", "1. x", "\\`", "x`![y](z)`", "<!-- ", "&lt;script&gt;",
    "    indented", "==", "", "` <b>x</b> `",
]  # fmt: skip
MARK = "ZQX"


def with_name(name: str) -> str:
    """The Markdown of an alert in which every name is this one."""
    session = a_session(
        access_key=name, session_name=name, identity=f"arn:aws:iam::1:user/{name}", agents=[name], addresses=[name],
        issued_keys=[name], opened_by=[an_opener(principal_name=name, access_key=name, address=name, action=name)],
    )  # fmt: skip
    harm = a_harm("persistence", "iam:CreateLoginProfile", resources=[f"user:{name}"])
    fields: dict[str, Any] = {
        "title": f"{name} did it", "principal": name, "principal_name": name, "principal_kind": name, "account": name,
        "accounts": [name], "reasons": [a_reason(text=name, value=name)], "sessions": [session], "harms": [harm],
        "influencers": [{"field": name, "values": [name], "share": 0.5}], "tactics": [name], "techniques": [name],
        "event_ids": [name], "model_id": name, "members": [name],
    }  # fmt: skip
    alert = msgspec.convert(an_alert().as_dict() | fields, Alert)
    story = Story([Line(datetime(2026, 3, 2, tzinfo=UTC), name, opens=True)], 3)
    return write_markdown(alert, ZONE, story, [Related(alert, (f"key {name}",))])


def outside_code(markdown: str) -> str:
    """What a Markdown reader takes as markup: all but blocks and spans of code, by CommonMark's rules for both."""
    kept, fence = [], ""
    for line in markdown.split("\n"):
        if fence:
            closing = re.fullmatch(r" *(`{3,}) *", line)
            fence = "" if closing and len(closing[1]) >= len(fence) else fence
        elif opening := re.match(r" *(`{3,})[^`]*$", line):
            fence = opening[1]
        else:
            kept.append(re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "CODE", line))
    assert not fence, "a block that never ends"
    return "\n".join(kept)


@pytest.mark.parametrize("name", [*MARKUP, *HOSTILE])
def test_a_name_changes_nothing_outside_of_code(name: str) -> None:
    plain, hurt = outside_code(with_name("x")), outside_code(with_name(name))
    commands = re.compile(r"\n\n(?=\d\.|\n###)")  # a name that no command may hold leaves its block out
    assert commands.sub("\n", hurt) == commands.sub("\n", plain)


@pytest.mark.parametrize("name", [*MARKUP, *HOSTILE])
def test_the_text_is_inert(name: str) -> None:
    assert with_name(name).replace("\n", "").isprintable()


def test_it_tells_all_parts() -> None:
    text = with_name(MARK)
    headings = ("What happened", "Why it is odd", "Who and with what", "What to do first", "The same hands", "Evidence")
    for heading in headings:
        assert f"### {heading}\n" in text
    assert text.startswith(f"## critical 91: `{MARK} did it`\n")
    assert "and 3 other calls in these hours" in text
    assert f"   aws iam delete-login-profile --user-name {MARK}\n" in text
    assert "nats" not in text


def test_without_events_it_says_so() -> None:
    assert "pruned" in write_markdown(an_alert(), ZONE, None, [])


@pytest.mark.parametrize("run", range(1, 6))
def test_a_fence_is_longer_than_what_is_in_it(run: int) -> None:
    assert fenced(["`" * run])[0].startswith("`" * max(3, run + 1))
    assert code("a" + "`" * run + "b").startswith("`" * (run + 1) + "a")
