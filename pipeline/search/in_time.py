"""An engine in the time that is left."""

from typing import Any, Final

from pipeline.search.deadline import Deadline
from pipeline.search.engine import Answer

_LONGEST: Final = 20.0
_LEAST: Final = 1.0
"""Seconds."""


class InTime:
    """An engine no request of which is waited for longer than there is time; at least a second."""

    def __init__(self, engine: Any, deadline: Deadline) -> None:
        self.url = engine.url
        self._engine, self._deadline = engine, deadline

    def ask(self, method: str, path: str, body: Any = None, *, params: Any = None, timeout: float = _LONGEST) -> Answer:
        """Send one request, once."""
        most = max(min(timeout, self._deadline.left), _LEAST)
        answer: Answer = self._engine.ask(method, path, body, params=params, timeout=most)
        return answer
