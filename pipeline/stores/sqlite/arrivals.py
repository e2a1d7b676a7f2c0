"""When files really came: later than their names say, where their deliveries had been scored by then.

Every file taken in waits here until the next training or scoring settles it. In time, it is forgotten, and its name
says when it was delivered. Late, it is kept with the instant from which on it was known, so that a replay of deliveries
knows it from there on as well.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from pipeline.errors import StoreError
from pipeline.stores.sqlite.database import Database

_REMEMBERED: Final = 200_000
"""Files whose order is remembered: some days of a busy deployment."""


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


class Came(NamedTuple):
    """A file that was taken in, by its place among all."""

    number: int
    """Grows by one from file to file."""
    file: str
    first: int
    """Least event time of all that was taken in together with it."""


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
        files = list(files)
        self._database.write_each("INSERT OR REPLACE INTO landed VALUES (?, ?, ?, ?)", files)
        self._database.write_each(
            "INSERT INTO came (file, first) VALUES (?, ?)", [(one.file, one.first) for one in files]
        )

    def count(self) -> int:
        """The number of the file that came last; 0 before the first."""
        [(number,)] = self._database.read("SELECT coalesce(max(number), 0) FROM came")
        return int(number)

    def after(self, number: int) -> list[Came]:
        """Files that came after the one of a number, whoever settled them.

        Raises
        ------
        StoreError
            That was so long ago that nobody remembers them all.
        """
        found = [
            Came(*row) for row in self._database.read("SELECT * FROM came WHERE number > ? ORDER BY number", (number,))
        ]
        if found and found[0].number > number + 1:
            raise StoreError(f"files that came after the {number}th are not remembered any more: start again")
        return found

    def waiting(self) -> list[Landed]:
        """Files that nobody has settled."""
        return [Landed(*row) for row in self._database.read("SELECT * FROM landed ORDER BY file")]

    def settle(
        self,
        files: Sequence[Landed],
        late: Iterable[Arrived],
        *,
        forget_before: int,
        beside: Callable[[], None] = lambda: None,
    ) -> None:
        """Have these files wait no longer, and remember those that came late; forget what came before an instant.

        Parameters
        ----------
        beside
            Writes what else is to be remembered of them, or not, together with that.
        """
        with self._database.transaction():
            beside()
            self._database.write_each("INSERT OR REPLACE INTO arrived VALUES (?, ?, ?)", late)
            self._database.write_each("DELETE FROM landed WHERE file = ?", [(file.file,) for file in files])
            self._database.write("DELETE FROM arrived WHERE at < ?", (forget_before,))
            self._database.write("DELETE FROM came WHERE number <= (SELECT max(number) FROM came) - ?", (_REMEMBERED,))

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
