"""Merge small segments of an account-day: an ingest leaves one a task, and every reader opens them all."""

import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from pipeline.stores.parquet.manifest import Segment
from pipeline.stores.parquet.segments import held_bytes, merge_events, read_segment, write_parquet

_SMALL = 8_192
"""Rows below which a segment is small."""
_SMALL_SEGMENTS = 6
"""So many small segments of an account-day are merged."""
_MIDDLING = 12_288
_MIDDLING_SEGMENTS = 64
"""Of so many segments of an account-day, all below `_MIDDLING` rows are merged."""
_MERGED_BYTES = 32 << 20
"""Bytes of a merged segment in memory, at most; merging holds them four times."""


class Crowd(NamedTuple):
    """An account-day of so many segments that some are worth merging."""

    kind: str
    account: str
    day: str
    below: int
    """Rows below which its segments are merged."""


def crowds(connection: sqlite3.Connection, kinds: Sequence[str]) -> list[Crowd]:
    """Account-days of these kinds that have small segments enough."""
    rows = connection.execute(
        f"SELECT kind, account, day, CASE WHEN count(*) >= ? THEN ? ELSE ? END FROM segments "
        f"WHERE kind IN ({','.join('?' * len(kinds))}) GROUP BY 1, 2, 3 "
        "HAVING count(*) FILTER (WHERE rows < ?) >= ? OR count(*) >= ? ORDER BY 1, 2, 3",
        (_MIDDLING_SEGMENTS, _MIDDLING, _SMALL, *kinds, _SMALL, _SMALL_SEGMENTS, _MIDDLING_SEGMENTS),
    )
    return [Crowd(*row) for row in rows]


def groups(home: Path, segments: Sequence[Segment], below: int) -> Iterator[list[Segment]]:
    """Small segments in groups that fit one merged file; a group of one is not worth writing."""
    sized = sorted((held_bytes(home / segment.path), segment) for segment in segments if segment.rows < below)
    group: list[Segment] = []
    held = 0
    for size, segment in sized:
        if group and held + size > _MERGED_BYTES:
            if len(group) > 1:
                yield group
            group, held = [], 0
        group.append(segment)
        held += size
    if len(group) > 1:
        yield group


def merge(home: Path, group: Sequence[Segment], staging: Path) -> list[Segment]:
    """Write the rows of some segments of one kind, account and day as one segment, or few, below `staging`."""
    paths = [home / segment.path for segment in group]
    if group[0].kind == "events":
        return merge_events(paths, staging)
    return [_merge_beside(paths, group, staging)]


def _merge_beside(paths: Sequence[Path], group: Sequence[Segment], staging: Path) -> Segment:
    """Records that are no events, in the order of their files and of their positions there; all of them stay."""
    table = pa.concat_tables(read_segment(path) for path in paths)
    table = table.sort_by([(name, "ascending") for name in ("file", "position", "reason")])
    kind, account, day = group[0].kind, group[0].account, group[0].day
    path = f"{kind}/account={account}/day={day}/{uuid.uuid4().hex}.parquet"
    size = write_parquet(table, staging / path)
    first, last = min(segment.first for segment in group), max(segment.last for segment in group)
    return Segment(path, kind, account, day, table.num_rows, size, 0, first, last)
