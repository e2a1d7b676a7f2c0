"""What the report on one principal reads: its calls of a home's last days, with where they came from, as tables.

Activity is read, not events: however much a deployment does, what is held here is one principal's hours.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd

from features.activity.condition import BY_SERVICE, DENIED, to_sql
from features.activity.first_seen import MEMBERS, WHO
from features.activity.statements import MERGED_PLACES
from features.times.day import day_bounds, day_number
from pipeline.connection import connect
from pipeline.errors import NoHistoryError
from pipeline.reports.activity_days import last_days, view_activity
from pipeline.reports.principal_days import view_sums
from pipeline.reports.principal_sums import NETWORK, OF_CALLS
from pipeline.reports.source import find_home
from pipeline.settings import Settings, load_settings
from pipeline.stores.home import Store, open_store
from pipeline.text.inert import inert
from pipeline.text.plural import plural

DAYS: Final = 28
"""Days that are read: four of each weekday."""
_LONGEST: Final = 100

OF_ANY: Final = """
CREATE TEMP TABLE span (since TIMESTAMPTZ, until TIMESTAMPTZ);
CREATE TEMP TABLE who (principal VARCHAR, name VARCHAR, kind VARCHAR, identity_arn VARCHAR, account VARCHAR,
    permission_set VARCHAR);
CREATE TEMP TABLE sessions (session VARCHAR, started TIMESTAMPTZ, class VARCHAR, mfa BOOLEAN);
"""
"""Tables of a principal, whether its calls or sums of them are read, empty."""
TABLES: Final = f"""{OF_ANY}
CREATE TEMP TABLE calls (hour TIMESTAMPTZ, account VARCHAR, service VARCHAR, action VARCHAR, write BOOLEAN,
    region VARCHAR, prefix VARCHAR, country VARCHAR, network VARCHAR, agent VARCHAR, by_service BOOLEAN, key VARCHAR,
    session VARCHAR, error VARCHAR, denied BOOLEAN, calls BIGINT, first TIMESTAMPTZ, last TIMESTAMPTZ);
CREATE TEMP TABLE touched (hour TIMESTAMPTZ, action VARCHAR, resource VARCHAR, calls BIGINT, first TIMESTAMPTZ,
    last TIMESTAMPTZ);
{OF_CALLS}"""
"""Tables of `open_principal`, empty, and their sums. Names are as delivered; the functions that show them make them
printable."""


def list_principals(home: Path | str | None = None, days: int = DAYS, most: int = 20) -> pd.DataFrame:
    """The busiest principals of the last days, to choose one of; AWS services, which are not judged, are left out.

    Returns
    -------
    DataFrame
        A row a principal, the busiest first: `principal` (its key), `name`, `kind`, `calls`, `days` with a call, and
        `accounts` that it called in.

    Raises
    ------
    StoreError
        There is no store, or something in it is damaged; says what to do.
    NoHistoryError
        Nothing was ingested, or no activity was made of it yet; says which command does it.
    """
    settings = load_settings({"home": home})
    with open_store(find_home(settings), create=False) as store, connect(settings.threads, settings.memory) as reading:
        first, last = last_days(store, settings, days)
        view_activity(reading, store, first, last)
        rows = reading.execute(
            """SELECT principal, min(principal_name) AS name, min(kind) AS kind, CAST(sum(calls) AS BIGINT) AS calls,
                count(DISTINCT CAST(timezone($timezone, first) AS DATE)) AS days, count(DISTINCT account) AS accounts
            FROM every_principals
            WHERE kind <> 'aws_service' AND CAST(timezone($timezone, last) AS DATE) BETWEEN $first AND $last
            GROUP BY 1 ORDER BY calls DESC, principal LIMIT $most""",
            {"timezone": settings.timezone, "most": most, "first": first, "last": last},
        ).df()
    for column in ("principal", "name", "kind"):
        rows[column] = [inert(value, _LONGEST) for value in rows[column]]
    return rows


def open_principal(who: str, home: Path | str | None = None, days: int = DAYS) -> duckdb.DuckDBPyConnection:
    """A connection with the tables of `TABLES` about one principal; others may write meanwhile.

    Parameters
    ----------
    who
        Its key, as alerts and `list_principals` have it, or its name where no other has the same.
    home
        As of `pipeline.reports.source.open_events`.
    days
        So many days that end with the last one that training or scoring has looked at. No other day is read.

    Raises
    ------
    StoreError
        There is no store, or something in it is damaged; says what to do.
    NoHistoryError
        Nothing was ingested, no activity was made of it yet, or nobody of this name was active in these days.
    """
    settings = load_settings({"home": home})
    with open_store(find_home(settings), create=False) as store:
        with connect(settings.threads, settings.memory) as reading:
            view_activity(reading, store, *last_days(store, settings, days))
            key = _find_key(reading, who, days)
        return take_principal(store, settings, key, days, others=True)


def take_principal(
    store: Store, settings: Settings, key: str, days: int = DAYS, last: date | None = None, *, others: bool = False
) -> duckdb.DuckDBPyConnection:
    """The same from a store that is open, by the principal's key; the tables are empty where it was not active.

    Parameters
    ----------
    last
        The days that are read end with this, else with the last that training or scoring has looked at.
    others
        With `had`: which others had what this one had, and since when.
    """
    first, last = last_days(store, settings, days, last)
    zone = ZoneInfo(settings.timezone)
    since, until = day_bounds(day_number(first), zone)[0], day_bounds(day_number(last), zone)[1]
    tables = connect(settings.threads, settings.memory)
    view_activity(tables, store, since.date(), (until - timedelta(hours=1)).date(), around=timedelta())
    tables.execute(TABLES)
    tables.execute("INSERT INTO span VALUES ($since, $until)", {"since": since, "until": until})
    asked = {"key": key, "since": since, "until": until}
    for kind, columns in _READ.items():
        tables.execute(
            f"CREATE TEMP TABLE my_{kind} AS SELECT {columns} FROM every_{kind} "
            "WHERE principal = $key AND hour >= $since AND hour < $until",
            asked,
        )
    for kind, columns in _READ_OF_ALL.items():
        tables.execute(
            f"CREATE TEMP TABLE my_{kind} AS SELECT {columns} FROM every_{kind} WHERE principal = $key", {"key": key}
        )
    tables.execute(_FILL)
    if others:
        view_sums(tables, store, settings, first, last, ["had"])
        tables.execute(_TAKE_HAD, {"key": key})
    return tables


_TAKE_HAD: Final = """INSERT INTO had BY NAME SELECT principal, what, value, first FROM sum_had
SEMI JOIN (SELECT what, value FROM sum_had WHERE principal = $key) AS mine USING (what, value)"""
_READ: Final = {
    "joint": "hour, account, action, write, region, prefix, address_kind, agent, session, error, calls, first, last",
    "touched": "hour, action, resource, calls, first, last",
}
_READ_OF_ALL: Final = {"principals": ", ".join(WHO), "sessions": "session, session_start, session_class, mfa"}
"""What is read of tables, of some hours and of all days."""
_FILL: Final = f"""
CREATE TEMP VIEW near AS SELECT * FROM every_places WHERE prefix IN (SELECT DISTINCT prefix FROM my_joint);
CREATE TEMP TABLE spots AS {MERGED_PLACES.replace("every_places", "near")};
INSERT INTO calls BY NAME SELECT hour, account, split_part(action, ':', 1) AS service, action, write, region, prefix,
    coalesce(country, '') AS country, {NETWORK} AS network, agent, {to_sql([BY_SERVICE])} AS by_service,
    split_part(session, '/', 1) AS key, session, error, {to_sql([DENIED])} AS denied, mine.calls, mine.first, mine.last
FROM my_joint AS mine LEFT JOIN spots USING (prefix, address_kind);
INSERT INTO touched SELECT hour, action, resource, calls, first, last FROM my_touched;
INSERT INTO sessions SELECT session, min(session_start), min(session_class), bool_or(mfa) FROM my_sessions
GROUP BY session;
CREATE TEMP VIEW principals AS FROM my_principals;
INSERT INTO who SELECT principal, principal_name, kind, identity_arn, account, permission_set FROM ({MEMBERS});
"""


def _find_key(reading: duckdb.DuckDBPyConnection, who: str, days: int) -> str:
    """The key of the principal that has this key, shown or as it is, or this name."""
    found = reading.execute("SELECT DISTINCT principal, principal_name FROM every_principals").fetchall()
    keys = {key for key, _ in found if key == who}
    keys = keys or {key for key, _ in found if inert(key, _LONGEST) == who}
    keys = keys or {key for key, name in found if who in (name, inert(name, _LONGEST))}
    shown = inert(who, _LONGEST)
    if not keys:
        raise NoHistoryError(
            f"nobody called {shown!r} was active in the last {plural(days, 'day')}: take a principal as "
            "`list_principals` shows it, or ask for more days"
        )
    if len(keys) > 1:
        some = ", ".join(inert(key, _LONGEST) for key in sorted(keys)[:5])
        raise NoHistoryError(f"{len(keys)} principals are called {shown!r}: give the key of one, such as {some}")
    return str(keys.pop())
