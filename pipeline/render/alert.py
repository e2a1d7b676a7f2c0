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

from pipeline.playbook import first_steps
from pipeline.render.inert import inert, inert_text
from pipeline.render.table import plain_table
from pipeline.story import Story

SEVERITY_STYLE = {
    "critical": "bold red",
    "major": "red",
    "minor": "yellow",
    "warning": "cyan",
    "low": "dim",
}
Alert = Mapping[str, Any]


def heading(alert: Alert, zone: ZoneInfo) -> RenderableType:
    """Two lines: how strong and what; who, where and when."""
    style = SEVERITY_STYLE.get(str(alert.get("severity")), "")
    title = Text.assemble(
        (f"{inert(alert.get('severity', ''))} {alert['record_score']:.0f}", style),
        "  ",
        inert_text(alert.get("title", ""), "bold"),
    )
    where = _accounts(alert)
    who = f"{inert(alert['principal_name'])} ({inert(alert.get('principal_kind', ''))})"
    line = f"{who} in {where}, {span(alert, zone)}, alert {inert(alert['alert_id'])[:12]}"
    return Group(title, _under(Text(line, style="dim"), 2))


def span(alert: Alert, zone: ZoneInfo) -> str:
    """The alert's hours in the deployment's time zone.

    >>> hours = {"window_start": "2026-03-01T21:00:00Z", "window_end": "2026-03-02T00:00:00Z"}
    >>> span(hours, ZoneInfo("Asia/Seoul"))
    'Mon 2 Mar 06:00–09:00 Asia/Seoul'
    """
    start, end = (moment(alert[key]).astimezone(zone) for key in ("window_start", "window_end"))
    until = (
        f"{end:%H:%M}" if start.date() == (end - timedelta(seconds=1)).date() else f"{end:%a} {end.day} {end:%b %H:%M}"
    )
    return f"{start:%a} {start.day} {start:%b %H:%M}–{until} {zone.key}"


def reasons(alert: Alert, *, at_most: int | None = None, with_values: bool = False) -> RenderableType:
    """Why it is odd: each reason's evidence and sentence, and what they add up to.

    Parameters
    ----------
    at_most
        Reasons shown; those left out are added up in one line.
    with_values
        Adds the typical and the actual value under each reason.
    """
    every = sorted(alert.get("reasons", []), key=lambda reason: -float(reason["nats"]))
    shown = every[:at_most]
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for reason in shown:
        table.add_row(Text(f"{reason['nats']:+.1f}", style="bold"), _reason(reason, with_values))
    rest = every[len(shown) :]
    if rest:
        left = sum(float(reason["nats"]) for reason in rest)
        table.add_row(f"{left:+.1f}", Text(f"{len(rest)} smaller reason{'s' * (len(rest) > 1)}", style="dim"))
    total = sum(float(reason["nats"]) for reason in every)
    table.add_row(
        Text(f"{total:.1f}", style="bold"), Text("evidence in all, in nats (+2.3 is ten times the odds)", style="dim")
    )
    return table


def story(told: Story, zone: ZoneInfo) -> RenderableType:
    """What happened, line by line."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in told.lines:
        time = Text(f"{line.time.astimezone(zone):%H:%M:%S}", style="dim" if not line.opens else "")
        text = inert_text(line.text, "red" if line.denied else "bold" if line.opens else "")
        table.add_row(time, text if line.opens else _under(text, 2))
    if told.left_out:
        table.add_row("", Text(f"and {told.left_out:,} other calls in these hours", style="dim"))
    return table


def steps(alert: Alert) -> RenderableType:
    """What to do first, numbered."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    todo = first_steps(str(alert.get("principal_kind", "")), str(alert["principal_name"]), alert.get("tactics", []))
    for number, step in enumerate(todo, start=1):
        table.add_row(f"{number}.", inert_text(step, longest=1000))
    return table


def short(alert: Alert, zone: ZoneInfo, told: Story | None) -> RenderableType:
    """An alert in a dozen lines: what `demo` and a mail show."""
    parts: list[RenderableType] = [heading(alert, zone)]
    if told is not None and told.lines:
        parts.append(_under(story(told, zone), 4))
    parts.append(_under(reasons(alert, at_most=3), 4))
    todo = first_steps(str(alert.get("principal_kind", "")), str(alert["principal_name"]), alert.get("tactics", []))
    parts.append(_under(inert_text("First: " + todo[-1 if len(todo) > 1 else 0], longest=1000), 4))
    return Group(*parts)


def full(alert: Alert, zone: ZoneInfo, told: Story | None, query: str) -> RenderableType:
    """Everything about an alert."""
    parts: list[RenderableType] = [heading(alert, zone), "", _facts(alert, zone), ""]
    if told is not None:
        parts += [Text("What happened", style="bold"), _under(story(told, zone), 2), ""]
    parts += [Text("Why it is odd", style="bold"), _under(reasons(alert, with_values=True), 2), ""]
    parts += [Text("What to do first", style="bold"), _under(steps(alert), 2), ""]
    parts += [Text("Evidence", style="bold"), _under(_evidence(alert, query), 2)]
    return Group(*parts)


def listing(alerts: Iterable[Alert], zone: ZoneInfo) -> RenderableType:
    """A line an alert."""
    columns = {"score": "right", "alert": "left", "raised": "left", "detected": "left", "who": "left", "what": "fold"}
    rows = [
        (
            Text(f"{alert['record_score']:.0f}", style=SEVERITY_STYLE.get(str(alert.get("severity")), "")),
            inert(alert["alert_id"])[:12],
            "yes" if alert.get("raised") else "held",
            f"{moment(alert['detected_at']).astimezone(zone):%Y-%m-%d %H:%M}",
            inert(alert["principal_name"], longest=40),
            inert(alert.get("title", "")),
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


def _reason(reason: Mapping[str, Any], with_values: bool) -> RenderableType:
    text = inert_text(reason.get("text") or f"{reason.get('dimension', '')} {reason.get('value', '')}", longest=600)
    if with_values and (reason.get("typical") not in (None, "") or reason.get("actual") not in (None, "")):
        text.append(f"\ntypical {inert(reason.get('typical'))}; now {inert(reason.get('actual'))}", style="dim")
    return text


def _facts(alert: Alert, zone: ZoneInfo) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    rows = {
        "principal": alert.get("principal"),
        "identities": ", ".join(map(str, alert.get("identities") or [])),
        "members": ", ".join(map(str, alert.get("members") or [])),
        "accounts": ", ".join(map(str, alert.get("accounts") or [])),
        "tactics": ", ".join(map(str, alert.get("tactics") or [])),
        "stands out by": influencers(alert.get("influencers") or []),
        "detected": f"{moment(alert['detected_at']).astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key}",
        "raised": "yes" if alert.get("raised") else "no: held back by the daily budget",
        "model": f"{alert.get('model_id')}, revision {alert.get('revision')}",
        "alert": alert.get("alert_id"),
    }
    for label, value in rows.items():
        if value:
            table.add_row(label, inert_text(value, longest=2000))
    return table


def influencers(values: Iterable[Any]) -> str:
    """Field values that made the score high, in one line.

    >>> influencers([{"field": "source.ip", "values": ["198.51.100.7"]}])
    'source.ip 198.51.100.7'
    """
    return "; ".join(
        " ".join(", ".join(map(str, part)) if isinstance(part, list) else str(part) for part in value.values())
        if isinstance(value, Mapping)
        else str(value)
        for value in values
    )


def _evidence(alert: Alert, query: str) -> RenderableType:
    ids = list(alert.get("event_ids") or [])
    count = int(alert.get("event_count") or len(ids))
    listed = f"the {len(ids)} that weigh most" if count > len(ids) else "all of them"
    return Group(
        inert_text(f"{count:,} events; ids of {listed}:"),
        _under(inert_text("\u2002".join(map(str, ids[:6])) + (" …" if len(ids) > 6 else ""), "dim", longest=600), 2),
        inert_text(f"oddtrail alerts show {alert['alert_id'][:12]} --events    prints their records"),
        inert_text(f"oddtrail alerts show {alert['alert_id'][:12]} --json      prints every id"),
        Text("In DuckDB:"),
        _under(inert_text(query, "dim", longest=4000), 2),
    )


def _under(renderable: RenderableType, columns: int) -> RenderableType:
    return Padding(renderable, (0, 0, 0, columns))
