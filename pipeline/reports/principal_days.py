"""The sums of everybody's days, made once: of days of the deployment and of whole weeks, a file a table.

Activity has a file an account and day and a row an hour, and a page about one principal would open and sum them all.
Who asks reads weeks where they are made, days where they are not, and the activity itself where that is newer: the rows
are the same. Files are sorted by principal, so that of each no more than its neighbours are read.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from features.times.day import day_bounds, day_number
from features.times.instant import DAY
from pipeline.reports.principal_sums import HOURS, ORDER, SOURCES, of_days, put_together, sum_up
from pipeline.settings import Settings
from pipeline.stores.home import Store
from pipeline.stores.parquet.activity import PREFIX
from pipeline.stores.parquet.prepared import Prepared, make_key
from pipeline.stores.parquet.view import parquet

VERSION: Final = "3"
"""Of how days are summed."""
GROUP: Final = 8_192
"""Rows that are read for a principal at least."""
MOST_HOURS: Final = 150
"""Days whose hours are kept: an alert of long ago shows its weeks too."""
_CLOSED: Final = 2
"""Days after which little comes of a day any more, so that its week is made."""
_ONE: Final = timedelta(days=1)
_KINDS: Final = sorted({kind for kinds in SOURCES.values() for kind in kinds})
_Files = dict[str, list[str]]
"""By table of activity: its files, below the home."""


class Span(NamedTuple):
    """Days that are summed together."""

    name: str
    days: list[date]
    what: Collection[str]
    """Which sums are made of them."""


def view_sums(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    settings: Settings,
    first: date,
    last: date,
    what: Collection[str] = tuple(SOURCES),
) -> int:
    """Make a view `sum_…` of each sum that is asked for, of days of the deployment; return how many files it reads."""
    zone, prepared = settings.timezone, Prepared(store.home)
    files = _list_files(store, settings, [first + ahead * _ONE for ahead in range((last - first).days + 1)])
    read: dict[str, list[str]] = {one: [] for one in what}
    raw = [day for day, held in files.items() if held]
    for span in _list_spans(raw, set(what)):
        if not set(span.days) <= set(raw):
            continue
        held = _join(files[day] for day in span.days)
        there = prepared.find(span.name, _make_key(held, span, zone))
        if there is not None and there.fresh:
            raw = [day for day in raw if day not in span.days]
            for one in what:
                read[one] += [there.path(one)] if _is_held(one, held) else []
    newer, opened = _join(files[day] for day in raw), 0
    examples = {kind.removeprefix(PREFIX): [path] for kind, path in store.manifest.examples(PREFIX + "*")}
    for one in what:
        parts, held_now = [f"SELECT * FROM {parquet(read[one])}"] if read[one] else [], _is_held(one, newer)
        if held_now or not parts:
            rows = _select(store, one, newer if held_now else examples, raw, zone)
            parts.append(f"SELECT * FROM ({sum_up(one, rows, zone)}){'' if held_now else ' WHERE false'}")
            opened += sum(len(newer.get(kind, [])) for kind in SOURCES[one])
        connection.execute(f"CREATE OR REPLACE TEMP VIEW sum_{one} AS {' UNION ALL BY NAME '.join(parts)}")
        opened += len(read[one])
    return opened


def keep_sums(store: Store, settings: Settings, reading: duckdb.DuckDBPyConnection, days: int) -> int:
    """Make the sums of the last days that are not as they should be, the newest first; return of how many spans.

    Parameters
    ----------
    days
        So many of which everything is summed; of `MOST_HOURS` their hours are.
    """
    known = [day for _, day in store.activity.days()]
    if not known:
        return 0
    last = max(known) + _ONE  # east of Greenwich it has begun
    every = [last - ago * _ONE for ago in range(min((last - min(known)).days + 2, MOST_HOURS))]
    files = _list_files(store, settings, every)
    held = [day for day in every if files[day]]
    recent, old = held[:days], held[days:]
    spans = [
        *(Span(f"who-{day}", [day], SOURCES) for day in recent),
        *(Span(f"who-week-{week[0]}", week, SOURCES) for week in list_weeks(recent[_CLOSED:])),
        *(Span(f"busy-{day}", [day], [HOURS]) for day in old),
    ]
    prepared = Prepared(store.home)
    made = sum(_keep(store, settings, reading, prepared, span, files) for span in spans)
    for prefix in ("who-", "busy-"):
        prepared.keep(prefix, [span.name for span in spans])
    return made


def _keep(
    store: Store, settings: Settings, reading: duckdb.DuckDBPyConnection, prepared: Prepared, span: Span,
    files: dict[date, _Files],
) -> bool:  # fmt: skip
    """Make the sums of some days if they are not as they should be; whether they were made."""
    held, zone = _join(files[day] for day in span.days), settings.timezone
    key = _make_key(held, span, zone)
    there = prepared.find(span.name, key)
    if there is not None and there.fresh:
        return False
    days = [Span(f"who-{day}", [day], SOURCES) for day in span.days] if len(span.days) > 1 else []
    parts = [prepared.find(day.name, _make_key(files[day.days[0]], day, zone)) for day in days]
    made = [part for part in parts if part is not None and part.fresh]

    def sum_each() -> Iterator[tuple[str, pa.Table]]:
        for one in span.what:
            if not _is_held(one, held):
                continue
            if days and len(made) == len(days):  # of days that are summed
                sums = put_together(one, parquet([part.path(one) for part in made]))
            else:
                sums = sum_up(one, _select(store, one, held, span.days, zone), zone)
            yield one, reading.sql(f"FROM ({sums}) ORDER BY {ORDER[one]}").to_arrow_table()

    prepared.put(span.name, key, sum_each(), GROUP)
    return True


def list_weeks(days: Iterable[date]) -> list[list[date]]:
    """Whole weeks among some days, each from Monday on.

    >>> [week[0].isoformat() for week in list_weeks(date(2026, 3, day) for day in range(1, 16))]
    ['2026-03-02', '2026-03-09']
    """
    there = set(days)
    weeks = ([monday + ahead * _ONE for ahead in range(7)] for monday in sorted(there) if monday.weekday() == 0)
    return [week for week in weeks if there.issuperset(week)]


def _list_spans(days: Sequence[date], what: set[str]) -> Iterator[Span]:
    """What may be made of some days, in the order in which it is preferred."""
    yield from (Span(f"who-week-{week[0]}", week, SOURCES) for week in list_weeks(days))
    yield from (Span(f"who-{day}", [day], SOURCES) for day in days)
    if what == {HOURS}:
        yield from (Span(f"busy-{day}", [day], [HOURS]) for day in days)


def _list_files(store: Store, settings: Settings, days: Sequence[date]) -> dict[date, _Files]:
    """Files of activity of each day of the deployment, which lies in one or two of UTC."""
    zone = ZoneInfo(settings.timezone)
    bounds = {day: day_bounds(day_number(day), zone) for day in days}
    parts = {day: sorted({since.date(), (until - timedelta(hours=1)).date()}) for day, (since, until) in bounds.items()}
    since, until = min(part[0] for part in parts.values()), max(part[-1] for part in parts.values()) + _ONE
    found: dict[str, _Files] = {}
    for kind in _KINDS:
        for segment in store.manifest.live(PREFIX + kind, since=day_number(since) * DAY, until=day_number(until) * DAY):
            found.setdefault(segment.day, {}).setdefault(kind, []).append(segment.path)
    return {day: _join(found.get(str(one), {}) for one in parts[day]) for day in days}


def _join(files: Iterable[_Files]) -> _Files:
    joined: dict[str, dict[str, None]] = {}
    for each in files:
        for kind, paths in each.items():
            joined.setdefault(kind, {}).update(dict.fromkeys(paths))
    return {kind: [*paths] for kind, paths in joined.items()}


def _is_held(what: str, files: _Files) -> bool:
    """Whether there is all that a sum is made of."""
    return all(files.get(kind) for kind in SOURCES[what])


def _select(store: Store, what: str, files: _Files, days: Collection[date], zone: str) -> dict[str, str]:
    """The rows of activity that a sum of some days is made of, by table."""
    found = {}
    for kind in SOURCES[what]:
        rows = f"SELECT * FROM {parquet([str(store.home / path) for path in files[kind]])}"
        found[kind] = f"({rows} WHERE {of_days(days, zone)})" if kind in ("joint", "touched") else f"({rows})"
    return found


def _make_key(files: _Files, span: Span, zone: str) -> str:
    kinds = sorted({kind for one in span.what for kind in SOURCES[one]})
    return make_key([VERSION, zone, *(path for kind in kinds for path in sorted(files.get(kind, [])))])
