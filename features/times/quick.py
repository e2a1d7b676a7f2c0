"""SQL macros of days, hours and ticks by whole numbers.

They say what those of `features.times.day` and `features.times.tick` say; DuckDB's own functions ask a calendar for
each row, which was half of what it cost to count a day of events. A zone's clocks are read from Python's tables, as
everything else in Python reads them.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from features.times.day import zone_name
from features.times.instant import DAY, HOUR, MINUTE, micros, moment_of
from features.times.tick import TICK, tick_sql

SINCE: Final = datetime(2010, 1, 1, tzinfo=UTC)
UNTIL: Final = datetime(2040, 1, 1, tzinfo=UTC)
"""Instants that are found by whole numbers; others by the calendar."""
_STEP: Final = timedelta(days=1)
"""Nobody changes clocks twice within it."""

Offset = tuple[int, int]
"""From when on clocks are ahead of UTC, and by how much; both in microseconds."""


@lru_cache
def find_offsets(timezone: str) -> tuple[Offset, ...]:
    """How far a zone's clocks are ahead, from `SINCE` to `UNTIL`.

    >>> [(moment_of(since).isoformat(), ahead // HOUR) for since, ahead in find_offsets("Europe/Berlin")[:2]]
    [('2010-01-01T00:00:00+00:00', 1), ('2010-03-28T01:00:00+00:00', 2)]
    """
    zone = ZoneInfo(zone_name(timezone))

    def ahead(instant: datetime) -> int:
        return (instant.astimezone(zone).utcoffset() or timedelta()) // timedelta(microseconds=1)

    found, before = [(micros(SINCE), ahead(SINCE))], SINCE
    while before < UNTIL:
        after = before + _STEP
        if ahead(after) != ahead(before):
            seconds = range(1, _STEP // timedelta(seconds=1) + 1)
            changed = bisect_right(seconds, 0, key=lambda s: int(ahead(before + timedelta(seconds=s)) != ahead(before)))
            when = before + timedelta(seconds=seconds[changed])
            found.append((micros(when), ahead(when)))
        before = after
    return tuple(found)


def quick_macros(timezone: str, lateness_minutes: int) -> str:
    """Macros `day_of`, `known_day`, `hour_of` and `tick_of`.

    Parameters
    ----------
    timezone, lateness_minutes
        The deployment's, as for `features.times.day.day_macros`.

    Examples
    --------
    >>> "32400000000" in quick_macros("Asia/Seoul", 15)
    True
    """
    name, lateness = zone_name(timezone), int(lateness_minutes) * MINUTE
    local = f"epoch_us(instant) + {_pick(find_offsets(timezone))}"
    return f"""
CREATE OR REPLACE TEMP MACRO day_of(instant) AS CASE WHEN {_within("instant")}
    THEN DATE '1970-01-01' + CAST(({local}) // {DAY} AS INTEGER)
    ELSE CAST(timezone('{name}', instant) AS DATE) END;
CREATE OR REPLACE TEMP MACRO known_day(delivered, happened) AS
    CAST(greatest(day_of(make_timestamptz(epoch_us(delivered) - {lateness})), day_of(happened)) + 1 AS DATE);
CREATE OR REPLACE TEMP MACRO hour_of(instant) AS CASE WHEN {_within("instant")}
    THEN make_timestamptz(epoch_us(instant) // {HOUR} * {HOUR}) ELSE date_trunc('hour', instant) END;
CREATE OR REPLACE TEMP MACRO tick_of(delivered) AS CASE WHEN {_within("delivered")}
    THEN make_timestamptz((epoch_us(delivered) + {TICK - 1}) // {TICK} * {TICK}) ELSE {tick_sql("delivered")} END;
"""


def _within(instant: str) -> str:
    return f"{instant} >= TIMESTAMPTZ '{SINCE.isoformat()}' AND {instant} < TIMESTAMPTZ '{UNTIL.isoformat()}'"


def _pick(offsets: Sequence[Offset]) -> str:
    """SQL of what an instant's clocks are ahead, found by halves."""
    if len(offsets) == 1:
        return str(offsets[0][1])
    half = len(offsets) // 2
    since = moment_of(offsets[half][0]).isoformat()
    return f"CASE WHEN instant < TIMESTAMPTZ '{since}' THEN {_pick(offsets[:half])} ELSE {_pick(offsets[half:])} END"
