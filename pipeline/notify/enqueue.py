"""From the alerts' file into a notifier's outbox: each state of an alert once, in the words of the latest revision."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

import msgspec

from pipeline.notify.change import Change, State, Told, find_change, is_new, know
from pipeline.notify.config import Notifier
from pipeline.notify.notice import Maker, Notice
from pipeline.notify.word import Word
from pipeline.stores.alert import Alert
from pipeline.stores.gravity import reaches
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


def enqueue(
    store: Store,
    name: str,
    notifier: Notifier,
    maker: Maker,
    now: datetime,
    end: float = math.inf,
    words: Mapping[str, Word] | None = None,
) -> int:
    """Put what a notifier has not been told yet into its outbox; return how many messages were put there.

    After `end`, on the monotonic clock, what was not read waits for the next call. `words` is what people said of
    alerts (`pipeline.notify.word.find_words`).

    A message that waits and was never tried is written anew when a later revision comes, so that what is read in the
    morning is what is known in the morning.
    """
    state = store.notices.begin(name, now - FIRST)
    if "alerts" not in notifier.tells:
        return 0
    place, made, words = _read_place(store, state), 0, words or {}
    while lines := list(islice(store.alerts.follow(place.offset), BATCH)):
        last = lines[-1]
        place = _Place(last.end, last.end - last.start, last.digest)
        made += _Batch(store, name, notifier, maker, state.since, now, words).put(lines, place)
        if time.monotonic() > end:
            return made
    return made + _tell_words(store, name, words, _Batch(store, name, notifier, maker, state.since, now, words), place)


def _tell_words(store: Store, name: str, words: Mapping[str, Word], batch: "_Batch", place: _Place) -> int:
    """Put into the outbox what people said of alerts that were told before; return how many messages it makes."""
    told = store.notices.told(name, words)
    new = {alert for alert, known in told.items() if is_new(words[alert], msgspec.convert(known, Told))}
    last: dict[str, Alert] = {}
    for line in store.alerts.follow(0) if new else ():
        alert = line.alert
        if alert and alert.alert_id in new and alert.revision >= last.get(alert.alert_id, alert).revision:
            last[alert.alert_id] = alert
    return batch.put_words(last, new - set(last), place) if new else 0


class _Batch:
    """Some lines, and what they come to."""

    def __init__(
        self,
        store: Store,
        name: str,
        notifier: Notifier,
        maker: Maker,
        since: datetime,
        now: datetime,
        words: Mapping[str, Word],
    ) -> None:
        self._words = words
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
        return self._keep(place)

    def put_words(self, alerts: Mapping[str, Alert], gone: Iterable[str], place: _Place) -> int:
        """Put what people said of alerts into the outbox; it is noted as told of those that are gone."""
        for alert_id, alert in alerts.items():
            self._take(alert)
            self._note_word(alert_id)
        for alert_id in gone:
            self._note_word(alert_id)
        return self._keep(place)

    def _note_word(self, alert: str) -> None:
        """Whatever came of it, a word is looked at once."""
        known = self._know(alert)
        if known is not None and known.word != self._words[alert].id:
            self._told[alert] = msgspec.structs.replace(known, word=self._words[alert].id)

    def _keep(self, place: _Place) -> int:
        queued = [one for queue in self._queue.values() for one in queue]
        told = {alert: known.as_dict() for alert, known in self._told.items()}
        position: dict[str, Any] = msgspec.to_builtins(place)
        self._notices.enqueue(self._name, position, told, queued, self._dropped, self._now)
        return len(queued)

    def _take(self, alert: Alert) -> None:
        known, word = self._know(alert.alert_id), self._words.get(alert.alert_id)
        change = find_change(alert, known, self._least, word, self._maker.words)
        moved = known is not None and (alert.revision > known.revision or change is not None)
        fresh = self._find_fresh(alert.alert_id) if moved else None
        if fresh is not None:
            self._write_anew(alert, fresh, change)
        elif change is not None:
            self._add(alert, change, self._now)
        elif known is not None or word is None or not self._is_over(alert, word):
            return
        over = known is not None and known.expected
        if change is not None or known is None:
            over = alert.raised and (change is None or change.state == "closed")
        self._told[alert.alert_id] = know(alert, known, word, expected=over)

    def _is_over(self, alert: Alert, word: Word) -> bool:
        """Whether an alert that nobody was told of need not be told, since it was expected."""
        return word.verdict == "expected" and word.at >= alert.detected_at and reaches(alert.severity, self._least)

    def _write_anew(self, alert: Alert, fresh: Queued, change: Change | None) -> None:
        """Put the latest revision in the place of a message that waits."""
        before = msgspec.convert(fresh.content, Notice)
        news = change.sentences if change else ()
        self._drop(fresh)
        if change is not None and change.state == "closed":
            if fresh.kind == "raised":
                return  # nobody was told that it began
            kind: State = "closed"
        elif change is not None and change.state == "raised" and fresh.kind == "closed":
            kind = "updated"  # nobody was told that it was over
        else:
            assert before.state in ("raised", "updated", "closed")
            kind = before.state
        if kind == "raised":  # what changed meanwhile is no news to whom it is new, but for what people said
            news = news[:1] if change and change.word else ()
        sentences = tuple(
            dict.fromkeys((*(before.changed if kind == "closed" or fresh.kind != "closed" else ()), *news))
        )
        self._add(alert, Change(kind, sentences, change.word if change else ""), fresh.queued)

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

    def _add(self, alert: Alert, change: Change, queued: datetime) -> None:
        notice = self._maker.tell(alert, change)
        self._queue.setdefault(alert.alert_id, []).append(queue_up(notice, queued, self._now))


def queue_up(notice: Notice, queued: datetime, due: datetime) -> Queued:
    """A notice as the outbox holds it."""
    return Queued(notice.id, notice.subject, notice.severity, notice.state, notice.as_dict(), queued, due)


def _read_place(store: Store, state: NotifierState) -> _Place:
    """The place that was noted, if the file is still the one it is of."""
    try:
        place = msgspec.convert(state.place, _Place)
    except msgspec.ValidationError:
        return _Place()
    return place if store.alerts.still_holds(place.offset, place.length, place.digest) else _Place()
