"""Ingestion made faster makes the rows it made before, and sets aside what it did."""

import hashlib
import json
import shutil
import uuid
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.recordings import FOLDER
from pipeline.ingest.run import ingest
from pipeline.stores.home import open_store
from tests.pipeline.spark.nasty import write_nasty

KINDS = ("events", "set_aside", "other")
NOW = datetime(2026, 3, 20, tzinfo=UTC)
ROWS = "b02a64d8fe7dd6c7d55918fb233a8a4ea807ca8090c15ef366cee85fadc86edb"
"""SHA-256 of all rows, written by whoever changes what a row says, and by nobody who changes how fast it is made."""


def all_rows(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """As they lie there, duplicates settled and corrections beside what they correct."""
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    of = "SELECT * EXCLUDE (file) FROM read_parquet('{}/*/*/*.parquet', hive_partitioning = false) ORDER BY ALL"
    return {name: connection.execute(of.format(home / name)).fetchall() for name in KINDS}


def test_rows_of_recorded_and_of_odd_records_are_what_they_were(tmp_path, monkeypatch):
    numbers = count(1 << 100)
    with monkeypatch.context() as patched:
        patched.setattr(uuid, "uuid4", lambda: uuid.UUID(int=next(numbers)))
        folder = write_nasty(tmp_path / "in")
    shutil.copytree(FOLDER, tmp_path / "in" / "recordings", ignore=shutil.ignore_patterns("LICENSES", "*.md"))
    with open_store(tmp_path / "home") as store:
        report = ingest([folder], store.events, now=NOW)
    made = all_rows(tmp_path / "home")
    assert len(made["events"]) == report.stored > 200
    assert made["set_aside"]
    assert made["other"]
    assert hashlib.sha256(json.dumps(made, default=str, sort_keys=True).encode()).hexdigest() == ROWS
