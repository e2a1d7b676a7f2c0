"""The work of a function: take an event apart, index what is in it, and say what has to come again.

Nothing is acknowledged before it is in the index, spilled or buried. A message fails alone; what nobody can index
until a right or a template is mended fails the whole invocation, so that it is seen and nothing is buried.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from pipeline.delivery.allowed import Allowed
from pipeline.delivery.box import BoxPlace, S3Box
from pipeline.delivery.dead_letter import DeadLetter
from pipeline.delivery.door_sink import DoorSink, MisconfiguredError, Tally
from pipeline.delivery.fetch import GoneError, fetched
from pipeline.delivery.gathered import PayloadError, Slice, of_records, of_spill, open_log_events
from pipeline.delivery.item import (
    Item,
    LogEvents,
    Message,
    Pointer,
    Records,
    S3Object,
    Skipped,
    Spilled,
    Trigger,
    Unusable,
)
from pipeline.delivery.spill import read_spill, write_item
from pipeline.delivery.trigger import recognise
from pipeline.documents.document import Transport
from pipeline.documents.sink import UnfinishedError
from pipeline.errors import OddtrailError, SettingsError
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.work import Engine
from pipeline.search.deadline import Deadline
from pipeline.text.plural import plural

_LONGEST_GRACE: Final = 60.0
"""Seconds that are kept for spilling."""
_LEAST_TIME: Final = 2.0
"""Seconds that must be left for an item to be begun."""

Fetch = Callable[[S3Object], AbstractContextManager[tuple[LogFile, Transport]]]


class UnknownShapeError(OddtrailError):
    """An event has no shape that is known; it was kept."""


class Journal(Protocol):
    """Is told what happens; what it is told holds nothing of any event."""

    def trouble(self, what: str, **about: object) -> None:
        """Somebody should look at this."""

    def done(self, kind: str, tally: Tally, again: int, seconds: float) -> None:
        """An invocation is over."""


class Door:
    """Everything a function keeps while it is warm.

    Parameters
    ----------
    engine
        Works on files; its sink is `sink`.
    allowed
        What may be read, and who may send.
    boxes
        Where messages of ours may lie that were too large for a queue.
    """

    def __init__(
        self, engine: Engine, sink: DoorSink, allowed: Allowed, journal: Journal, boxes: tuple[BoxPlace, ...] = (),
        fetch: Fetch = fetched, make_deadline: Callable[[float], Deadline] = Deadline,
    ) -> None:  # fmt: skip
        self.engine, self.sink, self.allowed, self.journal = engine, sink, allowed, journal
        self.boxes, self.fetch = boxes, fetch
        self._make_deadline = make_deadline
        self.deadline = make_deadline(0)

    def handle(self, event: Any, seconds: float) -> dict[str, Any]:
        """Work on an event.

        Parameters
        ----------
        event
            As Lambda hands it over.
        seconds
            Left to the invocation; a quarter of it, 60 s at most, is kept for handing over what is not finished.

        Returns
        -------
        dict
            For a queue or a stream `batchItemFailures`, which names what must come again; else what became of records.

        Raises
        ------
        UnfinishedError, MisconfiguredError, UnknownShapeError
            The event has to come again, or somebody has to look at it.
        """
        budget = seconds - min(_LONGEST_GRACE, seconds / 4)
        self.deadline = self._make_deadline(budget)
        tally = self.sink.start(self.deadline)
        trigger = recognise(event, self.allowed)
        again: list[str] = []
        try:
            problem = self._work(trigger, again)
        finally:
            self.journal.done(trigger.kind, tally, len(again), budget - self.deadline.left)
        return _answer(trigger, again, problem, tally)

    def _work(self, trigger: Trigger, again: list[str]) -> str:
        """Work on messages; note those that have to come again, and return why the first has to."""
        problem = ""
        for at, message in enumerate(trigger.messages):
            failed = self._message(message, durable=trigger.is_batch)
            if failed is None:
                continue
            problem = problem or failed
            if trigger.in_order:
                again += [each.id for each in trigger.messages[at:]]
                break
            again.append(message.id)
        return problem

    def _message(self, message: Message, *, durable: bool) -> str | None:
        """Work on a message; why it has to come again, None where it is done with."""
        self.sink.begin(durable=durable)
        try:
            for item in message.items:
                self._item(item)
        except (MisconfiguredError, SettingsError):
            raise
        except OddtrailError as error:
            self.journal.trouble("a message has to come again", reason=str(error), receives=message.receives)
            return str(error)
        except Exception as error:
            if not durable:
                raise
            # a queue counts how often it comes, and gives it up in the end; others are not to wait for it
            self.journal.trouble("a message failed", reason=type(error).__name__, receives=message.receives)
            return type(error).__name__
        return None

    def _item(self, item: Item) -> None:
        if isinstance(item, Skipped):
            self.sink.tally.other[item.name] += 1
        elif isinstance(item, Unusable):
            self._refuse(item)
        elif self.deadline.left < _LEAST_TIME:
            self._leave(item)
        elif isinstance(item, S3Object):
            self._object(item)
        elif isinstance(item, Pointer):
            self._pointer(item)
        else:
            self._payload(item)

    def _refuse(self, item: Unusable) -> None:
        tally = self.sink.tally
        tally.refused += item.forged
        tally.unknown += not item.forged
        self._bury(item.reason, "message", item.raw)
        self.journal.trouble(
            "a message was refused and kept" if item.forged else "an unknown message was kept", reason=item.reason
        )

    def _bury(self, reason: str, origin: str, raw: bytes) -> None:
        at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        self.sink.bury([DeadLetter(reason, at, origin, raw)])

    def _leave(self, item: Item) -> None:
        """Hand an item over on which no work was begun."""
        box = self.sink.spills
        bodies = write_item(item)
        if box is None or not bodies:
            raise UnfinishedError("no time was left to begin")
        box.put(bodies)
        self.sink.tally.spilled += len(bodies)

    def _object(self, item: S3Object) -> None:
        if box := self._box_of(item.bucket, item.key):
            self._own(box.get(item.key))
            return
        self.sink.work_on(f"s3://{item.bucket}/{item.key}")
        try:
            with self.fetch(item) as (file, transport), self.sink.sending():
                self._slice(Slice([file], {file.digest[:16]: transport}))
        except GoneError as error:
            self.sink.tally.gone += 1
            self.journal.trouble("an object is gone: look who deletes logs", reason=str(error))

    def _box_of(self, bucket: str, key: str) -> S3Box | None:
        """The box that holds an object; None where it is none of ours."""
        places = (place for place in self.boxes if place.bucket == bucket and key.startswith(place.prefix))
        place = next(places, None)
        return None if place is None else S3Box(place.bucket, place.prefix)

    def _pointer(self, item: Pointer) -> None:
        box = self._box_of(item.bucket, item.key)
        if box is None:
            self._refuse(Unusable("it points to what is no box of ours", write_item(item)[0], True))
        else:
            self._own(box.get(item.key))

    def _own(self, body: bytes) -> None:
        """A message of ours that lay in a bucket."""
        for message in recognise(json.loads(body), self.allowed).messages:
            for item in message.items:
                if isinstance(item, Pointer):
                    item = Unusable("a pointer to a pointer", body, True)
                self._item(item)

    def _payload(self, item: LogEvents | Records | Spilled) -> None:
        raw = _raw_of(item)
        self.sink.work_on("", raw)
        try:
            with self.sink.sending():
                for slice_ in self._open(item):
                    self._slice(slice_)
        except (PayloadError, _BadSpillError) as error:
            self._bury(str(error), "message", raw)

    def _open(self, item: LogEvents | Records | Spilled) -> Iterator[Slice]:
        if isinstance(item, Records):
            return iter([of_records(item)])
        if isinstance(item, Spilled):
            try:
                records, self.sink.tries = read_spill(item.body)
            except ValueError as error:
                raise _BadSpillError(str(error)) from error
            return of_spill(records)
        data = open_log_events(item.packed)
        if data.control:
            self.sink.tally.other["CONTROL_MESSAGE"] += 1
        elif data.owner and (problem := self.allowed.refuse_account(data.owner)):
            self._refuse(Unusable(problem, item.packed, True))
            return iter(())
        return data.slices

    def _slice(self, slice_: Slice) -> None:
        self.sink.transports = slice_.transports
        work = self.engine.work(slice_.files, datetime.now(UTC))
        self.sink.tally.records += work.records
        self.sink.tally.dead_lettered += work.kept
        self.sink.tally.in_whole += work.set_aside - work.kept
        self.sink.tally.other += work.other


class _BadSpillError(OddtrailError):
    """A spill that cannot be read."""


def _raw_of(item: LogEvents | Records | Spilled) -> bytes:
    """The bytes of a message, as a dead letter brings them back."""
    if isinstance(item, LogEvents):
        return item.packed
    return item.body if isinstance(item, Spilled) else item.content


def _answer(trigger: Trigger, again: list[str], problem: str, tally: Tally) -> dict[str, Any]:
    """What the function returns, or the error that makes all of the event come again."""
    if trigger.kind == "unknown":
        raise UnknownShapeError("the event has no shape that is known: it was kept as a dead letter")
    if trigger.is_batch:
        if again and len(again) == len(trigger.messages):
            raise UnfinishedError(
                f"{plural(len(again), 'message')} came and none is done, the first because: {problem}"
            )
        return {"batchItemFailures": [{"itemIdentifier": name} for name in again]}
    if again:
        raise UnfinishedError(problem)
    return {"records": tally.records, "indexed": tally.indexed, "duplicates": tally.duplicates}
