"""Silence by account and region: whoever always had events at this hour and has none for longer than is usual.

Each account, and each region of one, is compared with its own five weeks before its newest event. Only hours count in
which it has hardly ever been empty, so that nights and weekends of an office are no silence. How long nothing may
happen within such hours follows from the longest time without events of each day: the greatest of many gaps follows a
Gumbel distribution, whatever the gaps, and a silence is a gap that would happen by chance once in `CHANCE` days.

What is heard is events, by the minute; what may still be delivered, younger than the lateness, says nothing yet. What
cannot be read at our end is no silence of CloudTrail: whoever asks says until when all sources were read.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import log
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from features.times.instant import HOUR, MINUTE, micros, moment_of
from pipeline.connection import connect
from pipeline.reports.stops import BEFORE, find_stops
from pipeline.settings import Settings
from pipeline.stores.home import Store
from pipeline.stores.sqlite.coverage import Coverage, CoveredRegion
from pipeline.watch.cover import WATCHED

CHANCE: Final = 10_000.0
"""Days of an account or region in which one silence is told by chance: of a hundred of them, one in a hundred days."""
LEAST_WEEKS: Final = 2
"""Earlier weeks in which an hour of the week must have had events; with fewer weeks, `LEAST_DAYS` of the same hour."""
LEAST_DAYS: Final = 7
"""Days that quartiles need, and that tell a weekend from a working day."""
_EMPTY: Final = 1
"""Of the earlier hours compared with, so many may be empty: one earlier outage must not blind us to the next."""
_QUARTILES: Final = 1.5725
"""Distance of a Gumbel distribution's quartiles, in its scales: log(log 4) - log(log 4/3)."""
_MEDIAN: Final = 0.3665
"""Its median, likewise: -log(log 2)."""
_WEEK: Final = 168
_LONGEST: Final = int(WATCHED / timedelta(hours=1))
"""Hours that are looked back on."""
_MINUTES: Final = np.arange(60, dtype=np.int64)

Bits = npt.NDArray[np.bool_]


class Silence(NamedTuple):
    """An account, or a region of one, of which nothing comes any more."""

    account: str
    region: str | None
    """None for all of the account; empty for its global services."""
    since: datetime
    """End of the last minute in which anything happened."""
    usual: float
    """Minutes that pass at most without an event, but for one time in `CHANCE` days."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return self._asdict() | {"since": self.since.isoformat(), "usual": round(self.usual, 1)}


class Linked(NamedTuple):
    """What may have made a silence."""

    calls: tuple[tuple[str, str, str], ...]
    """Calls that switched logging off shortly before: event id, action, principal."""
    alerts: tuple[str, ...]
    """Ids of alerts that name one of them."""


class _Known(NamedTuple):
    """What is usual of an account or a region."""

    newest: int
    """Minute since 1970, the end of the last one with an event."""
    steady: Bits
    """By hour of the week since 1970: it always had events."""
    usual: float


class Silences:
    """Listens to coverage; what is usual is found anew each hour, and a tick reads what came since.

    Examples
    --------
    >>> from pipeline.stores.sqlite.database import Database
    >>> Silences(Coverage(Database(":memory:")), timedelta(minutes=15)).find(moment_of(0))
    []
    """

    def __init__(self, coverage: Coverage, lateness: timedelta) -> None:
        self._coverage, self._lateness = coverage, int(lateness.total_seconds() // 60)
        self._hour = -1
        self._known: dict[tuple[str, str | None], _Known] = {}

    def find(self, heard: datetime) -> list[Silence]:
        """Who is silent, by account and region; of an account that is silent as a whole no region is named.

        Parameters
        ----------
        heard
            Until when all sources were read.
        """
        hour = micros(heard) // HOUR
        if hour != self._hour:
            self._learn(hour)
        newest = self._read_newest(hour)
        until = micros(heard) // MINUTE - self._lateness
        silent = {
            key: Silence(*key, moment_of(newest[key] * MINUTE), known.usual)
            for key, known in self._known.items()
            if _quiet(known.steady, newest[key], until) > known.usual
        }
        whole = {account for account, region in silent if region is None}
        found = [one for (account, region), one in silent.items() if region is None or account not in whole]
        return sorted(found, key=lambda one: (one.account, one.region is not None, one.region or ""))

    def _learn(self, hour: int) -> None:
        """Find what is usual of everybody who has been heard within the time that is watched."""
        self._hour = hour
        since = moment_of((hour - 2 * _LONGEST) * HOUR)
        rows = self._coverage.regions(since, moment_of((hour + 1) * HOUR))
        found = {key: _learn(hours, hour) for key, hours in _by_key(rows).items()}
        self._known = {key: known for key, known in found.items() if known is not None}

    def _read_newest(self, hour: int) -> dict[tuple[str, str | None], int]:
        """The newest minutes; late events of the hour before are heard too."""
        rows = self._coverage.regions(moment_of((hour - 1) * HOUR), moment_of((hour + 1) * HOUR))
        newest = {key: known.newest for key, known in self._known.items()}
        for key, hours in _by_key(rows).items():
            newest[key] = max(newest.get(key, 0), _last_minute(hours))
        return newest


def find_links(store: Store, settings: Settings, silence: Silence) -> Linked:
    """Calls that switched logging off just before a silence, in its account or for the whole organisation."""
    with connect(settings.threads, settings.memory) as connection:
        stops = find_stops(store, connection, silence.account, silence.since, settings.lateness)[::-1]
    ids = {stop.event_id for stop in stops}
    alerts = store.alerts.latest(since=silence.since - BEFORE) if ids else []
    named = sorted(alert.alert_id for alert in alerts if not ids.isdisjoint(alert.event_ids))
    return Linked(tuple((stop.event_id, stop.action, stop.principal) for stop in stops), tuple(named))


def _by_key(rows: Iterable[CoveredRegion]) -> dict[tuple[str, str | None], dict[int, int]]:
    """Minutes by hour of each account and each region."""
    found: dict[tuple[str, str | None], dict[int, int]] = {}
    for row in rows:
        hour = micros(row.hour) // HOUR
        for key in ((row.account, None), (row.account, row.region)):
            hours = found.setdefault(key, {})
            hours[hour] = hours.get(hour, 0) | row.minutes
    return found


def _last_minute(hours: Mapping[int, int]) -> int:
    """The end of the last minute with an event."""
    hour = max(hours)
    return hour * 60 + hours[hour].bit_length()


def _learn(hours: Mapping[int, int], now: int) -> _Known | None:
    """What is usual of the five weeks before the newest event; None where there is too little, or nothing for long."""
    last = max(hours)
    if last < now - _LONGEST:
        return None
    first = max(min(hours), last - _LONGEST)
    filled = np.array([hour in hours for hour in range(first, last)], dtype=np.bool_)
    steady = _find_steady(filled, first)
    usual = _find_usual(hours, first, last, steady)
    return None if usual is None else _Known(_last_minute(hours), steady, usual)


def _find_steady(filled: Bits, first: int) -> Bits:
    """Hours of the week that always had events, but for one time."""
    steady = np.zeros(_WEEK, dtype=np.bool_)
    for slot in range(_WEEK):
        weeks = filled[(slot - first) % _WEEK :: _WEEK]
        if len(weeks) >= LEAST_WEEKS:
            steady[slot] = weeks.sum() >= max(LEAST_WEEKS, len(weeks) - _EMPTY)
        else:
            days = filled[(slot - first) % 24 :: 24]
            steady[slot] = days.sum() >= max(LEAST_DAYS, len(days) - _EMPTY)
    return steady


def _find_usual(hours: Mapping[int, int], first: int, last: int, steady: Bits) -> float | None:
    """Minutes that a gap reaches once in `CHANCE` days, by the longest of each day; None without a week of days.

    Only gaps within hours that always have events count, and none that is an hour and more empty of them: that was a
    silence itself. Quartiles are not moved by a quarter of days that were odd.

    References
    ----------
    Gumbel, "Statistics of Extremes", 1958, on greatest values of blocks.
    """
    masks = np.array([hours.get(hour, 0) for hour in range(first, last + 1)], dtype=np.int64)
    counts = steady[np.arange(first, last + 1) % _WEEK] & (masks != 0)
    run = np.cumsum(~counts)
    at, minute = np.nonzero((masks[:, None] >> _MINUTES) & counts[:, None])
    within = run[at[1:]] == run[at[:-1]]
    gaps, day = np.diff(at * 60 + minute)[within] - 1, (at[1:][within] + first) // 24
    if not len(gaps):
        return None
    longest = np.zeros(day[-1] - day[0] + 1, dtype=np.int64)
    np.maximum.at(longest, day - day[0], gaps)
    longest = longest[np.unique(day) - day[0]]
    if len(longest) < LEAST_DAYS:
        return None
    low_quartile, median, high_quartile = np.quantile(longest, [0.25, 0.5, 0.75])
    scale = max(float(high_quartile - low_quartile), 1.0) / _QUARTILES  # minutes are what is seen of time
    return float(median) + scale * (log(CHANCE) - _MEDIAN)


def _quiet(steady: Bits, newest: int, until: int) -> int:
    """Minutes without events, in one run of steady hours.

    The first of such hours is only known to have an event somewhere in it: what lies within it counts where it is not
    the first, or an event of the same run came before.
    """
    quiet, inside = 0, bool(steady[(newest - 1) // 60 % _WEEK])
    for hour in range(newest // 60, -(-until // 60)):
        if not steady[hour % _WEEK]:
            quiet, inside = 0, False
            continue
        if inside:
            quiet += min(until, (hour + 1) * 60) - max(newest, hour * 60)
        inside = True
    return quiet
