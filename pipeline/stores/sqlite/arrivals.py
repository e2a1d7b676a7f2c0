"""When files really came: later than their names say, where their deliveries had been scored by then.

Every file taken in waits here until the next training or scoring settles it. In time, it is forgotten, and its name
says when it was delivered. Late, it is kept with the instant from which on it was known, so that a replay of deliveries
knows it from there on as well.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.stores.sqlite.database import Database


class Landed(NamedTuple):
    """A file that waits to be settled."""

    file: str
    """First 16 digits of the SHA-256 of its content, as its events carry them."""
    delivered: int | None
    """As its name says, microseconds since 1970."""
    first: int
    """Least event time of all that was taken in together with it."""
    accounts: str
    """Accounts of all that was taken in together with it, with spaces between."""


class Arrived(NamedTuple):
    """A file that came late, or that holds calls of days before."""

    file: str
    at: int
    """When it was known, microseconds since 1970; its events were delivered then, if not later."""
    first: int
    """Its least event time."""


class Arrivals:
    """Files that wait, and files that came late, in a home's database.

    Examples
    --------
    >>> arrivals = Arrivals(Database(":memory:"))
    >>> arrivals.note([Landed("ab", 5, 1, "unknown")])
    >>> arrivals.settle(arrivals.waiting(), [Arrived("ab", 9, 1)], forget_before=0)
    >>> arrivals.waiting(), arrivals.late(until=None), arrivals.reach(since=9)
    ([], [Arrived(file='ab', at=9, first=1)], 1)
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, files: Iterable[Landed]) -> None:
        """Have files wait; whoever commits them calls it in the same transaction."""
        self._database.write_each("INSERT OR REPLACE INTO landed VALUES (?, ?, ?, ?)", files)

    def waiting(self) -> list[Landed]:
        """Files that nobody has settled."""
        return [Landed(*row) for row in self._database.read("SELECT * FROM landed ORDER BY file")]

    def settle(self, files: Sequence[Landed], late: Iterable[Arrived], *, forget_before: int) -> None:
        """Have these files wait no longer, and remember those that came late; forget what came before an instant."""
        with self._database.transaction():
            self._database.write_each("INSERT OR REPLACE INTO arrived VALUES (?, ?, ?)", late)
            self._database.write_each("DELETE FROM landed WHERE file = ?", [(file.file,) for file in files])
            self._database.write("DELETE FROM arrived WHERE at < ?", (forget_before,))

    def late(self, until: int | None) -> list[Arrived]:
        """Files that came late and may hold events before an instant."""
        if until is None:
            return [Arrived(*row) for row in self._database.read("SELECT * FROM arrived ORDER BY file")]
        rows = self._database.read("SELECT * FROM arrived WHERE first < ? ORDER BY file", (until,))
        return [Arrived(*row) for row in rows]

    def reach(self, since: int) -> int | None:
        """Least event time of what came late since an instant; none if nothing did."""
        [(first,)] = self._database.read("SELECT min(first) FROM arrived WHERE at >= ?", (since,))
        return None if first is None else int(first)
