"""Standard output, for whoever pipes it on: lines of text, or a line of JSON a message."""

import json
import sys
from typing import Literal, TextIO

from pipeline.notify.notice import Notice, write_text
from pipeline.notify.outcome import SENT, Outcome
from pipeline.notify.webhook import write_event


class Stdout:
    """Prints messages."""

    def __init__(self, shape: Literal["text", "json"] = "text", stream: TextIO | None = None) -> None:
        self._shape, self._stream = shape, stream
        self.where = f"standard output, {shape}"

    def send(self, notice: Notice, seconds: float) -> Outcome:
        """Print a message."""
        text = json.dumps(write_event(notice)) if self._shape == "json" else "\n".join([*write_text(notice), ""])
        stream = self._stream or sys.stdout
        shown = text.encode(getattr(stream, "encoding", None) or "utf-8", "backslashreplace")
        try:
            print(shown.decode(getattr(stream, "encoding", None) or "utf-8"), file=stream, flush=True)
        except (OSError, ValueError) as error:
            return Outcome("later", f"standard output cannot be written ({type(error).__name__})")
        return SENT
