"""A home to look into, and events for a check to look at."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipeline.reports.checks.finding import Finding, Patient
from pipeline.settings import Settings, load_settings
from pipeline.stores.home import Store, open_store
from pipeline.stores.parquet.schema import arrow_schema
from tests.pipeline.reports.checks.hours import NOW, Diagnose


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"home": tmp_path / "home"})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with open_store(settings.home) as store:
        yield store


@pytest.fixture
def found_by(store: Store, settings: Settings) -> Diagnose:
    """What a check finds in some events."""

    def run(check: Callable[[Patient], Iterator[Finding]], *events: dict[str, Any]) -> list[Finding]:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.register("events", pa.Table.from_pylist(list(events), schema=arrow_schema()))
            return list(check(Patient(connection, store, settings, NOW)))

    return run
