"""An alert as Markdown, for a ticket.

Whatever comes from data stands in code, inline or fenced, with a fence longer than any run of backticks in it: there
Markdown reads no link, no image, no HTML, no table, no mention. Outside of code there are only words of ours.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from pipeline.alerts.playbook import advise
from pipeline.alerts.related import Related
from pipeline.alerts.story import Story
from pipeline.alerts.wording import write_held, write_session
from pipeline.render.alert import GONE, ID_SHOWN, SCALE, write_influencer, write_span
from pipeline.stores.alert import Alert
from pipeline.text.inert import inert
from pipeline.text.plural import plural

LONGEST = 1000
"""Characters of one line."""


def write_markdown(alert: Alert, zone: ZoneInfo, story: Story | None, related: Sequence[Related]) -> str:
    """The whole of an alert as one Markdown document."""
    return "\n".join(_write(alert, zone, story, related)) + "\n"


def code(text: str) -> str:
    """Text as inline code, inert.

    >>> code("[x](http://e.example)"), code("a`b"), code("``")
    ('`[x](http://e.example)`', '``a`b``', '``` `` ```')
    """
    shown = inert(text, longest=LONGEST)
    shown = re.sub(r"\s+", " ", shown).strip() or "-"
    fence = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def fenced(lines: Iterable[str], language: str = "text", indent: str = "") -> list[str]:
    """Lines as a block of code, inert, a line a line."""
    shown = [inert(line, longest=10_000) for line in lines]
    fence = "`" * max(3, max((_longest_run(line) for line in shown), default=0) + 1)
    return [f"{indent}{line}" for line in (f"{fence}{language}", *shown, fence)]


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _write(alert: Alert, zone: ZoneInfo, story: Story | None, related: Sequence[Related]) -> Iterator[str]:
    yield f"## {alert.severity} {alert.record_score:.0f}: {code(alert.title)}"
    yield ""
    yield f"- Who: {code(alert.principal_name)} ({code(alert.principal_kind)}), {code(alert.principal)}"
    yield f"- Where: {', '.join(map(code, alert.accounts))}"
    yield f"- When: {write_span(alert, zone)}"
    held = write_held(alert)
    yield f"- Raised: {'yes' if alert.raised else ', '.join(filter(None, ['no', held]))}"
    yield f"- Alert: {code(alert.alert_id)}, revision {alert.revision}, model {code(alert.model_id)}"
    if alert.tactics or alert.techniques:
        yield f"- ATT&CK: {', '.join(map(code, [*alert.tactics, *alert.techniques]))}"
    yield from _section("What happened", _write_story(story, zone))
    yield from _section(
        "Why it is odd",
        [
            f"- **+{reason.nats:.1f}** {code(reason.text)}"
            for reason in sorted(alert.reasons, key=lambda reason: -reason.nats)
        ]
        + ["", f"Evidence {max(alert.evidence, sum(r.nats for r in alert.reasons)):.1f} in all; {SCALE}."],
    )
    if alert.sessions:
        yield from _section("Who and with what", _write_sessions(alert, zone))
    yield from _section("What to do first", _write_steps(alert))
    if related:
        yield from _section(
            "The same hands",
            [
                f"- {code(one.alert.alert_id[:ID_SHOWN])} {code(one.alert.title)}: {', '.join(map(code, one.links))}"
                for one in related
            ],
        )
    yield from _section("Evidence", [f"- {code(write_influencer(one))}" for one in alert.influencers])
    yield ""
    yield from fenced(alert.event_ids[:10])
    if alert.event_count > 10:
        yield ""
        yield f"{plural(alert.event_count, 'event')} in all."


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"### {heading}", "")
    yield from lines


def _write_story(story: Story | None, zone: ZoneInfo) -> list[str]:
    if story is None:
        return [GONE]
    lines = [
        f"{line.time.astimezone(zone):%H:%M:%S}  {'' if line.opens else '  '}{inert(line.text, longest=LONGEST)}"
        for line in story.lines
    ]
    if story.left_out:
        lines.append(f"          and {plural(story.left_out, 'other call')} in these hours")
    return fenced(lines)


def _write_sessions(alert: Alert, zone: ZoneInfo) -> Iterator[str]:
    for session in alert.sessions:
        first, *more = write_session(session, zone)
        yield f"- {code(first)}"
        yield from (f"  - {code(line)}" for line in more)


def _write_steps(alert: Alert) -> Iterator[str]:
    for number, step in enumerate(advise(alert), start=1):
        yield f"{number}. {code(step.text) if step.named else step.text}"
        if step.commands:
            yield ""
            yield from fenced(step.commands, "sh", indent="   ")
