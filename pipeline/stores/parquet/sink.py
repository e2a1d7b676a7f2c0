"""Rows of ingestion as Parquet segments below a staging folder, from where a commit moves them into place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.ingest.rows import Rows
from pipeline.ingest.set_aside import Aside
from pipeline.ingest.sink import Kind, Written
from pipeline.stores.parquet.asides import write_asides
from pipeline.stores.parquet.columns import arrange_rows
from pipeline.stores.parquet.memory import share_allocator
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.parquet.segments import write_arranged


@dataclass(frozen=True)
class ParquetSink:
    """Writes segments; a part of a batch is a `Segment`."""

    staging: Path

    def open(self) -> None:
        """Make this process write fast."""
        share_allocator()

    def write(self, rows: Rows) -> Written:
        """Write rows as a segment an account and day; of deliveries of one event there the earliest stays."""
        if not len(rows):
            return Written([], 0)
        table, arrangement = arrange_rows(rows)
        del rows  # the records as delivered, of which the table has copies
        return Written(write_arranged(table, arrangement.cuts, self.staging), arrangement.duplicates)

    def keep(self, kind: Kind, asides: Sequence[Aside], now: datetime) -> list[Segment]:
        """Write records that are no event as a segment of their latest day."""
        return write_asides(kind, asides, self.staging, now)
