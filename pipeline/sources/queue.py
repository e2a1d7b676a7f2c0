"""Objects that a queue's messages name; a message is deleted once what it names is durably in.

Whatever wraps a notification is taken off where the Lambda's are (`pipeline.delivery.trigger`). What nobody can read,
and what names an object that may not be named, is counted and left, so that the queue's own redrive takes it away.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from itertools import islice
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Final

from pipeline.delivery.allowed import Allowed
from pipeline.delivery.item import S3Object, Skipped, Unusable
from pipeline.delivery.trigger import recognise
from pipeline.ingest.listing import Source, UnreadableError
from pipeline.sources.address import QueueAddress
from pipeline.sources.aws import AT_ONCE, GoneError, end_run, explain, make_client
from pipeline.sources.bucket import Objects, S3Source, make_source

VISIBILITY: Final = 300
"""Seconds for which nobody else is given a message; renewed as long as it is worked on."""
_WAIT: Final = 2
"""Seconds that an empty queue is listened to: any above 0 has SQS ask all of its servers."""
_A_REQUEST: Final = 10
"""Messages of a request of SQS."""
_MOST_HELD: Final = 18_000
"""Messages that are worked on at most; SQS gives out 20,000 of an ordered queue and 120,000 of another."""
_CAUGHT_UP: Final = 3
"""Answers in a row with nothing in them from before the run, after which it ends: a busy queue is never empty."""
_REASONS: Final = 20


@dataclass
class Tally:
    """What became of a queue's messages: received = acknowledged + left, once a run has ended without an error."""

    received: int = 0
    acknowledged: int = 0
    left: int = 0
    """Not deleted: they come again, or go where the queue's redrive says."""
    refused: int = 0
    """Of these, the ones that name what may not be named."""
    gone: int = 0
    """Objects that were named and are not there any more; they are set aside."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Parts of messages that name no new object, by what they are."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why messages were left."""
    full: bool = False
    """As many messages are under way as may be: there may be more."""

    def leave(self, reason: str) -> None:
        """Note that a message is left, and why; of very many reasons the first."""
        self.left += 1
        self.reasons[reason if reason in self.reasons or len(self.reasons) < _REASONS else "another reason"] += 1

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {**vars(self), "skipped": dict(self.skipped), "reasons": dict(self.reasons)}


@dataclass(eq=False)
class _Message:
    """A message that was received."""

    id: str
    handle: str
    waiting: int = 0
    """Objects of it that have not ended."""
    reason: str = ""
    """Why it may not be deleted once they have."""
    forged: bool = False


@dataclass(eq=False, slots=True)
class QueuedSource(S3Source):
    """An object that a message names."""

    message: _Message = field(kw_only=True)
    gone: bool = False

    def get(self, etag: str = "", start: int = 0) -> Any:
        """See `Objects.get`; what is there and cannot be read has its message come again."""
        try:
            return S3Source.get(self, etag, start)
        except GoneError:
            self.gone = True
            raise
        except UnreadableError as error:
            kind = type(error).__name__.removesuffix("Error").lower()
            self.message.reason = self.message.reason or f"its object cannot be read: {kind}"
            raise


class QueueListing:
    """Objects that the messages of a queue name, until it is empty or what it holds is newer than the run.

    It is a context: meanwhile messages are kept from others, and what has not ended is given back afterwards.

    Parameters
    ----------
    client
        Of SQS; made by the address's rights when not given.
    visibility
        Seconds: see VISIBILITY.
    wait
        Seconds to listen.

    Raises
    ------
    SourceError
        From entering or iterating: the queue is not there or cannot be read.
    """

    bytes: Final = 0
    at_once: Final = AT_ONCE

    def __init__(
        self, address: QueueAddress, client: Any = None, visibility: int = VISIBILITY, wait: int = _WAIT
    ) -> None:
        self.tally = Tally()
        self._address, self._client = address, client
        self._url, self._visibility, self._wait = address.url, visibility, wait
        self._allowed = Allowed(address.places)
        self._objects: dict[str, Objects] = {}
        self._held: dict[str, _Message] = {}
        """By receipt handle: received, and neither deleted nor left."""
        self._lock, self._end = Lock(), Event()
        self._renewing = Thread(target=self._renew, daemon=True)

    def __enter__(self) -> "QueueListing":
        if self._client is None:
            self._client = make_client("sqs", self._address.access)
        if not self._url:
            asked = {"QueueName": self._address.name, "QueueOwnerAWSAccountId": self._address.account}
            self._url = self._ask("get_queue_url", "sqs:GetQueueUrl", **asked)["QueueUrl"]
        self._renewing.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end.set()
        self._renewing.join()
        self._hide(list(self._held), 0)

    def __iter__(self) -> Iterator[Source]:
        seen: set[str] = set()
        began, idle = 0.0, 0
        while idle < _CAUGHT_UP:
            if len(self._held) >= _MOST_HELD:
                self.tally.full = True
                return
            answer = self._ask(
                "receive_message", "sqs:ReceiveMessage", QueueUrl=self._url, MaxNumberOfMessages=_A_REQUEST,
                WaitTimeSeconds=self._wait, VisibilityTimeout=self._visibility,
                MessageSystemAttributeNames=["SentTimestamp"],
            )  # fmt: skip
            began = began or _clock(answer)
            given = answer.get("Messages", [])
            if not given:
                return
            fresh = [message for message in given if message["MessageId"] not in seen]
            seen.update(message["MessageId"] for message in given)
            idle = 0 if any(_sent(message) <= began for message in fresh) else idle + 1
            for message in given:
                yield from self._take(message)

    def settle(self, sources: Sequence[Source]) -> None:
        """Delete the messages of which nothing is left to do."""
        ended = []
        for source in sources:
            assert isinstance(source, QueuedSource)
            self.tally.gone += source.gone
            source.message.waiting -= 1
            if not source.message.waiting:
                ended.append(source.message)
        self._finish(ended)

    def _take(self, given: Any) -> Iterator[Source]:
        """What a message names."""
        message = _Message(given["MessageId"], given["ReceiptHandle"])
        self.tally.received += 1
        with self._lock:
            self._held[message.handle] = message
        told = {"eventSource": "aws:sqs", "messageId": message.id, "body": given["Body"]}
        [parts] = recognise({"Records": [told]}, self._allowed).messages
        sources = []
        for item in parts.items:
            if isinstance(item, S3Object):
                sources.append(self._source(item, message))
            elif isinstance(item, Skipped):
                self.tally.skipped[item.name] += 1
            elif isinstance(item, Unusable) and item.forged:
                message.reason, message.forged = "it names an object outside of the address's bucket=", True
            else:
                message.reason = item.reason if isinstance(item, Unusable) else "it is no notification of a new object"
        message.waiting = len(sources)
        if not sources:
            self._finish([message])
        yield from sources

    def _source(self, item: S3Object, message: _Message) -> QueuedSource:
        if item.bucket not in self._objects:
            access = self._address.access
            client = next(iter(self._objects.values())).client if self._objects else make_client("s3", access)
            self._objects[item.bucket] = Objects(item.bucket, access, client)
        plain = make_source(self._objects[item.bucket], item.key)
        return QueuedSource(
            plain.path, 0, plain.origin, plain.delivery, False, objects=plain.objects, key=plain.key, message=message,
        )  # fmt: skip

    def _finish(self, messages: Sequence[_Message]) -> None:
        """Delete what is good, and let go of the rest."""
        for message in messages:
            if message.reason:
                self.tally.leave(message.reason)
                self.tally.refused += message.forged
        for some in _batches(message.handle for message in messages if not message.reason):
            entries = [{"Id": str(at), "ReceiptHandle": handle} for at, handle in enumerate(some)]
            answer = self._ask("delete_message_batch", "sqs:DeleteMessage", QueueUrl=self._url, Entries=entries)
            self.tally.acknowledged += len(answer.get("Successful", []))
            for _ in answer.get("Failed", []):
                self.tally.leave("the queue would not delete it: it was given to somebody else meanwhile")
        with self._lock:
            for message in messages:
                self._held.pop(message.handle, None)

    def _renew(self) -> None:
        """Keep what is worked on from others, in a thread of its own."""
        while not self._end.wait(self._visibility / 3):
            with self._lock:
                handles = list(self._held)
            self._hide(handles, self._visibility)

    def _hide(self, handles: Iterable[str], seconds: int) -> None:
        """Have messages come again so much later; where that fails they come earlier, which does no harm."""
        from botocore.exceptions import BotoCoreError, ClientError

        for some in _batches(handles):
            entries = [
                {"Id": str(at), "ReceiptHandle": handle, "VisibilityTimeout": seconds} for at, handle in enumerate(some)
            ]
            try:
                self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
            except (ClientError, BotoCoreError):
                continue

    def _ask(self, action: str, permission: str, **given: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client, action)(**given)
        except (ClientError, BotoCoreError) as error:
            where = self._address.text
            raise end_run(where, explain(where, error, self._address.access, f"{permission} of the queue")) from error


def _batches(handles: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(handles)
    while some := list(islice(rest, _A_REQUEST)):
        yield some


def _sent(message: Any) -> float:
    """When a message was sent, in seconds since 1970 by the queue's clock."""
    return int(message.get("Attributes", {}).get("SentTimestamp", 0)) / 1000


def _clock(answer: Any) -> float:
    """The queue's clock, in whole seconds; ours where it does not tell."""
    told = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        return parsedate_to_datetime(told).timestamp() + 1
    except ValueError:
        return time.time()
