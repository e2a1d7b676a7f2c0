"""Alert revisions in one append-only file of JSON lines: what was decided is never rewritten.

A line is a revision. A crash may tear the last line; readers skip it and count it, and the next append starts on a line
of its own. Writing a revision twice is harmless. A file of years is read a line at a time.
"""

import errno
import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from pipeline.errors import StoreError
from pipeline.stores.protocols import Alert


class AlertsJsonl:
    """Revisions in `path`; any number of readers beside one writer or more.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     alerts = AlertsJsonl(Path(folder) / "alerts.jsonl")
    ...     first = {"alert_id": "a1", "revision": 1, "record_score": 31.0}
    ...     alerts.append([first]), alerts.append([first]), alerts.find("a1")["record_score"]
    (1, 0, 31.0)
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, revisions: Iterable[Mapping[str, Any]]) -> int:
        """Add the revisions that are not there yet, all or none of them, and return how many that was."""
        with self._locked() as handle:
            known = {_key(line) for line in self._lines()}
            new: dict[tuple[str, int], Mapping[str, Any]] = {}
            for revision in revisions:
                if _key(revision) not in known:
                    new.setdefault(_key(revision), revision)
            if not new:
                return 0
            self._write(handle, b"".join(_encoded(revision) + b"\n" for revision in new.values()))
        return len(new)

    def revisions(self, alert_id: str | None = None) -> list[Alert]:
        """Every revision, or those of one alert, in the order they were written."""
        return [line for line in self._lines() if alert_id is None or line["alert_id"] == alert_id]

    def latest(
        self,
        *,
        since: datetime | None = None,
        principal: str | None = None,
        min_score: float = 0,
        raised: bool | None = None,
    ) -> list[Alert]:
        """The last revision of each alert, strongest first, held against `AlertStore.latest`'s filters."""
        last: dict[str, Alert] = {}
        for line in self._lines():
            if line["revision"] >= last.get(line["alert_id"], line)["revision"]:
                last[line["alert_id"]] = line
        wanted = (principal or "").casefold()
        kept = [
            alert
            for alert in last.values()
            if alert.get("record_score", 0) >= min_score
            and (raised is None or alert.get("raised") is raised)
            and any(wanted in str(alert.get(name, "")).casefold() for name in ("principal", "principal_name"))
            and (since is None or _time(alert.get("detected_at")) >= since)
        ]
        return sorted(kept, key=lambda alert: (-alert.get("record_score", 0), str(alert["alert_id"])))

    def find(self, alert_id: str) -> Alert:
        """The last revision of the alert with this id, or with the only id that starts so.

        Raises
        ------
        StoreError
            No alert, or more than one, has such an id.
        """
        alerts = {str(alert["alert_id"]): alert for alert in self.latest()}
        if alert_id in alerts:
            return alerts[alert_id]
        matches = sorted(key for key in alerts if alert_id and key.startswith(alert_id))
        if len(matches) == 1:
            return alerts[matches[0]]
        if not matches:
            raise StoreError(f"no alert's id starts with '{alert_id}': `oddtrail alerts list` shows those there are")
        raise StoreError(f"{len(matches)} alerts' ids start with '{alert_id}': give more of one, as in {matches[0]}")

    def torn(self) -> int:
        """Lines that cannot be read, such as the one a crash cut short."""
        return sum(1 for line in self._file() if line.strip() and _decoded(line) is None)

    def _lines(self) -> Iterator[Alert]:
        for line in self._file():
            alert = _decoded(line)
            if alert is not None:
                yield alert

    def _file(self) -> Iterator[bytes]:
        try:
            with self.path.open("rb") as lines:
                yield from lines
        except FileNotFoundError:
            return
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
            if os.write(handle, content) != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(handle)
        except OSError as error:
            os.ftruncate(handle, size)
            raise _failed("written", self.path, error) from error


def _failed(what: str, path: Path, error: OSError) -> StoreError:
    advice = "make room and run again" if error.errno == errno.ENOSPC else "check the folder and its permissions"
    return StoreError(f"alerts cannot be {what} in {path} ({error.strerror}): {advice}")


def _key(revision: Mapping[str, Any]) -> tuple[str, int]:
    return str(revision["alert_id"]), int(revision["revision"])


def _encoded(revision: Mapping[str, Any]) -> bytes:
    """A revision as one line's content; half a character, which no text file can hold, becomes a question mark."""
    try:
        return msgspec.json.encode(revision)
    except UnicodeEncodeError:
        return json.dumps(revision, ensure_ascii=False).encode("utf-8", "replace")


def _decoded(line: bytes) -> Alert | None:
    """The alert in a line, None where the line is blank, torn or not an alert."""
    try:
        alert = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return alert if isinstance(alert, dict) and "alert_id" in alert and isinstance(alert.get("revision"), int) else None


def _time(text: Any) -> datetime:
    return msgspec.convert(text, datetime)
