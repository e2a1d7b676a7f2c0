"""Microsoft Teams: an adaptive card for a channel's webhook that a Workflow offers.

A TextBlock reads Markdown, and with it links and pictures that whoever named a role could write. So what comes from
data stands in a RichTextBlock, whose runs are text and nothing else; `{{…}}`, which cards read in both, is broken.
"""

import json
import re
from typing import Any, Final

from pipeline.notify.notice import Notice, list_facts, tell_foot, tell_item, tell_more, tell_related
from pipeline.notify.outcome import Outcome
from pipeline.notify.post import Poster

MOST_BYTES: Final = 24_000
"""Teams takes 28 kB."""
_COLOURS: Final = {"critical": "attention", "high": "warning", "medium": "accent", "low": "default"}


class Teams:
    """Posts to a channel."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster
        self.where = f"{poster.goal.origin}/***"

    def send(self, notice: Notice, seconds: float) -> Outcome:
        """Hand a message over once."""
        return self._poster.post(write_message(notice), {"content-type": "application/json"}, seconds)


def write_message(notice: Notice) -> bytes:
    """A notice as Teams takes it; what has no room is left out from the end."""
    body, foot = _write_body(notice), _runs(*tell_foot(notice)[bool(notice.link) :], subtle=True)
    words = notice.words
    left_out = [_runs(words.say("The rest has no room here: open it."), subtle=True)]
    document = _wrap(notice, [*body, foot])
    while len(document) > MOST_BYTES and len(body) > 1:
        body.pop()
        document = _wrap(notice, [*body, *left_out, foot])
    return document


def _write_body(notice: Notice) -> list[dict[str, Any]]:
    words = notice.words
    colour = _COLOURS.get(notice.severity, "default") if notice.state != "test" else "default"
    body = [_runs(notice.label, colour=colour, strong=True), _runs(notice.headline, large=True)]
    body += [_runs(*notice.changed)] if notice.changed else []
    if notice.who:
        facts = list_facts(notice, ", ".join(notice.accounts))
        body += [_named(name, text) for name, text in facts]
    if notice.why:
        why = [*notice.why, *([tell_related(notice)] if notice.related else [])]
        body += [_runs(words.say("Why"), strong=True), *(_runs(f"• {one}") for one in why)]
    for number, step in enumerate(notice.steps, 1):
        body += [_runs(words.say("What to do next"), strong=True)] if number == 1 else []
        body.append(_runs(f"{number}. {step.text}"))
        body += [_runs(command, code=True) for command in step.commands]
    body += [_runs(f"• {tell_item(item, words)}") for item in notice.items]
    return [*body, *([_runs(tell_more(notice))] if notice.more else [])]


def _wrap(notice: Notice, body: list[dict[str, Any]]) -> bytes:
    words = notice.words
    told = words.say("{label}: a message of oddtrail, which this program is too old to show.", label=notice.label)
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "fallbackText": told,
        "body": body,
    }
    if notice.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": words.say("Open"), "url": notice.link}]
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card}
    return json.dumps({"type": "message", "attachments": [attachment]}).encode()


def _runs(
    *lines: str, colour: str = "", strong: bool = False, large: bool = False, subtle: bool = False, code: bool = False
) -> dict[str, Any]:
    run: dict[str, Any] = {"type": "TextRun", "text": _text("\n".join(lines))}
    run |= {"color": colour} if colour else {}
    run |= {"weight": "bolder"} if strong else {}
    run |= {"size": "large"} if large else {}
    run |= {"isSubtle": True, "size": "small"} if subtle else {}
    run |= {"fontType": "monospace", "size": "small"} if code else {}
    return {"type": "RichTextBlock", "inlines": [run]}


def _named(name: str, text: str) -> dict[str, Any]:
    block = _runs(f"{name}  ", strong=True)
    block["inlines"].append({"type": "TextRun", "text": _text(text)})
    return block


def _text(text: str) -> str:
    """Text of a run.

    >>> _text("{{{DATE(2026-01-01)}} ${x}")
    '{ { {DATE(2026-01-01)}} $ {x}'
    """
    return re.sub(r"([{$])(?=\{)", r"\1 ", text)
