"""How far scoring has come, as it is remembered; what is not as we write it is refused, never guessed at.

Who guessed a day too far ahead would skip what was never judged, and nobody would hear of it.
"""

from datetime import date
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Meta

from pipeline.errors import StoreError

_Count = Annotated[int, Meta(ge=0, lt=2**31)]
_LAST = 253_402_300_799_999_999
"""Microseconds since 1970, the last that a time can be."""


class _State(Protocol):
    def checkpoint(self, name: str) -> Any: ...


class _Scored(msgspec.Struct):
    """What a scoring remembers; homes of before have no `until`, or no `budget`."""

    day: date
    counters: dict[str, tuple[_Count, _Count]] = {}
    until: Annotated[int, Meta(ge=0, le=_LAST)] = 0
    budget: Annotated[float, Meta(ge=0)] | None = None


def read_checkpoint(state: _State, name: str) -> dict[str, Any] | None:
    """The checkpoint of scoring as it was written; None where there is none.

    Raises
    ------
    StoreError
        It is none that a scoring wrote.

    Examples
    --------
    >>> from pipeline.stores.sqlite.database import Database
    >>> from pipeline.stores.sqlite.state import SqliteState
    >>> state = SqliteState(Database(":memory:"))
    >>> read_checkpoint(state, "scored") is None
    True
    >>> state.put_checkpoint("scored", {"day": "2026-03-10", "counters": {"2026-03-10": [1, 2]}})
    >>> read_checkpoint(state, "scored")
    {'day': '2026-03-10', 'counters': {'2026-03-10': [1, 2]}}
    """
    held: dict[str, Any] | None = state.checkpoint(name)
    try:
        check_scored(held)
    except ValueError as error:
        raise StoreError(
            f"state.sqlite does not say how far scoring has come ({error}): restore it from a copy, or move it away "
            "and ingest again"
        ) from error
    return held


def check_scored(held: object) -> None:
    """See that this is what a scoring remembers, or None.

    Raises
    ------
    ValueError
        It is not.
    """
    if held is not None:
        msgspec.convert(held, _Scored)
