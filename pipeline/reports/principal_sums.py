"""A principal's calls summed by the deployment's day: what the functions about one principal read, of whatever made it.

Summed are what it called (`acts`), with what and from where (`used`), how much in each hour (`busy`) and on what
(`handled`). A row says in which of the day's hours it was, a bit an hour, so that hours are still counted exactly. Of
what it called on, of which there may be much, no day is asked for: rows say in how many hours, and a week's are one.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from features.activity.condition import BY_SERVICE, DENIED, to_sql
from features.activity.first_seen import WHO
from features.activity.statements import MERGED_PLACES
from features.times.day import zone_name

_HOUR: Final = "CAST(1 AS BIGINT) << CAST(epoch(hour) // 3600 % 32 AS BIGINT)"  # a day has 25 hours at most
MEASURES: Final = (
    f"CAST(sum(calls) AS BIGINT) AS calls, bit_or({_HOUR}) AS hours, min(first) AS first, max(last) AS last"
)
OF_SPENT: Final = """CAST(sum(calls) AS BIGINT) AS calls, CAST(sum(hours) AS BIGINT) AS hours, min(first) AS first,
    max(last) AS last"""
"""Measures of rows that say in how many hours, none of them in the same."""
BY_DAY: Final = """CAST(sum(calls) AS BIGINT) AS calls,
    CAST(coalesce(sum(calls) FILTER (denied), 0) AS BIGINT) AS denied, bit_or(hours) AS hours, min(first) AS first,
    max(last) AS last"""
"""Measures of rows of `acts` or `used` of one day."""
OF_DAYS: Final = """CAST(sum(calls) AS BIGINT) AS calls, CAST(sum(denied) AS BIGINT) AS denied,
    CAST(sum(bit_count(hours)) AS BIGINT) AS hours, count(*) AS days,
    date_trunc('minute', timezone($timezone, min(first))) AS first,
    date_trunc('minute', timezone($timezone, max(last))) AS last"""
"""Measures of rows that are one a day."""

OF_CALLS: Final = f"""
CREATE TEMP MACRO acts(zone) AS TABLE
SELECT CAST(timezone(zone, hour) AS DATE) AS day, account, action, write, region, by_service, denied, {MEASURES}
FROM calls GROUP BY ALL;
CREATE TEMP MACRO used(zone) AS TABLE
SELECT CAST(timezone(zone, hour) AS DATE) AS day, session, key, prefix, country, network, agent, write, by_service,
    denied, list(DISTINCT service) AS services, {MEASURES}
FROM calls GROUP BY ALL;
CREATE TEMP MACRO handled(zone) AS TABLE
SELECT resource, CAST(sum(calls) AS BIGINT) AS calls, count(DISTINCT hour) AS hours, min(first) AS first,
    max(last) AS last
FROM touched GROUP BY resource;
CREATE TEMP MACRO busy() AS TABLE SELECT hour, CAST(sum(calls) AS BIGINT) AS calls FROM calls GROUP BY hour;
CREATE TEMP TABLE had (principal VARCHAR, what VARCHAR, value VARCHAR, first TIMESTAMPTZ);
"""
"""The sums of the tables `calls` and `touched` (`pipeline.reports.principal_calls.TABLES`), in any time zone."""

VALUES: Final = (
    ("service", "split_part(action, ':', 1)", "acts", "true"),
    ("call", "action", "acts", "true"),
    ("account", "account", "acts", "true"),
    ("region", "region", "acts", "region <> ''"),
    ("country", "country", "used", "country <> '' AND NOT by_service"),
    ("network", "network", "used", "prefix <> '' AND NOT by_service"),
    ("tool", "agent", "used", "agent <> '' AND NOT by_service"),
    ("lasting key", "key", "used", "starts_with(key, 'AKIA')"),
    (
        "resource",
        "resource",
        "handled",
        "NOT starts_with(resource, 'exposure:') AND NOT starts_with(resource, 'fact:')",
    ),
    ("opening", "substr(resource, 10)", "handled", "starts_with(resource, 'exposure:')"),
    ("fact", "substr(resource, 6)", "handled", "starts_with(resource, 'fact:')"),
)
"""What may be new: where it stands, in which sums, and among which rows."""
NETWORK: Final = """coalesce(nullif(spots.network, ''), nullif(organisation, '') || ' (AS' || asn || ')',
    CASE mine.address_kind WHEN 'public' THEN 'unknown' ELSE replace(mine.address_kind, '_', ' ') END)"""
SOURCES: Final[dict[str, tuple[str, ...]]] = {
    "acts": ("joint",),
    "used": ("joint",),
    "busy": ("joint",),
    "handled": ("touched",),
    "principals": ("principals",),
    "sessions": ("sessions",),
    "places": ("places",),
    "had": ("joint", "touched", "places"),
}
"""By what is summed: the tables of activity that it is made of. `had` is who had which of `VALUES`, and since when."""
HOURS: Final = "busy"
ORDER: Final = dict.fromkeys(SOURCES, "principal") | {"places": "prefix", "had": "what, value"}


_FIRST_KNOWN: Final = "PARTITION BY prefix, address_kind ORDER BY delivered, country, asn, city"  # as MERGED_PLACES


def sum_up(what: str, rows: Mapping[str, str], timezone: str) -> str:
    """SELECT of the sums of everybody's days, each of principals, sessions and places once.

    Parameters
    ----------
    what
        One of `SOURCES`.
    rows
        By table of activity a relation with its rows; of those with an hour, of whole days.

    Examples
    --------
    >>> print(sum_up("busy", {"joint": "every_joint"}, "UTC"))
    SELECT principal, hour, CAST(sum(calls) AS BIGINT) AS calls FROM every_joint GROUP BY ALL
    """
    day = f"CAST(timezone('{zone_name(timezone)}', hour) AS DATE) AS day"
    denied = f"{to_sql([DENIED])} AS denied"
    source = rows[SOURCES[what][0]]
    match what:
        case "acts":
            keys = f"principal, {day}, account, action, write, region, {to_sql([BY_SERVICE])} AS by_service, {denied}"
            return f"SELECT {keys}, {MEASURES} FROM {source} GROUP BY ALL"
        case "used":
            keys = f"principal, {day}, session, prefix, address_kind, agent, write, {denied}"
            services = "list(DISTINCT split_part(action, ':', 1)) AS services"
            return f"SELECT {keys}, {services}, {MEASURES} FROM {source} GROUP BY ALL"
        case "busy":
            return f"SELECT principal, hour, CAST(sum(calls) AS BIGINT) AS calls FROM {source} GROUP BY ALL"
        case "handled":
            by_day = f"SELECT principal, {day}, resource, {MEASURES} FROM {source} GROUP BY ALL"
            return f"SELECT * EXCLUDE (day) REPLACE (CAST(bit_count(hours) AS BIGINT) AS hours) FROM ({by_day})"
        case "had":
            return _list_had(rows)
        case _:
            return put_together(what, source)


def put_together(what: str, rows: str) -> str:
    """SELECT of the sums of several days, of those of each.

    >>> put_together("acts", "days")
    'SELECT * FROM days'
    """
    match what:
        case "principals":
            return f"SELECT DISTINCT {', '.join(WHO)} FROM {rows}"
        case "sessions":
            return (
                "SELECT principal, session, min(session_start) AS session_start, min(session_class) AS session_class, "
                f"bool_or(mfa) AS mfa FROM {rows} GROUP BY ALL"
            )
        case "places":
            return f"SELECT * FROM {rows} QUALIFY row_number() OVER ({_FIRST_KNOWN}) = 1"
        case "handled":
            return f"SELECT principal, resource, {OF_SPENT} FROM {rows} GROUP BY ALL"
        case "had":
            return f"SELECT principal, what, value, min(first) AS first FROM {rows} GROUP BY ALL"
        case _:
            return f"SELECT * FROM {rows}"


def _list_had(rows: Mapping[str, str]) -> str:
    """SELECT of who had which value first when."""
    values = " UNION ALL ".join(
        f"SELECT principal, '{what}' AS what, {column} AS value, min(first) AS first "
        f"FROM {'handled' if table == 'handled' else 'called'} WHERE {condition} GROUP BY ALL"
        for what, column, table, condition in VALUES
    )
    return f"""WITH places_of AS ({MERGED_PLACES.replace("every_places", rows["places"])}),
    mine AS (
        SELECT principal, action, account, region, prefix, address_kind, agent, split_part(session, '/', 1) AS key,
            min(first) AS first FROM {rows["joint"]} GROUP BY ALL
    ),
    called AS MATERIALIZED (
        SELECT mine.* EXCLUDE (first), mine.first, coalesce(country, '') AS country, {NETWORK} AS network,
            {to_sql([BY_SERVICE])} AS by_service
        FROM mine LEFT JOIN places_of AS spots USING (prefix, address_kind)
    ),
    handled AS MATERIALIZED (SELECT principal, resource, min(first) AS first FROM {rows["touched"]} GROUP BY ALL)
    {values}"""


def of_days(days: Iterable[date], timezone: str) -> str:
    """Condition on rows with an hour: it is of one of some days.

    >>> of_days([date(2026, 3, 2)], "UTC")
    "CAST(timezone('UTC', hour) AS DATE) IN ('2026-03-02')"
    """
    among = ", ".join(f"'{day}'" for day in days) or "NULL"
    return f"CAST(timezone('{zone_name(timezone)}', hour) AS DATE) IN ({among})"
