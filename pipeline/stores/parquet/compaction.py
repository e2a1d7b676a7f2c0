"""Merge small segments of an account-day: an ingest leaves one a task, and every reader opens them all."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from pipeline.stores.parquet.asides import write_beside
from pipeline.stores.parquet.files import held_bytes, read_segment
from pipeline.stores.parquet.manifest import Manifest
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.parquet.segments import merge_events

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


def find_crowds(manifest: Manifest, kinds: Sequence[str]) -> list[Crowd]:
    """Account-days of these kinds that have small segments enough."""
    return [
        Crowd(day.kind, day.account, day.day, _MIDDLING if day.segments >= _MIDDLING_SEGMENTS else _SMALL)
        for day in manifest.counts(kinds, least=_SMALL_SEGMENTS, small=_SMALL)
        if day.small >= _SMALL_SEGMENTS or day.segments >= _MIDDLING_SEGMENTS
    ]


def group(home: Path, segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Small segments in groups that fit one merged file; a group of one is not worth writing."""
    sized = sorted((held_bytes(home / segment.path), segment) for segment in segments)
    together: list[Segment] = []
    held = 0
    for size, segment in sized:
        if together and held + size > _MERGED_BYTES:
            if len(together) > 1:
                yield together
            together, held = [], 0
        together.append(segment)
        held += size
    if len(together) > 1:
        yield together


def merge(home: Path, segments: Sequence[Segment], staging: Path) -> list[Segment]:
    """Write the rows of some segments of one kind, account and day as one segment, or few, below `staging`."""
    paths = [home / segment.path for segment in segments]
    if segments[0].kind == "events":
        return merge_events(paths, staging)
    return [_merge_beside(paths, segments, staging)]


def _merge_beside(paths: Sequence[Path], segments: Sequence[Segment], staging: Path) -> Segment:
    """Records that are no events, in the order of their files and of their positions there; all of them stay."""
    table = pa.concat_tables(read_segment(path) for path in paths)
    table = table.sort_by([(name, "ascending") for name in ("file", "position", "reason")])
    return write_beside(table, staging, segments[0].kind, segments[0].account, segments[0].day)
