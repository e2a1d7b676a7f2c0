"""Drills: attacks that were made up to see whether they are found, and which records they are.

A record belongs to a drill if this list names its id and the hash of its very bytes, in a line that is sealed with the
home's own key for drills. Nothing that a record says of itself makes it one: an attacker may write any mark into a user
agent or a session name, and no mark takes a call away from judgement or learning.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

from msgspec import DecodeError, Meta, Struct, json

from models.seal import BundleError, open_seal, seal
from pipeline.errors import ModelError, StoreError
from pipeline.stores.bundles.key import SigningKey
from pipeline.stores.jsonl.lines import append_line, read_lines

DRILLS_FILE: Final = "drills.jsonl"
KEY_FILE: Final = "drills.key"
_Name = Annotated[str, Meta(min_length=1, max_length=200)]
_Text = Annotated[str, Meta(max_length=2048)]
_Instant = Annotated[datetime, Meta(tz=True)]


class DrillEvent(Struct, frozen=True):
    """One record of a drill."""

    event_id: _Name
    digest: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the record's bytes as they are delivered, in hexadecimal digits."""


class Drill(Struct, frozen=True, kw_only=True, tag="drill"):
    """An attack that was made up, in the name of a principal of the deployment."""

    id: _Name
    at: _Instant
    """When it was begun."""
    technique: _Name
    degree: _Name
    """loud, medium or stealthy."""
    principal_key: _Text
    principal_name: _Text
    events: tuple[DrillEvent, ...]
    first: _Instant
    last: _Instant
    """Event times of the first and last record."""
    expires: _Instant
    """When its events and alerts are taken away, unless somebody does so before."""
    into: _Text = ""
    """Where its records were put: a folder, a bucket or an index; empty for the home itself."""
    files: tuple[_Text, ...] = ()
    """Files, objects or documents that hold them, as they are called there."""

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.degree} {self.technique}"


class Over(Struct, frozen=True, kw_only=True, tag="over"):
    """A drill is over: its events are gone and its alerts are closed."""

    id: _Name
    at: _Instant


class DrillsJsonl:
    """Drills below `home`; a line that the key beside it did not seal names none.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     DrillsJsonl(Path(folder)).every()
    ()
    """

    def __init__(self, home: Path) -> None:
        self.path, self._key = home / DRILLS_FILE, SigningKey(home / KEY_FILE)
        self._read: tuple[tuple[int, int], tuple[Drill | Over, ...]] | None = None

    def add(self, entry: Drill | Over) -> None:
        """Add an entry, durably; before the first, a key is made.

        Raises
        ------
        StoreError
            It cannot be written.
        """
        try:
            try:
                key = self._key.read()
            except ModelError:
                key = self._key.make()
            append_line(self.path, seal(json.encode(entry).decode(), key))
        except OSError as error:
            raise StoreError(
                f"{self.path} cannot be written ({error.strerror}): make room, or mend the folder, and begin the drill "
                "again"
            ) from error

    def every(self) -> tuple[Drill, ...]:
        """All drills, in the order they were begun; their events are theirs for ever."""
        return tuple(entry for entry in self._entries() if isinstance(entry, Drill))

    def begun(self) -> tuple[Drill, ...]:
        """Drills that are not over."""
        over = {entry.id for entry in self._entries() if isinstance(entry, Over)}
        return tuple(drill for drill in self.every() if drill.id not in over)

    def between(self, since: datetime | None, until: datetime | None) -> Sequence[Drill]:
        """Drills of which events can lie in [since, until)."""
        return [
            drill
            for drill in self.every()
            if (since is None or drill.last >= since) and (until is None or drill.first < until)
        ]

    def _entries(self) -> tuple[Drill | Over, ...]:
        try:
            stat = self.path.stat()
        except OSError:
            return ()
        stamp = (stat.st_mtime_ns, stat.st_size)
        if self._read is None or self._read[0] != stamp:
            self._read = stamp, self._read_all()
        return self._read[1]

    def _read_all(self) -> tuple[Drill | Over, ...]:
        try:
            key = self._key.read()
        except ModelError:
            return ()  # nobody can tell what was a drill: all of it is judged

        def decode(line: bytes) -> Drill | Over:
            try:
                return json.decode(open_seal(line, key, "the drill"), type=Drill | Over)
            except BundleError as error:
                raise DecodeError(str(error)) from error

        return tuple(read_lines(self.path, decode, "move it away; what was a drill is judged as any other call then"))
