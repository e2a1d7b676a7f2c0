"""Records that are no event as Parquet: those set aside, and those that are something else."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.times.day import day_number
from features.times.instant import DAY, micros
from pipeline.ingest.set_aside import ASIDE, Aside
from pipeline.ingest.sink import Kind
from pipeline.stores.parquet.arrays import binaries, numbers, texts
from pipeline.stores.parquet.files import read_segment, write_parquet
from pipeline.stores.parquet.integrity import hash_file
from pipeline.stores.parquet.layout import new_path, safe_account
from pipeline.stores.parquet.schema import arrow_schema
from pipeline.stores.parquet.segment import Segment

KINDS: Final[tuple[Kind, ...]] = ("set_aside", "other")
SCHEMA: Final = arrow_schema(ASIDE)


def write_asides(kind: Kind, rows: Sequence[Aside], staging: Path, now: datetime) -> list[Segment]:
    """Write the rows of one kind, if there are any, as a segment of their latest day; `now` is the day of the undated.

    A segment of several accounts is one of the account `unknown`.
    """
    if not rows:
        return []
    day = max((row.delivered_at or now).astimezone(UTC).date() for row in rows)
    accounts = {safe_account(row.account) for row in rows}
    account = accounts.pop() if len(accounts) == 1 else "unknown"
    return [write_beside(make_table(rows), staging, kind, account, day.isoformat())]


def write_beside(table: pa.Table, staging: Path, kind: str, account: str, day: str) -> Segment:
    """Write a table of such records as a segment of a day."""
    path, at = new_path(kind, account, day), day_number(date.fromisoformat(day)) * DAY
    size = write_parquet(table, staging / path)
    files = tuple(sorted({str(file) for file in table.column("file").to_pylist()}))
    return Segment(path, kind, account, day, table.num_rows, size, 0, at, at, hash_file(staging / path), files)


def without_files(home: Path, segment: Segment, files: Collection[str], staging: Path) -> list[Segment] | None:
    """Write a segment again without the records of some delivered files; None where it holds none of theirs."""
    table = read_segment(home / segment.path)
    theirs = pc.is_in(table.column("file"), value_set=texts(sorted(files)))
    if not pc.any(theirs).as_py():
        return None
    rest = table.filter(pc.invert(theirs))
    return [write_beside(rest, staging, segment.kind, segment.account, segment.day)] if rest.num_rows else []


def make_table(rows: Sequence[Aside]) -> pa.Table:
    """Records that are no event as a table with the columns of ASIDE; at least one."""
    file, origin, position, reason, account, principal, delivered, size, raw = zip(*rows, strict=True)
    moments = np.array([0 if at is None else micros(at) for at in delivered], np.int64)
    known = np.array([at is not None for at in delivered])
    arrays = [
        *(texts(column) for column in (file, origin)),
        numbers(np.array(position, np.int32), pa.int32()),
        *(texts(column) for column in (reason, account, principal)),
        numbers(moments, SCHEMA.field("delivered_at").type, known),
        numbers(np.array(size, np.int64), pa.int64()),
        binaries(raw),
    ]
    return pa.table(arrays, schema=SCHEMA)
