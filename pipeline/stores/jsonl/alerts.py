"""Alert revisions in one append-only file of JSON lines: what was decided is never rewritten.

A line is a revision. A crash may tear the last line, and a hand may spoil any: who reads leaves it out and can say
which and why, for one bad line must not hide the other alerts; the next append starts on a line of its own. Writing a
revision twice is harmless. A file of years is read a line at a time, and who appends reads what was added since.
"""

import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from pipeline.errors import StoreError
from pipeline.stores.alert import VERSION, Alert
from pipeline.stores.harm_title import lead_with_harm
from pipeline.stores.jsonl.known_revisions import Key, KnownRevisions, digest_line
from pipeline.stores.jsonl.lines import append_whole
from pipeline.stores.plain_file import UnfitFileError, open_plain


class Followed(NamedTuple):
    """A whole line of the file."""

    start: int
    """Its first byte's place, and `end` that of the next line's."""
    end: int
    digest: str
    """Tells whether a line that was read is still there."""
    alert: Alert | None
    """None where it holds none."""


Kind = TypeVar("Kind")
_MOST_LINE = 16 << 20
"""Bytes of a line, at most; an alert has some ten thousand."""


class BadLine(NamedTuple):
    """A line that is no alert."""

    number: int
    """Counts from 1."""
    why: str


class AlertsJsonl:
    """Revisions in `path`; any number of readers beside one writer or more.

    With a `clock` each line says when it was written, beside the alert; a replay has none, so that it writes the same
    bytes again.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     alerts = AlertsJsonl(Path(folder) / "alerts.jsonl")
    ...     alerts.append([]), alerts.revisions(), alerts.path.exists()
    (0, [], True)
    """

    def __init__(self, path: Path, clock: Callable[[], datetime] | None = None) -> None:
        self.path = path
        self.bad_lines: list[BadLine] = []
        """What could not be read the last time that the file was."""
        self._clock = clock
        self._known = KnownRevisions()

    def append(self, revisions: Iterable[Alert]) -> int:
        """Add the revisions that are not there yet, all or none of them, and return how many that was.

        The file is there afterwards, though nothing was added: it says that somebody looked.
        """
        revisions = list(revisions)
        with self._locked() as handle:
            known = self._find_known() if revisions else set()
            new: dict[tuple[str, int], Alert] = {}
            for revision in revisions:
                if _key(revision) not in known:
                    new.setdefault(_key(revision), revision)
            if not new:
                return 0
            self._write(handle, b"".join(_encode(revision, self._clock) + b"\n" for revision in new.values()))
        return len(new)

    def revisions(self, alert_id: str | None = None) -> list[Alert]:
        """Every revision, or those of one alert, in the order they were written."""
        return [alert for alert, _ in self._alerts() if alert_id is None or alert.alert_id == alert_id]

    def latest(
        self,
        *,
        since: datetime | None = None,
        written_since: datetime | None = None,
        principal: str | None = None,
        min_score: float = 0,
        raised: bool | None = None,
    ) -> list[Alert]:
        """The last revision of each alert, strongest first, held against `AlertStore.latest`'s filters."""
        last: dict[str, Alert] = {}
        written: dict[str, datetime] = {}
        for alert, line in self._alerts():
            if alert.revision >= last.get(alert.alert_id, alert).revision:
                last[alert.alert_id] = alert
                if written_since is not None:
                    written[alert.alert_id] = _read_written(line) or alert.detected_at
        wanted = (principal or "").casefold()
        kept = [
            alert
            for alert in last.values()
            if alert.record_score >= min_score
            and (raised is None or alert.raised is raised)
            and any(wanted in name.casefold() for name in (alert.principal, alert.principal_name))
            and (since is None or alert.detected_at >= since)
            and (written_since is None or written[alert.alert_id] >= written_since)
        ]
        return sorted(kept, key=lambda alert: (-alert.record_score, alert.alert_id))

    def find(self, alert_id: str) -> Alert:
        """The last revision of the alert with this id, or with the only id that starts so.

        Raises
        ------
        StoreError
            No alert, or more than one, has such an id.
        """
        alerts = {alert.alert_id: alert for alert in self.latest()}
        if alert_id in alerts:
            return alerts[alert_id]
        matches = sorted(key for key in alerts if alert_id and key.startswith(alert_id))
        if len(matches) == 1:
            return alerts[matches[0]]
        if not matches:
            raise StoreError(f"no alert's id starts with '{alert_id}': `oddtrail alerts list` shows those there are")
        raise StoreError(f"{len(matches)} alerts' ids start with '{alert_id}': give more of one, as in {matches[0]}")

    def follow(self, start: int) -> Iterator[Followed]:
        """Lines from a byte on, which begins one; one that is not written to its end yet is not there."""
        at = start
        for line in self._lines(start):
            if not line.ended:
                return
            read = self._read(line.content) if line.whole else ""
            alert = read if isinstance(read, Alert) else None
            yield Followed(at, at + line.length, digest_line(line.content), alert)
            at += line.length

    def still_holds(self, end: int, length: int, digest: str) -> bool:
        """Whether a line that was followed, with this digest, still ends there; False for none."""
        if not 0 < length <= end:
            return False
        line = next(self.follow(end - length), None)
        return line is not None and (line.end, line.digest) == (end, digest)

    def torn(self) -> int:
        """Lines that cannot be read, such as the one a crash cut short; `bad_lines` says which."""
        for _ in self._alerts():
            pass
        return len(self.bad_lines)

    def _alerts(self) -> Iterator[tuple[Alert, bytes]]:
        """Each alert with its line; what is none is noted, and so is what there is, for the next append."""
        self.bad_lines = []
        known = KnownRevisions()
        for number, line in enumerate(self._lines(), 1):
            read = self._read(line.content) if line.whole else f"it has more than {_MOST_LINE:,} bytes"
            known.take(line.content, line.length, _key(read) if isinstance(read, Alert) else None, ended=line.ended)
            if isinstance(read, Alert):
                yield read, line.content
            elif isinstance(read, str) and read:
                self.bad_lines.append(BadLine(number, read))
        self._known = known

    def _find_known(self) -> set[Key]:
        """Keys of the revisions that are there: what was read before, where it still stands, and what came since."""
        if not self.still_holds(self._known.end, self._known.length, self._known.digest):
            self._known = KnownRevisions()
        known = self._known
        for line in self._lines(known.end):
            read = self._read(line.content) if line.whole else ""
            known.take(line.content, line.length, _key(read) if isinstance(read, Alert) else None, ended=line.ended)
        return known.keys

    def _read(self, line: bytes) -> Alert | str:
        """The alert in a line, or why there is none; a blank line is nothing."""
        alert = _decode(line, Alert)
        head = alert if isinstance(alert, Alert) else _decode(line, _Head)
        if not isinstance(head, str) and head.version > VERSION:
            raise StoreError(
                f"{self.path} holds alerts of version {head.version}, and this oddtrail reads them up to version "
                f"{VERSION}: install the oddtrail that wrote them, or a newer one"
            )
        return _name_harm(alert) if isinstance(alert, Alert) else alert if line.strip() else ""

    def _lines(self, start: int = 0) -> Iterator["_Line"]:
        """Each line from a byte on; of one that is too long to be held, its end."""
        try:
            with open_plain(self.path, follow=True) as lines:
                lines.seek(start)
                while line := lines.readline(_MOST_LINE):
                    whole, length = len(line) < _MOST_LINE or line.endswith(b"\n"), len(line)
                    while not line.endswith(b"\n") and (rest := lines.readline(_MOST_LINE)):
                        line, length = rest, length + len(rest)
                    yield _Line(line, length, whole, line.endswith(b"\n"))
        except FileNotFoundError:
            return
        except UnfitFileError as error:
            raise StoreError(
                f"alerts cannot be read in {self.path}, which {error}: check the folder and its permissions, "
                "and put the file back from a copy"
            ) from error
        except OSError as error:
            raise _failed("read", self.path, error) from error

    @contextmanager
    def _locked(self) -> Iterator[int]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise _failed("written", self.path, error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)

    def _write(self, handle: int, content: bytes) -> None:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            content = b"\n" + content  # a torn line keeps its place; ours starts on its own
        try:
            append_whole(handle, content)
        except OSError as error:
            raise _failed("written", self.path, error) from error


def _failed(what: str, path: Path, error: OSError) -> StoreError:
    advice = "make room and run again" if error.errno == errno.ENOSPC else "check the folder and its permissions"
    return StoreError(f"alerts cannot be {what} in {path} ({error.strerror}): {advice}")


def _name_harm(alert: Alert) -> Alert:
    """The alert, whose title names its gravest harm; those of before left it out where other things were odder."""
    title = lead_with_harm(alert.title, alert.principal_name, alert.harms) if alert.harms else alert.title
    return alert if title == alert.title else msgspec.structs.replace(alert, title=title)


def _key(alert: Alert) -> Key:
    return alert.alert_id, alert.revision


def _encode(alert: Alert, clock: Callable[[], datetime] | None) -> bytes:
    """An alert as one line's content; half a character, which no text file can hold, becomes a question mark."""
    document = alert if clock is None else alert.as_dict() | {"written_at": clock()}
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:
        plain: Any = msgspec.to_builtins(document)
        return json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace")


def _read_written(line: bytes) -> datetime | None:
    """When a line was written; None where it does not say."""
    head = _decode(line, _Head)
    return None if isinstance(head, str) else head.written_at


class _Line(NamedTuple):
    """A line of the file."""

    content: bytes
    length: int
    whole: bool
    """The content is all of it."""
    ended: bool
    """A line break ends it."""


class _Head(msgspec.Struct):
    """What an alert of any version has."""

    alert_id: str
    version: int = 1
    written_at: datetime | None = None


def _decode(line: bytes, kind: type[Kind]) -> Kind | str:
    """What a line holds, or why it does not."""
    try:
        return msgspec.json.decode(line, type=kind)
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except RecursionError:
        return "it is nested too deeply"
    except msgspec.ValidationError as error:
        return str(error)
    except msgspec.DecodeError as error:
        return f"no JSON: {error}"
