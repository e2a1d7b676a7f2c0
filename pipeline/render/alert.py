"""An alert as text, for an analyst at three in the morning: what happened, why it is odd, what to do first."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from models.detectors.blame import name_model
from pipeline.alerts.playbook import advise
from pipeline.alerts.related import Related
from pipeline.alerts.scores import write_scores
from pipeline.alerts.step import Step
from pipeline.alerts.story import Story
from pipeline.alerts.wording import write_held, write_session, write_values
from pipeline.render.console import whole
from pipeline.render.inert_text import inert_text
from pipeline.render.table import plain_table
from pipeline.stores.alert import Alert, Influencer, Severity
from pipeline.text.inert import inert
from pipeline.text.plural import plural

SEVERITY_STYLE: dict[Severity, str] = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "dim",
    "major": "red",
    "minor": "yellow",
    "warning": "cyan",
}
LEAST_SHOWN = 0.05
"""Nats below which a line would say +0.0."""
ID_SHOWN = 12
"""Characters of an id that are shown; enough to be the only one."""
GONE = "Its events are not in this home: they were pruned, or it is the folder of a backtest."
RECALLED = "As it was when the alert was made; its events are not in this home."
PASTE = "Everything its principal did in these hours, in Python (.venv/bin/python, or a notebook)"
SCALE = "each 2.3 makes an attacker ten times likelier than the principal"
"""What evidence means, without the word for its unit."""


def render_heading(alert: Alert, zone: ZoneInfo) -> RenderableType:
    """Two lines: how strong and what; who, where and when."""
    title = Table.grid(padding=(0, 2, 0, 0))
    title.add_column(no_wrap=True)
    title.add_column(overflow="fold")
    title.add_row(
        Text(f"{alert.severity} {alert.record_score:.0f}", style=SEVERITY_STYLE[alert.severity]),
        inert_text(alert.title, "bold"),
    )
    more = len(alert.accounts) - 1
    where = inert(alert.account) + (f" and {plural(more, 'more account')}" if more else "")
    who = f"{inert(alert.principal_name)} ({inert(alert.principal_kind)})"
    line = f"{who} in {where}, {write_span(alert, zone)}, alert {inert(alert.alert_id)[:ID_SHOWN]}"
    return Group(title, indent(Text(line, style="dim"), 2))


def write_span(alert: Alert, zone: ZoneInfo) -> str:
    """The alert's hours in the deployment's time zone, as in `Mon 2 Mar 2026, 06:00–09:00 Asia/Seoul`."""
    start, end = alert.window_start.astimezone(zone), alert.window_end.astimezone(zone)
    until = (
        f"{end:%H:%M}" if start.date() == (end - timedelta(seconds=1)).date() else f"{end:%a} {end.day} {end:%b, %H:%M}"
    )
    return f"{start:%a} {start.day} {start:%b %Y, %H:%M}–{until} {zone.key}"


def render_reasons(alert: Alert, *, at_most: int | None = None) -> RenderableType:
    """Why it is odd: of each reason its evidence, what is typical, what is there now and a sentence; and their sum.

    Parameters
    ----------
    at_most
        Reasons shown; those left out are added up in one line. None shows all, with typical and present values.
    """
    shown = sorted(alert.reasons, key=lambda reason: -reason.nats)[:at_most]
    with_values = at_most is None
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in ("evidence", "typical", "now") if with_values else ("evidence",):
        table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")

    def add(nats: str, what: Text, typical: str = "", now: str = "", style: str = "") -> None:
        columns = (Text(typical, style="dim"), Text(now, style="dim")) if with_values else ()
        table.add_row(Text(nats, style=style), *columns, what)

    if with_values:
        add("evidence", Text("what", style="dim"), "typical", "now", "dim")
    for reason in shown:
        add(f"{reason.nats:+.1f}", inert_text(reason.text, longest=600), *write_values(reason), "bold")
    told = sum(reason.nats for reason in shown)
    total = max(alert.evidence, told)  # of version 1 it is less what is usual for the kind
    if total - told >= LEAST_SHOWN:
        add(f"{total - told:+.1f}", Text("smaller reasons", style="dim"))
    add(f"{total:.1f}", Text(f"in all{f'; {SCALE}' if with_values else ''}", style="dim"), style="bold")
    return table


def render_scores(alert: Alert) -> RenderableType:
    """Record scores of the models side by side, and what made the day's strangest hour strange to them."""
    parts: list[RenderableType] = [inert_text(write_scores(alert))]
    for one in alert.measures:
        parts.append(inert_text(f"{name_model(one.model)}: {one.text}", "dim", longest=600))
    return Group(*parts)


def render_story(story: Story, zone: ZoneInfo) -> RenderableType:
    """What happened, line by line."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in story.lines:
        time = Text(f"{line.time.astimezone(zone):%H:%M:%S}", style="dim" if not line.opens else "")
        text = inert_text(line.text, "red" if line.denied else "bold" if line.opens else "")
        table.add_row(time, text if line.opens else indent(text, 2))
    if story.left_out:
        table.add_row("", Text(f"and {plural(story.left_out, 'other call')} in these hours", style="dim"))
    return table


def render_steps(alert: Alert, at_most: int | None = None) -> RenderableType:
    """What to do first, numbered."""
    return Group(*(_render_step(number, step) for number, step in enumerate(advise(alert)[:at_most], start=1)))


def _render_step(number: int, step: Step) -> Table:
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(no_wrap=True)
    row.add_column(overflow="fold")
    row.add_row(f"{number}.", inert_text(step.text, longest=2000))
    return row


def render_steps_whole(alert: Alert) -> RenderableType:
    """What to do first, each step with its commands, whole, so that they can be copied."""
    parts: list[RenderableType] = []
    for number, step in enumerate(advise(alert), start=1):
        parts += [indent(_render_step(number, step), 2), *(whole(f"       {command}") for command in step.commands)]
    return Group(*parts)


def render_sessions(alert: Alert, zone: ZoneInfo) -> RenderableType:
    """Who and with what: the credentials that were used, the one that carries most first."""
    parts: list[RenderableType] = []
    for session in alert.sessions:
        first, *more = write_session(session, zone)
        parts += [inert_text(first, longest=1000), *(indent(inert_text(line, longest=2000), 2) for line in more)]
    return Group(*parts)


def render_short(alert: Alert, zone: ZoneInfo, story: Story) -> RenderableType:
    """An alert in a dozen lines."""
    parts: list[RenderableType] = [render_heading(alert, zone)]
    if story.lines:
        parts.append(indent(render_story(story, zone), 4))
    parts.append(indent(render_reasons(alert, at_most=3), 4))
    parts.append(indent(render_steps(alert, at_most=2), 4))
    return Group(*parts)


def render_full(
    alert: Alert,
    zone: ZoneInfo,
    story: Story | None,
    query: str | None,
    again: str,
    related: Sequence[Related] = (),
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
    """
    parts: list[RenderableType] = [render_heading(alert, zone), ""]
    happened = render_story(story, zone) if story is not None else Text(GONE, style="dim")
    parts += [Text("What happened", style="bold"), indent(happened, 2)]
    parts += [indent(Text(RECALLED, style="dim"), 2)] if story is not None and query is None else []
    parts += [""]
    parts += [Text("Why it is odd", style="bold"), indent(render_reasons(alert), 2), ""]
    if alert.scores is not None:
        parts += [Text("What the models say", style="bold"), indent(render_scores(alert), 2), ""]
    if alert.sessions:
        parts += [Text("Who and with what", style="bold"), indent(render_sessions(alert, zone), 2), ""]
    parts += [Text("What to do first", style="bold"), render_steps_whole(alert), ""]
    if related:
        parts += [Text("The same hands", style="bold"), indent(_render_related(related), 2), ""]
    parts += [Text("Evidence", style="bold"), indent(_render_evidence(alert, query is not None), 2)]
    parts += [*([whole(f"  {again} --events")] if query is not None else []), ""]
    parts += [Text("Details", style="bold"), indent(_render_details(alert, zone), 2)]
    if query is not None:
        parts += ["", Text(PASTE, style="bold"), "", *(whole(line, "dim") for line in query.splitlines())]
    return Group(*parts)


def render_list(alerts: Iterable[Alert], zone: ZoneInfo) -> RenderableType:
    """A row an alert; those that were not raised are marked."""
    columns = {"score": "right", "alert": "left", "detected": "left", "what": "fold"}
    rows = [
        (
            Text(f"{alert.record_score:.0f}", style=SEVERITY_STYLE[alert.severity]),
            inert(alert.alert_id)[:ID_SHOWN],
            f"{alert.detected_at.astimezone(zone):%Y-%m-%d %H:%M}",
            inert_text(alert.title).append(
                "" if alert.raised else f" ({write_held(alert) or 'held back'})", style="dim"
            ),
        )
        for alert in alerts
    ]
    return plain_table(columns, rows)


def _render_related(related: Sequence[Related]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in related:
        links = inert_text(f" ({', '.join(one.links)})", "dim")
        table.add_row(inert(one.alert.alert_id)[:ID_SHOWN], inert_text(one.alert.title).append_text(links))
    return table


def _render_details(alert: Alert, zone: ZoneInfo) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    rows = {
        "principal": alert.principal,
        "identities": ", ".join(alert.identities) if alert.identities != (alert.principal,) else "",
        "members": ", ".join(alert.members),
        "accounts": ", ".join(alert.accounts),
        "tactics": ", ".join(alert.tactics),
        "techniques": ", ".join(alert.techniques),
        "up to date": f"{alert.detected_at.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key}",
        "raised": "yes" if alert.raised else ", ".join(filter(None, ["no", write_held(alert)])),
        "model": f"{alert.model_id}, revision {alert.revision}",
        "alert": alert.alert_id,
    }
    for label, value in rows.items():
        if value:
            table.add_row(label, inert_text(value, longest=2000))
    told = [one for one in alert.influencers if one.field != "cloud.account.id" or len(alert.accounts) > 1]
    for position, influencer in enumerate(told):
        label = "carried by" if not position else ""
        table.add_row(label, inert_text(write_influencer(influencer), longest=600))
    return table


def write_influencer(influencer: Influencer) -> str:
    """Values of a field without whose events a good part of the evidence would be gone.

    >>> write_influencer(Influencer(field="source.address", values=("198.51.100.7",), share=0.62))
    'source.address 198.51.100.7 (62% of the evidence)'
    """
    return f"{influencer.field} {', '.join(influencer.values)} ({influencer.share:.0%} of the evidence)"


def _render_evidence(alert: Alert, stored: bool) -> RenderableType:
    ids, count = [inert(event_id) for event_id in alert.event_ids], alert.event_count
    known = "every id is" if count == len(ids) else f"ids of the {len(ids)} that weigh most are"
    records = ", and these records in --events:" if stored else ":"
    return Group(
        inert_text(f"{plural(count, 'event')}; {known} in --json{records}"),
        indent(Text("\n".join(ids[:5]) + (f"\nand {len(ids) - 5} more" if len(ids) > 5 else ""), style="dim"), 2),
    )


def indent(renderable: RenderableType, columns: int) -> RenderableType:
    """The same, moved to the right."""
    return Padding(renderable, (0, 0, 0, columns))
