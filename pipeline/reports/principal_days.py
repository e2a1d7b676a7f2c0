"""The sums of everybody's days, made once: of days of the deployment, of whole weeks and of all closed days together.

Activity has a file an account and day and a row an hour, and a page about one principal would open and sum them all.
What says something of each day is put in a file a week; what is the same from day to day, such as who has a session, in
one file of all days that are closed. Who asks reads those where they are made, days where they are not, and the
activity itself where that is newer: the answers are the same. Files are sorted by principal, so that of each no more
than its neighbours are read.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from features.times.day import day_bounds, day_number
from features.times.instant import DAY
from pipeline.reports.activity_days import last_days
from pipeline.reports.principal_sums import HOURS, ORDER, SOURCES, of_days, put_together, sum_up
from pipeline.settings import Settings
from pipeline.stores.home import Store
from pipeline.stores.parquet.activity import PREFIX
from pipeline.stores.parquet.prepared import Prepared, make_key
from pipeline.stores.parquet.view import parquet

VERSION: Final = "4"
"""Of how days are summed."""
GROUP: Final = 32_768
"""Rows that are read for a principal at least; of fewer, to look where it stands takes longer than to read it."""
EACH_DAY: Final = ("acts", "used", HOURS)
TOGETHER: Final = tuple(one for one in SOURCES if one not in EACH_DAY)
"""What is the same from day to day: sums of many days are little more than one day's."""
MOST_HOURS: Final = 150
"""Days whose hours are kept: an alert of long ago shows its weeks too."""
_CLOSED: Final = 2
"""Days after which little comes of a day any more, so that it is put together with others."""
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
    days = [day for day, held in files.items() if held]
    spans = [
        (span, there)
        for span in _list_spans(days, last, set(what))
        if (there := prepared.find(span.name, _make_key(_join(files[day] for day in span.days), span, zone)))
        is not None
        and there.fresh
    ]
    examples = {kind.removeprefix(PREFIX): [path] for kind, path in store.manifest.examples(PREFIX + "*")}
    opened = 0
    for one in what:
        left, read = set(days), list[str]()
        for span, there in spans:
            if one in span.what and left.issuperset(span.days):
                left.difference_update(span.days)
                read += [there.path(one)] if _is_held(one, _join(files[day] for day in span.days)) else []
        newer = _join(files[day] for day in days if day in left)
        parts, held_now = [f"SELECT * FROM {parquet(read)}"] if read else [], _is_held(one, newer)
        if held_now or not parts:
            rows = _select(store, one, newer if held_now else examples, left, zone)
            parts.append(f"SELECT * FROM ({sum_up(one, rows, zone)}){'' if held_now else ' WHERE false'}")
            opened += sum(len(newer.get(kind, [])) for kind in SOURCES[one])
        connection.execute(f"CREATE OR REPLACE TEMP VIEW sum_{one} AS {' UNION ALL BY NAME '.join(parts)}")
        opened += len(read)
    return opened


def keep_sums(store: Store, settings: Settings, reading: duckdb.DuckDBPyConnection, days: int) -> int:
    """Make the sums of the last days that are not as they should be, the newest first; return of how many spans.

    Parameters
    ----------
    days
        So many of which everything is summed; of `MOST_HOURS` their hours are.
    """
    if not store.activity.days():
        return 0
    first, last = last_days(store, settings, days)
    files = _list_files(store, settings, [last - ago * _ONE for ago in range(max(days, MOST_HOURS))])
    held = [day for day, there in files.items() if there]
    recent = [day for day in held if day >= first]
    weeks = list_weeks(_list_closed(recent, last))
    spans = [
        *(Span(f"who-{day}", [day], SOURCES) for day in recent),
        *_list_together(recent, last),
        *(Span(f"who-week-{week[0]}", week, EACH_DAY) for week in weeks),
        *(Span(f"busy-{day}", [day], [HOURS]) for day in held if day < first),
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


def _list_spans(days: Sequence[date], last: date, what: set[str]) -> Iterator[Span]:
    """What may be made of some days, in the order in which it is preferred."""
    if not what.isdisjoint(TOGETHER):
        yield from _list_together(days, last)
    yield from (Span(f"who-week-{week[0]}", week, EACH_DAY) for week in list_weeks(days))
    yield from (Span(f"who-{day}", [day], SOURCES) for day in days)
    if what == {HOURS}:
        yield from (Span(f"busy-{day}", [day], [HOURS]) for day in days)


def _list_together(days: Iterable[date], last: date) -> Iterator[Span]:
    """All closed days of those that end with the last one."""
    if closed := sorted(_list_closed(days, last)):
        yield Span(f"who-until-{closed[-1]}", closed, TOGETHER)


def _list_closed(days: Iterable[date], last: date) -> list[date]:
    return [day for day in days if day <= last - _CLOSED * _ONE]


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
