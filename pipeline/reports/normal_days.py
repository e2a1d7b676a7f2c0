"""The days of a principal that are most like one of its days: what it does when nothing is wrong.

Every function reads the tables of a connection that `pipeline.reports.principal_calls` made.
"""

from collections.abc import Collection
from datetime import date
from typing import Final

import duckdb
import numpy as np
import pandas as pd

MEASURES: Final = {
    "calls": ("calls", "CAST(sum(calls) AS BIGINT)"),
    "hours": ("hours with a call", "count(DISTINCT hour)"),
    "writes": ("calls that change something", "CAST(coalesce(sum(calls) FILTER (write), 0) AS BIGINT)"),
    "denied": ("denied calls", "CAST(coalesce(sum(calls) FILTER (denied), 0) AS BIGINT)"),
    "failed": ("failed calls", "CAST(coalesce(sum(calls) FILTER (error <> ''), 0) AS BIGINT)"),
    "actions": ("different calls", "count(DISTINCT action)"),
    "services": ("services", "count(DISTINCT service)"),
    "accounts": ("accounts", "count(DISTINCT account)"),
    "regions": ("regions", "count(DISTINCT nullif(region, ''))"),
    "countries": ("countries", "count(DISTINCT nullif(country, '')) FILTER (NOT by_service)"),
    "networks": ("networks", "count(DISTINCT network) FILTER (NOT by_service)"),
    "tools": ("tools", "count(DISTINCT nullif(agent, '')) FILTER (NOT by_service)"),
    "sessions": ("sessions", "count(DISTINCT nullif(session, ''))"),
    "resources": ("different resources", "resources"),
}
"""Measures of a day, with what an analyst reads after the number."""


def measure_days(tables: duckdb.DuckDBPyConnection, timezone: str) -> pd.DataFrame:
    """A row a day with a call, oldest first; a column a measure of `MEASURES`."""
    counted = ", ".join(f"{sql} AS {name}" for name, (_, sql) in MEASURES.items() if name != "resources")
    rows = tables.execute(
        f"""WITH local AS (SELECT *, CAST(timezone($timezone, hour) AS DATE) AS day FROM calls),
        held AS (
            SELECT CAST(timezone($timezone, hour) AS DATE) AS day, count(DISTINCT resource) AS resources FROM touched
            WHERE NOT starts_with(resource, 'exposure:') AND NOT starts_with(resource, 'fact:') GROUP BY 1
        )
        SELECT day, {counted}, coalesce(any_value(resources), 0) AS resources
        FROM local LEFT JOIN held USING (day) GROUP BY day ORDER BY day""",
        {"timezone": timezone},
    ).df()
    rows["day"] = pd.to_datetime(rows["day"])
    return rows.set_index("day")


def nearest_days(
    tables: duckdb.DuckDBPyConnection, timezone: str, day: date, alerted: Collection[date] = (), most: int = 5
) -> pd.DataFrame:
    """The days of a principal that are most like one of its days, and that day itself.

    Two days are as near as their measures are: `apart` is e to the mean of |ln(1 + a) − ln(1 + b)| over `MEASURES`, so
    1 is a day with the same numbers, and 2 one whose numbers are half or twice as large on average. On a logarithmic
    scale one more country counts as much as many more calls.

    Parameters
    ----------
    alerted
        Days with an alert, which are not normal.
    most
        So many normal days.

    Returns
    -------
    DataFrame
        A row a day, first the one asked for, then the nearest: `day`, `apart`, `shared` (share of the day's calls, by
        their names, that this one had too), and the measures. Only the first where there is no normal day; no row
        where the principal did nothing on that day.
    """
    rows = measure_days(tables, timezone)
    asked = pd.Timestamp(day)
    if asked not in rows.index:
        return pd.DataFrame(columns=["day", "apart", "shared", *MEASURES])
    scale = rows[[*MEASURES]].astype(float).apply(np.log1p)
    rows.insert(0, "apart", np.exp((scale - scale.loc[asked]).abs().mean(axis=1)))
    rows.insert(1, "shared", _share_calls(tables, timezone, day).reindex(rows.index).fillna(0.0))
    others = rows.drop(index=[pd.Timestamp(one) for one in {day, *alerted} if pd.Timestamp(one) in rows.index])
    nearest = others.sort_values(["apart", "shared"], ascending=[True, False], kind="stable").head(most)
    return pd.concat([rows.loc[[asked]], nearest]).reset_index(names="day")


def typical_day(
    tables: duckdb.DuckDBPyConnection, timezone: str, day: date, alerted: Collection[date] = ()
) -> pd.DataFrame:
    """A day's measures beside those of the principal's normal days: `measure`, `meaning`, `actual`, `median`, `low` and
    `high` (5th and 95th percentile) and `days` (normal ones with at least as much)."""
    rows = measure_days(tables, timezone)
    asked = pd.Timestamp(day)
    others = rows.drop(index=[pd.Timestamp(one) for one in {day, *alerted} if pd.Timestamp(one) in rows.index])
    if asked not in rows.index:
        return pd.DataFrame(columns=["measure", "meaning", "actual", "median", "low", "high", "days"])
    counts = others[[*MEASURES]].astype(float)
    actual = rows[[*MEASURES]].astype(float).loc[asked]
    table = pd.DataFrame(
        {
            "meaning": {name: meaning for name, (meaning, _) in MEASURES.items()},
            "actual": actual,
            "median": counts.median(),
            "low": counts.quantile(0.05),
            "high": counts.quantile(0.95),
            "days": (counts >= actual).sum(),
        }
    )
    table["beyond"] = table["actual"].map(np.log1p) - table["high"].map(np.log1p)
    ordered = table.sort_values("beyond", ascending=False, kind="stable").drop(columns="beyond")
    return ordered.reset_index(names="measure")


def _share_calls(tables: duckdb.DuckDBPyConnection, timezone: str, day: date) -> pd.Series:
    """By day, the share of one day's different calls that it had too."""
    rows = tables.execute(
        """WITH made AS (SELECT DISTINCT CAST(timezone($timezone, hour) AS DATE) AS day, action FROM calls),
        asked AS (SELECT action FROM made WHERE day = $day)
        SELECT day, count(*) / (SELECT count(*) FROM asked) AS shared FROM made SEMI JOIN asked USING (action)
        GROUP BY day""",
        {"timezone": timezone, "day": day},
    ).df()
    return pd.Series(rows["shared"].to_numpy(), index=pd.to_datetime(rows["day"]))
