"""What the peers learn from: the same tokens of the same activity as oddtrail, from the same files."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pandas as pd

from features.activity import catalogue
from features.activity.first_seen import MEMBERS
from features.activity.statements import COUNTED, PLACES, PRINCIPALS, SESSIONS, joint, prelude, touched
from features.activity.tokens import LONG
from pipeline.enrich.geo import Geo
from pipeline.ingest.run import ingest
from pipeline.stores.home import open_store

LATENESS_MINUTES = 15
JUDGED = "WHERE principal NOT IN (SELECT principal FROM principals WHERE kind = 'aws_service')"
"""AWS's own services cannot be stolen; oddtrail does not judge them either."""
TOKENS = """
SELECT principal, min(day_of(hour)) - DATE '1970-01-01' AS day, dimension, value
FROM long GROUP BY principal, dimension, value
"""
CALLS = """
SELECT principal, min(day_of(hour)) - DATE '1970-01-01' AS day, action, coalesce(country, '') AS country,
    coalesce(asn, 0) AS asn, prefix, agent
FROM joint LEFT JOIN places USING (prefix, address_kind)
WHERE NOT starts_with(agent, 'service:') GROUP BY ALL
"""
HOURLY = """
SELECT DISTINCT principal, epoch(hour)::BIGINT // 3600 AS hour, action, coalesce(country, '') AS country,
    coalesce(city, '') AS city
FROM joint LEFT JOIN places USING (prefix, address_kind)
"""
ERRORS = f"""
SELECT DISTINCT principal, epoch(event_time)::BIGINT // 900 AS quarter, coalesce(error_code, '') AS code,
    coalesce(error_message, '') AS message
FROM counted {JUDGED} AND (error_code IS NOT NULL OR error_message IS NOT NULL)
"""
WHOSE = """
SELECT event_id, principal, day_of(event_time) - DATE '1970-01-01' AS day
FROM counted JOIN wanted USING (event_id)
"""


@dataclass(frozen=True, slots=True)
class Known:
    """Activity as the peers read it; days count from 1970-01-01 in the deployment's time zone."""

    tokens: pd.DataFrame
    """principal, day, dimension, value: the first day of each value."""
    calls: pd.DataFrame
    """principal, day, action, country, asn, prefix, agent: the first day of each such call."""
    principal_days: dict[str, tuple[str, int]]
    """Principal and day of each event that was asked for."""
    hourly: pd.DataFrame
    """principal, hour (since 1970), action, country, city: one row for each that occurred."""
    errors: pd.DataFrame
    """principal, quarter (of an hour, since 1970), code, message: one row for each that occurred."""
    vectors: pd.DataFrame
    """principal, hour (since 1970) and the columns of the feature catalogue; empty where none were asked for."""
    events: int
    """Events that count."""


def read_activity(
    paths: Sequence[Path],
    event_ids: Collection[str],
    *,
    now: datetime,
    geo: Geo | None,
    timezone: str = "UTC",
    threads: int = 2,
    memory: str = "4GB",
    vectors: bool = True,
) -> Known:
    """Ingest the files into a store that is thrown away, and return what the peers need of it.

    Parameters
    ----------
    paths
        The company's delivered files.
    event_ids
        Events whose principal and day are asked for.
    now
        Time of the ingest; later events are in the future.
    geo
        Where addresses lie.
    timezone
        Time zone of the deployment's day.
    threads, memory
        What DuckDB and the ingest may use.
    vectors
        Make the hours' vectors.
    """
    with TemporaryDirectory(prefix="benchmark-") as folder, open_store(Path(folder) / "home") as store:
        ingest(paths, store.events, geo=geo, now=now, threads=threads)
        with duckdb.connect() as connection:
            connection.execute(f"SET TimeZone = 'UTC'; SET threads = {threads}; SET memory_limit = '{memory}'")
            connection.execute(f"SET temp_directory = '{folder}'")
            store.events.view(connection)
            connection.execute(prelude(timezone, LATENESS_MINUTES))
            connection.execute(COUNTED)
            connection.execute(f"CREATE TEMP TABLE principals AS {PRINCIPALS}")
            connection.execute(f"CREATE TEMP TABLE members AS {MEMBERS}")
            connection.execute(f"CREATE TEMP TABLE places AS {PLACES}")
            for name, statement in (("joint", joint()), ("touched", touched())):
                connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM ({statement}) {JUDGED}")
            connection.execute(LONG)
            connection.register("wanted", pd.DataFrame({"event_id": sorted(event_ids)}, dtype="object"))
            if vectors:
                connection.execute(f"CREATE OR REPLACE TEMP VIEW sessions AS {SESSIONS}")
                connection.execute(catalogue.prelude(timezone))
            hours = connection.execute(catalogue.VECTORS).df() if vectors else pd.DataFrame()
            if vectors:
                hours["hour"] = hours["hour"].astype("datetime64[s, UTC]").astype("int64") // 3600
            [(events,)] = connection.execute("SELECT count(*) FROM counted").fetchall()
            whose = connection.execute(WHOSE).fetchall()
            return Known(
                connection.execute(TOKENS).df(),
                connection.execute(CALLS).df(),
                {event_id: (principal, day) for event_id, principal, day in whose},
                connection.execute(HOURLY).df(),
                connection.execute(ERRORS).df(),
                hours,
                events,
            )
