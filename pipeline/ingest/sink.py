"""Where ingestion's rows go: the seam between ingestion and whatever stores events.

Rows are made in worker processes and taken in by one. So there are two sides: a `Sink`, which a worker carries to its
process and which writes rows where they are made; and its `Target`, in the process that commits, which takes in what
sinks have written, a batch at a time. Ingestion knows nothing else of a store.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from pipeline.ingest.digest_file import DigestFile
from pipeline.ingest.rows import Rows
from pipeline.ingest.set_aside import Aside

Part: TypeAlias = Any
"""Something a sink has written: its target knows what it is; ingestion only carries it, from process to process."""
Kind: TypeAlias = Literal["set_aside", "other"]
"""Why a record is no event: none could be made of it, or it is something else (a digest, an Insight)."""


class Written(NamedTuple):
    """What a sink made of some rows."""

    parts: Sequence[Part]
    duplicates: int
    """Rows that it saw to be deliveries of another row's event."""


class Sink(Protocol):
    """Writes rows where they are made. It can be pickled, and several processes write at once."""

    def open(self) -> None:
        """Make ready in this process; called once in each, before anything is written."""

    def write(self, rows: Rows) -> Written:
        """Write some rows, so that a commit of their parts makes them events of the target."""

    def keep(self, kind: Kind, asides: Sequence[Aside], now: datetime) -> Sequence[Part]:
        """Write some records that are no event, likewise; there may be none."""


@dataclass(slots=True)
class FileDone:
    """A delivered file that has been worked on."""

    digest: str
    """SHA-256 of its content."""
    origin: str
    delivered_at: datetime | None
    """As its name says."""
    records: int = 0
    """Records found in it; those that follow are some of them."""
    set_aside: int = 0
    other: Counter[str] = field(default_factory=Counter)
    """Records that are no call, by name."""
    repaired: int = 0
    kept: int = 0
    """Of those set aside, the ones that are kept, if only their beginning."""
    contents: list[tuple[str, datetime, bytes]] = field(default_factory=list)
    """Of each log file in it that CloudTrail named: its name without `.gz`, when it was delivered, and SHA-256 of what
    it holds, or `UNHASHED` or `DAMAGED`. Only for targets that take digest files."""


@dataclass
class Batch:
    """What came of some files: all of it enters the target, or nothing."""

    files: list[FileDone] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    digest_files: list[DigestFile] = field(default_factory=list)
    """CloudTrail's own lists of what it delivered; only for targets that take them."""


class Outcome(NamedTuple):
    """What became of a batch's rows."""

    stored: int
    """Events the target did not hold before."""
    duplicates: int
    """Rows of events that it held, or that several of the batch's parts held."""


class Target(Protocol):
    """Takes in events. Writing the same record twice is harmless."""

    @property
    def sink(self) -> Sink:
        """What writes for it."""

    @property
    def takes_digest_files(self) -> bool:
        """Whether CloudTrail's digest files are read for it; else they are passed over."""

    def has_digest_files(self) -> bool:
        """Whether it has taken any in, so that what files hold is hashed."""

    def writing(self, now: datetime) -> AbstractContextManager[None]:
        """Be the only writer for the block; first removes what an interrupted one left behind.

        Whatever its sink changes in this process is as before afterwards.

        Raises
        ------
        StoreError
            Another process is writing.
        """

    def known(self, digests: Collection[str]) -> set[str]:
        """Which of these files have been taken in."""

    def barren(self, digests: Collection[str]) -> set[str]:
        """Of these files that have been taken in, those of which no event came."""

    def recall(self, stamps: Collection[bytes]) -> dict[bytes, str]:
        """The digests of files that have been taken in, by the stamps under which they were remembered."""

    def remember(self, digests: Mapping[bytes, str]) -> None:
        """Keep under which stamps files lie, by their stamps; whether they are taken in as well does not matter."""

    def commit(self, batch: Batch, now: datetime) -> Outcome:
        """Take in a batch, durably, in one step; of an event's deliveries the earliest stays."""

    def compact(self, now: datetime) -> int:
        """Make what was written in many pieces quicker to read; return how many pieces that saved."""
