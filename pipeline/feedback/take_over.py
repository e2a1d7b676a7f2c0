"""Verdicts that an index of alerts holds, made marks here: those of which nobody has to be asked.

A watch takes what is malicious and what is unsure. What is expected makes the model see less, so that it waits for
somebody who has read its price: whoever may write into an index can blind nobody by it.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from pipeline.errors import OddtrailError, StoreError
from pipeline.feedback.choose import make_mark, undo_mark
from pipeline.feedback.read_back import Found, find_new, read_marks
from pipeline.publish.target import Target
from pipeline.search.deadline import Deadline
from pipeline.search.in_time import InTime
from pipeline.settings import Settings
from pipeline.stores.alert import Alert
from pipeline.stores.home import Store
from pipeline.stores.jsonl.marks import Mark
from pipeline.words.words import ENGLISH, Words

SECONDS: Final = 10.0
"""That one call takes, about; a tick of the watch has sixty."""
MOST_TAKEN: Final = 50
"""Marks that one call makes; the next one makes more."""
WAITING: Final = "marks that wait"
"""Checkpoint of how many verdicts of each engine wait for somebody."""


class TakenOver(NamedTuple):
    """What became of the verdicts of an engine."""

    taken: int = 0
    """Marks that were made of them."""
    waiting: int = 0
    """Alerts that are called expected there, which somebody has to confirm."""
    problem: str = ""
    """Why they could not be read; empty where they were."""


class TakingOver:
    """Takes verdicts over for a home, again and again."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._absent: set[str] = set()
        """Alerts that the home has not; they are not looked for again."""

    def run(self, target: Target, now: datetime, *, seconds: float = SECONDS) -> TakenOver:
        """Take over what an engine says by now; what goes wrong with it is told, not raised.

        Raises
        ------
        StoreError
            The home cannot be read or written.
        """
        deadline = Deadline(seconds)
        engine = None
        try:
            engine = target.open()
            asked: Any = InTime(engine, deadline)
            found = []
            for one in read_marks(asked, target.url.origin, deployment=target.setting.deployment):
                found.append(one)
                if not deadline.left:
                    break
        except StoreError:
            raise
        except OddtrailError as error:
            return TakenOver(problem=str(error))
        finally:
            if engine is not None:
                engine.close()
        return self._take(target, found, now)

    def _take(self, target: Target, found: list[Found], now: datetime) -> TakenOver:
        new = [each for each in find_new(found, self._store.marks.every()) if each[0].alert_id not in self._absent]
        alerts = self._find({one.alert_id for one, _ in new})
        new = [(one, before) for one, before in new if one.alert_id in alerts]
        sure = [(one, before) for one, before in new if one.verdict != "expected"]
        for one, before in sure[:MOST_TAKEN]:
            take(self._store, self._make(alerts[one.alert_id], one, now), before)
        waiting = len(new) - len(sure)
        note_waiting(self._store, target.url.origin, waiting)
        return TakenOver(min(len(sure), MOST_TAKEN), waiting)

    def _make(self, alert: Alert, one: Found, now: datetime) -> Mark:
        return make_mark(alert, one.as_asked(), secrets.token_hex(6), now, ZoneInfo(self._settings.timezone))

    def _find(self, wanted: set[str]) -> dict[str, Alert]:
        """The last revisions of some alerts; the file is read for it once, where any is wanted."""
        last: dict[str, Alert] = {}
        for line in self._store.alerts.follow(0) if wanted else ():
            alert = line.alert
            if alert and alert.alert_id in wanted and alert.revision >= last.get(alert.alert_id, alert).revision:
                last[alert.alert_id] = alert
        self._absent |= wanted - set(last)
        return last


def take(store: Store, made: Mark, before: Mark | None) -> None:
    """Keep a mark that was read in an index, in place of one that was read there before.

    Raises
    ------
    StoreError
        It cannot be kept.
    """
    if before is not None:
        why = "said otherwise in the index"
        store.marks.add(undo_mark(before, store.marks.every(), secrets.token_hex(6), made.by, why, made.at))
    store.marks.add(made)


def note_waiting(store: Store, origin: str, waiting: int) -> None:
    """Remember how many verdicts of an engine wait for somebody."""
    known = find_waiting(store)
    if known.get(origin, 0) != waiting:
        store.state.put_checkpoint(WAITING, {**known, origin: waiting})


def find_waiting(store: Store) -> dict[str, int]:
    """How many verdicts wait for somebody, by the address of their engine; those of which some do."""
    kept = store.state.checkpoint(WAITING) or {}
    return {name: count for name, count in kept.items() if isinstance(count, int) and count > 0}


def tell_waiting(waiting: Iterable[tuple[str, int]], words: Words = ENGLISH) -> list[str]:
    """Sentences of what waits, and what to do about it.

    >>> tell_waiting([("https://search:9200", 2)])
    ['2 alerts are called expected in https://search:9200 and wait for your word: `oddtrail alerts marks --from URL`']
    """
    return [
        words.say_many(
            count,
            "{n} alert is called expected in {origin} and waits for your word: `oddtrail alerts marks --from URL`",
            "{n} alerts are called expected in {origin} and wait for your word: `oddtrail alerts marks --from URL`",
            origin=origin,
        )
        for origin, count in waiting
    ]
