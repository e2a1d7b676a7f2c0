"""What a check looks at, and what it finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

import duckdb

from pipeline.settings import Settings
from pipeline.stores.fetched import AccountDay, Fetched, read_fetched
from pipeline.stores.home import Store
from pipeline.stores.parquet.segment import Segment
from pipeline.words.words import ENGLISH, Words, to_say

Level = Literal["ok", "note", "warning"]
LEVELS: Final[tuple[Level, ...]] = ("warning", "note", "ok")
_LEVELS: Final = (to_say("warning"), to_say("note"), to_say("ok"))

TIMELY = "NOT list_has_any(flags, ['future', 'past'])"
"""SQL: the event's own time can be believed."""


class Finding(NamedTuple):
    """One thing that was looked at."""

    check: str
    """Its name in English, which the catalogue has."""
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
    words: Words = ENGLISH
    """Of the language in which findings are told."""

    @cached_property
    def fetched(self) -> dict[AccountDay, Fetched]:
        """Account-days whose activity others made."""
        return read_fetched(self.store.state)

    @property
    def left_out(self) -> set[str]:
        """Paths of the damaged segments."""
        return {segment.path for segment in self.damaged}

    def rows(self, sql: str) -> list[Any]:
        """Rows of a query over `events`."""
        return self.connection.execute(sql).fetchall()


def name_some(names: Sequence[str], words: Words = ENGLISH) -> str:
    """A few names and how many more.

    >>> name_some(["1", "2", "3", "4", "5"])
    '1, 2, 3 and 2 more'
    """
    shown = ", ".join(names[:3])
    return words.say("{name} and {of} more", name=shown, of=f"{len(names) - 3:,}") if len(names) > 3 else shown


def name_accounts(names: Sequence[str], words: Words = ENGLISH) -> str:
    """A few accounts, and how many there are.

    >>> name_accounts(["1"]), name_accounts(["1", "2", "3", "4"])
    ('account 1', '4 accounts (1, 2, 3 and 1 more)')
    """
    if len(names) == 1:
        return words.say("account {name}", name=names[0])
    accounts = words.say_many(len(names), "{n} account", "{n} accounts")
    return words.say("{what} ({names})", what=accounts, names=name_some(names, words))
