"""The same days as text, for a mail or a terminal: who did what, why it is odd, what to do first; and what is usual."""

import textwrap
from collections.abc import Iterator
from typing import Any, Final

from starlette.requests import Request

from pipeline.alerts.playbook import advise
from pipeline.errors import NoHistoryError
from pipeline.page.busy import show_busy
from pipeline.page.home import Home
from pipeline.page.period import Day, Period
from pipeline.page.where import show_where
from pipeline.render.alert import write_span
from pipeline.stores.sqlite.alert_index import Brief
from pipeline.text.inert import inert
from pipeline.text.plural import plural

WIDTH: Final = 78
REASONS: Final = 3
"""Of an alert, the strongest."""
PLACES: Final = 5
LONGEST: Final = 300
"""Characters of one value."""


def write_text(home: Home, period: Period) -> str:
    """The report as text of lines of `WIDTH` columns at most, but for words that are longer."""
    return "\n".join([*_tell_days(home, period), *_tell_usual(home)]) + "\n"


def _tell_days(home: Home, period: Period) -> Iterator[str]:
    yield f"oddtrail, {period.first} to {period.last}"
    held = "" if period.events is None else f"; {plural(period.events, 'event')} held"
    yield f"{plural(period.incidents, 'incident')} in {plural(len(period.days), 'day')}{held}"
    for day in period.days:
        yield ""
        if day.incidents:
            yield f"{day.day:%a} {day.day}"
            for incident in day.incidents:
                for number, brief in enumerate(incident):
                    yield from _tell_alert(home, brief, related=number > 0)
            if day.total > len(day.incidents):
                yield f"  and {plural(day.total - len(day.incidents), 'weaker incident')}"
        else:
            yield f"{day.day:%a} {day.day}  {_tell_quiet(day)}"


def _tell_quiet(day: Day) -> str:
    if day.events is None:
        return "nothing raised"
    return f"quiet: {plural(day.events, 'event')}, nothing raised" if day.events else "no event is held"


def _tell_alert(home: Home, brief: Brief, *, related: bool) -> Iterator[str]:
    """An alert in a few lines."""
    severity = f"{brief.severity} {brief.score:.0f}"
    yield from _wrap(f"{'the same hands: ' if related else ''}{brief.title}", f"  {severity:<12}  ")
    alert = home.alerts.find(brief.id)
    if alert is None:  # written over since the list was read
        return
    yield from _wrap(f"{alert.principal_name} ({alert.principal_kind}), {write_span(alert, home.zone)}", " " * 16)
    for reason in sorted(alert.reasons, key=lambda one: -one.nats)[:REASONS]:
        yield from _wrap(reason.text, " " * 14 + "- ")
    for step in advise(alert)[:1]:
        yield from _wrap(f"First: {step.text}", " " * 16)
    yield from _wrap(f"oddtrail alerts show {alert.alert_id}", " " * 16)


def _tell_usual(home: Home) -> Iterator[str]:
    """When it is busiest and where calls come from; nothing where no event is held."""
    if not home.has_events:
        return
    asked = Request({"type": "http", "query_string": b"", "headers": []})
    try:
        busy, where = show_busy(home, asked), show_where(home, asked)
    except NoHistoryError:
        return
    yield from ["", f"Usual, of the last {busy['days']} days"]
    day, hour, mean = max(
        ((day, hour, value) for day, cells in busy["rows"] for hour, (value, _) in enumerate(cells)),
        key=lambda one: one[2],
    )
    yield from _wrap(f"busiest: {day} {hour:02}:00, about {mean:,.0f} events an hour ({busy['zone']})", "  ")
    if busy["stretches"]:
        quiet = "; ".join(f"{one['starts']} to {one['ends']}" for one in busy["stretches"][:PLACES])
        yield from _wrap(f"hardly anybody: {quiet}", "  ")
    for kind, rows, _ in where["tables"]:
        if rows:
            yield from _wrap(f"{_plural_of(kind)}: {_list_places(kind, rows)}", "  ")
    for row in where["new"][:PLACES]:
        yield from _wrap(f"new: {row['principal']} from {inert(row['value'], LONGEST)}, {row['day']:%Y-%m-%d}", "  ")


def _plural_of(kind: str) -> str:
    return {"country": "countries", "network": "networks"}[kind]


def _list_places(kind: str, rows: list[dict[str, Any]]) -> str:
    named = "; ".join(f"{inert(row[kind], 80)} {row['events']:,}" for row in rows[:PLACES])
    return f"{named}; and {len(rows) - PLACES} more" if len(rows) > PLACES else named


def _wrap(text: str, start: str) -> list[str]:
    """Lines of a text that anybody may have written, the first after `start`, the others below where it began."""
    return textwrap.wrap(
        inert(text, LONGEST), WIDTH, initial_indent=start, subsequent_indent=" " * len(start),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
