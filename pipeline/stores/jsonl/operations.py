"""What an operator should know of: a line each, added to and never changed, beside the alerts."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from msgspec import json

from pipeline.errors import StoreError
from pipeline.stores.jsonl.lines import append_line, read_lines

OPERATIONS_FILE: Final = "operations.jsonl"
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
            append_line(self.path, line)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written ({error.strerror}): move away what is there") from error

    def ends_with(self, kind: str, text: str) -> bool:
        """Whether the last event of a kind says this."""
        of_kind = [event for event in self.every() if event.get("kind") == kind]
        return bool(of_kind) and of_kind[-1].get("text") == text[:_MOST_TEXT]

    def every(self) -> list[dict[str, Any]]:
        """Every event that can be read, in the order they were written."""
        found: list[Any] = read_lines(self.path, json.decode, "move it away")
        return [event for event in found if isinstance(event, dict)]
