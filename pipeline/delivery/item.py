"""What a function is given to work on, once whatever wrapped it is off."""

from typing import NamedTuple, TypeAlias

from pipeline.documents.document import Transport


class LogEvents(NamedTuple):
    """What a subscription of CloudWatch Logs sends: gzip of a document that holds `logEvents`."""

    packed: bytes


class Records(NamedTuple):
    """Records as they stand in a message."""

    content: bytes
    """One record, or any wrapping that ingestion knows."""
    origin: str
    transport: Transport = Transport()


class S3Object(NamedTuple):
    """An object of a trail's bucket."""

    bucket: str
    key: str


class Spilled(NamedTuple):
    """What an earlier invocation could not finish: see `pipeline.delivery.spill`."""

    body: bytes


class Pointer(NamedTuple):
    """Where a message lies that was too large for a queue."""

    bucket: str
    key: str


class Skipped(NamedTuple):
    """Nothing to work on; it is counted."""

    name: str


class Unusable(NamedTuple):
    """What nobody can work on as it is: it becomes a dead letter with its bytes."""

    reason: str
    raw: bytes
    forged: bool = False
    """It was understood and refused: it names what may not be read, or comes from whom nothing is taken."""


Item: TypeAlias = LogEvents | Records | S3Object | Spilled | Pointer | Skipped | Unusable


class Message(NamedTuple):
    """What comes again as a whole, or is done with."""

    id: str
    """Of SQS the message's, of Kinesis the sequence number; "" where the event is one message."""
    items: list[Item]
    receives: int = 1
    """How often it has come, as far as the sender counts."""


class Trigger(NamedTuple):
    """An event that a function was invoked with."""

    kind: str
    """`logs`, `sqs`, `kinesis`, `s3`, `sns`, `events`, `replay`, `nothing` or `unknown`."""
    messages: list[Message]
    in_order: bool = False
    """What follows a message that failed comes again with it, so it need not be worked on."""

    @property
    def is_batch(self) -> bool:
        """Whether its messages can come again one by one."""
        return self.kind in ("sqs", "kinesis")
