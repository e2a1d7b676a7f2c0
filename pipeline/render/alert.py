"""An alert as text, for an analyst at three in the morning: what happened, why it is odd, what to do first."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.alerts.nouns import tell_named
from pipeline.alerts.playbook import advise
from pipeline.alerts.questions import ask, write_whom
from pipeline.alerts.related import Related
from pipeline.alerts.step import Step
from pipeline.alerts.story import Story
from pipeline.alerts.story_words import tell_line
from pipeline.alerts.title_words import tell_title
from pipeline.alerts.wording import write_held, write_session
from pipeline.render.alert_why import render_reasons, render_scores
from pipeline.render.console import whole
from pipeline.render.inert_text import inert_text
from pipeline.render.table import plain_table
from pipeline.stores.alert import Alert, Influencer, Severity
from pipeline.text.inert import inert
from pipeline.words.dates import write_day, write_day_of_year
from pipeline.words.words import ENGLISH, Words, to_say

SEVERITY_STYLE: dict[Severity, str] = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "dim",
    "major": "red",
    "minor": "yellow",
    "warning": "cyan",
}
ID_SHOWN = 12
"""Characters of an id that are shown; enough to be the only one."""
GONE = to_say("Its events are not in this home: they were pruned, or it is the folder of a backtest.")
RECALLED = to_say("As it was when the alert was made; its events are not in this home.")
PASTE = to_say("Everything its principal did in these hours, in Python (.venv/bin/python, or a notebook)")


def render_heading(alert: Alert, zone: ZoneInfo, words: Words = ENGLISH) -> RenderableType:
    """Two lines: how strong and what; who, where and when."""
    title = Table.grid(padding=(0, 2, 0, 0))
    title.add_column(no_wrap=True)
    title.add_column(overflow="fold")
    title.add_row(
        Text(f"{words.find(alert.severity)} {alert.record_score:.0f}", style=SEVERITY_STYLE[alert.severity]),
        inert_text(tell_title(alert.title, alert.principal_name, words), "bold"),
    )
    more = len(alert.accounts) - 1
    where = inert(alert.account)
    if more:
        where = words.say_many(more, "{account} and {n} more account", "{account} and {n} more accounts", account=where)
    line = words.say(
        "{who} ({kind}) in {account}, {span}, alert {id}",
        who=inert(alert.principal_name),
        kind=inert(words.find(alert.principal_kind)),
        account=where,
        span=write_span(alert, zone, words),
        id=inert(alert.alert_id)[:ID_SHOWN],
    )
    return Group(title, indent(Text(line, style="dim"), 2))


def write_span(alert: Alert, zone: ZoneInfo, words: Words = ENGLISH) -> str:
    """The alert's hours in the deployment's time zone, as in `Mon 2 Mar 2026, 06:00–09:00 Asia/Seoul`."""
    start, end = alert.window_start.astimezone(zone), alert.window_end.astimezone(zone)
    same = start.date() == (end - timedelta(seconds=1)).date()
    until = f"{end:%H:%M}" if same else f"{write_day_of_year(end, words)}, {end:%H:%M}"
    return f"{write_day(start, words)}, {start:%H:%M}–{until} {zone.key}"


def render_story(story: Story, zone: ZoneInfo, words: Words = ENGLISH) -> RenderableType:
    """What happened, line by line."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in story.lines:
        time = Text(f"{line.time.astimezone(zone):%H:%M:%S}", style="dim" if not line.opens else "")
        said = tell_line(line.text, words, opens=line.opens)
        text = inert_text(said, "red" if line.denied else "bold" if line.opens else "")
        table.add_row(time, text if line.opens else indent(text, 2))
    if story.left_out:
        table.add_row("", Text(write_left_out(story, words), style="dim"))
    return table


def write_left_out(story: Story, words: Words = ENGLISH) -> str:
    """How many calls have no line."""
    return words.say_many(story.left_out, "and {n} other call in these hours", "and {n} other calls in these hours")


def render_steps(alert: Alert, at_most: int | None = None, words: Words = ENGLISH) -> RenderableType:
    """What to do first, numbered."""
    return Group(*(_render_step(number, step) for number, step in enumerate(advise(alert, words)[:at_most], start=1)))


def _render_step(number: int, step: Step) -> Table:
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(no_wrap=True)
    row.add_column(overflow="fold")
    row.add_row(f"{number}.", inert_text(step.text, longest=2000))
    return row


def render_steps_whole(alert: Alert, words: Words = ENGLISH) -> RenderableType:
    """What to do first, each step with its commands, whole, so that they can be copied."""
    parts: list[RenderableType] = []
    for number, step in enumerate(advise(alert, words), start=1):
        parts += [indent(_render_step(number, step), 2), *(whole(f"       {command}") for command in step.commands)]
    return Group(*parts)


def render_questions(alert: Alert, zone: ZoneInfo, words: Words = ENGLISH) -> RenderableType:
    """Whom to ask, and what."""
    questions = ask(alert, zone, words)
    rows = Table.grid(padding=(0, 1, 0, 0))
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold")
    for one in questions:
        rows.add_row("-", inert_text(one.text, longest=1000))
    return Group(inert_text(write_whom(questions, words)), rows)


def render_sessions(alert: Alert, zone: ZoneInfo, words: Words = ENGLISH) -> RenderableType:
    """Who and with what: the credentials that were used, the one that carries most first."""
    parts: list[RenderableType] = []
    for session in alert.sessions:
        first, *more = write_session(session, zone, words)
        parts += [inert_text(first, longest=1000), *(indent(inert_text(line, longest=2000), 2) for line in more)]
    return Group(*parts)


def render_short(alert: Alert, zone: ZoneInfo, story: Story, words: Words = ENGLISH) -> RenderableType:
    """An alert in a dozen lines."""
    parts: list[RenderableType] = [render_heading(alert, zone, words)]
    if story.lines:
        parts.append(indent(render_story(story, zone, words), 4))
    parts.append(indent(render_reasons(alert, at_most=3, words=words), 4))
    parts.append(indent(render_steps(alert, at_most=2, words=words), 4))
    return Group(*parts)


def render_full(
    alert: Alert,
    zone: ZoneInfo,
    story: Story | None,
    query: str | None,
    again: str,
    related: Sequence[Related] = (),
    words: Words = ENGLISH,
    numbers: bool = False,
) -> RenderableType:
    """Everything about an alert.

    Parameters
    ----------
    alert
        Its last revision.
    zone
        The deployment's.
    story
        What happened; None where the events are gone and the alert keeps none.
    query
        Python that reads the events; None where they are gone.
    again
        The command that shows it.
    related
        Other alerts of the same hands.
    words
        Of the language.
    numbers
        Evidence in numbers, and the models' scores; these also where no reason says why.
    """
    happened = render_story(story, zone, words) if story is not None else Text(words.find(GONE), style="dim")
    recalled = [Text(words.find(RECALLED), style="dim")] if story is not None and query is None else []
    parts: list[RenderableType] = [render_heading(alert, zone, words), ""]

    def add(heading: str, *section: RenderableType) -> None:
        parts.extend([Text(heading, style="bold"), *section, ""])

    add(words.say("What happened"), *(indent(part, 2) for part in (happened, *recalled)))
    add(words.say("Why it is odd"), indent(render_reasons(alert, words=words, numbers=numbers), 2))
    if alert.scores is not None and (numbers or not alert.reasons):
        add(words.say("What the models say"), indent(render_scores(alert, zone, words), 2))
    if alert.sessions:
        add(words.say("Who and with what"), indent(render_sessions(alert, zone, words), 2))
    add(words.say("What to do first"), render_steps_whole(alert, words))
    add(words.say("What to ask"), indent(render_questions(alert, zone, words), 2))
    if related:
        add(words.say("The same hands"), indent(_render_related(related, words), 2))
    found = indent(_render_evidence(alert, query is not None, words), 2)
    add(words.say("Evidence"), found, *([whole(f"  {again} --events")] if query is not None else []))
    parts += [Text(words.say("Details"), style="bold"), indent(_render_details(alert, zone, words), 2)]
    if query is not None:
        lines = (whole(line, "dim") for line in query.splitlines())
        parts += ["", Text(words.find(PASTE), style="bold"), "", *lines]
    return Group(*parts)


def render_list(alerts: Iterable[Alert], zone: ZoneInfo, words: Words = ENGLISH) -> RenderableType:
    """A row an alert; those that were not raised are marked."""
    columns = {
        words.say("severity"): "left",
        words.say("score"): "right",
        words.say("alert"): "left",
        words.say("detected"): "left",
        words.say("what"): "fold",
    }
    rows = [
        (
            Text(words.find(alert.severity), style=SEVERITY_STYLE[alert.severity]),
            Text(f"{alert.record_score:.0f}", style=SEVERITY_STYLE[alert.severity]),
            inert(alert.alert_id)[:ID_SHOWN],
            f"{alert.detected_at.astimezone(zone):%Y-%m-%d %H:%M}",
            inert_text(tell_title(alert.title, alert.principal_name, words)).append(
                "" if alert.raised else f" ({write_held(alert, words) or words.say('held back')})", style="dim"
            ),
        )
        for alert in alerts
    ]
    return plain_table(columns, rows)


def _render_related(related: Sequence[Related], words: Words) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in related:
        links = inert_text(f" ({', '.join(tell_named(link, words) for link in one.links)})", "dim")
        title = tell_title(one.alert.title, one.alert.principal_name, words)
        table.add_row(inert(one.alert.alert_id)[:ID_SHOWN], inert_text(title).append_text(links))
    return table


def _render_details(alert: Alert, zone: ZoneInfo, words: Words) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    held = write_held(alert, words)
    rows = {
        words.say("principal"): alert.principal,
        words.say("identities"): ", ".join(alert.identities) if alert.identities != (alert.principal,) else "",
        words.say("members"): ", ".join(alert.members),
        words.say("accounts"): ", ".join(alert.accounts),
        words.say("tactics"): ", ".join(alert.tactics),
        words.say("techniques"): ", ".join(alert.techniques),
        words.say("up to date"): f"{alert.detected_at.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key}",
        words.say("raised"): words.say("yes") if alert.raised else ", ".join(filter(None, [words.say("no"), held])),
        words.say("model"): words.say("{model}, revision {n}", model=alert.model_id, n=alert.revision),
        words.say("alert"): alert.alert_id,
    }
    for label, value in rows.items():
        if value:
            table.add_row(label, inert_text(value, longest=2000))
    for position, influencer in enumerate(list_carrying(alert)):
        label = words.say("carried by") if not position else ""
        table.add_row(label, inert_text(write_influencer(influencer, words), longest=600))
    return table


def list_carrying(alert: Alert) -> list[Influencer]:
    """What carries an alert; of one account alone nobody needs to be told that it does."""
    return [one for one in alert.influencers if one.field != "cloud.account.id" or len(alert.accounts) > 1]


def write_influencer(influencer: Influencer, words: Words = ENGLISH) -> str:
    """Values of a field without whose events a good part of the evidence would be gone.

    >>> write_influencer(Influencer(field="source.address", values=("198.51.100.7",), share=0.62))
    'source.address 198.51.100.7 (62% of the evidence)'
    """
    values, share = ", ".join(influencer.values), f"{influencer.share:.0%}"
    return words.say("{field} {values} ({share} of the evidence)", field=influencer.field, values=values, share=share)


def _render_evidence(alert: Alert, stored: bool, words: Words) -> RenderableType:
    ids, count = [inert(event_id) for event_id in alert.event_ids], alert.event_count
    events = words.say_many(count, "{n} event", "{n} events")
    if count == len(ids):
        known = words.say("{events}; every id is in --json", events=events)
    else:
        known = words.say("{events}; ids of the {n} that weigh most are in --json", events=events, n=len(ids))
    records = words.say(", and these records in --events:") if stored else ":"
    more = [words.say("and {n} more", n=len(ids) - 5)] if len(ids) > 5 else []
    return Group(inert_text(f"{known}{records}"), indent(Text("\n".join([*ids[:5], *more]), style="dim"), 2))


def indent(renderable: RenderableType, columns: int) -> RenderableType:
    """The same, moved to the right."""
    return Padding(renderable, (0, 0, 0, columns))
