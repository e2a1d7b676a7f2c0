"""What came of a file so far, or of one in an archive."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from features.record.foreign import NAMES as FOREIGN
from pipeline.ingest.digest_file import DAMAGED, UNHASHED, mark_unread, name_of
from pipeline.ingest.inflate import Reading
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.rows import Span
from pipeline.ingest.sink import FileDone
from pipeline.ingest.tables import NO_LOG
from pipeline.text.plural import agree, plural

_NOT_CLOUDTRAIL: Final = FOREIGN | {NO_LOG}


@dataclass
class Tally:
    """What came of a file so far, or of one in an archive."""

    file: LogFile
    records: int = 0
    set_aside: int = 0
    kept: int = 0
    """Of those set aside."""
    goes_on: bool = False
    """Of a piece that was set aside only the beginning was looked at."""
    repaired: int = 0
    other: Counter[str] = field(default_factory=Counter)
    position: int = 0
    """Of the next record; those of an archive are counted through."""
    piece: str = ""
    """Why the last piece was set aside; what follows for the same reason, and no record before it, is more of it."""
    found: bool = False
    """Something of which a name is known, or what may be CloudTrail's, was in it."""
    barren: bool = False
    """The last records were set aside as one piece, for none of them was CloudTrail's."""
    contents: list[tuple[str, datetime, bytes]] = field(default_factory=list)
    """See `FileDone`."""

    def add(self, part: "Tally") -> None:
        """Count what came of a file in it."""
        self.records += part.records
        self.set_aside += part.set_aside
        self.kept += part.kept
        self.repaired += part.repaired
        self.other += part.other
        self.contents += part.contents

    def note(self, reading: Reading) -> None:
        """Note what it holds, where it has a name of CloudTrail's and somebody will ask."""
        file = self.file
        if file.named and file.delivery.at is not None:
            whole = UNHASHED if reading.hashing is None else reading.hashing.digest()
            problem = file.problem or reading.unreadable
            content = mark_unread(problem) if problem else whole if reading.ended else DAMAGED
            self.contents.append((name_of(file.origin), file.delivery.at, content))

    def foreign(self) -> str:
        """What the file is, when it holds nothing but something else than CloudTrail."""
        if not self.records or self.records > sum(self.other.values()) or not self.other.keys() <= _NOT_CLOUDTRAIL:
            return ""
        [(name, _)] = self.other.most_common(1)
        return name

    def done(self) -> FileDone:
        """What a target is told of the file."""
        digest, origin, at = self.file.digest, self.file.origin, self.file.delivery.at
        return FileDone(
            digest, origin, at, self.records, self.set_aside, self.other, self.repaired, self.kept, self.contents
        )

    def tell_rest(self) -> str:
        """What was set aside of it and is not kept; nothing where all is."""
        if more := self.set_aside - self.kept:
            aside = f"{agree(more, 'was', 'were')} set aside, of which none is kept"
            return f"{plural(more, 'more record')} of this file {aside}"
        return "of a piece of this file that was set aside only the beginning is kept" if self.goes_on else ""


class Held:
    """Of which files some records are that are worked on together."""

    def __init__(self, spans: Sequence[tuple[Tally, Span]]) -> None:
        self._spans = spans
        self._starts = [span.start for _, span in spans]

    def find(self, at: int) -> tuple[Tally, int]:
        """File of the record at a place among them, and its position in the file."""
        tally, span = self._spans[bisect_right(self._starts, at) - 1]
        return tally, span.position + at - span.start
