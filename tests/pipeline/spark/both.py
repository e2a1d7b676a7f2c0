"""The same files by both paths: a home on one machine, and a backfill on Spark; their activity side by side."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from features.activity.statements import STATEMENTS
from pipeline.connection import connect
from pipeline.detect.refresh import refresh_activity
from pipeline.enrich.geo import Geo
from pipeline.enrich.networks import NO_NETWORKS, Networks
from pipeline.ingest.report import IngestReport
from pipeline.ingest.run import ingest
from pipeline.shared.activity import fetch_table
from pipeline.shared.listing import LISTING, MOST_LISTING, Listing, read_listing
from pipeline.shared.place import open_place
from pipeline.spark.backfill import backfill
from pipeline.spark.plan import Plan
from pipeline.spark.report import BackfillReport
from pipeline.stores.home import open_store

Tables = dict[tuple[str, str], list[tuple[Any, ...]]]
"""Rows of each table of each account-day, in an order of their own."""


def by_home(
    home: Path,
    sources: Sequence[Path | str],
    now: datetime,
    *,
    geo: Path | None = None,
    networks: Networks = NO_NETWORKS,
    timezone: str = "UTC",
) -> tuple[Tables, IngestReport]:
    """What a home makes of files."""
    with open_store(home) as store, connect(1, 2**30) as connection:
        opened = Geo.open(geo) if geo else None
        report = ingest([str(source) for source in sources], store.events, geo=opened, networks=networks, now=now)
        refresh_activity(store, connection, timezone=timezone, lateness_minutes=15, now=now)
        found: Tables = {}
        for account, day in store.activity.days():
            store.activity.view(connection, only=[(account, day)])
            for name in STATEMENTS:
                found[f"{account}/{day}", name] = rows(connection.sql(f"FROM {name}").to_arrow_table())
    return found, report


def by_spark(spark: Any, out: Path | str, sources: Sequence[Path | str], now: datetime, **named: Any) -> BackfillReport:
    """Have Spark make the activity of files."""
    given = {"timezone": "UTC", "lateness_minutes": 15} | named
    return backfill(spark, Plan(sources=[str(source) for source in sources], out=str(out), now=now, **given))


def listing(out: Path | str) -> Listing:
    """What is listed in a place."""
    place = open_place(str(out))
    found = place.get(LISTING, MOST_LISTING)
    assert found is not None
    return read_listing(found.content, place)


def in_place(out: Path | str) -> Tables:
    """The tables that a place lists, as a trainer fetches them."""
    place = open_place(str(out))
    return {
        (key, name): rows(fetch_table(place, key, name, digest))
        for key, digests in listing(out).tables.items()
        for name, digest in digests.items()
    }


def rows(table: pa.Table) -> list[tuple[Any, ...]]:
    """Rows with the names and types of their columns first, so that two tables of one content are equal."""
    head = tuple(f"{field.name} {field.type}" for field in table.schema)
    return [head, *sorted(zip(*(column.to_pylist() for column in table.columns), strict=True), key=repr)]


def differences(home: Tables, spark: Tables) -> list[str]:
    """What one has and the other has not, a line each; nothing where they are the same."""
    found = [f"{key} is on one side only" for key in sorted(home.keys() ^ spark.keys())]
    for key in sorted(home.keys() & spark.keys()):
        ours, theirs = home[key], spark[key]
        found += [f"{key} home: {row}" for row in ours if row not in theirs]
        found += [f"{key} spark: {row}" for row in theirs if row not in ours]
        if len(ours) != len(theirs):
            found.append(f"{key} has {len(ours)} rows and {len(theirs)}")
    return found


def count(tables: Tables, name: str) -> int:
    """Rows of a table over all account-days."""
    return sum(len(found) - 1 for (_, table), found in tables.items() if table == name)
