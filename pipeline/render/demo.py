"""What the demo prints: the alerts as short stories, and then how they compare with what was planted."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.alerts.reason_words import tell_reason
from pipeline.alerts.story import tell
from pipeline.alerts.title_words import tell_title
from pipeline.demo.run import Demo
from pipeline.render.alert import ID_SHOWN, indent, render_short
from pipeline.render.console import whole
from pipeline.render.demo_words import DEGREES, tell_cause, tell_missed
from pipeline.render.inert_text import inert_text
from pipeline.simulate.truth import Campaign
from pipeline.stores.alert import Alert
from pipeline.text.inert import inert
from pipeline.words.dates import write_moment
from pipeline.words.words import ENGLISH, Words

STRONG = frozenset({"critical", "high"})
"""Severities whose alerts are told as stories; of the others there is a line."""
MOST_CALLS = 4
"""Lines of calls in the story of an alert; `alerts show` has more."""


def render_demo(demo: Demo, zone: ZoneInfo, command: Callable[[str], str], words: Words = ENGLISH) -> Group:
    """Everything the demo has to say; `command` makes a command line that looks into the demo's home."""
    return Group(*_render_parts(demo, zone, command, words))


def _render_parts(demo: Demo, zone: ZoneInfo, command: Callable[[str], str], words: Words) -> Iterator[RenderableType]:
    yield _render_opening(demo, words)
    strong = [alert for alert in demo.alerts if alert.severity in STRONG]
    weaker = [alert for alert in demo.alerts if alert.severity not in STRONG]
    for alert in strong:
        yield ""
        yield _render_strong(demo, alert, zone, words)
    if weaker:
        yield ""
        yield _render_weaker(demo, weaker, zone, words)
    yield ""
    yield _render_found(demo, words)
    if demo.verdict.harmless:
        yield ""
        yield _render_harmless(demo, words)
    yield ""
    yield _render_next(demo, command, words)


def _render_opening(demo: Demo, words: Words) -> RenderableType:
    truth, spent = demo.truth, demo.seconds
    company = words.say(
        "A company of {people} people and {machines} machines, {days} days, {calls} calls;",
        people=truth.people,
        machines=truth.machines,
        days=demo.days,
        calls=f"{truth.events:,}",
    )
    hidden = words.say_many(
        len(truth.campaigns),
        "{n} attack is hidden in the last week.",
        "{n} attacks are hidden in the last week.",
    )
    took = words.say(
        "Simulated in {simulate} s, ingested in {ingest} s, learned {days} days in {train} s, scored the rest in "
        "{score} s: {alerts}.",
        days=demo.learned_days,
        alerts=words.say_many(len(demo.alerts), "{n} alert", "{n} alerts"),
        **{stage: f"{seconds:.1f}" for stage, seconds in spent.items()},
    )
    return Group(Text.assemble(company, " ", (hidden, "bold")), Text(took, style="dim"))


def _render_strong(demo: Demo, alert: Alert, zone: ZoneInfo, words: Words) -> RenderableType:
    evidence = demo.evidence[alert.alert_id]
    story = tell(evidence.rows, evidence.total, MOST_CALLS, evidence.reasons, zone)
    return Group(render_short(alert, zone, story, words), indent(render_cause(demo, alert, words), 4))


def _render_weaker(demo: Demo, alerts: list[Alert], zone: ZoneInfo, words: Words) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for alert in sorted(alerts, key=lambda alert: -alert.record_score):
        reason = max(alert.reasons, key=lambda reason: reason.nats, default=None)
        why = inert(tell_reason(reason, words), longest=300) if reason else ""
        title = tell_title(alert.title, alert.principal_name, words)
        what = inert_text(title).append(f"\n{why}\n", style="dim")
        when = write_moment(alert.detected_at.astimezone(zone), words)
        table.add_row(f"{alert.record_score:.0f}", when, what.append_text(render_cause(demo, alert, words)))
    heading = words.say_many(len(alerts), "{n} weaker alert", "{n} weaker alerts")
    return Group(Text(heading, style="bold"), indent(table, 2))


def render_cause(demo: Demo, alert: Alert, words: Words = ENGLISH) -> Text:
    """What was behind an alert."""
    found = demo.verdict.attack_of(alert.alert_id)
    if found:
        planted = words.say(
            "✔ planted: {attack} ({degree}), raised {span} after it began",
            attack=_name_technique(found.campaign),
            degree=words.find(found.campaign.degree),
            span=_write_span(found.after, words),
        )
        return Text(planted, style="green")
    if alert.alert_id in demo.verdict.harmless:
        cause = tell_cause(demo.verdict.harmless[alert.alert_id], words)
        return inert_text(words.say("· harmless: {cause}", cause=cause), "cyan")
    return Text(words.say("✔ planted: more of the same attack"), style="green")


def _render_found(demo: Demo, words: Words) -> RenderableType:
    verdict, truth = demo.verdict, demo.truth
    heading = words.say_many(
        len(truth.campaigns),
        "Found {found} of {n} planted attack",
        "Found {found} of {n} planted attacks",
        found=len(verdict.found),
    )
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for degree in DEGREES:
        of_degree = [campaign for campaign in truth.campaigns if campaign.degree == degree]
        found = {id(one.campaign): one for one in verdict.found}
        missed = {id(one.campaign): one for one in verdict.missed}
        for position, campaign in enumerate(of_degree):
            one = found.get(id(campaign))
            mark = Text("✔", style="green") if one else Text("✘", style="red")
            name = inert(campaign.principal_name)
            what = words.say("{attack} as {name}", attack=_name_technique(campaign), name=name)
            if one:
                said = words.say("after {span}", span=_write_span(one.after, words))
            else:
                said = words.say("missed: {why}", why=tell_missed(missed[id(campaign)].why, words))
            shown = Text(words.find(degree) if not position else "", style="dim")
            table.add_row(shown, mark, Text.assemble(what, ", ", (inert(said), "dim")))
    return Group(Text(heading, style="bold"), indent(table, 2))


def _render_harmless(demo: Demo, words: Words) -> RenderableType:
    causes: dict[str, int] = {}
    for cause in demo.verdict.harmless.values():
        causes[cause] = causes.get(cause, 0) + 1
    told = {inert(tell_cause(cause, words)): count for cause, count in causes.items()}
    listed = words.say_many(
        len(demo.verdict.harmless),
        "{n} alert was no attack but odd all the same: {causes}.",
        "{n} alerts were no attack but odd all the same: {causes}.",
        causes=", ".join(f"{cause} ×{count}" if count > 1 else cause for cause, count in told.items()),
    )
    return Text(listed)


def _render_next(demo: Demo, command: Callable[[str], str], words: Words) -> RenderableType:
    strongest = max(demo.alerts, key=lambda alert: alert.record_score, default=None)
    page = "http://127.0.0.1:8477/"
    commands = {command("serve"): words.say("shows it all in a browser, at {address}", address=page)}
    if strongest:
        show = command(f"alerts show {strongest.alert_id[:ID_SHOWN]}")
        commands[show] = words.say("tells everything about the strongest alert")
    commands[command("doctor")] = words.say("says what this data cannot show")
    commands["oddtrail ingest PATH"] = words.say("reads your own CloudTrail; then: train, score, alerts list")
    parts: list[RenderableType] = [Text(words.say("Next"), style="bold")]
    for line, what in commands.items():
        parts += [whole(f"  {line}", "bold"), indent(Text(what, style="dim"), 6)]
    return Group(*parts)


def _name_technique(campaign: Campaign) -> str:
    return inert(campaign.technique).replace("-", " ")


def _write_span(span: timedelta, words: Words) -> str:
    """A span in the unit that suits it.

    >>> _write_span(timedelta(minutes=11), ENGLISH), _write_span(timedelta(hours=26), ENGLISH)
    ('11 min', '26 h')
    """
    minutes = span.total_seconds() / 60
    if minutes < 120:
        return words.say("{n} min", n=f"{minutes:.0f}")
    return words.say("{n} h", n=f"{minutes / 60:.0f}")
