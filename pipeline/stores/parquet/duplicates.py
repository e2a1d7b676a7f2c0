"""Find which rows give way to an earlier delivery of the same event."""

from collections.abc import Collection, Mapping

import duckdb

from pipeline.connection import connect
from pipeline.ingest.rows import ORIGIN
from pipeline.stores.parquet.view import literal, parquet

_MEMORY = 1 << 30
"""Bytes; what is held is the ids of one batch."""


class Duplicates:
    """Asks segments for events they have in common; keeps its engine, which takes longer to start than to answer."""

    def __init__(self) -> None:
        self._connection: duckdb.DuckDBPyConnection | None = None

    def find_later(self, rivals: Mapping[str, str], fresh: Collection[str]) -> dict[str, list[str]]:
        """Event ids that leave each file, because another delivery of theirs is earlier.

        Of deliveries at the same time, the one of the least origin and position stays.

        Parameters
        ----------
        rivals
            Segment files, each with the account-day it belongs to; ids are compared within one.
        fresh
            Those whose ids may be elsewhere too; within one file they differ.
        """
        new = sorted(fresh)
        old = sorted(set(rivals) - set(fresh))
        if self._connection is None:
            self._connection = connect(1, _MEMORY)
        with self._connection.cursor() as connection:
            twice = f"SELECT event_id FROM {parquet(new)} GROUP BY event_id HAVING count(*) > 1"
            if old:
                twice += f" UNION SELECT event_id FROM {parquet(old)} SEMI JOIN {parquet(new)} AS n USING (event_id)"
            ids = [event_id for (event_id,) in connection.execute(twice).fetchall()]
            if not ids:
                return {}  # as nearly always; ranking everything would take longer
            rows = connection.execute(
                f"""
                WITH place AS (SELECT unnest($files) AS filename, unnest($days) AS account_day),
                delivered AS (
                    SELECT filename, event_id, delivered_at, {ORIGIN}, position, file
                    FROM read_parquet([{", ".join(map(literal, rivals))}], filename = true, hive_partitioning = false)
                    WHERE event_id IN (SELECT unnest($ids))
                )
                SELECT filename, event_id FROM delivered JOIN place USING (filename)
                QUALIFY row_number() OVER (
                    PARTITION BY account_day, event_id ORDER BY delivered_at, {ORIGIN}, position, file, filename) > 1
                """,
                {"files": list(rivals), "days": list(rivals.values()), "ids": ids},
            ).fetchall()
        losers: dict[str, list[str]] = {}
        for filename, event_id in rows:
            losers.setdefault(filename, []).append(event_id)
        return losers
