"""What the demo prints: the alerts as short stories, and then how they compare with what was planted."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.alerts.story import tell
from pipeline.demo.run import Demo
from pipeline.render.alert import ID_SHOWN, indent, render_short
from pipeline.render.console import whole
from pipeline.render.inert_text import inert_text
from pipeline.simulate.truth import Campaign
from pipeline.stores.alert import Alert
from pipeline.text.inert import inert
from pipeline.text.plural import agree, plural

STRONG = frozenset({"critical", "high"})
"""Severities whose alerts are told as stories; of the others there is a line."""
MOST_CALLS = 4
"""Lines of calls in the story of an alert; `alerts show` has more."""


def render_demo(demo: Demo, zone: ZoneInfo, command: Callable[[str], str]) -> Group:
    """Everything the demo has to say; `command` makes a command line that looks into the demo's home."""
    return Group(*_render_parts(demo, zone, command))


def _render_parts(demo: Demo, zone: ZoneInfo, command: Callable[[str], str]) -> Iterator[RenderableType]:
    yield _render_opening(demo)
    strong = [alert for alert in demo.alerts if alert.severity in STRONG]
    weaker = [alert for alert in demo.alerts if alert.severity not in STRONG]
    for alert in strong:
        yield ""
        yield _render_strong(demo, alert, zone)
    if weaker:
        yield ""
        yield _render_weaker(demo, weaker, zone)
    yield ""
    yield _render_found(demo)
    if demo.verdict.harmless:
        yield ""
        yield _render_harmless(demo)
    yield ""
    yield _render_next(demo, command)


def _render_opening(demo: Demo) -> RenderableType:
    truth, spent = demo.truth, demo.seconds
    company = (
        f"A company of {truth.people} people and {truth.machines} machines, {demo.days} days, {truth.events:,} calls; "
    )
    return Group(
        Text.assemble(company, (f"{len(truth.campaigns)} attacks are hidden in the last week.", "bold")),
        Text(
            f"Simulated in {spent['simulate']:.1f} s, ingested in {spent['ingest']:.1f} s, learned {demo.learned_days} "
            f"days in {spent['train']:.1f} s, scored the rest in {spent['score']:.1f} s: "
            f"{plural(len(demo.alerts), 'alert')}.",
            style="dim",
        ),
    )


def _render_strong(demo: Demo, alert: Alert, zone: ZoneInfo) -> RenderableType:
    evidence = demo.evidence[alert.alert_id]
    story = tell(evidence.rows, evidence.total, MOST_CALLS, evidence.reasons, zone)
    return Group(render_short(alert, zone, story), indent(render_cause(demo, alert), 4))


def _render_weaker(demo: Demo, alerts: list[Alert], zone: ZoneInfo) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for alert in sorted(alerts, key=lambda alert: -alert.record_score):
        reason = max(alert.reasons, key=lambda reason: reason.nats).text if alert.reasons else ""
        what = inert_text(alert.title).append(f"\n{inert(reason, longest=300)}\n", style="dim")
        when = f"{alert.detected_at.astimezone(zone):%d %b %H:%M}"
        table.add_row(f"{alert.record_score:.0f}", when, what.append_text(render_cause(demo, alert)))
    return Group(Text(plural(len(alerts), "weaker alert"), style="bold"), indent(table, 2))


def render_cause(demo: Demo, alert: Alert) -> Text:
    """What was behind an alert."""
    found = demo.verdict.attack_of(alert.alert_id)
    if found:
        named = f"{_name_technique(found.campaign)} ({found.campaign.degree})"
        return Text(f"✔ planted: {named}, raised {_write_span(found.after)} after it began", style="green")
    if alert.alert_id in demo.verdict.harmless:
        return inert_text(f"· harmless: {demo.verdict.harmless[alert.alert_id]}", "cyan")
    return Text("✔ planted: more of the same attack", style="green")


def _render_found(demo: Demo) -> RenderableType:
    verdict, truth = demo.verdict, demo.truth
    parts: list[RenderableType] = [
        Text(f"Found {len(verdict.found)} of {plural(len(truth.campaigns), 'planted attack')}", style="bold")
    ]
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for degree in ("loud", "medium", "stealthy"):
        of_degree = [campaign for campaign in truth.campaigns if campaign.degree == degree]
        found = {id(one.campaign): one for one in verdict.found}
        missed = {id(one.campaign): one for one in verdict.missed}
        for position, campaign in enumerate(of_degree):
            one = found.get(id(campaign))
            mark = Text("✔", style="green") if one else Text("✘", style="red")
            what = f"{_name_technique(campaign)} as {inert(campaign.principal_name)}"
            say = f"after {_write_span(one.after)}" if one else f"missed: {missed[id(campaign)].why}"
            table.add_row(
                Text(degree if not position else "", style="dim"), mark, Text.assemble(what, ", ", (inert(say), "dim"))
            )
    return Group(*parts, indent(table, 2))


def _render_harmless(demo: Demo) -> RenderableType:
    causes: dict[str, int] = {}
    for cause in demo.verdict.harmless.values():
        causes[cause] = causes.get(cause, 0) + 1
    listed = ", ".join(f"{inert(cause)} ×{count}" if count > 1 else inert(cause) for cause, count in causes.items())
    number = len(demo.verdict.harmless)
    return Text(f"{plural(number, 'alert')} {agree(number, 'was', 'were')} no attack but odd all the same: {listed}.")


def _render_next(demo: Demo, command: Callable[[str], str]) -> RenderableType:
    strongest = max(demo.alerts, key=lambda alert: alert.record_score, default=None)
    commands = {command("serve"): "shows it all in a browser, at http://127.0.0.1:8477/"}
    if strongest:
        show = command(f"alerts show {strongest.alert_id[:ID_SHOWN]}")
        commands[show] = "tells everything about the strongest alert"
    commands[command("doctor")] = "says what this data cannot show"
    commands["oddtrail ingest PATH"] = "reads your own CloudTrail; then: train, score, alerts list"
    parts: list[RenderableType] = [Text("Next", style="bold")]
    for line, what in commands.items():
        parts += [whole(f"  {line}", "bold"), indent(Text(what, style="dim"), 6)]
    return Group(*parts)


def _name_technique(campaign: Campaign) -> str:
    return inert(campaign.technique).replace("-", " ")


def _write_span(span: timedelta) -> str:
    """A span in the unit that suits it.

    >>> _write_span(timedelta(minutes=11)), _write_span(timedelta(hours=26))
    ('11 min', '26 h')
    """
    minutes = span.total_seconds() / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
