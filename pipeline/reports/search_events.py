"""Events that one text names (an id, account, address, key, call, principal, resource), newest first, within a time.

What the text looks like says which columns are asked. The events are walked backwards, some hours at a time, until
enough are found or the time is over; then it says how far it looked, and whoever wants more goes on from there.
"""

import ipaddress
import re
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import duckdb

from features.call.account import is_account
from features.times.instant import HOUR, micros, moment_of
from pipeline.reports.find_events import COLUMNS
from pipeline.stores.home import Store
from pipeline.stores.parquet.segment import Segment

ROWS: Final = 100_000
"""Events of a step, of about so many; one takes 0.02 to 0.08 s of CPU."""
SECONDS: Final = 0.15
"""In which all steps are to end."""
_EVENT_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(~[0-9a-f]+)?|sha256:[0-9a-f]{64}.*", re.A)
_KEY: Final = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,124}", re.ASCII)
_CALL: Final = re.compile(r"[a-z0-9.-]+:[A-Z]\w*", re.ASCII)
_TOKEN: Final = "token = $text OR substr(token, instr(token, ':') + 1) = $text"
_TOUCHED: Final = (  # what the tokens' texts together do not contain is none of them, and sooner told
    f"contains(array_to_string(resources, ' '), $text) AND len(list_filter(resources, lambda token: {_TOKEN})) > 0"
)


class Searched(NamedTuple):
    """What was found."""

    rows: list[dict[str, Any]]
    """`pipeline.reports.find_events.COLUMNS` of each event, the newest first."""
    before: datetime | None
    """There may be more that happened before then; None where everything was looked at."""
    skip: int = 0
    """So many of those are among `rows`: calls of one second that do not all fit."""


class Question(NamedTuple):
    """What is asked of a row."""

    where: str
    accounts: list[str] | None = None
    """Only of these."""


def search_events(
    store: Store,
    connection: duckdb.DuckDBPyConnection,
    text: str,
    most: int,
    before: datetime | None = None,
    skip: int = 0,
    seconds: float = SECONDS,
    rows: int = ROWS,
) -> Searched:
    """Find the newest events that a text names.

    Parameters
    ----------
    text
        As somebody wrote it; upper and lower case are alike in calls and principals.
    most
        So many events.
    before, skip
        Only those that happened before then, and of these not the newest so many.
    seconds
        In which all steps are to end: none begins that would end later if it takes as long as the one before.
    rows
        Events of a step.
    """
    text, started = text.strip(), time.monotonic()
    question, wanted = ask(text), most + 1 + skip
    found: list[dict[str, Any]] = []
    took = 0.0
    for start, end in list_steps(store.manifest.live("events", accounts=question.accounts), before, rows):
        began = time.monotonic()
        if took and began - started + took >= seconds:
            return Searched(found[skip:], end)
        store.events.view(connection, since=start, until=end, accounts=question.accounts)
        found += _read(connection, question, text, wanted - len(found))
        if len(found) == wanted:
            last = found[-2]["event_time"]
            same = sum(row["event_time"] == last for row in found[:-1])
            return Searched(found[skip:-1], last + timedelta(microseconds=1), same)
        took = time.monotonic() - began
    return Searched(found[skip:], None)


def _read(connection: duckdb.DuckDBPyConnection, question: Question, text: str, most: int) -> list[dict[str, Any]]:
    """The newest of the view's rows: first when they happened, for that reads no column but those that are asked."""
    given = {"text": text, "lower": text.lower()}
    values: dict[str, Any] = {name: value for name, value in given.items() if f"${name}" in question.where}
    values["most"] = most
    times = connection.execute(
        f"SELECT event_time FROM events WHERE {question.where} ORDER BY event_time DESC LIMIT $most", values
    ).fetchall()
    if not times:
        return []
    rows = connection.execute(
        f"SELECT {', '.join(COLUMNS)} FROM events WHERE event_time BETWEEN $oldest AND $newest AND ({question.where}) "
        "ORDER BY event_time DESC, event_id LIMIT $most",
        values | {"oldest": times[-1][0], "newest": times[0][0]},
    ).fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def ask(text: str) -> Question:
    """What a text is, by its look.

    >>> ask("111122223333").accounts, ask("s3:GetObject").where
    (['111122223333'], 'lower(action) = $lower')
    """
    if is_account(text):
        return Question("account = $text", [text])
    if _EVENT_ID.fullmatch(text.lower()):
        return Question("event_id = $lower OR shared_event_id = $text")
    if _is_address(text):
        return Question("address = $text")
    if _KEY.fullmatch(text):
        return Question("starts_with(session, $text) OR issued_key = $text OR contains(principal, $text)")
    if _CALL.fullmatch(text):
        return Question("lower(action) = $lower")
    return Question(
        "contains(lower(principal), $lower) OR contains(lower(principal_name), $lower) OR address = $text "
        "OR lower(action) = $lower OR split_part(lower(action), ':', 2) = $lower "
        f"OR ({_TOUCHED})"
    )


def list_steps(segments: Sequence[Segment], before: datetime | None, rows: int) -> Iterator[tuple[datetime, datetime]]:
    """Spans of whole hours of about so many events each, the newest first; half-open, and together all there is."""
    hours: dict[int, float] = {}
    end = None if before is None else micros(before)
    for segment in segments:
        first, last = segment.first // HOUR, segment.last // HOUR
        if end is None or segment.first < end:
            for hour in range(first, last + 1):
                hours[hour] = hours.get(hour, 0.0) + segment.rows / (last + 1 - first)
    if not hours:
        return
    until = (max(hours) + 1) * HOUR if end is None else min(end, (max(hours) + 1) * HOUR)
    held = 0.0
    for hour in sorted(hours, reverse=True):
        if hour * HOUR >= until:
            continue
        held += hours[hour]
        if held >= rows:
            yield moment_of(hour * HOUR), moment_of(until)
            until, held = hour * HOUR, 0.0
    if held:
        yield moment_of(min(hours) * HOUR), moment_of(until)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
