"""The outbox: what every notifier is to be told, sent within a bound of time, tried again until it is taken.

The home's alerts are written first, and are all there is to know. Each notifier's messages are made of them and kept in
the home's state, so whoever is killed goes on there. A message is tried again after a minute, then two, up to an hour;
one whose fate nobody knows is sent again under the same id. A receiver that is down keeps its messages waiting and
nobody else's.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TextIO
from zoneinfo import ZoneInfo

import msgspec

from pipeline.errors import OddtrailError, StoreError
from pipeline.notify.choose import choose
from pipeline.notify.config import Notifier
from pipeline.notify.enqueue import enqueue, queue_up
from pipeline.notify.enqueue_matters import enqueue_matters
from pipeline.notify.matter import Matter, Matters
from pipeline.notify.notice import Maker, Notice
from pipeline.notify.outcome import Outcome, Sink
from pipeline.notify.schedule import HOUR
from pipeline.notify.sinks import make_sink
from pipeline.notify.together import Together
from pipeline.notify.word import Word, find_words
from pipeline.settings import Settings
from pipeline.stores.home import Store
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
from pipeline.stores.sqlite.notices import REFUSED, SENT, Queued
from pipeline.words.language import DEFAULT

SECONDS: Final = 12.0
"""That one call takes, about; a tick of the watch has sixty."""
EACH: Final = 8.0
"""Seconds that a message may take."""
FIRST_WAIT: Final = 60.0
LONGEST_WAIT: Final = 3_600.0
"""Seconds until a message is tried again, at first and at last; longer than any try takes."""
TRIES: Final = 5
"""After which a message that is refused is given up, if the receiver took others meanwhile."""
KEPT: Final = timedelta(days=30)
"""How long it is remembered what was sent."""


@dataclass(frozen=True, slots=True)
class Notified:
    """What became of a notifier's messages."""

    sent: int
    left: int
    """Messages that wait, for whatever reason."""
    problem: str = ""
    """What is wrong with it; empty where it only waits for an hour of the day."""


class Outbox:
    """Sends the messages of a home's notifiers.

    Parameters
    ----------
    notifiers
        By name; see `pipeline.notify.config.read_notifiers`.
    stream
        Where the notifiers that print do so.
    draw
        A random number from 0 to 1, so that many do not come again together.
    sinks
        Makes what carries messages; tests give their own.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        notifiers: Mapping[str, Notifier],
        stream: TextIO | None = None,
        *,
        draw: Callable[[], float] = random.random,
        sinks: Callable[[Notifier], Sink] | None = None,
    ) -> None:
        self._store, self._settings, self._notifiers, self._draw = store, settings, notifiers, draw
        self._make_sink = sinks or partial(make_sink, stream=stream)
        self._together = Together()
        self.matters = Matters(OperationsJsonl(store.home / OPERATIONS_FILE))
        """What an operator must know."""

    def notify(self, now: datetime, *, seconds: float = SECONDS) -> dict[str, Notified]:
        """Tell every notifier what it is to be told by now; what goes wrong with one is told, not raised.

        Parameters
        ----------
        now
            When; quiet hours, tries and the messages of an hour are held against it.
        seconds
            After which what is not finished waits for the next call.

        Raises
        ------
        StoreError
            The home cannot be read or written.
        """
        end = time.monotonic() + seconds
        words, matters = self._find_words(), self.matters.read()
        rounds = [_Round(name, one, self, now) for name, one in self._notifiers.items()]
        for each in rounds:
            each.fill(end, words, matters)
        while (left := end - time.monotonic()) > 0:
            calls = {each.name: call for each in rounds if (call := each.next(min(left, EACH))) is not None}
            if not calls:
                break
            outcomes = self._together.run(calls, min(left, EACH))
            for each in rounds:
                if each.name in outcomes:
                    each.hear(outcomes[each.name])
        self._store.notices.prune(now - KEPT)
        return {each.name: each.sum_up() for each in rounds}

    def _find_words(self) -> dict[str, Word]:
        """What people said of alerts; a log that cannot be read, which scoring tells of, keeps no message back."""
        try:
            return find_words(self._store.marks.every())
        except StoreError:
            return {}

    def test(self, now: datetime, *, only: str = "") -> dict[str, Outcome]:
        """Send each notifier, or one of them, a message that says that it is a test; at once, once, past the outbox."""
        calls = {}
        for name, notifier in self._notifiers.items():
            if only in ("", name):
                notice = self.maker(name, notifier).test(now)
                calls[name] = partial(self._test_one, notifier, notice)
        return self._together.run(calls, EACH)

    def _test_one(self, notifier: Notifier, notice: Notice) -> Outcome:
        try:
            return self._make_sink(notifier).send(notice, EACH)
        except OddtrailError as error:
            return Outcome("later", str(error))

    def maker(self, name: str, notifier: Notifier) -> Maker:
        """What makes a notifier's messages."""
        settings = self._settings
        language = notifier.language or settings.language or DEFAULT
        return Maker(name, settings.deployment, ZoneInfo(notifier.timezone), settings.page_url or "", language)


class _Round:
    """One notifier in one call."""

    def __init__(self, name: str, notifier: Notifier, outbox: Outbox, now: datetime) -> None:
        self.name, self._notifier, self._outbox, self._now = name, notifier, outbox, now
        self._notices, self._maker = outbox._store.notices, outbox.maker(name, notifier)
        self._sink: Sink | None = None
        self._sent, self._problem = 0, ""
        self._over = False
        self._under_way: Queued | None = None

    def fill(self, end: float, words: Mapping[str, Word], matters: Sequence[Matter]) -> None:
        """Put into the outbox what is new, as far as there is time."""
        enqueue_matters(self._outbox._store, self.name, self._notifier, self._maker, self._now, matters)
        enqueue(self._outbox._store, self.name, self._notifier, self._maker, self._now, end, words)
        state = self._notices.begin(self.name, self._now)
        self._failures = state.failures
        if state.rests_until > self._now:
            self._over, self._problem = True, state.problem
        elif self._outbox._together.is_busy(self.name):
            self._over, self._problem = True, "the last try is not back yet"

    def next(self, seconds: float) -> Callable[[], Outcome] | None:
        """What sends the next message; None where there is none to send now."""
        while not self._over:
            one = self._choose()
            if one is None:
                break
            again = self._now + timedelta(seconds=self._wait(one.tries))
            if not self._notices.claim(self.name, one, again):
                continue  # another process has it
            self._under_way = one
            return partial(self._send, one, seconds)
        return None

    def _send(self, one: Queued, seconds: float) -> Outcome:
        """Hand a message over; in a thread of its own, for where secrets are kept may not answer either."""
        try:
            notice = msgspec.convert(one.content, Notice)
            self._sink = self._sink or self._outbox._make_sink(self._notifier)
            return self._sink.send(notice, seconds)
        except msgspec.ValidationError as error:
            return Outcome("refused", f"it was written by another version ({error})")
        except OddtrailError as error:
            return Outcome("later", str(error))

    def hear(self, outcome: Outcome) -> None:
        """Note what became of the message under way."""
        one, self._under_way = self._under_way, None
        assert one is not None
        if outcome.result == "sent":
            self._notices.end(self.name, one.id, SENT, self._now)
            self._sent += 1
            if self._failures:
                self._failures = 0
                self._notices.rest(self.name, self._now, 0, "")
        elif outcome.result == "refused":
            self._problem = f"a message was refused ({one.id}): {outcome.problem}"
            took_others = self._notices.sent_since(self.name, one.queued - timedelta(seconds=1))
            if one.tries + 1 >= TRIES and took_others:
                self._notices.end(self.name, one.id, REFUSED, self._now, outcome.problem)
            else:  # a receiver that takes nothing at all has a wrong key, which somebody puts right
                until = self._now + timedelta(seconds=self._wait(one.tries))
                self._notices.postpone(self.name, one.id, until, outcome.problem)
        else:
            wait = max(outcome.after, self._wait(max(one.tries, self._failures)))
            until = self._now + timedelta(seconds=wait)
            self._notices.postpone(self.name, one.id, until, outcome.problem)
            self._notices.rest(self.name, until, self._failures + 1, outcome.problem)
            self._over, self._problem = True, outcome.problem

    def sum_up(self) -> Notified:
        """What became of it."""
        return Notified(self._sent, len(self._notices.waiting(self.name)), self._problem)

    def _choose(self) -> Queued | None:
        """The next message; where several go as one, they are made one first."""
        sent = self._notices.sent_since(self.name, self._now - HOUR)
        waiting = self._notices.waiting(self.name)
        chosen = choose(waiting, self._notifier.schedule, self._notifier.passes, sent, self._now)
        if chosen.send:
            return chosen.send[0]
        if not chosen.fold:
            return None
        notices = [msgspec.convert(one.content, Notice) for one in chosen.fold]
        digest = queue_up(self._maker.gather(notices, chosen.why, self._now), self._now, self._now)
        self._notices.fold(self.name, digest, [one.id for one in chosen.fold])
        return digest

    def _wait(self, tries: int) -> float:
        """Seconds until the next try, a quarter of them by chance."""
        most = min(FIRST_WAIT * 2.0 ** min(tries, 10), LONGEST_WAIT)
        return most * (1 + self._outbox._draw() / 4)


def describe(notifier: Notifier) -> dict[str, Any]:
    """A notifier as it may be shown: of its secrets only where they are, of an address only whose it is."""
    shown: dict[str, Any] = notifier.model_dump(mode="json", exclude_defaults=True)
    if "://" in shown.get("url", ""):
        scheme, _, rest = shown["url"].partition("://")
        shown["url"] = f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}/***"
    return shown | ({"external_id": "***"} if "external_id" in shown else {})
