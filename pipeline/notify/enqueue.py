"""From the alerts' file into a notifier's outbox: each state of an alert once, in the words of the latest revision."""

import math
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

import msgspec

from pipeline.notify.change import Change, Told, find_change, know
from pipeline.notify.config import Notifier
from pipeline.notify.notice import Maker, Notice
from pipeline.stores.home import Store
from pipeline.stores.jsonl.alerts import Followed
from pipeline.stores.sqlite.notices import NotifierState, Queued

BATCH: Final = 500
"""Lines of a transaction."""
FIRST: Final = timedelta(days=1)
"""A notifier that is new is told of what was detected within a day before."""


class _Place(msgspec.Struct, frozen=True):
    """How far of the alerts' file was read: bytes, and the last line before."""

    offset: int = 0
    length: int = 0
    digest: str = ""


def enqueue(store: Store, name: str, notifier: Notifier, maker: Maker, now: datetime, end: float = math.inf) -> int:
    """Put what a notifier has not been told yet into its outbox; return how many messages were put there.

    After `end`, on the monotonic clock, what was not read waits for the next call.

    A message that waits and was never tried is written anew when a later revision comes, so that what is read in the
    morning is what is known in the morning.
    """
    state = store.notices.begin(name, now - FIRST)
    place, made = _read_place(store, state), 0
    while lines := list(islice(store.alerts.follow(place.offset), BATCH)):
        last = lines[-1]
        place = _Place(last.end, last.end - last.start, last.digest)
        made += _Batch(store, name, notifier, maker, state.since, now).put(lines, place)
        if time.monotonic() > end:
            break
    return made


class _Batch:
    """Some lines, and what they come to."""

    def __init__(
        self, store: Store, name: str, notifier: Notifier, maker: Maker, since: datetime, now: datetime
    ) -> None:
        self._notices, self._name, self._least, self._maker = store.notices, name, notifier.least, maker
        self._since, self._now = since, now
        self._told: dict[str, Told] = {}
        self._queue: dict[str, list[Queued]] = {}
        self._dropped: list[str] = []

    def put(self, lines: Sequence[Followed], place: _Place) -> int:
        """Put the lines' messages into the outbox, with the place; all or nothing."""
        for line in lines:
            if line.alert is not None and line.alert.detected_at >= self._since:
                self._take(line.alert)
        queued = [one for queue in self._queue.values() for one in queue]
        told = {alert: known.as_dict() for alert, known in self._told.items()}
        position: dict[str, Any] = msgspec.to_builtins(place)
        self._notices.enqueue(self._name, position, told, queued, self._dropped, self._now)
        return len(queued)

    def _take(self, alert: Any) -> None:
        known = self._know(alert.alert_id)
        change = find_change(alert, known, self._least)
        fresh = self._find_fresh(alert.alert_id) if known and alert.revision > known.revision else None
        if fresh is not None:
            if change is not None and change.state == "closed" and fresh.kind == "raised":
                self._drop(fresh)  # nobody was told that it began
            else:
                before = msgspec.convert(fresh.content, Notice)
                sentences = tuple(dict.fromkeys((*before.changed, *(change.sentences if change else ()))))
                later = change is not None and change.state == "closed"
                kind = "closed" if later else before.state
                assert kind in ("raised", "updated", "closed")
                self._drop(fresh)
                self._add(alert, Change(kind, sentences if kind != "raised" else ()), fresh.queued)
        elif change is not None:
            self._add(alert, change, self._now)
        else:
            return
        self._told[alert.alert_id] = know(alert, known)

    def _know(self, alert: str) -> Told | None:
        if alert not in self._told:
            for found in self._notices.told(self._name, [alert]).values():
                self._told[alert] = msgspec.convert(found, Told)
        return self._told.get(alert)

    def _find_fresh(self, alert: str) -> Queued | None:
        queue = self._queue.get(alert)
        if queue:
            return queue[-1]
        found = self._notices.fresh(self._name, alert)
        return found if found is not None and found.id not in self._dropped else None

    def _drop(self, one: Queued) -> None:
        self._queue[one.alert] = [each for each in self._queue.get(one.alert, []) if each.id != one.id]
        self._dropped.append(one.id)

    def _add(self, alert: Any, change: Change, queued: datetime) -> None:
        notice = self._maker.tell(alert, change)
        self._queue.setdefault(alert.alert_id, []).append(queue_up(notice, queued, self._now))


def queue_up(notice: Notice, queued: datetime, due: datetime) -> Queued:
    """A notice as the outbox holds it."""
    return Queued(notice.id, notice.alert_id, notice.severity, notice.state, notice.as_dict(), queued, due)


def _read_place(store: Store, state: NotifierState) -> _Place:
    """The place that was noted, if the file is still the one it is of."""
    try:
        place = msgspec.convert(state.place, _Place)
    except msgspec.ValidationError:
        return _Place()
    return place if store.alerts.still_holds(place.offset, place.length, place.digest) else _Place()
