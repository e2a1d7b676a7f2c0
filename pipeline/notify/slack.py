"""Slack: blocks for an incoming webhook.

Only three characters have a meaning that escaping takes (docs.slack.dev, "Formatting message text"): `&`, `<` and `>`.
`verbatim` has Slack make no links or mentions of what looks like one. Commands stand in a rich text block, which holds
text as it is.
"""

import json
from typing import Any, Final

from pipeline.notify.notice import Notice, list_facts, tell_foot, tell_item, tell_more, tell_related
from pipeline.notify.outcome import Outcome
from pipeline.notify.plain import fit
from pipeline.notify.post import Poster

MOST_TEXT: Final = 2_900
"""Characters of a section; Slack takes 3,000."""
MOST_BLOCKS: Final = 45
"""Slack takes 50."""
_FALLBACK: Final = 900
_MARKS: Final = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "⚪"}


class Slack:
    """Posts to a channel."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster
        self.where = f"{poster.goal.origin}/***"

    def send(self, notice: Notice, seconds: float) -> Outcome:
        """Hand a message over once."""
        body = json.dumps(write_blocks(notice)).encode()
        return self._poster.post(body, {"content-type": "application/json"}, seconds)


def write_blocks(notice: Notice) -> dict[str, Any]:
    """A notice as Slack takes it."""
    words = notice.words
    mark = "" if notice.state == "test" else f"{_MARKS.get(notice.severity, '')} "
    blocks = [_section(f"{mark}*{escape(notice.label)}*  {fit(notice.headline, 2_000, escape)}")]
    blocks += [_section(fit(" ".join(notice.changed), MOST_TEXT, escape))] if notice.changed else []
    if notice.who:
        facts = list_facts(notice, ", ".join(notice.accounts))
        blocks.append(_section("\n".join(f"*{name}*  {fit(text, 700, escape)}" for name, text in facts)))
    if notice.why:
        why = [*notice.why, *([tell_related(notice)] if notice.related else [])]
        blocks.append(_section("\n".join([f"*{words.say('Why')}*", *(f"• {fit(one, 600, escape)}" for one in why)])))
    for number, step in enumerate(notice.steps, 1):
        head = f"*{words.say('What to do next')}*\n" if number == 1 else ""
        blocks.append(_section(f"{head}{number}. {fit(step.text, MOST_TEXT - 100, escape)}"))
        blocks += [_commands(step.commands)] if step.commands else []
    for item in notice.items:
        named = fit(tell_item(item, words), MOST_TEXT - 900, escape)
        blocks.append(_section(f"• {named}" + (f"  <{_link(item.link)}|{words.say('open')}>" if item.link else "")))
    if notice.more:
        blocks.append(_section(escape(tell_more(notice))))
    if notice.link:
        blocks.append({"type": "actions", "elements": [_button(notice.link, words.say("Open"))]})
    foot = " · ".join(tell_foot(notice)[bool(notice.link) :])
    blocks.append({"type": "context", "elements": [_text(fit(foot, 500, escape))]})
    fallback = fit(f"{notice.label}: {notice.headline}", _FALLBACK, escape)
    last = blocks[-2:] if notice.link else blocks[-1:]
    kept = blocks if len(blocks) <= MOST_BLOCKS else [*blocks[: MOST_BLOCKS - len(last)], *last]
    return {"text": fallback, "blocks": kept, "unfurl_links": False, "unfurl_media": False}


def escape(text: str) -> str:
    """Text as Slack shows it, with nothing in it that Slack obeys.

    >>> escape("<!here> <https://e.example|x> a & *b*")
    '&lt;!here&gt; &lt;https://e.example|x&gt; a &amp; *\u2060b*\u2060'
    """
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, entity)
    for character in "*_~`":
        text = text.replace(character, f"{character}\u2060")
    return text


def _link(address: str) -> str:
    """An address of ours, within < and |."""
    return address.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")


def _text(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _text(text)}


def _commands(commands: tuple[str, ...]) -> dict[str, Any]:
    text = fit("\n".join(commands), MOST_TEXT)
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}],
    }


def _button(address: str, text: str) -> dict[str, Any]:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": text},
        "url": address,
        "action_id": "open",
    }
