"""Columns of events in the making."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, Final, NamedTuple

import msgspec

from features.call.principal import Principal
from features.call.session import Session
from features.times.instant import SECOND

OF_CALL: Final = (
    "service", "action", "level", "write", "level_source", "tactic", "account", "region", "category",
)  # fmt: skip
OF_ADDRESS: Final = ("address", "address_kind", "prefix")
OF_SENDER: Final = (Principal._fields, Session._fields, OF_ADDRESS, ("agent", "user_agent"))
"""Columns of who sent a record, with which credential, from where and with what: each comes again with others."""
OF_ERROR: Final = ("error", "error_code", "error_message")
OF_ROW: Final = ("position", "raw", "event_id", "event_time", "resources")
NONE: Final[tuple[str, ...]] = ()
RARE: Final[tuple[tuple[tuple[str, ...], tuple[Any, ...]], ...]] = (
    (OF_ERROR, ("", None, None)),
    (("exposures",), (NONE,)),
    (("facts",), (NONE,)),
    (("flags",), (NONE,)),
    (("shared_event_id",), (None,)),
    (("vpc_endpoint",), ("",)),
    (("patches",), ("",)),
    (("issued_key",), ("",)),
)
"""Columns in which most rows hold the same, and what that is."""
COLUMNS: Final = (
    *chain.from_iterable(OF_SENDER), *OF_CALL, *OF_ROW, *(name for names, _ in RARE for name in names),
    "delivered_at",
)  # fmt: skip
"""Columns of the event schema that the normaliser makes; the others tell of the address and the file."""
DELIVERY: Final = 300 * SECOND
"""CloudTrail delivers after about five minutes on average."""


class SetAside(NamedTuple):
    """A record that cannot become an event."""

    position: int
    reason: str
    raw: bytes | msgspec.Raw


class Rare(NamedTuple):
    """Columns in which most rows hold the same: the others' values, by row."""

    names: tuple[str, ...]
    usual: tuple[Any, ...]
    rows: dict[int, tuple[Any, ...]]


@dataclass
class Normalised:
    """What came of some records: rows, records set aside, and those that are no call.

    Rows with the same answer share one tuple, so that whoever codes the values can do it once a tuple.
    """

    senders: list[tuple[tuple[Any, ...], ...]] = field(default_factory=list)
    """For each row the values of the columns of OF_SENDER, a tuple for each of its parts."""
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    """For each row the values of the columns of OF_CALL."""
    rare: tuple[Rare, ...] = field(default_factory=lambda: tuple(Rare(*each, {}) for each in RARE))
    """Columns that few rows have."""
    own: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in OF_ROW})
    """Columns of each row; `raw` holds the bytes or a view of them."""
    set_aside: list[SetAside] = field(default_factory=list)
    others: list[tuple[int, str]] = field(default_factory=list)
    """Position of each record that is no call, and the name to count it under."""
    delivered_at: int | None = None
    """Microseconds since 1970; None stands for `DELIVERY` after each event."""

    def __len__(self) -> int:
        return len(self.own["position"])

    def rare_rows(self, name: str) -> dict[int, tuple[Any, ...]]:
        """Rows of a rare column that hold something."""
        return next(rare.rows for rare in self.rare if name in rare.names)

    @property
    def other(self) -> Counter[str]:
        """How many records are no call, by name."""
        return Counter(name for _, name in self.others)

    @cached_property
    def columns(self) -> dict[str, list[Any]]:
        """The rows by column, `raw` as bytes."""
        count = len(self)
        columns: dict[str, list[Any]] = dict(self.own) | {"raw": list(map(bytes, self.own["raw"]))}
        parts: list[Sequence[Any]] = list(zip(*self.senders, strict=True)) or [()] * len(OF_SENDER)
        shared: list[tuple[tuple[str, ...], Sequence[Any]]] = list(zip(OF_SENDER, parts, strict=True))
        shared.append((OF_CALL, self.calls))
        shared += [(rare.names, [rare.rows.get(row, rare.usual) for row in range(count)]) for rare in self.rare]
        for names, rows in shared:
            turned: Sequence[Any] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
            columns.update(zip(names, map(list, turned), strict=True))
        told = self.delivered_at
        columns["delivered_at"] = [at + DELIVERY if told is None else told for at in columns["event_time"]]
        return {name: columns[name] for name in COLUMNS}
