"""Activity tables as Parquet, one file a table and account-day, replaced together and listed in SQLite."""

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from features.times.day import day_number
from features.times.instant import DAY
from pipeline.stores.parquet import manifest
from pipeline.stores.parquet.manifest import Segment
from pipeline.stores.parquet.segments import safe_account, write_parquet
from pipeline.stores.parquet.view import literal, parquet
from pipeline.stores.sqlite.state import SqliteState

PREFIX = "activity/"
_TABLE = re.compile(r"[a-z][a-z_]{0,40}", re.ASCII)


class ParquetActivity:
    """Activity below `home`; `state` holds the list of files."""

    def __init__(self, home: Path, state: SqliteState) -> None:
        self.home = home
        self.state = state

    def write(self, account: str, day: date, tables: Mapping[str, pa.Table], now: datetime) -> None:
        """Put the tables of an account-day in place of those that were there, in one step; others stay.

        A name of a table is lower-case letters and underscores.
        """
        folder, at = safe_account(account), _micros(day)
        segments = []
        for name, table in tables.items():
            if not _TABLE.fullmatch(name):
                raise ValueError(f"{name!r} is not the name of an activity table")
            path = f"{PREFIX}{name}/account={folder}/day={day.isoformat()}/{uuid.uuid4().hex}.parquet"
            size = write_parquet(table, self.home / path)
            segments.append(Segment(path, PREFIX + name, folder, day.isoformat(), table.num_rows, size, 0, at, at))
        with self.state.transaction() as connection:
            out = [
                segment.path
                for name in tables
                for segment in manifest.partition(connection, PREFIX + name, folder, day.isoformat())
            ]
            manifest.swap(connection, out=out, into=segments, now=now)
            gone = manifest.expired(connection, now)
            connection.executemany("DELETE FROM retired WHERE path = ?", [(path,) for path in gone])
        for path in gone:
            (self.home / path).unlink(missing_ok=True)

    def days(self) -> list[tuple[str, date]]:
        """Account-days that are there, in order."""
        rows = self.state.connection.execute(
            "SELECT DISTINCT account, day FROM segments WHERE kind GLOB ? ORDER BY 1, 2", (PREFIX + "*",)
        )
        return [(account, date.fromisoformat(day)) for account, day in rows]

    def view(
        self,
        connection: duckdb.DuckDBPyConnection,
        since: date | None = None,
        until: date | None = None,
        accounts: Sequence[str] | None = None,
    ) -> None:
        """Register a temporary view for each table, named as the table, for days in [since, until).

        A table no day of which is in range is an empty view with its columns.
        """
        kinds = self.state.connection.execute(
            "SELECT kind, min(path) FROM segments WHERE kind GLOB ? GROUP BY kind", (PREFIX + "*",)
        ).fetchall()
        folders = None if accounts is None else [safe_account(account) for account in accounts]
        for kind, example in kinds:
            chosen = manifest.live(
                self.state.connection,
                kind,
                accounts=folders,
                since=None if since is None else _micros(since),
                until=None if until is None else _micros(until),
            )
            files = [str(self.home / segment.path) for segment in chosen]
            rows = parquet(files) if files else f"read_parquet({literal(str(self.home / example))}) WHERE false"
            connection.execute(f"CREATE OR REPLACE TEMP VIEW {kind.removeprefix(PREFIX)} AS SELECT * FROM {rows}")


def _micros(day: date) -> int:
    return day_number(day) * DAY
