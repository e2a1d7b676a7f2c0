"""Ingest into a store, and read what came of it."""

from pathlib import Path
from typing import Any

import duckdb

from pipeline.ingest.report import IngestReport
from pipeline.ingest.run import ingest
from pipeline.stores.home import Store
from tests.pipeline.ingest.records import NOW


def into(store: Store, *paths: Path, **given: Any) -> IngestReport:
    report = ingest(paths, store.events, now=NOW, **given)
    assert report.records == report.stored + report.duplicates + report.set_aside + sum(report.other.values())
    return report


def rows(store: Store, columns: str = "event_id", where: str = "true") -> list[Any]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        store.events.view(connection)
        return connection.execute(f"SELECT {columns} FROM events WHERE {where} ORDER BY ALL").fetchall()


def beside(store: Store, kind: str, columns: str = "reason") -> list[Any]:
    if not list((store.home / kind).rglob("*.parquet")):
        return []
    return duckdb.sql(
        f"SELECT {columns} FROM read_parquet('{store.home}/{kind}/*/*/*.parquet', hive_partitioning = false) "
        "ORDER BY ALL"
    ).fetchall()
