"""An alert as text, for an analyst at three in the morning: what happened, why it is odd, what to do first."""

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.alerts.playbook import advise
from pipeline.alerts.story import Story
from pipeline.render.console import whole
from pipeline.render.inert_text import inert_text
from pipeline.render.table import plain_table
from pipeline.stores.alert import Alert, AlertReason, Influencer, Severity
from pipeline.text.inert import inert
from pipeline.text.plural import plural

SEVERITY_STYLE: dict[Severity, str] = {
    "critical": "bold red",
    "major": "red",
    "minor": "yellow",
    "warning": "cyan",
    "low": "dim",
}
ID_SHOWN = 12
"""Characters of an id that are shown; enough to be the only one."""
GONE = "Its events are not in this home: they were pruned, or it is the folder of a backtest."
PASTE = "Everything its principal did in these hours, in Python (.venv/bin/python, or a notebook)"
COUNTS = frozenset({"own_past", "population"})
"""Features whose typical and actual are counts of an hour; the others' typical is a share of active hours."""


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
    for _ in ("nats", "typical", "now") if with_values else ("nats",):
        table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")

    def add(nats: str, what: Text, typical: str = "", now: str = "", style: str = "") -> None:
        columns = (Text(typical, style="dim"), Text(now, style="dim")) if with_values else ()
        table.add_row(Text(nats, style=style), *columns, what)

    if with_values:
        add("nats", Text("what", style="dim"), "typical", "now", "dim")
    for reason in shown:
        add(f"{reason.nats:+.1f}", inert_text(reason.text, longest=600), *write_values(reason), "bold")
    left = alert.evidence - sum(reason.nats for reason in shown)
    add(f"{left:+.1f}", Text("smaller reasons" if left > 0 else "what is usual for its kind of principal", style="dim"))
    scale = "; each 2.3 is ten times the odds of an attacker rather than the principal" if with_values else ""
    add(f"{alert.evidence:.1f}", Text(f"in all{scale}", style="dim"), style="bold")
    return table


def write_values(reason: AlertReason) -> tuple[str, str]:
    """Typical and actual value as text: shares of active hours for what is there or not, numbers for counts.

    >>> there = {"dimension": "read", "value": "s3:ListBuckets", "nats": 2.0, "text": "first call s3:ListBuckets"}
    >>> write_values(AlertReason(feature="surprise", typical=0.031, actual=1.0, **there))
    ('3.1%', 'seen')
    >>> write_values(AlertReason(feature="own_past", typical=1.38, actual=25.0, **there))
    ('1.4', '25')
    """
    if reason.feature in COUNTS:
        return f"{reason.typical:,.1f}", f"{reason.actual:,.0f}"
    return f"{100 * reason.typical:.2g}%", "seen"


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
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    steps = advise(alert.principal_kind, alert.principal_name, alert.tactics)
    for number, step in enumerate(steps[:at_most], start=1):
        table.add_row(f"{number}.", inert_text(step, longest=1000))
    return table


def render_short(alert: Alert, zone: ZoneInfo, story: Story) -> RenderableType:
    """An alert in a dozen lines."""
    parts: list[RenderableType] = [render_heading(alert, zone)]
    if story.lines:
        parts.append(indent(render_story(story, zone), 4))
    parts.append(indent(render_reasons(alert, at_most=3), 4))
    parts.append(indent(render_steps(alert, at_most=2), 4))
    return Group(*parts)


def render_full(alert: Alert, zone: ZoneInfo, story: Story | None, query: str | None, again: str) -> RenderableType:
    """Everything about an alert.

    Parameters
    ----------
    alert
        Its last revision.
    zone
        The deployment's.
    story
        What happened; None where the events are gone.
    query
        Python that reads the events; None where they are gone.
    again
        The command that shows it.
    """
    parts: list[RenderableType] = [render_heading(alert, zone), ""]
    happened = render_story(story, zone) if story is not None else Text(GONE, style="dim")
    parts += [Text("What happened", style="bold"), indent(happened, 2), ""]
    parts += [Text("Why it is odd", style="bold"), indent(render_reasons(alert), 2), ""]
    parts += [Text("What to do first", style="bold"), indent(render_steps(alert), 2), ""]
    parts += [Text("Evidence", style="bold"), indent(_render_evidence(alert, story is not None), 2)]
    parts += [*([whole(f"  {again} --events")] if story is not None else []), ""]
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
            inert_text(alert.title).append("" if alert.raised else " (held back)", style="dim"),
        )
        for alert in alerts
    ]
    return plain_table(columns, rows)


def _render_details(alert: Alert, zone: ZoneInfo) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    rows = {
        "principal": alert.principal,
        "identities": ", ".join(alert.identities),
        "members": ", ".join(alert.members),
        "accounts": ", ".join(alert.accounts),
        "tactics": ", ".join(alert.tactics),
        "techniques": ", ".join(alert.techniques),
        "detected": f"{alert.detected_at.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key}",
        "raised": "yes" if alert.raised else "no: held back by the daily budget",
        "model": f"{alert.model_id}, revision {alert.revision}",
        "alert": alert.alert_id,
    }
    for label, value in rows.items():
        if value:
            table.add_row(label, inert_text(value, longest=2000))
    for position, influencer in enumerate(alert.influencers):
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
