"""Records that are no event as Parquet: those set aside, and those that are something else."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from features.times.day import day_number
from features.times.instant import DAY, micros
from pipeline.ingest.set_aside import ASIDE, Aside
from pipeline.ingest.sink import Kind
from pipeline.stores.parquet.arrays import binaries, numbers, texts
from pipeline.stores.parquet.files import write_parquet
from pipeline.stores.parquet.layout import new_path, safe_account
from pipeline.stores.parquet.manifest import Segment
from pipeline.stores.parquet.schema import arrow_schema

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
    path = new_path(kind, account, day.isoformat())
    size = write_parquet(_make_table(rows), staging / path)
    at = day_number(day) * DAY
    return [Segment(path, kind, account, day.isoformat(), len(rows), size, 0, at, at)]


def _make_table(rows: Sequence[Aside]) -> pa.Table:
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
