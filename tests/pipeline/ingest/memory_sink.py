"""A list in memory that takes in what ingestion makes: the smallest sink and target there can be."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from features.normalise.event import EVENT
from features.times.instant import DAY
from pipeline.errors import StoreError
from pipeline.ingest.digest_file import DigestFile
from pipeline.ingest.rows import ORIGIN, Rows
from pipeline.ingest.set_aside import Aside
from pipeline.ingest.sink import Batch, FileDone, Kind, Outcome, Written
from pipeline.stores.parquet.asides import SCHEMA
from pipeline.stores.parquet.schema import STORED

Row = dict[str, Any]


class Kept(NamedTuple):
    """A part of a batch: a record that is no event."""

    kind: Kind
    aside: Aside


@dataclass(frozen=True)
class MemorySink:
    """Hands rows on as they are; a part of a batch is a row, or a record that is none."""

    def open(self) -> None:
        """Nothing to make ready."""

    def write(self, rows: Rows) -> Written:
        columns = rows.columns()
        return Written([dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)], 0)

    def keep(self, kind: Kind, asides: Sequence[Aside], now: datetime) -> list[Kept]:
        return [Kept(kind, aside) for aside in asides]


class MemoryTarget:
    """Rows, records that are none, and the digests of files."""

    sink = MemorySink()
    takes_digest_files = True

    def __init__(self) -> None:
        self.events: dict[tuple[str, int, str], Row] = {}
        """By account, day since 1970 and event id."""
        self.asides: list[Kept] = []
        self.files: dict[str, FileDone] = {}
        """By digest."""
        self.stamps: dict[bytes, str] = {}
        self._busy = False
        self.digest_files: list[DigestFile] = []

    def has_digest_files(self) -> bool:
        return bool(self.digest_files)

    @contextmanager
    def writing(self, now: datetime) -> Iterator[None]:
        if self._busy:
            raise StoreError("somebody is writing: wait until they have ended")
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    def known(self, digests: Collection[str]) -> set[str]:
        return self.files.keys() & set(digests)

    def barren(self, digests: Collection[str]) -> set[str]:
        done = [self.files[digest] for digest in digests]
        return {file.digest for file in done if file.records <= file.set_aside + sum(file.other.values())}

    def recall(self, stamps: Collection[bytes]) -> dict[bytes, str]:
        digests = {stamp: self.stamps[stamp] for stamp in stamps if stamp in self.stamps}
        return {stamp: digest for stamp, digest in digests.items() if digest in self.files}

    def remember(self, digests: Mapping[bytes, str]) -> None:
        self.stamps |= digests

    def commit(self, batch: Batch, now: datetime) -> Outcome:
        digests = {file.digest for file in batch.files}
        if digests & self.files.keys():
            raise StoreError("UNIQUE: a file is known already")
        self.files |= {file.digest: file for file in batch.files}
        self.digest_files += batch.digest_files
        self.asides += [part for part in batch.parts if isinstance(part, Kept)]
        rows = [part for part in batch.parts if not isinstance(part, Kept)]
        before = len(self.events)
        for row in rows:
            key = row["account"], row["event_time"] // DAY, row["event_id"]
            self.events[key] = min(self.events.get(key, row), row, key=_delivery)
        stored = len(self.events) - before
        return Outcome(stored, len(rows) - stored)

    def compact(self, now: datetime) -> int:
        return 0

    def view(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Register the view `events`, for tests to ask with SQL."""
        table = pa.Table.from_pylist(list(self.events.values()), schema=STORED)
        connection.register("events", table.select([column.name for column in EVENT]))

    def view_asides(self, connection: duckdb.DuckDBPyConnection, kind: Kind) -> None:
        """Register the view `set_aside` or `other`, likewise."""
        held = [kept.aside._asdict() for kept in self.asides if kept.kind == kind]
        connection.register(kind, pa.Table.from_pylist(held, schema=SCHEMA))


def _delivery(row: Row) -> tuple[Any, ...]:
    return row["delivered_at"], row[ORIGIN], row["position"], row["file"]
