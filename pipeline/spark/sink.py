"""Rows of a task as Parquet in the work area: every delivery as it came, for Spark sees those of an event together."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.ingest.rows import Rows
from pipeline.ingest.set_aside import Aside
from pipeline.ingest.sink import Kind, Written
from pipeline.shared.place import Place
from pipeline.spark.columns import ACCOUNT_DAY, CONTENT, RANK, RAW, SHARED, WHOLE
from pipeline.spark.work import FOLDER, ROWS, Part
from pipeline.stores.parquet.arrange import code_column
from pipeline.stores.parquet.arrays import binaries, numbers
from pipeline.stores.parquet.asides import make_table
from pipeline.stores.parquet.columns import arrange_rows
from pipeline.stores.parquet.schema import arrow_schema

SCHEMA: Final = arrow_schema(WHOLE)
UNREAD_TOLD: Final = 20
"""Files that are named when they cannot be read."""
_HASHED: Final = 16
"""Bytes of a hash of a record's bytes."""


class PartSink:
    """Writes the rows of one task; a part of a batch is a `Part`."""

    def __init__(self, place: Place, task: str, ranks: Mapping[str, str]) -> None:
        self._place, self._task = place, task
        self._ranks = ranks
        """Of each file by the digits that rows carry."""
        self._written = 0
        self.unread: list[str] = []
        """Some of the files that could not be read, or not to their end, with the reason."""

    def open(self) -> None:
        """Nothing to make ready."""

    def write(self, rows: Rows) -> Written:
        """Write rows as a file an account-day."""
        if not len(rows):
            return Written([], 0)
        table, arrangement = arrange_rows(rows, collapse=False)
        del rows  # the records as delivered, of which the table has copies
        whole = self._complete(table)
        return Written([self._put(whole.slice(cut.start, cut.stop - cut.start), f"{cut.account}/{cut.day}")
                        for cut in arrangement.cuts], 0)  # fmt: skip

    def _complete(self, table: pa.Table) -> pa.Table:
        """The columns of a work file, but for the account-day."""
        texts, codes = code_column(table.column("file"))
        ranks: Any = pa.array([self._ranks[str(text)] for text in texts.to_pylist()], pa.string())
        raws = table.column(RAW)
        hashes = [hashlib.blake2b(raw.as_buffer(), digest_size=_HASHED).digest() for raw in raws]
        made: dict[str, Any] = {
            SHARED: table.column("event_id"),
            CONTENT: binaries(hashes),
            RANK: ranks.take(numbers(codes, pa.int64())),
        }
        named = [column.name for column in WHOLE if column.name != ACCOUNT_DAY]
        columns: list[Any] = [made[name] if name in made else table.column(name) for name in named]
        return pa.table(columns, names=named)

    def _put(self, rows: pa.Table, key: str) -> Part:
        count = rows.num_rows
        rows = rows.append_column(ACCOUNT_DAY, pa.repeat(key, count)).select(SCHEMA.names).cast(SCHEMA)
        content = io.BytesIO()
        pq.write_table(rows, content, compression="zstd", use_dictionary=True, write_statistics=False)
        name = f"{ROWS}/{key}/{self._task}-{self._written:04}.parquet"
        self._written += 1
        self._place.put(name, content.getvalue())
        addenda = sum(map(bool, rows.column("patches").to_pylist()))
        return Part(key, name, count, addenda, content.tell())

    def keep(self, kind: Kind, asides: Sequence[Aside], now: datetime) -> list[Part]:
        """Write records that are no event; they are no part of what is counted."""
        if asides:
            whole = [f"{each.origin}: {each.reason}" for each in asides if each.position == -1 and not _is_rest(each)]
            self.unread = (self.unread + whole)[:UNREAD_TOLD] if kind == "set_aside" else self.unread
            content = io.BytesIO()
            pq.write_table(make_table(asides), content, compression="zstd")
            self._place.put(f"{FOLDER}/{kind}/{self._task}-{self._written:04}.parquet", content.getvalue())
            self._written += 1
        return []


def _is_rest(aside: Aside) -> bool:
    """Whether it only tells that more of its file was set aside than is kept."""
    return aside.reason.endswith("is kept")
