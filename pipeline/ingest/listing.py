"""What there is to read: the seam between ingestion and wherever files, objects or messages come from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, ClassVar, Protocol, TypeAlias

from pipeline.errors import OddtrailError
from pipeline.ingest.delivery import Delivery

Identity: TypeAlias = tuple[int, int]
"""Device and number of a file: two paths with the same are one file."""


class SourceError(OddtrailError):
    """What is to be ingested is not there, or cannot be asked for."""


class UnreadableError(OddtrailError):
    """A source cannot be read, and others may be; the message is kept as the reason."""


@dataclass(eq=False, slots=True)
class Source:
    """Something to read: a file, or what a kind of its own fetches when its turn comes.

    What is fetched sets `stays` to False, and has its own `place` and `open`.
    """

    path: Path
    """Where a file lies; of what is fetched, how it is named where it lies."""
    size: int
    """Bytes, as far as known before it is read; else 0."""
    origin: str
    """Where it lay, the same for every copy of a bucket."""
    delivery: Delivery
    named: bool
    """The caller named it, so that it is read whatever its name."""
    problem: str = ""
    """Why it cannot be read, where that is known already."""
    identity: Identity | None = None
    stamp: bytes = b""
    """Another one whenever its content is; empty where that cannot be told. A source whose stamp was remembered is not
    opened. `open` may change it: what counts is that of what was opened."""

    signature: str = ""
    """Of a digest file, once it is opened, where it lies with it."""
    since: date | None = None
    """Day of UTC; what was delivered before is not listed beside it."""

    is_delivery: ClassVar[bool] = True
    """Whether its bytes are those of the file that CloudTrail delivered."""
    stays: ClassVar[bool] = True
    """Whether it is a file that another process opens by its path."""
    is_text: ClassVar[bool] = False
    """Whether it holds records as they are, where files hold them packed."""

    @property
    def place(self) -> str:
        """What tells it from all others, also where it cannot be read."""
        return str(self.path.absolute())

    def open(self) -> BinaryIO:
        """Its bytes, from the first; a read gives as many as asked for, but at the end.

        What is fetched may be opened in a thread beside others.

        Raises
        ------
        OSError
            It cannot be read.
        UnreadableError
            Likewise, from opening or from reading; any other error of ours ends the run.
        """
        return self.path.open("rb")


class Listing(Protocol):
    """Sources in an order. It is iterated once.

    A source without a stamp is read before the next one is asked for, so that a listing whose sources hold their
    content need hold one at a time. Some tasks of `pipeline.ingest.tasks.LARGEST` are under way meanwhile.
    """

    @property
    def bytes(self) -> int:
        """Of all sources together; 0 where that is not known."""

    @property
    def at_once(self) -> int:
        """How many sources are read at the same time; 1 where waiting for them takes no time."""

    def __iter__(self) -> Iterator[Source]:
        """Each source, when its turn comes."""

    def settle(self, sources: Sequence[Source]) -> None:
        """Told of sources that have ended: what they hold is durably in the target, set aside there or passed over.

        Called after the transaction, in the order of iteration and for every source once: when one is settled, so are
        all before it. After a kill or an error the rest never is, and a listing that shows them again does no harm:
        what the target holds already is known by its content.
        """
