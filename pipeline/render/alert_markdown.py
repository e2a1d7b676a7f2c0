"""An alert as Markdown, for a ticket.

Whatever comes from data stands in code, inline or fenced, with a fence longer than any run of backticks in it: there
Markdown reads no link, no image, no HTML, no table, no mention. Outside of code there are only words of ours.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from pipeline.alerts.nouns import tell_named
from pipeline.alerts.playbook import advise
from pipeline.alerts.questions import ask, write_whom
from pipeline.alerts.reason_words import tell_reason
from pipeline.alerts.related import Related
from pipeline.alerts.story import Story
from pipeline.alerts.story_words import tell_line
from pipeline.alerts.title_words import tell_title
from pipeline.alerts.wording import write_held, write_likelihood, write_session, write_strength
from pipeline.render.alert import GONE, ID_SHOWN, list_carrying, write_influencer, write_left_out, write_span
from pipeline.render.alert_why import SCALE
from pipeline.stores.alert import Alert
from pipeline.text.inert import inert
from pipeline.words.words import ENGLISH, Words

LONGEST = 1000
"""Characters of one line."""


def write_markdown(
    alert: Alert,
    zone: ZoneInfo,
    story: Story | None,
    related: Sequence[Related],
    words: Words = ENGLISH,
    numbers: bool = False,
) -> str:
    """The whole of an alert as one Markdown document; `numbers` gives the evidence in numbers that add up."""
    return "\n".join(_write(alert, zone, story, related, words, numbers)) + "\n"


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


def _write(
    alert: Alert, zone: ZoneInfo, story: Story | None, related: Sequence[Related], words: Words, numbers: bool
) -> Iterator[str]:
    title = tell_title(alert.title, alert.principal_name, words)
    yield f"## {words.find(alert.severity)} {alert.record_score:.0f}: {code(title)}"
    yield ""
    yield from _write_facts(alert, zone, words)
    yield from _section(words.say("What happened"), _write_story(story, zone, words))
    yield from _section(words.say("Why it is odd"), _write_reasons(alert, words, numbers))
    if alert.sessions:
        yield from _section(words.say("Who and with what"), _write_sessions(alert, zone, words))
    yield from _section(words.say("What to do first"), _write_steps(alert, words))
    yield from _section(words.say("What to ask"), _write_questions(alert, zone, words))
    if related:
        yield from _section(words.say("The same hands"), _write_related(related, words))
    yield from _section(
        words.say("Evidence"), [f"- {code(write_influencer(one, words))}" for one in list_carrying(alert)]
    )
    yield ""
    yield from fenced(alert.event_ids[:10])
    if alert.event_count > 10:
        yield ""
        yield words.say_many(alert.event_count, "{n} event in all.", "{n} events in all.")


def _write_facts(alert: Alert, zone: ZoneInfo, words: Words) -> Iterator[str]:
    held = write_held(alert, words)
    raised = words.say("yes") if alert.raised else ", ".join(filter(None, [words.say("no"), held]))
    facts = {
        words.say("Who"): f"{code(alert.principal_name)} ({code(words.find(alert.principal_kind))}), "
        f"{code(alert.principal)}",
        words.say("Where"): ", ".join(map(code, alert.accounts)),
        words.say("When"): write_span(alert, zone, words),
        words.say("Raised"): raised,
        words.say("Alert"): words.say(
            "{id}, revision {n}, model {model}",
            id=code(alert.alert_id),
            n=alert.revision,
            model=code(alert.model_id),
        ),
        "ATT&CK": ", ".join(map(code, [*alert.tactics, *alert.techniques])),
    }
    yield from (f"- {label}: {value}" for label, value in facts.items() if value)


def _write_reasons(alert: Alert, words: Words, numbers: bool) -> Iterator[str]:
    for reason in sorted(alert.reasons, key=lambda reason: -reason.nats):
        weight = f"+{reason.nats:.1f}" if numbers else write_strength(reason.nats, words)
        yield f"- **{weight}** {code(tell_reason(reason, words))}"
    total = max(alert.evidence, sum(reason.nats for reason in alert.reasons))
    yield ""
    if numbers:
        yield words.say("Evidence {total} in all; {scale}.", total=f"{total:.1f}", scale=words.find(SCALE))
    else:
        yield words.say("In all, {likelihood}.", likelihood=write_likelihood(total, words))


def _write_related(related: Sequence[Related], words: Words) -> Iterator[str]:
    for one in related:
        title = tell_title(one.alert.title, one.alert.principal_name, words)
        links = ", ".join(code(tell_named(link, words)) for link in one.links)
        yield f"- {code(one.alert.alert_id[:ID_SHOWN])} {code(title)}: {links}"


def _section(heading: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"### {heading}", "")
    yield from lines


def _write_story(story: Story | None, zone: ZoneInfo, words: Words) -> list[str]:
    if story is None:
        return [words.find(GONE)]
    lines = []
    for line in story.lines:
        said = inert(tell_line(line.text, words, opens=line.opens), longest=LONGEST)
        lines.append(f"{line.time.astimezone(zone):%H:%M:%S}  {'' if line.opens else '  '}{said}")
    if story.left_out:
        lines.append(f"          {write_left_out(story, words)}")
    return fenced(lines)


def _write_sessions(alert: Alert, zone: ZoneInfo, words: Words) -> Iterator[str]:
    for session in alert.sessions:
        first, *more = write_session(session, zone, words)
        yield f"- {code(first)}"
        yield from (f"  - {code(line)}" for line in more)


def _write_questions(alert: Alert, zone: ZoneInfo, words: Words) -> Iterator[str]:
    questions = ask(alert, zone, words)
    yield write_whom(questions, words)
    yield ""
    yield from (f"- {code(one.text)}" for one in questions)


def _write_steps(alert: Alert, words: Words) -> Iterator[str]:
    for number, step in enumerate(advise(alert, words), start=1):
        yield f"{number}. {code(step.text) if step.named else step.text}"
        if step.commands:
            yield ""
            yield from fenced(step.commands, "sh", indent="   ")
