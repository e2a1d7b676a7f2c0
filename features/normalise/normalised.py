"""What came of some records: rows of events, records that are set aside, and records of another kind."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, Final, NamedTuple

import msgspec

from features.call.principal import Principal
from features.call.session import Session
from features.normalise.rare import RARE, RareColumns, RareValues
from features.times.instant import SECOND

OF_CALL: Final = (
    "service", "action", "level", "write", "level_source", "tactic", "account", "region", "category",
)  # fmt: skip
OF_ADDRESS: Final = ("address", "address_kind", "prefix")
OF_AGENT: Final = ("agent", "user_agent")
OF_CALLER: Final = (Principal._fields, Session._fields, OF_ADDRESS, OF_AGENT)
"""Columns of who called, with which credential, from where and with which tool: each part comes again with others."""
OF_ROW: Final = ("position", "raw", "event_id", "event_time", "resources")
"""Columns that each row has for itself."""
COLUMNS: Final = (
    *chain.from_iterable(OF_CALLER), *OF_CALL, *OF_ROW, *(name for names, _ in RARE for name in names),
    "delivered_at",
)  # fmt: skip
"""Columns of the event schema that the normaliser makes; the others tell of the address and the file."""
USUAL_DELAY: Final = 300 * SECOND
"""CloudTrail delivers after about five minutes on average."""


class SetAside(NamedTuple):
    """A record that cannot become an event."""

    position: int
    reason: str
    raw: bytes | msgspec.Raw


@dataclass
class Normalised:
    """What came of some records.

    Rows with the same caller or call share one tuple, so that whoever codes the values can do it once a tuple.
    """

    callers: list[tuple[Any, ...]] = field(default_factory=list)
    """For each row the values of OF_CALLER, a tuple for each of its parts."""
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    """For each row the values of OF_CALL."""
    rare: tuple[RareColumns, ...] = field(default_factory=lambda: tuple(RareColumns(*each, {}) for each in RARE))
    """Columns in which most rows hold the same."""
    own: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in OF_ROW})
    """Columns of OF_ROW; `raw` holds the bytes or a view of them."""
    set_aside: list[SetAside] = field(default_factory=list)
    others: list[tuple[int, str]] = field(default_factory=list)
    """Position of each record that is no call, and the name to count it under."""
    delivered_at: int | None = None
    """Microseconds since 1970; None stands for `USUAL_DELAY` after each event."""

    def __len__(self) -> int:
        return len(self.own["position"])

    def add_rows(
        self,
        callers: Sequence[tuple[Any, ...]],
        calls: Sequence[tuple[Any, ...]],
        own: Mapping[str, Sequence[Any]],
        rare: RareValues,
    ) -> None:
        """Add rows; those of `rare` are counted from the first that is added."""
        first, by_column = len(self), rare.by_column()
        for columns in self.rare:
            new = by_column.get(columns.names[0], {})
            columns.rows.update((first + row, values) for row, values in new.items())
        self.callers += callers
        self.calls += calls
        for name, values in self.own.items():
            values += own[name]

    def rare_rows(self, name: str) -> dict[int, tuple[Any, ...]]:
        """Rows of a rare column that hold something else than most."""
        return next(rare.rows for rare in self.rare if name in rare.names)

    @property
    def other(self) -> Counter[str]:
        """How many records are no call, by name."""
        return Counter(name for _, name in self.others)

    @cached_property
    def columns(self) -> dict[str, list[Any]]:
        """The rows by column, `raw` as bytes."""
        columns: dict[str, list[Any]] = dict(self.own) | {"raw": list(map(bytes, self.own["raw"]))}
        for names, rows in self._shared():
            turned: Sequence[Any] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
            columns.update(zip(names, map(list, turned), strict=True))
        delivered_at = self.delivered_at
        columns["delivered_at"] = [
            event_time + USUAL_DELAY if delivered_at is None else delivered_at for event_time in columns["event_time"]
        ]
        return {name: columns[name] for name in COLUMNS}

    def _shared(self) -> list[tuple[tuple[str, ...], Sequence[Any]]]:
        """Names of columns, and their values row by row, for all but the columns of OF_ROW."""
        parts: list[Sequence[Any]] = list(zip(*self.callers, strict=True)) or [()] * len(OF_CALLER)
        rare = [(each.names, [each.rows.get(row, each.usual) for row in range(len(self))]) for each in self.rare]
        return [*zip(OF_CALLER, parts, strict=True), (OF_CALL, self.calls), *rare]
