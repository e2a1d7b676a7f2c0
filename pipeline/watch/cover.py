"""Bring coverage up to date: count what is new in the store, and close the hours that are over."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from features.times.instant import DAY, micros
from pipeline.stores.home import Store
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.sqlite.arrivals import Landed

WATCHED: Final = timedelta(days=35)
"""From how far back on is counted: the five weeks that `pipeline.watch.silence` compares an hour with. An account that
said nothing for as long is watched no more."""
KEPT: Final = timedelta(days=400)
"""How long records are kept: a year, and what a quarter's audit looks back beyond it."""


class Covering(NamedTuple):
    """What was done."""

    counted: int
    """Segments."""
    missing: int
    """Records made of hours of which nothing had come."""


def cover(store: Store, lateness: timedelta, now: datetime) -> Covering:
    """Count segments that are new, and close hours that are over; to be called after scoring, as often as one likes.

    It costs what came since the last time. A clock that is set back or ahead changes which hours are closed, and
    neither counts nor how many records an hour has.

    Parameters
    ----------
    lateness
        How late an event may be delivered before its hour is closed.

    Raises
    ------
    StoreError
        A segment cannot be read.
    """
    since = micros(now - WATCHED) // DAY * DAY
    live = store.manifest.live("events", since=since)
    counted = store.coverage.counted()
    first = _first_waiting(store.arrivals.waiting())
    waiting = {segment.path for segment in live if _waits(segment, first)}
    new = [s for s in live if s.path not in counted or (counted[s.path] and s.path not in waiting)]
    gone = counted.keys() - {segment.path for segment in live}
    if new or gone:
        store.coverage.put(
            new,
            store.events.tally([segment.path for segment in new], lateness),
            waiting=waiting,
            gone=gone,
            live=_days(live),
        )
    missing = store.coverage.close(micros(now - lateness), watched_since=micros(now - WATCHED))
    return Covering(len(new), missing)


def _days(segments: Collection[Segment]) -> set[tuple[str, str]]:
    return {(segment.account, segment.day) for segment in segments}


def _first_waiting(landed: Collection[Landed]) -> dict[str, int]:
    """By account, the least event time of files of which nobody has told yet whether they came late."""
    first: dict[str, int] = {}
    for file in landed:
        for account in file.accounts.split():
            first[account] = min(first.get(account, file.first), file.first)
    return first


def _waits(segment: Segment, first: dict[str, int]) -> bool:
    return segment.account in first and segment.last >= first[segment.account]
