"""Contents in memory that are fetched when their turn comes, and a listing of anything that notes what is settled."""

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar, TypeAlias

from pipeline.ingest.delivery import origin_of, read_delivery
from pipeline.ingest.listing import Listing, Source, UnreadableError


@dataclass(eq=False, slots=True)
class Fetched(Source):
    """A content, or why there is none."""

    content: bytes | str = b""
    opened: int = 0

    stays: ClassVar[bool] = False

    @property
    def place(self) -> str:
        return f"memory://{self.path}"

    def open(self) -> BinaryIO:
        self.opened += 1
        if isinstance(self.content, str):
            raise UnreadableError(self.content)
        return io.BytesIO(self.content)


Contents: TypeAlias = Mapping[str, bytes | str]
"""By name; in words why there is none."""


class MemoryListing:
    """Contents of which each is fetched when its turn comes."""

    bytes = 0

    def __init__(
        self, contents: Contents, at_once: int = 1, stamped: bool = True, kind: type[Fetched] = Fetched
    ) -> None:
        self.at_once = at_once
        self.sources = [
            kind(
                Path(name), 0, origin_of(Path(name)), read_delivery(name), False,
                stamp=hashlib.sha256(repr((name, content)).encode()).digest()[:16] if stamped else b"", content=content,
            )
            for name, content in contents.items()
        ]  # fmt: skip

    def __iter__(self) -> Iterator[Source]:
        yield from self.sources

    def settle(self, sources: Sequence[Source]) -> None:
        """Nothing waits to be told."""


class Noted:
    """A listing that notes what was shown and what was settled."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.bytes, self.at_once = listing.bytes, listing.at_once
        self.shown: list[Source] = []
        self.settled: list[Source] = []
        self.rounds: list[int] = []
        """How many were settled together."""
        self.when_settled: Callable[[Sequence[Source]], None] = lambda some: None

    def __iter__(self) -> Iterator[Source]:
        for source in self.listing:
            self.shown.append(source)
            yield source

    def settle(self, sources: Sequence[Source]) -> None:
        self.settled += sources
        self.rounds.append(len(sources))
        self.when_settled(sources)
        self.listing.settle(sources)
