"""One principal from sums that were made: what a page shows of it, without a row of activity for each of its hours.

The functions of `pipeline.reports.principal` say of these tables what they say of all its calls. Their time zone is the
deployment's.
"""

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import duckdb

from features.activity.condition import BY_SERVICE, to_sql
from features.activity.first_seen import MEMBERS
from features.activity.statements import MERGED_PLACES
from features.times.day import day_bounds, day_number
from pipeline.reports.activity_days import last_days
from pipeline.reports.principal_calls import DAYS, OF_ANY
from pipeline.reports.principal_days import view_sums
from pipeline.reports.principal_sums import HOURS, NETWORK, SOURCES
from pipeline.settings import Settings
from pipeline.stores.home import Store

_MINE: Final = tuple(one for one in SOURCES if one not in ("places", "had"))
_FILL: Final = f"""
CREATE TEMP VIEW near AS SELECT * FROM sum_places WHERE prefix IN (SELECT DISTINCT prefix FROM my_used);
CREATE TEMP TABLE spots AS {MERGED_PLACES.replace("every_places", "near")};
CREATE TEMP TABLE placed AS SELECT day, session, split_part(session, '/', 1) AS key, prefix,
    coalesce(country, '') AS country, {NETWORK} AS network, agent, {to_sql([BY_SERVICE])} AS by_service, write, denied,
    services, mine.calls, hours, mine.first, mine.last
FROM my_used AS mine LEFT JOIN spots USING (prefix, address_kind);
INSERT INTO sessions SELECT session, min(session_start), min(session_class), bool_or(mfa) FROM my_sessions
GROUP BY session;
CREATE TEMP VIEW principals AS FROM my_principals;
INSERT INTO who SELECT principal, principal_name, kind, identity_arn, account, permission_set FROM ({MEMBERS});
CREATE TEMP MACRO acts(zone) AS TABLE FROM my_acts;
CREATE TEMP MACRO used(zone) AS TABLE FROM placed;
CREATE TEMP MACRO handled(zone) AS TABLE FROM my_handled;
CREATE TEMP VIEW had AS FROM sum_had;
"""
_HOURS: Final = "CREATE TEMP MACRO busy() AS TABLE SELECT hour, sum(calls) AS calls FROM my_busy GROUP BY hour;"


def view_principal(
    store: Store,
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    key: str,
    last: date | None = None,
    days: int = DAYS,
) -> None:
    """Make what `pipeline.reports.principal` reads of a principal; empty where it was not active.

    Parameters
    ----------
    last
        The days that are read end with this, else with the last that training or scoring has looked at.
    """
    first, last = last_days(store, settings, days, last)
    _view(connection, store, settings, key, first, last, _MINE)
    connection.execute(_FILL + _HOURS)


def view_hours(
    store: Store, settings: Settings, connection: duckdb.DuckDBPyConnection, key: str, last: date, days: int = DAYS
) -> None:
    """Make the tables of a principal with nothing in them but its calls by hour: what its weeks need, and no more."""
    first, last = last_days(store, settings, days, last)
    _view(connection, store, settings, key, first, last, [HOURS])
    connection.execute(_HOURS)


def _view(
    tables: duckdb.DuckDBPyConnection, store: Store, settings: Settings, key: str, first: date, last: date,
    what: tuple[str, ...] | list[str],
) -> None:  # fmt: skip
    """Take what is asked for of a principal, as tables `my_…`."""
    zone = ZoneInfo(settings.timezone)
    since, until = day_bounds(day_number(first), zone)[0], day_bounds(day_number(last), zone)[1]
    view_sums(tables, store, settings, first, last, tuple(SOURCES) if len(what) > 1 else what)
    tables.execute(OF_ANY)
    tables.execute("INSERT INTO span VALUES ($since, $until)", {"since": since, "until": until})
    for one in what:
        columns = "*" if one == "principals" else "* EXCLUDE (principal)"
        sql = f"CREATE TEMP TABLE my_{one} AS SELECT {columns} FROM sum_{one} WHERE principal = $key"
        tables.execute(sql, {"key": key})
