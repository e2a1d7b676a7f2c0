"""Activity that several shards count, as one process would have counted it: merged in the order in which it makes it.

Who judges sees no difference. Every row of a day's tables has keys that no other row has, so there is one order.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from features.times.day import day_number
from features.times.instant import micros
from pipeline.alerts.evidence import Reasoned, find_showing
from pipeline.detect.activity import Activity, Delivered, Showing
from pipeline.detect.arriving import Arriving, Came
from pipeline.detect.shards.message import Message
from pipeline.detect.shards.together import Shards
from pipeline.stores.parquet.events import ParquetEvents

ORDERS: Final = {
    "tokens": "tick, principal, dimension, value, day",
    "active": "principal, day, dimension",
    "hourly": "principal, hour, tick",
    "closed": "tick, principal, hour",
}
"""How each table of `Delivered` is ordered, as the statements that make them say."""


class ShardedActivity(Activity):
    """Activity whose tables the shards hold; its own connection is for the events behind alerts.

    Parameters
    ----------
    shards
        That began with the same time zone and lateness.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        timezone: str,
        lateness_minutes: int,
        shards: Shards,
        spill: Path | None = None,
    ) -> None:
        super().__init__(connection, timezone, lateness_minutes, spill)
        self.shards = shards
        self.shown: dict[str, Any] = {}
        """What of a store's events is to be seen."""

    def begin(self, events: ParquetEvents, since: datetime, *, first: date, until: datetime) -> None:
        """Have the shards make their tables of events since a time, of calls that became known from a day on."""
        self.until = until
        values = {"timezone": self.timezone, "lateness": self.lateness_minutes, "first": day_number(first)}
        self.see(events, since)
        self.shards.ask("begin", values | {"shown": self.shown, "until": micros(until)})

    def see(self, events: ParquetEvents, since: datetime, without: Collection[str] = ()) -> None:
        """Remember what of a store's events is to be seen, for the shards to look at."""
        self.shown = events.list_shown(since, without).as_dict()

    def days(self) -> list[date]:
        """Days on which anything was delivered, oldest first."""
        told = self.shards.ask("days")
        return sorted({date.fromisoformat(day) for one in told for day in one.values["days"]})

    def members(self) -> dict[str, dict[str, Any]]:
        """What structure says of every principal, by key."""
        told = pa.concat_tables(one.tables["members"] for one in self.shards.ask("members"))
        return {row["principal"]: row for row in told.to_pylist()}

    def delivered(self, day: date, *, by_hour: bool = False) -> Delivered:
        """What a day's deliveries showed; it is known to the next day's training."""
        return self.merge(self.shards.ask("delivered", {"day": day_number(day), "by_hour": by_hour}))

    def list_sessions(
        self, tables: tuple[str, str], odd: Sequence[tuple[str, str]], principal: str, by: datetime, day: date
    ) -> list[Showing]:
        """Sessions of a principal's day that showed some values; the shard whose it is knows them."""
        values = {"odd": list(odd), "principal": principal, "by": micros(by), "day": day_number(day)}
        told = self.shards.ask("sessions", {"tables": list(tables)} | values)
        return [
            (str(session), tuple((str(dimension), str(value)) for dimension, value in shown))
            for one in told
            for session, shown in one.values["sessions"]
        ]

    def merge(self, told: Sequence[Message]) -> Delivered:
        """What all shards tell of a day, as one process makes it."""
        return Delivered(**{name: self._sort([one.tables[name] for one in told], by) for name, by in ORDERS.items()})

    def _sort(self, tables: Sequence[pa.Table], by: str) -> pa.Table:
        there = [table for table in tables if table.num_rows]
        if len(there) < 2:
            return there[0] if there else tables[0]
        self.connection.register("of_shards", pa.concat_tables(there))
        try:
            return self._table(f"FROM of_shards ORDER BY {by}")
        finally:
            self.connection.unregister("of_shards")


class ShardedArriving:
    """A day that grows in all shards (`pipeline.detect.arriving`)."""

    tables = Arriving.tables

    def __init__(self, activity: ShardedActivity, day: int) -> None:
        self._activity, self._shards = activity, activity.shards
        self._shards.ask("arrive", {"day": day})

    def take(self, files: Sequence[str]) -> int:
        """Take in the events of some files, of those that the activity was to see."""
        told = self._shards.ask("take", {"shown": self._activity.shown, "files": list(files)})
        return sum(int(one.values["taken"]) for one in told)

    def grow(self, since: int, until: int, *, even_nothing: bool = False) -> Came | None:
        """Let the day grow by what came by a tick; none where nothing did and no hour closed."""
        told = self._shards.ask("grow", {"since": since, "until": until, "even_nothing": even_nothing})
        if any("came" not in one.tables for one in told):
            return None
        who = frozenset(str(name) for one in told for name in one.tables["came"]["principal"].to_pylist())
        return Came(self._activity.merge(told), who)

    def find_showing(self, reasoned: Sequence[Reasoned]) -> set[str]:
        """Keys of the principals of whom one came the last time that shows a reason of theirs, or may."""
        who = sorted({principal for principal, _ in reasoned})
        if not who:
            return set()
        events = pa.concat_tables(one.tables["events"] for one in self._shards.ask("show", {"principals": who}))
        connection = self._activity.connection
        connection.register("shown_by_shards", events)
        try:
            return find_showing(connection, "shown_by_shards", reasoned)
        finally:
            connection.unregister("shown_by_shards")

    def end(self) -> Delivered:
        """All that came of the day; the next one begins."""
        return self._activity.merge(self._shards.ask("end"))
