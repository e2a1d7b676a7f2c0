"""What the report on the estate reads: which principal called which service in which account, by months of four weeks.

Months are spans of 28 days that end with the newest day, so that each has as many Mondays as the others and two of
them can be compared. Activity is counted in DuckDB, a month at a time.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import duckdb

from features.activity.first_seen import MEMBERS
from features.times.day import day_bounds, day_number
from pipeline.connection import connect
from pipeline.errors import NoHistoryError
from pipeline.reports.activity_days import AROUND, last_days, view_activity
from pipeline.reports.scored_hours import find_peers, label_table
from pipeline.reports.source import find_home
from pipeline.settings import Settings, load_settings
from pipeline.stores.home import Store, open_store

MONTH_DAYS: Final = 28
MONTHS: Final = 4
"""Months that are read: a whole history has 120 days at least, once there are as many."""

TABLES: Final = """
CREATE TABLE months (month INTEGER, first DATE, last DATE, days BIGINT);
CREATE TABLE principals (principal VARCHAR, name VARCHAR, kind VARCHAR, peers VARCHAR);
CREATE TABLE edges (month INTEGER, principal VARCHAR, service VARCHAR, account VARCHAR, calls BIGINT, hours BIGINT);
"""
"""Tables of `open_estate`, empty. A month's number is 0 for the newest, 1 for the one before; `days` of it have a call.
`hours` of an edge are those with a call, `principal` is a label that is fit to be shown."""


def open_estate(
    home: Path | str | None = None, months: int = MONTHS, days: int = MONTH_DAYS
) -> duckdb.DuckDBPyConnection:
    """A connection with the tables of `TABLES`, of the last months there are; others may write meanwhile.

    What AWS services did by themselves is left out; what they did on a principal's behalf is the principal's.

    Parameters
    ----------
    home
        As of `pipeline.reports.source.open_events`.
    months
        So many spans that end with the last day that training or scoring has looked at.
    days
        Days of a span: 7 makes weeks of the months, where the history is short.

    Raises
    ------
    StoreError
        There is no store, or something in it is damaged; says what to do.
    NoHistoryError
        Nothing was ingested, or no activity was made of it yet; says which command does it.
    """
    settings = load_settings({"home": home})
    with open_store(find_home(settings), create=False) as store:
        return take_estate(store, settings, months, days)


def take_estate(
    store: Store, settings: Settings, months: int = MONTHS, days: int = MONTH_DAYS
) -> duckdb.DuckDBPyConnection:
    """The same from a store that is open."""
    if months < 1 or days < 1:
        raise ValueError(f"months is {months} and days {days}: give 1 or more")
    tables = connect(settings.threads, settings.memory)
    tables.execute(TABLES + _WHO)
    _, newest = last_days(store, settings, 1)
    for month in range(months):
        last = newest - timedelta(days=days * month)
        first = last - timedelta(days=days - 1)
        _take_month(tables, store, settings, month, first, last)
        view_activity(tables, store, first, last)
        tables.execute("CREATE OR REPLACE TEMP VIEW principals AS FROM every_principals")
        tables.execute(f"INSERT INTO who BY NAME FROM ({MEMBERS}) ANTI JOIN who USING (principal)")
        tables.execute("DROP VIEW temp.principals")
    tables.execute("DELETE FROM months WHERE days = 0")
    _label(tables)
    if not tables.execute("FROM edges LIMIT 1").fetchall():
        raise NoHistoryError(f"{store.home} holds no calls of anybody but AWS services in these {months} months")
    return tables


_WHO: Final = """
CREATE TABLE who (principal VARCHAR, kind VARCHAR, identity_type VARCHAR, name VARCHAR, permission_set VARCHAR,
    account VARCHAR, principal_name VARCHAR, identity_arn VARCHAR);
"""
_ADD_DAY: Final = """
CREATE OR REPLACE TEMP TABLE of_month AS
SELECT principal, service, account, CAST(sum(calls) AS BIGINT) AS calls, CAST(sum(hours) AS BIGINT) AS hours
FROM (
    SELECT principal, split_part(action, ':', 1) AS service, account, sum(calls) AS calls,
        bit_count(bit_or(seen)) AS hours
    FROM (
        SELECT principal, action, account, sum(calls) AS calls, bit_or(1 << hour(hour)) AS seen
        FROM every_joint WHERE hour >= $since AND hour < $until GROUP BY ALL
    ) GROUP BY ALL
    UNION ALL FROM of_month
) GROUP BY principal, service, account
"""
"""Adds an account-day to a month; a bit an hour is far less than the hours themselves."""


def _take_month(
    tables: duckdb.DuckDBPyConnection, store: Store, settings: Settings, month: int, first: date, last: date
) -> None:
    """The edges of a month, an account-day at a time: no hour lies in two of them."""
    zone = ZoneInfo(settings.timezone)
    since, until = day_bounds(day_number(first), zone)[0], day_bounds(day_number(last), zone)[1]
    tables.execute("CREATE OR REPLACE TEMP TABLE hours_seen (hour TIMESTAMPTZ)")
    tables.execute("CREATE OR REPLACE TEMP TABLE of_month AS SELECT * EXCLUDE (month) FROM edges LIMIT 0")
    day = first - AROUND
    while day <= last + AROUND:
        view_activity(tables, store, day, day, around=timedelta(0))
        tables.execute(_ADD_DAY, {"since": since, "until": until})
        tables.execute(
            "INSERT INTO hours_seen SELECT DISTINCT hour FROM every_joint WHERE hour >= $since AND hour < $until",
            {"since": since, "until": until},
        )
        day += timedelta(days=1)
    tables.execute("INSERT INTO edges SELECT $month, * FROM of_month", {"month": month})
    tables.execute(
        """INSERT INTO months SELECT $month, $first, $last, count(DISTINCT CAST(timezone($timezone, hour) AS DATE))
        FROM hours_seen""",
        {"month": month, "first": first, "last": last, "timezone": settings.timezone},
    )
    tables.execute("DROP TABLE of_month; DROP TABLE hours_seen")


def _label(tables: duckdb.DuckDBPyConnection) -> None:
    """Put a label in the place of each key, leave AWS services out, and say of each who its peers are."""
    tables.execute("DELETE FROM who WHERE kind = 'aws_service'")
    tables.execute("CREATE TEMP VIEW members AS FROM who")
    peers = find_peers(tables)
    rows = tables.execute("SELECT principal, principal_name, kind FROM who ORDER BY principal").fetchall()
    tables.register("labels", label_table(rows, peers))
    tables.execute(
        """INSERT INTO principals SELECT principal, name, kind, peers FROM labels;
        CREATE OR REPLACE TABLE edges AS SELECT edges.* REPLACE (labels.principal AS principal)
        FROM edges JOIN labels ON key = edges.principal"""
    )
    tables.unregister("labels")
    tables.execute("DROP VIEW temp.members; DROP TABLE who")
