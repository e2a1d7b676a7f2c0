"""The same days as text, for a mail or a terminal: who did what, why it is odd, what to do first; and what is usual."""

from collections.abc import Iterator
from typing import Any, Final

from rich.cells import cell_len
from starlette.requests import Request

from pipeline.alerts.playbook import advise
from pipeline.alerts.reason_words import tell_reason
from pipeline.alerts.title_words import tell_title
from pipeline.alerts.wording import write_strength
from pipeline.errors import NoHistoryError
from pipeline.page.busy import show_busy
from pipeline.page.home import Home
from pipeline.page.period import Day, Period
from pipeline.page.where import show_where
from pipeline.render.alert import write_span
from pipeline.stores.sqlite.alert_index import Brief
from pipeline.text.inert import inert
from pipeline.words.catalogue import find_words
from pipeline.words.dates import tell_hour, write_day
from pipeline.words.language import DEFAULT
from pipeline.words.words import Words, to_say

WIDTH: Final = 78
REASONS: Final = 3
"""Of an alert, the strongest."""
PLACES: Final = 5
_PLACES: Final = {"country": to_say("countries"), "network": to_say("networks")}
LONGEST_LINE: Final = 900
"""Of a command, which stays whole so that it can be copied; a mail's lines have 998 characters at most (RFC 5322)."""
LONGEST: Final = 300
"""Characters of one value."""


def write_text(home: Home, period: Period) -> str:
    """The report as text of lines of `WIDTH` columns at most, but for commands, and words that are longer.

    Its language is the deployment's; a letter of Korean takes two columns.
    """
    words = find_words(home.settings.language or DEFAULT)
    return "\n".join([*_tell_days(home, period, words), *_tell_usual(home, words)]) + "\n"


def _tell_days(home: Home, period: Period, words: Words) -> Iterator[str]:
    yield words.say("oddtrail, {first} to {last}", first=period.first, last=period.last)
    incidents = words.say_many(period.incidents, "{n} incident", "{n} incidents")
    days = words.say_many(len(period.days), "{n} day", "{n} days")
    if period.events is None:
        yield words.say("{incidents} in {days}", incidents=incidents, days=days)
    else:
        events = words.say_many(period.events, "{n} event", "{n} events")
        yield words.say("{incidents} in {days}; {events} held", incidents=incidents, days=days, events=events)
    for day in period.days:
        yield ""
        if day.incidents:
            yield write_day(day.day, words)
            for incident in day.incidents:
                for number, brief in enumerate(incident):
                    yield from _tell_alert(home, brief, words, related=number > 0)
            if weaker := day.total - len(day.incidents):
                said = words.say_many(weaker, "and {n} weaker incident", "and {n} weaker incidents")
                yield f"  {said}"
        else:
            yield f"{write_day(day.day, words)}  {_tell_quiet(day, words)}"


def _tell_quiet(day: Day, words: Words) -> str:
    if day.events is None:
        return words.say("nothing raised")
    if not day.events:
        return words.say("no event is held")
    return words.say_many(day.events, "quiet: {n} event, nothing raised", "quiet: {n} events, nothing raised")


def _tell_alert(home: Home, brief: Brief, words: Words, *, related: bool) -> Iterator[str]:
    """An alert in a few lines."""
    severity = f"{words.find(brief.severity)} {brief.score:.0f}"
    title = tell_title(brief.title, brief.name, words)
    start = f"  {severity}{' ' * (12 - cell_len(severity))}  "
    yield from _wrap(words.say("the same hands: {title}", title=title) if related else title, start)
    alert = home.alerts.find(brief.id)
    if alert is None:  # written over since the list was read
        return
    kind, span = words.find(alert.principal_kind), write_span(alert, home.zone, words)
    yield from _wrap(f"{alert.principal_name} ({kind}), {span}", " " * 16)
    for reason in sorted(alert.reasons, key=lambda one: -one.nats)[:REASONS]:
        yield from _wrap(f"{tell_reason(reason, words)} ({write_strength(reason.nats, words)})", " " * 14 + "- ")
    for step in advise(alert, words)[:1]:
        yield from _wrap(words.say("First: {step}", step=step.text), " " * 16)
        yield from (f"{' ' * 16}{inert(one, LONGEST_LINE)}" for one in step.commands if len(one) < LONGEST_LINE - 16)
    yield from _wrap(f"oddtrail alerts show {alert.alert_id}", " " * 16)


def _tell_usual(home: Home, words: Words) -> Iterator[str]:
    """When it is busiest and where calls come from; nothing where no event is held."""
    if not home.has_events:
        return
    asked = Request({"type": "http", "query_string": b"", "headers": []})
    try:
        busy, where = show_busy(home, asked), show_where(home, asked)
    except NoHistoryError:
        return
    yield from ["", words.say_many(busy["days"], "Usual, of the last {n} day", "Usual, of the last {n} days")]
    day, hour, mean = max(
        ((day, hour, value) for day, cells in busy["rows"] for hour, (value, _) in enumerate(cells)),
        key=lambda one: one[2],
    )
    at = tell_hour(f"{day} {hour:02}:00", words)
    said = words.say_many(
        round(mean),
        "busiest: {at}, about {n} event an hour ({zone})",
        "busiest: {at}, about {n} events an hour ({zone})",
        at=at,
        zone=busy["zone"],
    )
    yield from _wrap(said, "  ")
    if busy["stretches"]:
        spans = [
            words.say("{starts} to {ends}", starts=tell_hour(one["starts"], words), ends=tell_hour(one["ends"], words))
            for one in busy["stretches"][:PLACES]
        ]
        yield from _wrap(words.say("hardly anybody: {spans}", spans="; ".join(spans)), "  ")
    for kind, rows, _ in where["tables"]:
        if rows:
            yield from _wrap(f"{words.find(_PLACES[kind])}: {_list_places(kind, rows, words)}", "  ")
    for row in where["new"][:PLACES]:
        place, at = inert(row["value"], LONGEST), f"{row['day']:%Y-%m-%d}"
        said = words.say("new: {who} from {place}, {day}", who=row["principal"], place=place, day=at)
        yield from _wrap(said, "  ")


def _list_places(kind: str, rows: list[dict[str, Any]], words: Words) -> str:
    named = "; ".join(f"{inert(row[kind], 80)} {row['events']:,}" for row in rows[:PLACES])
    more = len(rows) - PLACES
    return f"{named}; {words.say('and {n} more', n=more)}" if more > 0 else named


def _wrap(text: str, start: str) -> list[str]:
    """Lines of a text that anybody may have written, the first after `start`, the others below where it began."""
    below = " " * cell_len(start)
    lines, line = [], start
    for word in inert(text, LONGEST).split():
        empty = line in (start, below)
        if not empty and cell_len(line) + 1 + cell_len(word) > WIDTH:
            lines.append(line)
            line, empty = below, True
        line += word if empty else f" {word}"
    return [*lines, line]
