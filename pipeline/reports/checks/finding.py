"""What a check looks at, and what it finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

import duckdb

from pipeline.settings import Settings
from pipeline.stores.home import Store
from pipeline.stores.parquet.segment import Segment

Level = Literal["ok", "note", "warning"]

TIMELY = "NOT list_has_any(flags, ['future', 'past'])"
"""SQL: the event's own time can be believed."""


class Finding(NamedTuple):
    """One thing that was looked at."""

    check: str
    level: Level
    """`warning`: attacks can go unseen because of it. `note`: worth knowing."""
    found: str
    do: str
    """What to do; empty where there is nothing to do."""


@dataclass(frozen=True)
class Patient:
    """What the checks look at."""

    connection: duckdb.DuckDBPyConnection
    """Holds the view `events`."""
    store: Store
    settings: Settings
    now: datetime
    damaged: Mapping[Segment, str] = field(default_factory=dict)
    """What is wrong with each damaged segment; the view is of the others."""
    all_hashed: bool = True
    """Whether the content of every segment was looked at for it."""

    @property
    def left_out(self) -> set[str]:
        """Paths of the damaged segments."""
        return {segment.path for segment in self.damaged}

    def rows(self, sql: str) -> list[Any]:
        """Rows of a query over `events`."""
        return self.connection.execute(sql).fetchall()


def name_some(names: list[str], what: str) -> str:
    """A few names and how many more.

    >>> name_some(["1", "2", "3", "4", "5"], "account")
    '5 accounts (1, 2, 3 and 2 more)'
    """
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{what} {shown}" if len(names) == 1 else f"{len(names)} {what}s ({shown})"
