"""A file to work on, and one that lies in an archive."""

from datetime import date
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pipeline.ingest.delivery import Delivery, origin_of, read_delivery


class LogFile(NamedTuple):
    """A file to work on."""

    path: Path
    """Where it lies, if its content is not given."""
    digest: str
    """SHA-256 of its content."""
    origin: str
    delivery: Delivery
    content: bytes | None
    """The whole file, when it is small."""
    problem: str = ""
    """Why it cannot be read, where that is known already."""
    is_digest: bool = False
    """It is one of CloudTrail's digest files, for a target that takes them."""
    named: bool = False
    """Whether to note which of CloudTrail's names it has."""
    hashes: bool = False
    """Whether to hash what it holds."""
    signature: str = ""
    """See `Source`, as of what follows."""
    since: date | None = None

    def inside(self, name: str) -> "LogFile":
        """A file in it: it lay where its name says, and was delivered then."""
        return self._replace(origin=self.origin_inside(name), delivery=read_delivery(name))

    def origin_inside(self, name: str) -> str:
        """Where a file in it lay."""
        path = PurePosixPath(name)
        return origin_of(path) if "AWSLogs" in path.parts else f"{self.origin}/{name}"
