"""One shard's part: the tables of the principals that are its own, made and grown as one process does everybody's.

Which principal is whose is a hash of its key. Nearly all that is counted is counted by principal, so a shard needs no
other's rows. Four things look across, and are asked of all (`everywhere`), in the same order by every shard:

- whether anything came at all, for an hour closes for everybody;
- where a network lies, as the first delivery from it said, whoever called;
- where workloads' sessions were met: a place of two of them is nobody's host (`features.activity.off_host`);
- which hours that were closed got more: they are compared with their population again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

import duckdb
import pyarrow as pa

from features.times.day import date_of
from features.times.instant import moment_of
from pipeline.detect.activity import Activity, Delivered
from pipeline.detect.arriving import GROWN_BY, Arriving

Exchange: TypeAlias = Callable[[pa.Table], Sequence[pa.Table]]
"""Gives a shard's table, and returns those of all, in the order of shards."""
See: TypeAlias = Callable[[duckdb.DuckDBPyConnection, dict[str, Any]], None]
"""Makes the view `events` of a connection of what a coordinator says that is to be seen."""

_EARLIEST: Final = (
    "SELECT prefix, address_kind, unnest(list_sort(list(tick))[:2]) AS tick FROM ({rows}) GROUP BY prefix, address_kind"
)
"""Of each place the two sessions that were there first; of more nobody asks."""


def is_of(shard: int, of: int) -> str:
    """Condition, in SQL, that holds for principals of one of so many shards.

    DuckDB's own hash, which costs nothing beside reading a row: all shards of a run have the same version of it, and
    nothing that is kept depends on it. Not its lowest bits, by which a shard's own tables put their rows in place.

    >>> is_of(0, 3)
    '(hash(principal) >> 24) % 3 = 0'
    """
    return f"(hash(principal) >> 24) % {int(of)} = {int(shard)}"


class PartActivity(Activity):
    """Activity of one shard's principals.

    Parameters
    ----------
    shard, of
        Its number, from 0, and how many there are.
    exchange
        With the other shards.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        timezone: str,
        lateness_minutes: int,
        *,
        shard: int,
        of: int,
        exchange: Exchange,
    ) -> None:
        super().__init__(connection, timezone, lateness_minutes)
        self._shard, self._own, self._exchange = shard, is_of(shard, of), exchange

    def count(self, until: datetime | None = None) -> None:
        """Make the view `counted` of the events that are its principals' own."""
        self.connection.execute("DROP VIEW IF EXISTS everybodys; ALTER VIEW events RENAME TO everybodys")
        self.connection.execute(f"CREATE TEMP VIEW events AS SELECT * FROM everybodys WHERE {self._own}")
        super().count(until)

    def everywhere(self, statement: str) -> str:
        """A relation with the rows of a statement over the tables of all shards; the next one takes its place."""
        self.connection.register("of_all", pa.concat_tables(self._exchange(self._table(statement))))
        return "of_all"

    def meet(self, met: str, *, more: bool = False) -> None:
        """Tell the other shards where workloads' sessions were met, and hear it of theirs."""
        told = self._exchange(self._table(_EARLIEST.format(rows=met)))
        others = [table for shard, table in enumerate(told) if shard != self._shard]
        self.connection.register("met_by_others", pa.concat_tables(others) if others else told[0].slice(0, 0))
        self.connection.execute(
            "INSERT INTO met_elsewhere FROM met_by_others"
            if more
            else "CREATE OR REPLACE TEMP TABLE met_elsewhere AS FROM met_by_others"
        )
        self.connection.unregister("met_by_others")


class Part:
    """What a shard holds of the day, and what may be asked of it; each answer is values and tables.

    Parameters
    ----------
    make
        Makes its activity, in a connection of its own, for a time zone and minutes of lateness.
    see
        Lets it see events.
    """

    def __init__(
        self,
        make: Callable[[str, int], PartActivity],
        see: See,
    ) -> None:
        self._make, self._see = make, see
        self._activity: PartActivity | None = None
        self._arriving: Arriving | None = None

    def begin(self, timezone: str, lateness: int, shown: dict[str, Any], first: int, until: int) -> dict[str, Any]:
        """Make the tables of what was delivered by a time, of calls that became known from a day on."""
        activity = self._activity = self._make(timezone, lateness)
        self._see(activity.connection, shown)
        activity.make(by_tick=True, until=moment_of(until), first=date_of(first))
        return {}

    def days(self) -> dict[str, Any]:
        """Days on which anything was delivered."""
        return {"days": [str(day) for day in self._held.days()]}

    def members(self) -> dict[str, pa.Table]:
        """What structure says of every principal."""
        return {"members": self._held.connection.sql("FROM members").to_arrow_table()}

    def delivered(self, day: int, by_hour: bool) -> dict[str, pa.Table]:
        """What a day's deliveries showed."""
        return _tables(self._held.delivered(date_of(day), by_hour=by_hour))

    def arrive(self, day: int) -> dict[str, Any]:
        """Make ready to let a day grow."""
        self._arriving = Arriving(self._held, day)
        return {}

    def take(self, shown: dict[str, Any], files: Sequence[str]) -> dict[str, Any]:
        """Take in the events of some files."""
        self._see(self._held.connection, shown)
        self._held.count()
        return {"taken": self._growing.take(files)}

    def grow(self, since: int, until: int, even_nothing: bool) -> dict[str, Any]:
        """Let the day grow by what came by a tick; no tables where nothing did, with any shard."""
        came = self._growing.grow(since, until, even_nothing=even_nothing)
        if came is None:
            return {}
        who = pa.table({"principal": pa.array(sorted(came.principals), pa.string())})
        return _tables(came.delivered) | {"came": who}

    def show(self, principals: Sequence[str]) -> dict[str, pa.Table]:
        """Events of some principals by which the day grew the last time."""
        connection = self._held.connection
        connection.register("asked", pa.table({"principal": pa.array(principals, pa.string())}))
        found = connection.sql(f"SELECT * FROM {GROWN_BY} WHERE principal IN (SELECT principal FROM asked)")
        return {"events": found.to_arrow_table()}

    def sessions(
        self, tables: Sequence[str], odd: Sequence[Sequence[str]], principal: str, by: int, day: int
    ) -> dict[str, Any]:
        """Sessions of a principal's day that showed one of some values by a tick."""
        named = ("day_joint", "day_touched") if tuple(tables) == Arriving.tables else ("joint", "touched")
        values = [(str(dimension), str(value)) for dimension, value in odd]
        return {"sessions": self._held.list_sessions(named, values, principal, moment_of(by), date_of(day))}

    def end(self) -> dict[str, pa.Table]:
        """All that came of the day; the next one begins."""
        return _tables(self._growing.end())

    @property
    def _held(self) -> PartActivity:
        assert self._activity is not None, "nothing was begun"
        return self._activity

    @property
    def _growing(self) -> Arriving:
        assert self._arriving is not None, "nothing arrives yet"
        return self._arriving


def _tables(delivered: Delivered) -> dict[str, pa.Table]:
    return {
        "tokens": delivered.tokens,
        "active": delivered.active,
        "hourly": delivered.hourly,
        "closed": delivered.closed,
    }
