"""Where a deployment is called from: countries, networks, places that are new, and the regions each account lives in.

Every function reads the view `events` of a connection (`Store.events.view`); those that are told that it is `counted`
read the view `placed` of `pipeline.reports.day_counts`. Calls that an AWS service made on a
principal's behalf come from nowhere and are left out.
"""

import duckdb
import pandas as pd

from pipeline.reports.day_counts import PLACES
from pipeline.text.inert import inert

SETTLING_DAYS = 7
"""The first days of a principal, or of the history, in which every place is new."""
HOME_SHARE = 0.05
"""An account lives in the regions that get at least this share of its calls."""
_LONGEST_NAME = 60

_MEASURES = """CAST(sum(events) AS BIGINT) AS events, count(DISTINCT principal) AS principals,
    count(DISTINCT principal) FILTER (kind = 'human') AS people, date_trunc('minute', min(first)) AS first,
    date_trunc('minute', max(last)) AS last"""


def known_share(events: duckdb.DuckDBPyConnection, *, counted: bool = False) -> float:
    """Share of calls from public addresses whose country is known; 0 without a geo database."""
    row = events.execute(
        f"""{_placed(counted)} SELECT sum(events) FILTER (country <> '') / sum(events)
        FROM calls WHERE address_kind = 'public'"""
    ).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def countries(events: duckdb.DuckDBPyConnection, *, counted: bool = False) -> pd.DataFrame:
    """A row a country, the busiest first: `country`, `events`, `principals`, `people`, `first`, `last`."""
    rows = events.execute(
        f"""{_placed(counted)} SELECT coalesce(nullif(country, ''), 'unknown') AS country, {_MEASURES}
        FROM calls WHERE address_kind = 'public' GROUP BY 1 ORDER BY events DESC, country"""
    )
    return _inert(rows.df())


def networks(
    events: duckdb.DuckDBPyConnection, most: int = 20, newest: int = 10, *, counted: bool = False
) -> pd.DataFrame:
    """A row a network, the busiest first; after those that are used most, the new ones that are hardly used.

    Parameters
    ----------
    most
        So many of the busiest.
    newest
        So many of the new ones beside them: those of the fewest principals, then the latest.

    Returns
    -------
    DataFrame
        `network` (own name, else the organisation and its number, else the kind of address), `asn`, `countries`,
        `events`, `principals`, `people`, `first`, `last`, and `new`: nobody called from there in the first days of
        the history.
    """
    rows = events.execute(
        f"""{_placed(counted)}, named AS (
            SELECT coalesce(nullif(network, ''), nullif(organisation, '') || ' (AS' || asn || ')',
                CASE address_kind WHEN 'public' THEN 'unknown' ELSE replace(address_kind, '_', ' ') END) AS network,
                asn, coalesce(string_agg(DISTINCT nullif(country, ''), ' ' ORDER BY nullif(country, '')), '')
                AS countries, {_MEASURES}
            FROM calls GROUP BY 1, 2
        ),
        told AS (
            SELECT *, first >= (SELECT min(first) FROM calls) + to_days({SETTLING_DAYS}) AS new FROM named
        )
        SELECT * FROM told
        QUALIFY row_number() OVER (ORDER BY events DESC, network) <= $most
            OR new AND row_number() OVER (PARTITION BY new ORDER BY principals, first DESC, network) <= $newest
        ORDER BY events DESC, network""",
        {"most": most, "newest": newest},
    )
    return _inert(rows.df())


def new_places(
    events: duckdb.DuckDBPyConnection, timezone: str, *, counted: bool = False, keyed: bool = False
) -> pd.DataFrame:
    """First calls of a principal from a country or network, newest first; its first days are left out.

    Parameters
    ----------
    keyed
        With a column `key` beside them: the principal's key as it was delivered, for an address and not to be shown.

    Returns
    -------
    DataFrame
        `day`, `principal`, `kind`, `what` (country or network), `value`, `events` from there since, and `others`: how
        many principals had been there before.
    """
    rows = events.execute(
        f"""{_placed(counted)}, came AS (
            SELECT principal, principal_name, kind, first, events, 'country' AS what, country AS value FROM calls
            WHERE country <> ''
            UNION ALL
            SELECT principal, principal_name, kind, first, events, 'network',
                'AS' || asn || CASE WHEN organisation = '' THEN '' ELSE ' ' || organisation END
            FROM calls WHERE asn <> 0
        ),
        firsts AS (
            SELECT principal, min(principal_name) AS name, min(kind) AS kind, what, value, min(first) AS first,
                CAST(sum(events) AS BIGINT) AS events
            FROM came GROUP BY principal, what, value
        ),
        ranked AS (
            SELECT *, min(first) OVER (PARTITION BY principal) AS joined,
                row_number() OVER (PARTITION BY what, value ORDER BY first, principal) - 1 AS others
            FROM firsts
        )
        SELECT CAST(timezone($timezone, first) AS DATE) AS day, name AS principal, kind, what, value, events, others
            {", ranked.principal AS key" if keyed else ""}
        FROM ranked WHERE first >= joined + to_days({SETTLING_DAYS}) ORDER BY first DESC, principal, what, value""",
        {"timezone": timezone},
    ).df()
    keys = rows.pop("key") if keyed else None
    shown = _inert(rows)
    return shown if keys is None else shown.assign(key=keys)


def new_places_by_day(events: duckdb.DuckDBPyConnection, timezone: str) -> pd.DataFrame:
    """How many firsts of `new_places` each day had: a row a day of the history, columns `country` and `network`."""
    firsts = new_places(events, timezone)
    bounds = events.execute(
        "SELECT CAST(timezone($timezone, min(event_time)) AS DATE), CAST(timezone($timezone, max(event_time)) AS DATE) "
        "FROM events",
        {"timezone": timezone},
    ).fetchone()
    if bounds is None or bounds[0] is None:
        return pd.DataFrame(columns=["country", "network"])
    counts = firsts.groupby(["day", "what"]).size().unstack(fill_value=0)
    counts.index = pd.DatetimeIndex(counts.index)
    return counts.reindex(
        index=pd.date_range(bounds[0], bounds[1], name="day"), columns=["country", "network"], fill_value=0
    )


def regions(events: duckdb.DuckDBPyConnection, most: int = 20) -> pd.DataFrame:
    """Share of each account's calls by region, global services aside: a row an account, the busiest region first."""
    rows = events.execute(
        """SELECT account, region, count(*) AS events FROM events WHERE region <> '' GROUP BY ALL ORDER BY 1, 2"""
    ).df()
    table = _inert(rows).pivot(index="account", columns="region", values="events").fillna(0.0)
    table = table.loc[:, table.sum().sort_values(ascending=False, kind="stable").index[:most]]
    return table.div(table.sum(axis=1), axis=0)


def outside_home(events: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Calls to regions an account does not live in: `account`, `region`, `principal`, `kind`, `events`, `first`."""
    rows = events.execute(
        f"""WITH shares AS (
            SELECT account, region, count(*) / sum(count(*)) OVER (PARTITION BY account) AS share
            FROM events WHERE region <> '' GROUP BY account, region
        )
        SELECT account, region, min(principal_name) AS principal, min(kind) AS kind, count(*) AS events,
            date_trunc('minute', min(event_time)) AS first
        FROM events SEMI JOIN (SELECT account, region FROM shares WHERE share < {HOME_SHARE}) AS away
            USING (account, region)
        GROUP BY account, region, events.principal ORDER BY first DESC, account, region, principal"""
    )
    return _inert(rows.df())


def _placed(counted: bool) -> str:
    return f"WITH calls AS (SELECT * FROM {'placed' if counted else f'({PLACES})'})"


def _inert(frame: pd.DataFrame) -> pd.DataFrame:
    """Text of unknown origin, fit to be shown."""
    for name in frame.columns:
        if pd.api.types.is_string_dtype(frame[name]) or frame[name].dtype == object:
            shown = [inert(value, _LONGEST_NAME) if isinstance(value, str) else value for value in frame[name]]
            frame[name] = pd.Series(shown, index=frame.index, dtype=frame[name].dtype)
    return frame
