"""Ingest into something, and read what came of it."""

from pathlib import Path
from typing import Any, Protocol

import duckdb

from pipeline.ingest.report import IngestReport
from pipeline.ingest.run import ingest
from pipeline.ingest.sink import Kind, Target
from tests.pipeline.ingest.records import NOW


class Readable(Target, Protocol):
    """What takes in events, and shows them."""

    def view(self, connection: duckdb.DuckDBPyConnection) -> None: ...

    def view_asides(self, connection: duckdb.DuckDBPyConnection, kind: Kind) -> None: ...


def into(target: Readable, *paths: Path, **given: Any) -> IngestReport:
    report = ingest(paths, target, now=NOW, **given)
    assert report.records == report.stored + report.duplicates + report.set_aside + sum(report.other.values())
    return report


def rows(target: Readable, columns: str = "event_id", where: str = "true") -> list[Any]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        target.view(connection)
        return connection.execute(f"SELECT {columns} FROM events WHERE {where} ORDER BY ALL").fetchall()


def beside(target: Readable, kind: Kind, columns: str = "reason") -> list[Any]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        target.view_asides(connection, kind)
        return connection.execute(f"SELECT {columns} FROM {kind} ORDER BY ALL").fetchall()
