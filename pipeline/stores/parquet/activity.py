"""Activity tables as Parquet, one file a table and account-day, replaced together and listed in the manifest."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from features.times.day import day_number
from features.times.instant import DAY
from pipeline.stores.parquet.files import write_parquet
from pipeline.stores.parquet.integrity import find_damage, hash_file
from pipeline.stores.parquet.layout import new_path, remove_expired, safe_account
from pipeline.stores.parquet.manifest import Manifest
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.parquet.view import parquet

PREFIX = "activity/"
_TABLE = re.compile(r"[a-z][a-z_]{0,40}", re.ASCII)


class ParquetActivity:
    """Activity below `home`; the manifest lists its files."""

    def __init__(self, home: Path, manifest: Manifest) -> None:
        self.home = home
        self._manifest = manifest

    def write(self, account: str, day: date, tables: Mapping[str, pa.Table], now: datetime) -> None:
        """Put the tables of an account-day in place of those that were there, in one step; others stay.

        A name of a table is lower-case letters and underscores.
        """
        folder, at = safe_account(account), _micros(day)
        segments = []
        for name, table in tables.items():
            if not _TABLE.fullmatch(name):
                raise ValueError(f"{name!r} is not the name of an activity table")
            path = new_path(PREFIX + name, folder, day.isoformat())
            size = write_parquet(table, self.home / path)
            segments.append(
                Segment(
                    path, PREFIX + name, folder, day.isoformat(), table.num_rows, size, 0, at, at,
                    hash_file(self.home / path),
                )
            )  # fmt: skip
        with self._manifest.transaction():
            out = [
                segment.path
                for name in tables
                for segment in self._manifest.partition(PREFIX + name, folder, day.isoformat())
            ]
            self._manifest.swap(out=out, into=segments, now=now)
            remove_expired(self.home, self._manifest, now)

    def forget_damaged(self, damaged: Collection[Segment] | None = None, *, now: datetime) -> int:
        """Take account-days off the list of which a file is damaged, so that they are made again; return how many.

        Without `damaged` those count of which a file is missing, or has another size than it was written with.
        """
        listed = self._manifest.every(PREFIX + "*")
        bad = [segment for segment in listed if find_damage(self.home, segment)] if damaged is None else damaged
        days = {(segment.account, segment.day) for segment in bad}
        if days:
            with self._manifest.transaction():
                out = [segment.path for segment in listed if (segment.account, segment.day) in days]
                self._manifest.swap(out=out, into=[], now=now)
        return len(days)

    def days(self) -> list[tuple[str, date]]:
        """Account-days that are there, in order."""
        return self._manifest.days(PREFIX + "*")

    def versions(self) -> dict[tuple[str, date], str]:
        """For each account-day a text that is another one whenever its tables are."""
        paths: dict[tuple[str, date], list[str]] = {}
        for segment in self._manifest.every(PREFIX + "*"):
            paths.setdefault((segment.account, date.fromisoformat(segment.day)), []).append(segment.path)
        return {key: "\n".join(sorted(found)) for key, found in sorted(paths.items())}

    def view(
        self,
        connection: duckdb.DuckDBPyConnection,
        since: date | None = None,
        until: date | None = None,
        accounts: Sequence[str] | None = None,
        only: Collection[tuple[str, date]] | None = None,
    ) -> None:
        """Register a temporary view for each table, named as the table, for days in [since, until).

        Of account-days that are not among `only` nothing is read. A table no day of which is chosen is an empty view
        with its columns.
        """
        named = None if only is None else {(account, day.isoformat()) for account, day in only}
        folders = None if accounts is None else [safe_account(account) for account in accounts]
        for kind, example in self._manifest.examples(PREFIX + "*"):
            chosen = self._manifest.live(
                kind,
                accounts=folders,
                since=None if since is None else _micros(since),
                until=None if until is None else _micros(until),
            )
            files = [
                str(self.home / segment.path)
                for segment in chosen
                if named is None or (segment.account, segment.day) in named
            ]
            rows = parquet(files) if files else f"{parquet([str(self.home / example)])} WHERE false"
            connection.execute(f"CREATE OR REPLACE TEMP VIEW {kind.removeprefix(PREFIX)} AS SELECT * FROM {rows}")


def _micros(day: date) -> int:
    return day_number(day) * DAY
