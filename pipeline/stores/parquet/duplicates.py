"""Find which rows give way to an earlier delivery of the same event, and which only bear its id."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import duckdb

from features.record.clash import MARK
from pipeline.connection import connect
from pipeline.ingest.rows import ORIGIN
from pipeline.stores.parquet.clashes import Claim, settle
from pipeline.stores.parquet.view import literal, parquet

_TOGETHER = 4096
"""Ids whose records are compared at a time."""
_MEMORY = 1 << 30
"""Bytes; what is held is the ids of one batch."""


class Settled(NamedTuple):
    """What becomes of rows that share an id, by the file they lie in."""

    later: dict[str, list[str]]
    """Ids that leave it: an earlier delivery says the same."""
    apart: dict[str, dict[str, str]]
    """Ids that stay under another name."""


class Duplicates:
    """Asks segments for events they have in common; keeps its engine, which takes longer to start than to answer."""

    def __init__(self) -> None:
        self._connection: duckdb.DuckDBPyConnection | None = None

    def settle(self, rivals: Mapping[str, str], fresh: Collection[str]) -> Settled:
        """Which rows of each file leave it, because another delivery of theirs is earlier, and which get another id.

        Of deliveries at the same time, the one of the least origin and position stays. A row that says something else
        than the earlier ones of its id (`features.record.clash`) stays too, by an id of its own.

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
                return Settled({}, {})  # as nearly always; ranking everything would take longer
            connection.execute(
                f"""
                CREATE OR REPLACE TEMP TABLE claims AS
                WITH place AS (SELECT unnest($files) AS filename, unnest($days) AS account_day),
                delivered AS (
                    SELECT filename, event_id, split_part(event_id, '{MARK}', 1) AS shared, delivered_at, {ORIGIN},
                        position, file, coalesce(patches, '') <> '' AS corrects, md5(raw) AS content
                    FROM read_parquet([{", ".join(map(literal, rivals))}], filename = true, hive_partitioning = false)
                    WHERE split_part(event_id, '{MARK}', 1) IN (SELECT unnest($ids))
                )
                SELECT *, row_number() OVER (
                    PARTITION BY account_day, shared ORDER BY delivered_at, {ORIGIN}, position, file, filename
                ) AS nth, count(DISTINCT content) OVER (PARTITION BY account_day, shared) AS contents
                FROM delivered JOIN place USING (filename)
                """,
                {"files": list(rivals), "days": list(rivals.values()), "ids": ids},
            )
            rows = connection.execute("SELECT filename, event_id FROM claims WHERE contents = 1 AND nth > 1").fetchall()
            unlike = connection.execute(
                "SELECT DISTINCT shared, account_day FROM claims WHERE contents > 1 ORDER BY ALL"
            ).fetchall()
            later: dict[str, list[str]] = {}
            for filename, event_id in rows:
                later.setdefault(filename, []).append(event_id)
            settled = Settled(later, {})
            for start in range(0, len(unlike), _TOGETHER):
                self._compare(connection, list(rivals), unlike[start : start + _TOGETHER], settled)
        return settled

    def _compare(
        self, connection: duckdb.DuckDBPyConnection, files: list[str], unlike: list[tuple[str, str]], settled: Settled
    ) -> None:
        """Settle ids whose records are not all the same bytes."""
        ids = [shared for shared, _ in unlike]
        rows = connection.execute(
            f"""
            SELECT shared, account_day, filename, event_id, corrects, raw FROM claims JOIN (
                SELECT filename, event_id, raw
                FROM read_parquet([{", ".join(map(literal, files))}], filename = true, hive_partitioning = false)
                WHERE split_part(event_id, '{MARK}', 1) IN (SELECT unnest($ids))
            ) USING (filename, event_id)
            WHERE contents > 1 AND shared IN (SELECT unnest($ids)) ORDER BY account_day, shared, nth
            """,
            {"ids": ids},
        ).fetchall()
        for (shared, _), claims in groupby(rows, key=itemgetter(0, 1)):
            made = [Claim((filename, event_id), raw, corrects) for _, _, filename, event_id, corrects, raw in claims]
            for claim, name, again in settle(shared, made):
                filename, event_id = claim.row
                if again:
                    settled.later.setdefault(filename, []).append(event_id)
                elif name != event_id:
                    settled.apart.setdefault(filename, {})[event_id] = name
