"""When a deployment is busy: by hour of the week, service and person, the quiet hours, and what monitoring must carry.

Every function reads the view `events` of a connection (`Store.events.view`) and answers in a time zone it is given.
Hours in which nothing happened count as such, between the first and the last event there is.
"""

import duckdb
import pandas as pd

from pipeline.reports.day_counts import HOURS
from pipeline.text.inert import inert

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
QUIET = 0.1
"""An hour is quiet when fewer people work than this share of those in the busiest hour of the week."""
_LONGEST_NAME = 40

# Every hour there was, and what happened in it.
_HOURS = """
WITH counted AS (SELECT * FROM {hours}),
every_hour AS (
    SELECT unnest(generate_series(date_trunc('hour', min(first)), max(last), INTERVAL 1 HOUR)) AS hour FROM counted
),
local AS (
    SELECT isodow(timezone($timezone, hour)) - 1 AS weekday, hour(timezone($timezone, hour)) AS hour,
        coalesce(events, 0) AS events, coalesce(people, 0) AS people
    FROM every_hour LEFT JOIN counted USING (hour)
)
"""


def hours_of_week(events: duckdb.DuckDBPyConnection, timezone: str, *, counted: bool = False) -> pd.DataFrame:
    """Mean events in each hour of the week: a row a weekday, a column an hour of the day.

    Parameters
    ----------
    counted
        Reads the view `hours` of `pipeline.reports.day_counts` in place of `events`.

    Examples
    --------
    >>> connection = duckdb.connect()
    >>> _ = connection.execute(
    ...     "CREATE VIEW events AS SELECT TIMESTAMPTZ '2025-03-03 22:10:00+00' AS event_time, 'ana' AS principal, "
    ...     "'human' AS kind"
    ... )
    >>> float(hours_of_week(connection, "Asia/Seoul").loc["Tue", 7])
    1.0
    """
    rows = events.execute(
        f"{_hours(counted)} SELECT weekday, hour, avg(events) AS value FROM local GROUP BY ALL", {"timezone": timezone}
    ).df()
    return _week(rows)


def quiet_hours(events: duckdb.DuckDBPyConnection, timezone: str, *, counted: bool = False) -> pd.DataFrame:
    """Mean people at work in each hour of the week; who steals a credential chooses an hour with few.

    Parameters
    ----------
    counted
        Reads the view `hours` of `pipeline.reports.day_counts` in place of `events`.

    Returns
    -------
    DataFrame
        A row an hour of the week from Monday 0:00, with `weekday`, `hour`, `people`, `events` and `quiet`.
    """
    rows = events.execute(
        f"""{_hours(counted)} SELECT weekday, hour, avg(people) AS people, avg(events) AS events FROM local
        GROUP BY ALL ORDER BY weekday, hour""",
        {"timezone": timezone},
    ).df()
    rows["quiet"] = rows["people"] < QUIET * rows["people"].max()
    rows["weekday"] = rows["weekday"].map(lambda day: WEEKDAYS[day])
    return rows


def quiet_stretches(hours: pd.DataFrame) -> pd.DataFrame:
    """Quiet hours that follow each other, the longest first: `starts`, `ends` and `hours`.

    Parameters
    ----------
    hours
        From `quiet_hours`; the week is a circle.
    """
    names = [f"{weekday} {hour:02d}:00" for weekday, hour in zip(hours["weekday"], hours["hour"], strict=True)]
    quiet = hours["quiet"].tolist()
    starts = [i for i in range(len(quiet)) if quiet[i] and not quiet[i - 1]]
    if all(quiet) and quiet:
        starts = [0]
    stretches = []
    for start in starts:
        length = 0
        while length < len(quiet) and quiet[(start + length) % len(quiet)]:
            length += 1
        stretches.append((names[start], names[(start + length) % len(names)], length))
    frame = pd.DataFrame(stretches, columns=["starts", "ends", "hours"])
    return frame.sort_values("hours", ascending=False, kind="stable", ignore_index=True)


def by_service(events: duckdb.DuckDBPyConnection, timezone: str, most: int = 15) -> pd.DataFrame:
    """Events of the busiest services by hour of the day, as a share of the service's busiest hour."""
    return _profiles(events, timezone, "service", "service", "true", most)


def by_person(events: duckdb.DuckDBPyConnection, timezone: str, most: int = 20) -> pd.DataFrame:
    """Events of the busiest people by hour of the day, as a share of the person's busiest hour, early risers first."""
    profiles = _profiles(events, timezone, "principal", "principal_name", "kind = 'human'", most)
    middle = (profiles.to_numpy().cumsum(axis=1) >= profiles.to_numpy().sum(axis=1, keepdims=True) / 2).argmax(axis=1)
    ordered: pd.DataFrame = profiles.iloc[middle.argsort(kind="stable")]
    return ordered


def capacity(events: duckdb.DuckDBPyConnection, timezone: str, headroom: float = 2.0) -> pd.DataFrame:
    """Events a second that monitoring must carry, by hour of the week.

    Parameters
    ----------
    headroom
        How many times the 95th percentile to provide for.

    Returns
    -------
    DataFrame
        A row an hour of the week with `weekday`, `hour`, and in events a second over whole minutes `mean`, `p95`,
        `peak` and `provide`, which is headroom × p95.
    """
    rows = events.execute(
        """
        WITH bounds AS (SELECT date_trunc('minute', min(event_time)) AS start, max(event_time) AS last FROM events),
        every_minute AS (SELECT unnest(generate_series(start, last, INTERVAL 1 MINUTE)) AS minute FROM bounds),
        counted AS (SELECT date_trunc('minute', event_time) AS minute, count(*) / 60 AS rate FROM events GROUP BY 1)
        SELECT isodow(timezone($timezone, minute)) - 1 AS weekday, hour(timezone($timezone, minute)) AS hour,
            avg(rate) AS mean, quantile_cont(rate, 0.95) AS p95, max(rate) AS peak
        FROM (SELECT minute, coalesce(rate, 0) AS rate FROM every_minute LEFT JOIN counted USING (minute))
        GROUP BY ALL ORDER BY weekday, hour
        """,
        {"timezone": timezone},
    ).df()
    rows["provide"] = headroom * rows["p95"]
    rows["weekday"] = rows["weekday"].map(lambda day: WEEKDAYS[day])
    return rows


def week_of(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """One column of `capacity` or `quiet_hours` as a week: a row a weekday, a column an hour of the day."""
    numbers = rows["weekday"].map(WEEKDAYS.index)
    return _week(pd.DataFrame({"weekday": numbers, "hour": rows["hour"], "value": rows[column]}))


def _hours(counted: bool) -> str:
    return _HOURS.format(hours="hours" if counted else f"({HOURS})")


def _week(rows: pd.DataFrame) -> pd.DataFrame:
    table = rows.pivot(index="weekday", columns="hour", values="value").astype(float)
    table = table.reindex(index=range(7), columns=range(24), fill_value=0.0).fillna(0.0)
    table.index = pd.Index(WEEKDAYS, name="weekday")
    return table


def _profiles(
    events: duckdb.DuckDBPyConnection, timezone: str, key: str, name: str, where: str, most: int
) -> pd.DataFrame:
    rows = events.execute(
        f"""
        WITH chosen AS (
            SELECT {key} AS key, min({name}) AS name FROM events WHERE {where}
            GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT $most
        )
        SELECT name, key, hour(timezone($timezone, event_time)) AS hour, count(*) AS events
        FROM events JOIN chosen ON {key} = key WHERE {where} GROUP BY ALL
        """,
        {"timezone": timezone, "most": most},
    ).df()
    table = rows.pivot(index=["key", "name"], columns="hour", values="events").astype(float)
    table = table.reindex(columns=range(24), fill_value=0.0).fillna(0.0)
    table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    table.index = pd.Index([inert(label, _LONGEST_NAME) for _, label in table.index], name=name)
    return table.div(table.max(axis=1), axis=0)
