"""The outbox: how far of the home's `alerts.jsonl` each search engine has been told, so that none is lost or doubled.

The file is written first, and is all there is to know. An engine has a place in it, in the home's state; the place
moves on once what lies before it is in the engine, so whoever is killed, or finds the engine down, starts there again,
and what was sent already is found to be there. An alert that the engine does not take is remembered by its place, tried
again each time, and keeps none of the others. Where an index was removed, the place goes back to before the first line
that was in it, and then the index is made again.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

import msgspec

from pipeline.documents.alert_indices import find_missing, make_indices
from pipeline.documents.alert_names import name_history, name_index, name_month
from pipeline.documents.members import write
from pipeline.errors import OddtrailError, StoreError
from pipeline.publish.document import make_document
from pipeline.publish.target import Link, Target
from pipeline.publish.upsert import Wanted, upsert
from pipeline.search.bulk import BulkWriter, Document
from pipeline.search.deadline import Deadline
from pipeline.search.in_time import InTime
from pipeline.stores.alert import Alert
from pipeline.stores.home import Store
from pipeline.stores.jsonl.alerts import Followed
from pipeline.text.plural import agree, plural

SECONDS: Final = 20.0
"""That one call takes, about; a tick of the watch has sixty."""
BATCH: Final = 200
"""Revisions that are sent before the place moves on."""
MOST_STUCK: Final = 1_000
"""Refused alerts that are remembered; with more, the engine's mapping is wrong, and everything waits."""


@dataclass(frozen=True, slots=True)
class Published:
    """What became of the alerts that an engine had not been told."""

    sent: int
    """Alerts created or brought up to date."""
    revisions: int
    """Revisions added to the history."""
    left: int
    """Lines of `alerts.jsonl` that are not in the engine yet."""
    problem: str = ""
    """Why some are left."""


class _Place(msgspec.Struct, frozen=True):
    """How far an engine has been told."""

    offset: int = 0
    """Bytes of the file."""
    length: int = 0
    """Bytes of the last line before, and its digest."""
    digest: str = ""
    cluster: str = ""
    stuck: tuple[int, ...] = ()
    """Where lines begin that the engine refused."""


def publish(store: Store, target: Target, now: datetime, *, seconds: float = SECONDS, again: bool = False) -> Published:
    """Tell an engine what it has not been told; what goes wrong with it is told, not raised.

    Parameters
    ----------
    now
        When; noted beside the place.
    seconds
        After which what is not finished waits for the next call.
    again
        From the first alert on, those in the same revision as well.

    Raises
    ------
    StoreError
        The home cannot be read or written.
    """
    outbox = _Outbox(store, target, now)
    if again:
        outbox.place = _Place(cluster=outbox.place.cluster)
    if not again and outbox.is_empty():
        return Published(0, 0, 0)
    deadline = Deadline(seconds)
    engine = None
    try:
        engine = target.open()
        link = target.link(InTime(engine, deadline))
        return _Sending(outbox, link, deadline, again).send()
    except StoreError:
        raise
    except OddtrailError as error:
        return Published(0, 0, outbox.count_left(), str(error))
    finally:
        if engine is not None:
            engine.close()


class _Outbox:
    """A home's alerts, and the place of one engine in them."""

    def __init__(self, store: Store, target: Target, now: datetime) -> None:
        self.alerts, self._state, self._now = store.alerts, store.state, now
        self._name = f"publish {target.name}"
        self.place = self._read()

    def _read(self) -> _Place:
        """The place that was noted, if the file is still the one it is of."""
        try:
            place = msgspec.convert(self._state.checkpoint(self._name) or {}, _Place)
        except msgspec.ValidationError:
            return _Place()  # what is not ours says nothing, and sending again does no harm
        if self.alerts.still_holds(place.offset, place.length, place.digest):
            return place
        return _Place(cluster=place.cluster)

    def note(self, place: _Place) -> None:
        """Move on."""
        self._state.put_checkpoint(
            self._name,
            msgspec.to_builtins(place) | {"at": self._now.isoformat()},
        )
        self.place = place

    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.place.stuck and next(self.alerts.follow(self.place.offset), None) is None

    def waiting(self) -> Iterator[Followed]:
        """Lines that were not told."""
        return self.alerts.follow(self.place.offset)

    def stuck(self) -> list[Followed]:
        """Lines that were refused, where they still begin one."""
        found = (next(self.alerts.follow(start), None) for start in self.place.stuck if start >= 0)
        return [line for line in found if line is not None and line.alert is not None]

    def told(self) -> Iterator[Followed]:
        """Lines that were told."""
        for line in self.alerts.follow(0):
            if line.end > self.place.offset:
                return
            yield line

    def go_back(self, months: Collection[str]) -> bool:
        """Move the place back to before the first line of some months that was told; False where none was."""
        before = None
        for line in self.told():
            if line.alert and name_month(line.alert.day) in months:
                stuck = tuple(start for start in self.place.stuck if start < line.start)
                self.note(_after(before, self.place.cluster, stuck))
                return True
            before = line
        return False

    def count_left(self) -> int:
        """Lines that are not told."""
        return len(self.place.stuck) + sum(line.alert is not None for line in self.waiting())


class _Sending:
    """One call."""

    def __init__(self, outbox: _Outbox, link: Link, deadline: Deadline, again: bool) -> None:
        self._outbox, self._link, self._deadline, self._again = outbox, link, deadline, again
        self._sent = self._revisions = 0
        self._problem = ""
        self._first_scores: dict[str, float] | None = None

    def send(self) -> Published:
        """Send what waits, a batch at a time."""
        place = self._outbox.place
        if place.cluster != self._link.cluster:  # another engine at the same address has been told nothing
            place = _Place(cluster=self._link.cluster)
            self._outbox.place = place
        if place.stuck:
            self._send_stuck()
        while not self._problem and (batch := list(islice(self._outbox.waiting(), BATCH))):
            if self._make_indices(batch) or self._problem:
                continue
            refused = self._write(batch)
            if refused is None:
                break
            place = self._outbox.place
            stuck = tuple(dict.fromkeys([*place.stuck, *refused]))
            if len(stuck) > MOST_STUCK:
                self._problem = f"{plural(len(stuck), 'alert')} {agree(len(stuck))} refused: run `oddtrail setup URL`"
                break
            self._outbox.note(_after(batch[-1], place.cluster, stuck))
        left = self._outbox.count_left()
        return Published(self._sent, self._revisions, left, self._tell() if left else "")

    def _tell(self) -> str:
        return self._problem or self._refusal or "no time was left"

    _refusal = ""

    def _send_stuck(self) -> None:
        """Try again what was refused."""
        self._make_indices(self._outbox.stuck())
        refused = None if self._problem else self._write(self._outbox.stuck())
        if refused is not None:
            self._outbox.note(msgspec.structs.replace(self._outbox.place, stuck=tuple(refused)))

    def _make_indices(self, lines: Sequence[Followed]) -> bool:
        """Make the indices that lines need; whether the place went back before that, to what a removed one had."""
        days = [line.alert.day for line in lines if line.alert]
        engine, product = self._link.engine, self._link.setting.product
        try:
            missing = find_missing(engine, product, days)
            went_back = bool(missing) and self._outbox.go_back({each.month for each in missing})
            make_indices(engine, product, missing)
        except StoreError:
            raise
        except OddtrailError as error:
            self._problem = str(error)
            return False
        return went_back

    def _write(self, lines: Sequence[Followed]) -> list[int] | None:
        """Write lines into both indices; where those begin that are refused, None where some are not finished."""
        alerts = [(line, line.alert) for line in lines if line.alert is not None]
        latest: dict[str, tuple[Followed, Alert]] = {}
        for line, alert in alerts:
            if alert.alert_id not in latest or alert.revision >= latest[alert.alert_id][1].revision:
                latest[alert.alert_id] = line, alert
        wanted = [self._want(alert) for _, alert in latest.values()]
        done = upsert(self._link.engine, wanted, self._deadline, again=self._again)
        self._sent += len(done.written)
        if done.left:
            self._problem = done.problem
            return None
        kept = BulkWriter(self._link.engine, lambda document, reason: None, self._deadline, requests=1).write(
            self._keep(alert) for _, alert in alerts
        )
        self._revisions += kept.indexed
        if kept.left:
            self._problem = kept.problem
            return None
        dead = {one.document.id for one in kept.dead}
        for reason in (*done.refused.values(), *(one.reason for one in kept.dead)):
            self._refusal = f"refused: {reason}"
        refused = [line.start for line, alert in latest.values() if alert.alert_id in done.refused]
        return [*refused, *(line.start for line, alert in alerts if _name_revision(alert) in dead)]

    def _want(self, alert: Alert) -> Wanted:
        setting = self._link.setting
        return Wanted(
            name_index(alert.day, setting.product),
            alert.alert_id,
            alert.revision,
            make_document(alert, setting),
            lambda: self._find_first_score(alert),
        )

    def _keep(self, alert: Alert) -> Document:
        document = make_document(alert, self._link.setting, self._find_first_score(alert))
        return Document(name_history(alert.day), _name_revision(alert), write(document), b"")

    def _find_first_score(self, alert: Alert) -> float:
        """Record score of an alert's first revision; the file is read for it once, where it is needed."""
        if alert.revision == 1:
            return alert.record_score
        if self._first_scores is None:
            self._first_scores = {}
            for line in self._outbox.alerts.follow(0):
                if line.alert is not None and line.alert.revision == 1:
                    self._first_scores.setdefault(line.alert.alert_id, line.alert.record_score)
        return self._first_scores.get(alert.alert_id, alert.record_score)


def _after(line: Followed | None, cluster: str, stuck: tuple[int, ...]) -> _Place:
    """The place after a line; the start where there is none."""
    if line is None:
        return _Place(cluster=cluster, stuck=stuck)
    return _Place(line.end, line.end - line.start, line.digest, cluster, stuck)


def _name_revision(alert: Alert) -> str:
    return f"{alert.alert_id}-{alert.revision}"
