"""An alert as text, for an analyst at three in the morning: what happened, why it is odd, what to do first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.alerts.playbook import first_steps
from pipeline.alerts.story import Story
from pipeline.render.console import whole
from pipeline.render.inert_text import inert_text
from pipeline.render.table import plain_table
from pipeline.text.inert import inert
from pipeline.text.plural import plural

SEVERITY_STYLE = {
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
Alert = Mapping[str, Any]


def heading(alert: Alert, zone: ZoneInfo) -> RenderableType:
    """Two lines: how strong and what; who, where and when."""
    style = SEVERITY_STYLE.get(str(alert.get("severity")), "")
    title = Table.grid(padding=(0, 2, 0, 0))
    title.add_column(no_wrap=True)
    title.add_column(overflow="fold")
    title.add_row(
        Text(f"{inert(alert.get('severity', ''))} {alert['record_score']:.0f}", style=style),
        inert_text(alert.get("title", ""), "bold"),
    )
    where = _accounts(alert)
    who = f"{inert(alert['principal_name'])} ({inert(alert.get('principal_kind', ''))})"
    line = f"{who} in {where}, {span(alert, zone)}, alert {inert(alert['alert_id'])[:ID_SHOWN]}"
    return Group(title, under(Text(line, style="dim"), 2))


def span(alert: Alert, zone: ZoneInfo) -> str:
    """The alert's hours in the deployment's time zone.

    >>> hours = {"window_start": "2026-03-01T21:00:00Z", "window_end": "2026-03-02T00:00:00Z"}
    >>> span(hours, ZoneInfo("Asia/Seoul"))
    'Mon 2 Mar 2026, 06:00–09:00 Asia/Seoul'
    """
    start, end = (moment(alert[key]).astimezone(zone) for key in ("window_start", "window_end"))
    until = (
        f"{end:%H:%M}" if start.date() == (end - timedelta(seconds=1)).date() else f"{end:%a} {end.day} {end:%b, %H:%M}"
    )
    return f"{start:%a} {start.day} {start:%b %Y, %H:%M}–{until} {zone.key}"


def reasons(alert: Alert, *, at_most: int | None = None) -> RenderableType:
    """Why it is odd: of each reason its evidence, what is typical, what is there now and a sentence; and their sum.

    Parameters
    ----------
    at_most
        Reasons shown; those left out are added up in one line. None shows all, with typical and present values.
    """
    every = sorted(alert["reasons"], key=lambda reason: -float(reason["nats"]))
    shown = every[:at_most]
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
        add(f"{reason['nats']:+.1f}", inert_text(reason["text"], longest=600), *values(reason), "bold")
    left = float(alert["evidence"]) - sum(float(reason["nats"]) for reason in shown)
    add(f"{left:+.1f}", Text("smaller reasons" if left > 0 else "what is usual for its kind of principal", style="dim"))
    told = "; each 2.3 is ten times the odds of an attacker rather than the principal" if with_values else ""
    add(f"{alert['evidence']:.1f}", Text(f"in all{told}", style="dim"), style="bold")
    return table


def values(reason: Mapping[str, Any]) -> tuple[str, str]:
    """Typical and actual value as text: shares of active hours for what is there or not, numbers for counts.

    >>> values({"feature": "surprise", "typical": 0.031, "actual": 1.0})
    ('3.1%', 'seen')
    >>> values({"feature": "own_past", "typical": 1.38, "actual": 25.0})
    ('1.4', '25')
    """
    typical, actual = reason.get("typical"), reason.get("actual")
    if not isinstance(typical, int | float) or not isinstance(actual, int | float):
        return inert(typical or ""), inert(actual or "")
    if reason.get("feature") in COUNTS:
        return f"{typical:,.1f}", f"{actual:,.0f}"
    return f"{100 * typical:.2g}%", "seen"


def story(told: Story, zone: ZoneInfo) -> RenderableType:
    """What happened, line by line."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in told.lines:
        time = Text(f"{line.time.astimezone(zone):%H:%M:%S}", style="dim" if not line.opens else "")
        text = inert_text(line.text, "red" if line.denied else "bold" if line.opens else "")
        table.add_row(time, text if line.opens else under(text, 2))
    if told.left_out:
        table.add_row("", Text(f"and {plural(told.left_out, 'other call')} in these hours", style="dim"))
    return table


def steps(alert: Alert, at_most: int | None = None) -> RenderableType:
    """What to do first, numbered."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    todo = first_steps(str(alert.get("principal_kind", "")), str(alert["principal_name"]), alert.get("tactics", []))
    for number, step in enumerate(todo[:at_most], start=1):
        table.add_row(f"{number}.", inert_text(step, longest=1000))
    return table


def short(alert: Alert, zone: ZoneInfo, told: Story | None) -> RenderableType:
    """An alert in a dozen lines: what `demo` and a mail show."""
    parts: list[RenderableType] = [heading(alert, zone)]
    if told is not None and told.lines:
        parts.append(under(story(told, zone), 4))
    parts.append(under(reasons(alert, at_most=3), 4))
    parts.append(under(steps(alert, at_most=2), 4))
    return Group(*parts)


def full(alert: Alert, zone: ZoneInfo, told: Story | None, query: str | None, again: str) -> RenderableType:
    """Everything about an alert.

    Parameters
    ----------
    alert
        Its last revision.
    zone
        The deployment's.
    told
        Its story; None where the events are gone.
    query
        Python that reads the events; None where they are gone.
    again
        The command that shows it.
    """
    parts: list[RenderableType] = [heading(alert, zone), ""]
    happened = story(told, zone) if told is not None else Text(GONE, style="dim")
    parts += [Text("What happened", style="bold"), under(happened, 2), ""]
    parts += [Text("Why it is odd", style="bold"), under(reasons(alert), 2), ""]
    parts += [Text("What to do first", style="bold"), under(steps(alert), 2), ""]
    parts += [Text("Evidence", style="bold"), under(_evidence(alert, told is not None), 2)]
    parts += [*([whole(f"  {again} --events")] if told is not None else []), ""]
    parts += [Text("Details", style="bold"), under(_facts(alert, zone), 2)]
    if query is not None:
        parts += ["", Text(PASTE, style="bold"), "", *(whole(line, "dim") for line in query.splitlines())]
    return Group(*parts)


def listing(alerts: Iterable[Alert], zone: ZoneInfo) -> RenderableType:
    """A row an alert; those that were not raised are marked."""
    columns = {"score": "right", "alert": "left", "detected": "left", "what": "fold"}
    rows = [
        (
            Text(f"{alert['record_score']:.0f}", style=SEVERITY_STYLE.get(str(alert.get("severity")), "")),
            inert(alert["alert_id"])[:ID_SHOWN],
            f"{moment(alert['detected_at']).astimezone(zone):%Y-%m-%d %H:%M}",
            inert_text(alert.get("title", "")).append("" if alert.get("raised") else " (held back)", style="dim"),
        )
        for alert in alerts
    ]
    return plain_table(columns, rows)


def moment(text: Any) -> datetime:
    """A time of an alert."""
    return msgspec.convert(text, datetime)


def _accounts(alert: Alert) -> str:
    accounts: Sequence[str] = alert.get("accounts") or [alert.get("account", "")]
    more = len(accounts) - 1
    return inert(alert.get("account") or accounts[0]) + (f" and {more} more account{'s' * (more > 1)}" if more else "")


def _facts(alert: Alert, zone: ZoneInfo) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    rows = {
        "principal": alert.get("principal"),
        "identities": ", ".join(map(str, alert.get("identities") or [])),
        "members": ", ".join(map(str, alert.get("members") or [])),
        "accounts": ", ".join(map(str, alert.get("accounts") or [])),
        "tactics": ", ".join(map(str, alert.get("tactics") or [])),
        "techniques": ", ".join(map(str, alert.get("techniques") or [])),
        "detected": f"{moment(alert['detected_at']).astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key}",
        "raised": "yes" if alert.get("raised") else "no: held back by the daily budget",
        "model": f"{alert.get('model_id')}, revision {alert.get('revision')}",
        "alert": alert.get("alert_id"),
    }
    for label, value in rows.items():
        if value:
            table.add_row(label, inert_text(value, longest=2000))
    for place, influencer in enumerate(alert.get("influencers") or []):
        table.add_row("carried by" if not place else "", inert_text(influenced(influencer), longest=600))
    return table


def influenced(influencer: Mapping[str, Any]) -> str:
    """Values of a field without whose events a good part of the evidence would be gone.

    >>> influenced({"field": "source.address", "values": ["198.51.100.7"], "share": 0.62})
    'source.address 198.51.100.7 (62% of the evidence)'
    """
    named = ", ".join(map(str, influencer.get("values", [])))
    share = f" ({influencer['share']:.0%} of the evidence)" if "share" in influencer else ""
    return f"{influencer.get('field', '')} {named}{share}"


def _evidence(alert: Alert, stored: bool) -> RenderableType:
    ids = [inert(event_id) for event_id in alert.get("event_ids") or []]
    count = int(alert.get("event_count") or len(ids))
    known = "every id is" if count == len(ids) else f"ids of the {len(ids)} that weigh most are"
    records = ", and these records in --events:" if stored else ":"
    return Group(
        inert_text(f"{count:,} event{'s' * (count != 1)}; {known} in --json{records}"),
        under(Text("\n".join(ids[:5]) + (f"\nand {len(ids) - 5} more" if len(ids) > 5 else ""), style="dim"), 2),
    )


def under(renderable: RenderableType, columns: int) -> RenderableType:
    """The same, moved to the right."""
    return Padding(renderable, (0, 0, 0, columns))
