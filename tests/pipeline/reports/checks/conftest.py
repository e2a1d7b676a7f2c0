"""A home to look into, and events for a check to look at."""

import re
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
from tests.pipeline.alerts.korean import KOREAN, find_english
from tests.pipeline.reports.checks.hours import NOW, Diagnose

NAMES = (
    *("CloudTrail", "StopLogging", "IAM", "STS", "UTC", "us-east-1", "alerts.jsonl", "operations.jsonl", "oddtrail"),
    *("eve", "no JSON: Input data was truncated", "no eventName", "gone", "the bucket is away"),
)
"""What stays as it is in any language: names, and what somebody else said."""


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
            korean = check(Patient(connection, store, settings, NOW, words=KOREAN))
            for finding in korean:  # whatever a test brings about is told in Korean too
                said = re.sub(r"`[^`]*`|\S*/\S*|ODDTRAIL_\w+=\w+|--\w+", "", f"{finding.found} {finding.do}")
                assert find_english(said, NAMES) == [], finding
                assert KOREAN.find(finding.check) != finding.check
            return list(check(Patient(connection, store, settings, NOW)))

    return run
