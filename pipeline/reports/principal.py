"""One principal: its weeks, services, places, credentials and sessions, and what is new about it.

Every function reads the tables of a connection that `pipeline.reports.principal_calls.open_principal` made, and answers
in a time zone it is given. How it stands among its peers is `pipeline.reports.population`.
"""

from typing import Final

import duckdb
import pandas as pd

from pipeline.reports.busiest import WEEKDAYS
from pipeline.reports.inert_frame import inert_frame
from pipeline.reports.principal_sums import BY_DAY, OF_DAYS, OF_SPENT, VALUES

RECENT: Final = 7
"""Days in which what comes first is new."""
_OF_A_DAY: Final = "sum(calls) AS calls, bit_count(bit_or(hours)) AS hours, min(first) AS first, max(last) AS last"

_EVERY_HOUR: Final = """
WITH every_hour AS (
    SELECT unnest(generate_series(  -- whole hours of UTC: a day of some zones begins within one
        date_trunc('hour', since + INTERVAL 59 MINUTE), until - INTERVAL 1 MINUTE, INTERVAL 1 HOUR
    )) AS hour FROM span
),
local AS (
    SELECT timezone($timezone, hour) AS shown, coalesce(calls, 0) AS calls
    FROM every_hour LEFT JOIN busy() USING (hour)
)
"""
_LASTS: Final = "(started IS NULL AND key <> '' AND NOT starts_with(key, 'ASIA'))"  # ids of temporary keys begin so


def summarize(tables: duckdb.DuckDBPyConnection, timezone: str) -> pd.DataFrame:
    """One row: `principal`, `name`, `kind`, `identity_arn`, `account` (its own), `permission_set`, and of the days that
    were read `calls`, `denied`, `hours` and `days` with a call, `first` and `last`; no row where it was not active."""
    rows = tables.execute(
        f"""WITH by_day AS (SELECT day, {BY_DAY} FROM acts($timezone) GROUP BY day)
        SELECT principal, name, kind, identity_arn, account, permission_set, counted.* FROM who,
            (SELECT {OF_DAYS} FROM by_day HAVING count(*) > 0) AS counted""",
        {"timezone": timezone},
    )
    return inert_frame(rows.df())


def week(tables: duckdb.DuckDBPyConnection, timezone: str) -> pd.DataFrame:
    """Mean calls in each hour of the week: a row a weekday, a column an hour of the day.

    Examples
    --------
    >>> from pipeline.reports.principal_calls import TABLES
    >>> tables = duckdb.connect()
    >>> _ = tables.execute(
    ...     TABLES + "SET timezone = 'UTC'; INSERT INTO span VALUES ('2026-03-02', '2026-03-16');"
    ...     "INSERT INTO calls BY NAME SELECT TIMESTAMPTZ '2026-03-03 09:00Z' AS hour, 8 AS calls"
    ... )
    >>> float(week(tables, "UTC").loc["Tue", 9])
    4.0
    """
    rows = tables.execute(
        f"{_EVERY_HOUR} SELECT isodow(shown) - 1 AS weekday, hour(shown) AS hour, avg(calls) AS calls FROM local "
        "GROUP BY ALL",
        {"timezone": timezone},
    ).df()
    table = rows.pivot(index="weekday", columns="hour", values="calls").astype(float)
    table = table.reindex(index=range(7), columns=range(24), fill_value=0.0).fillna(0.0)
    table.index = pd.Index(WEEKDAYS, name="weekday")
    return table


def days(tables: duckdb.DuckDBPyConnection, timezone: str) -> pd.DataFrame:
    """Calls in each hour of each day: a row a day that was read, oldest first, a column an hour of the day."""
    rows = tables.execute(
        f"{_EVERY_HOUR} SELECT CAST(shown AS DATE) AS day, hour(shown) AS hour, sum(calls) AS calls FROM local "
        "GROUP BY ALL",
        {"timezone": timezone},
    ).df()
    table = rows.pivot(index="day", columns="hour", values="calls").astype(float)
    table.index = pd.DatetimeIndex(table.index)
    return table.sort_index().reindex(columns=range(24), fill_value=0.0).fillna(0.0)


def services(tables: duckdb.DuckDBPyConnection, timezone: str, most: int = 20) -> pd.DataFrame:
    """Services that it calls.

    Returns
    -------
    DataFrame
        A row a service, that with most calls first: `service`, `calls`, `denied`, `hours` and `days` with a call,
        `actions` (different ones), `writes` (calls that change something), `by_service` (calls that an AWS service
        made on its behalf), `first` and `last`.
    """
    rows = tables.execute(
        f"""WITH called AS MATERIALIZED (SELECT *, split_part(action, ':', 1) AS service FROM acts($timezone)),
        by_day AS (SELECT service, day, {BY_DAY} FROM called GROUP BY ALL),
        told AS (SELECT service, {OF_DAYS} FROM by_day GROUP BY service),
        kinds AS (
            SELECT service, count(DISTINCT action) AS actions,
                CAST(coalesce(sum(calls) FILTER (write), 0) AS BIGINT) AS writes,
                CAST(coalesce(sum(calls) FILTER (by_service), 0) AS BIGINT) AS by_service
            FROM called GROUP BY service
        )
        SELECT service, calls, denied, hours, days, actions, writes, by_service, first, last
        FROM told JOIN kinds USING (service) ORDER BY calls DESC, service LIMIT $most""",
        {"timezone": timezone, "most": most},
    )
    return inert_frame(rows.df())


def places(tables: duckdb.DuckDBPyConnection, timezone: str, most: int = 20) -> pd.DataFrame:
    """Where it calls from; calls that an AWS service made on its behalf come from nowhere and are left out.

    Returns
    -------
    DataFrame
        A row a country and network, that with most calls first: `country`, `network` (own name, else the organisation
        and its number, else the kind of address), `calls`, `denied`, `hours`, `days`, `prefixes` (networks /24 or
        /48), `tools`, `keys`, `first` and `last`.
    """
    rows = tables.execute(
        f"""WITH called AS MATERIALIZED (
            SELECT * REPLACE (coalesce(nullif(country, ''), 'unknown') AS country) FROM used($timezone)
            WHERE NOT by_service
        ),
        by_day AS (SELECT country, network, day, {BY_DAY} FROM called GROUP BY ALL),
        told AS (SELECT country, network, {OF_DAYS} FROM by_day GROUP BY ALL),
        kinds AS (
            SELECT country, network, count(DISTINCT prefix) AS prefixes, count(DISTINCT agent) AS tools,
                count(DISTINCT nullif(key, '')) AS keys
            FROM called GROUP BY ALL
        )
        SELECT country, network, calls, denied, hours, days, prefixes, tools, keys, first, last
        FROM told JOIN kinds USING (country, network) ORDER BY calls DESC, 1, 2 LIMIT $most""",
        {"timezone": timezone, "most": most},
    )
    return inert_frame(rows.df())


def credentials(tables: duckdb.DuckDBPyConnection, timezone: str, most: int = 20) -> pd.DataFrame:
    """Keys that last, each by itself, and keys of sessions by their class: what to rotate, and what to revoke.

    Returns
    -------
    DataFrame
        A row a credential, that with most calls first: `credential` (a key's id, else the class of session), `lasts`
        (it does not expire by itself), `sessions`, `calls`, `denied`, `hours`, `days`, `networks`, `tools`, `mfa` (the
        share of sessions that say they had it, 0 to 1; missing where none says), `first` and `last`.
    """
    rows = tables.execute(
        f"""WITH called AS MATERIALIZED (
            SELECT *, {_LASTS} AS lasts, CASE WHEN {_LASTS} THEN key WHEN key = '' THEN 'no key'
                ELSE coalesce(nullif(class, '') || ' ', '') || 'sessions' END AS credential
            FROM used($timezone) LEFT JOIN sessions USING (session)
        ),
        by_day AS (SELECT credential, lasts, day, {BY_DAY} FROM called GROUP BY ALL),
        told AS (SELECT credential, lasts, {OF_DAYS} FROM by_day GROUP BY ALL),
        kinds AS (
            SELECT credential, lasts, count(DISTINCT session) AS sessions,
                count(DISTINCT network) FILTER (NOT by_service) AS networks,
                count(DISTINCT agent) FILTER (NOT by_service) AS tools,
                count(DISTINCT session) FILTER (mfa) / nullif(count(DISTINCT session) FILTER (mfa IS NOT NULL), 0)
                    AS mfa
            FROM called GROUP BY ALL
        )
        SELECT credential, lasts, sessions, calls, denied, hours, days, networks, tools, mfa, first, last
        FROM told JOIN kinds USING (credential, lasts) ORDER BY calls DESC, 1 LIMIT $most""",
        {"timezone": timezone, "most": most},
    )
    return inert_frame(rows.df())


def sessions(tables: duckdb.DuckDBPyConnection, timezone: str, most: int = 50, *, whole: bool = False) -> pd.DataFrame:
    """The newest sessions; with `whole` as of `changes`.

    Returns
    -------
    DataFrame
        A row a session, the newest first: `began` (when its key was issued, else its first call of these days), `key`,
        `class`, `mfa`, `calls`, `denied`, `hours`, `days`, `writes`, `services`, `countries` and `tools` (at most five
        of each as text), `first` and `last`.
    """
    rows = tables.execute(
        f"""WITH newest AS (
            SELECT session, any_value(key) AS key, coalesce(any_value(class), '') AS class, any_value(mfa) AS mfa,
                date_trunc('minute', timezone($timezone, coalesce(any_value(started), min(first)))) AS began
            FROM used($timezone) LEFT JOIN sessions USING (session) WHERE session <> '' GROUP BY session
            ORDER BY began DESC, session LIMIT $most
        ),
        called AS MATERIALIZED (SELECT used.* FROM used($timezone) AS used SEMI JOIN newest USING (session)),
        by_day AS (SELECT session, day, {BY_DAY} FROM called GROUP BY ALL),
        told AS (SELECT session, {OF_DAYS} FROM by_day GROUP BY session),
        kinds AS (
            SELECT session, CAST(coalesce(sum(calls) FILTER (write), 0) AS BIGINT) AS writes,
                len(list_distinct(flatten(list(services)))) AS services, {_some("country")} AS countries,
                {_some("agent")} AS tools
            FROM called GROUP BY session
        )
        SELECT began, key, class, mfa, calls, denied, hours, days, writes, services, countries, tools, first, last
        FROM newest JOIN told USING (session) JOIN kinds USING (session) ORDER BY began DESC, session""",
        {"timezone": timezone, "most": most},
    ).df()
    return rows if whole else inert_frame(rows)


def changes(
    tables: duckdb.DuckDBPyConnection, timezone: str, recent: int = RECENT, most: int = 50, *, whole: bool = False
) -> pd.DataFrame:
    """What it did first in the last days, and not in those before that were read: what changed.

    Parameters
    ----------
    recent
        So many of the last days.
    most
        Rows; kinds of which it had the fewest different values before come first: they change least.
    whole
        Texts as they were delivered, neither printable nor cut: for who makes addresses of them and shows none so.

    Returns
    -------
    DataFrame
        `what` (service, call, account, region, country, network, tool, lasting key, resource, opening, fact), `value`,
        `first`, `last`, `calls`, `hours`, `before`: different values of its kind in the days before (where that is 0
        for calls, the principal itself is new, and so is everything), and `others`: other principals of the deployment
        that had it earlier in the days that were read.
    """
    values = " UNION ALL ".join(
        f"SELECT {place} AS place, '{what}' AS what, {column} AS value, "
        f"{OF_SPENT if table == 'handled' else _OF_A_DAY} FROM {table}($timezone) WHERE {condition} "
        f"GROUP BY value{'' if table == 'handled' else ', day'}"
        for place, (what, column, table, condition) in enumerate(VALUES)
    )
    rows = tables.execute(
        f"""WITH told AS (
            SELECT place, what, value, min(first) AS came, {OF_SPENT} FROM ({values}) GROUP BY place, what, value
        ),
        split AS (
            SELECT *, came >= until - to_days($recent) AS new,
                count(*) FILTER (came < until - to_days($recent)) OVER (PARTITION BY what) AS before
            FROM told, span
        )
        SELECT what, value, date_trunc('minute', timezone($timezone, first)) AS first,
            date_trunc('minute', timezone($timezone, last)) AS last, calls, hours, before, came
        FROM split WHERE new
        ORDER BY before, came DESC, place, value LIMIT $most""",
        {"timezone": timezone, "recent": recent, "most": most},
    ).df()
    rows["others"] = _count_others(tables, rows)
    rows = rows.drop(columns="came")
    return rows if whole else inert_frame(rows)


def _count_others(tables: duckdb.DuckDBPyConnection, rows: pd.DataFrame) -> list[int]:
    """How many other principals had the value of each row before it came."""
    tables.register("came_first", rows[["what", "value", "came"]])
    found = tables.execute(
        """SELECT what, value, count(DISTINCT principal) FROM had JOIN came_first USING (what, value)
        WHERE first < came AND principal NOT IN (SELECT principal FROM who) GROUP BY ALL"""
    ).fetchall()
    tables.unregister("came_first")
    others = {(what, value): count for what, value, count in found}
    return [others.get(asked, 0) for asked in zip(rows["what"], rows["value"], strict=True)]


def _some(column: str) -> str:
    """SQL of up to five different values as text."""
    values = f"list_sort(list(DISTINCT {column}) FILTER (NOT by_service AND {column} <> ''))"
    return f"coalesce(array_to_string({values}[:5], ', '), '')"
