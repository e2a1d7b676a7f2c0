"""What an operator should know of: a line each, added to and never changed, beside the alerts."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from msgspec import DecodeError, json

from pipeline.errors import StoreError
from pipeline.stores.plain_file import UnfitFileError, read_plain

OPERATIONS_FILE: Final = "operations.jsonl"
_MOST_BYTES: Final = 64 << 20
_MOST_TEXT: Final = 2000


class OperationsJsonl:
    """Events in `path`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     events = OperationsJsonl(Path(folder) / "operations.jsonl")
    ...     events.add("model_refused", datetime(2026, 3, 2), "why", model_id="20514-ab")
    ...     events.every()
    [{'at': '2026-03-02T00:00:00', 'kind': 'model_refused', 'text': 'why', 'model_id': '20514-ab'}]
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, kind: str, at: datetime, text: str, **more: Any) -> None:
        """Add an event, durably.

        Parameters
        ----------
        kind
            What happened, for a machine: a word with underscores.
        text
            The same for a person: what was found and what to do next.
        more
            Its figures, as JSON can hold them.
        """
        line = json.encode({"at": at.isoformat(), "kind": kind, "text": text[:_MOST_TEXT], **more})
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written ({error.strerror}): move away what is there") from error
        try:
            os.write(handle, b"\n" + line + b"\n")  # a line that a crash cut short stays one of its own
            os.fsync(handle)
        finally:
            os.close(handle)

    def every(self) -> list[dict[str, Any]]:
        """Every event that can be read, in the order they were written."""
        try:
            content = read_plain(self.path, _MOST_BYTES)
        except FileNotFoundError:
            return []
        except UnfitFileError as error:
            raise StoreError(f"{self.path} {error}: move it away") from error
        events = []
        for line in content.splitlines():
            try:
                event = json.decode(line)
            except (DecodeError, UnicodeDecodeError, RecursionError):
                continue  # blank, or cut short by a crash
            if isinstance(event, dict):
                events.append(event)
        return events
