"""Rows of events in the making, and the columns they become."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from features.principal import Principal

OF_CALL: Final = ("service", "action", "level", "write", "level_source", "tactic")
OF_ADDRESS: Final = ("address", "address_kind", "prefix")
OF_AGENT: Final = ("agent", "user_agent")
OF_ERROR: Final = ("error", "error_code", "error_message")
OF_ROW: Final = (
    "position", "raw", "event_id", "event_time", "delivered_at", "account", "region", "category", "resources",
    "exposures", "facts", "flags", "shared_event_id", "vpc_endpoint", "patches", "issued_key",
)  # fmt: skip
COLUMNS: Final = (*Principal._fields, *OF_CALL, *OF_ADDRESS, *OF_AGENT, *OF_ERROR, *OF_ROW)
"""Columns of the event schema that the normaliser makes; the others tell of the address and the file."""


class SetAside(NamedTuple):
    """A record that cannot become an event."""

    position: int
    reason: str
    raw: bytes


class Group(NamedTuple):
    """Columns whose values come together: for each row the tuple of its values.

    Rows with the same answer share one tuple, so that whoever codes the values can do it once a tuple.
    """

    names: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass
class Normalised:
    """What came of some records: rows, records set aside, and those that are no call, by name."""

    groups: tuple[Group, ...] = ()
    set_aside: list[SetAside] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)

    @cached_property
    def columns(self) -> dict[str, list[Any]]:
        """The rows by column."""
        columns: dict[str, list[Any]] = {}
        for names, rows in self.groups:
            turned: Sequence[Any] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
            columns.update(zip(names, map(list, turned), strict=True))
        return columns


def groups() -> tuple[Group, ...]:
    """Empty groups of all columns: of the principal, the call, the address, the agent, the error and the row."""
    return tuple(Group(names, []) for names in (Principal._fields, OF_CALL, OF_ADDRESS, OF_AGENT, OF_ERROR, OF_ROW))
