"""Events that cannot be indexed, kept with their bytes and the reason until somebody replays them."""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from pipeline.documents.sink import Kept
from pipeline.errors import OddtrailError
from pipeline.search.bulk import Refused, Sent

_LONGEST_REASON: Final = 500


class DeadLetterError(OddtrailError):
    """A store of dead letters cannot be read or written."""


class DeadLetter(msgspec.Struct, frozen=True):
    """A record that is not in the index."""

    reason: str
    """Why."""
    at: str
    """When it was given up, ISO 8601 UTC."""
    origin: str
    """Where the record came from: an object's key, a log stream, a file."""
    raw: bytes
    """The record as delivered; base64 in JSON."""
    event_id: str = ""
    """Empty where none could be read."""
    cut: bool = False
    """There is more of it where `origin` says: of a file, or of a long record, only the beginning is kept."""


class DeadLetterStore(Protocol):
    """Keeps dead letters."""

    @property
    def where(self) -> str:
        """Where it is, to be shown."""

    @property
    def is_remote(self) -> bool:
        """Whether each letter that is read is a request."""

    def put(self, letters: Sequence[DeadLetter]) -> None:
        """Keep some, durably: once it returns, they may be forgotten elsewhere."""

    def read(self) -> Iterator[tuple[str, DeadLetter]]:
        """Every letter that is kept, with a name to remove it by, the oldest first."""

    def remove(self, names: Iterable[str]) -> None:
        """Forget letters that were replayed."""

    def release(self) -> None:
        """Have others see at once what was read and not removed."""

    def count(self) -> int:
        """How many there are, about; of very many, how many at least."""


def bury(parts: Iterable[Sent | Kept], at: datetime) -> list[DeadLetter]:
    """The dead letters of what a `DocumentSink` handed back: what was refused, and what could not be read.

    >>> from pipeline.search.bulk import Document, Refused
    >>> sent = Sent(dead=[Refused(Document("i", "e-1", b"{}", b"the record"), "400 mapper_parsing_exception")])
    >>> [letter.raw for letter in bury([sent], datetime(2026, 3, 1, tzinfo=UTC))]
    [b'the record']
    """
    letters = []
    when = at.isoformat().replace("+00:00", "Z")
    for part in parts:
        if isinstance(part, Sent):
            letters += [bury_refused(dead, when, dead.document.index_name) for dead in part.dead]
        else:
            letters += [
                DeadLetter(aside.reason, when, aside.origin, aside.raw, cut=not aside.is_whole) for aside in part.asides
            ]
    return letters


def bury_refused(dead: Refused, at: str, origin: str) -> DeadLetter:
    """The dead letter of a document that was refused."""
    return DeadLetter(dead.reason[:_LONGEST_REASON], at, origin, dead.document.raw, dead.document.id)


class FolderDeadLetters:
    """Dead letters as lines of JSON in a folder, a file a batch.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = FolderDeadLetters(folder)
    ...     store.put([DeadLetter("too odd", "2026-03-01T00:00:00Z", "a.json", b"{")])
    ...     [letter.reason for _, letter in store.read()]
    ['too odd']
    """

    is_remote = False

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    @property
    def where(self) -> str:
        """The folder."""
        return str(self.folder)

    def put(self, letters: Sequence[DeadLetter]) -> None:
        """Write a file, whole or not at all."""
        if not letters:
            return
        body = b"".join(line + b"\n" for line in map(write_letter, letters))
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{os.getpid()}.jsonl"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._write(name, body)
        except OSError as error:
            raise DeadLetterError(
                f"dead letters cannot be written to {self.folder} ({error.strerror}): make room or mend the folder, "
                "and run it again; nothing was acknowledged"
            ) from error

    def read(self) -> Iterator[tuple[str, DeadLetter]]:
        """Letters, named by their file and what stands in their line."""
        for path in sorted(self.folder.glob("[!.]*.jsonl")):
            with path.open("rb") as lines:
                for number, line in enumerate(lines, 1):
                    yield f"{path.name}:{_mark(line)}", read_letter(line, f"{path}, line {number}")

    def remove(self, names: Iterable[str]) -> None:
        """Write the files again without these; a file that holds none any more goes."""
        gone: dict[str, set[str]] = {}
        for name in names:
            file, _, mark = name.rpartition(":")
            gone.setdefault(file, set()).add(mark)
        for file, marks in gone.items():
            path = self.folder / file
            if not path.exists():  # whoever replays beside us was quicker
                continue
            with path.open("rb") as lines:
                left = [line for line in lines if _mark(line) not in marks]
            if left:
                self._write(file, b"".join(left))
            else:
                path.unlink(missing_ok=True)

    def release(self) -> None:
        """Reading hides nothing."""

    def count(self) -> int:
        """Letters, one a line."""
        total = 0
        for path in self.folder.glob("[!.]*.jsonl"):
            with path.open("rb") as lines:
                total += sum(1 for _ in lines)
        return total

    def _write(self, name: str, body: bytes) -> None:
        """Write a file whole or not at all, durably."""
        unfinished = self.folder / f".{name}"
        try:
            with unfinished.open("wb") as out:
                out.write(body)
                out.flush()
                os.fsync(out.fileno())
            unfinished.replace(self.folder / name)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        _sync(self.folder)


def _mark(line: bytes) -> str:
    """What a line is known by, wherever in its file it stands."""
    return sha256(line.rstrip(b"\n")).hexdigest()[:32]


def write_letter(letter: DeadLetter) -> bytes:
    """A letter as one line of JSON.

    >>> read_letter(write_letter(DeadLetter("odd", "2026-03-01T00:00:00Z", "a", b"\\xff"))).raw
    b'\\xff'
    """
    fields = msgspec.structs.asdict(letter) | {"raw": b64encode(letter.raw).decode()}
    return json.dumps(fields).encode()


def read_letter(line: bytes, where: str = "a dead letter") -> DeadLetter:
    """A letter of its line.

    Raises
    ------
    DeadLetterError
        It is none; says where.
    """
    try:
        fields: dict[str, Any] = json.loads(line)
        return msgspec.convert(fields | {"raw": b64decode(fields["raw"], validate=True)}, DeadLetter)
    except (ValueError, KeyError, TypeError, msgspec.ValidationError, RecursionError) as error:
        raise DeadLetterError(
            f"{where} cannot be read ({error}): move it away, its record is in the trail's bucket"
        ) from error


def _sync(folder: Path) -> None:
    """Make a new name in a folder survive a crash."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
