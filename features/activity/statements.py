"""Activity: exact, mergeable counts of what each principal did in each hour. Everything after ingestion reads it.

`joint`
    one row a (account, principal, hour, session, action, level, write, region, prefix, address kind, agent, error,
    known_on), with calls, first and last event time, and the tick of the first delivery.
`touched`
    one row a (account, principal, hour, action, write, resource, known_on), with the same measures. Resources are
    tokens `type:name`; what a request exposes and the facts of a record are resources of type `exposure` and `fact`.
    What a call made is left out: its id is new every time, for an autoscaler as for a thief.
`filled`
    one row a (principal, hour, known_on, tick), with the calls of each kind that came in it: how an hour filled, which
    a row that was merged over ticks does not tell.
`principals`, `places`, `sessions`
    describe the keys: who a principal is, where a prefix lies, when a session began.

All are GROUP BYs over an account-day's events, so they merge by addition and can be rewritten. `known_on` is the
deployment's day from whose nightly training on a row may be learnt: what is delivered after that training joins the
next one, so that a replay of deliveries gives the same baselines. A *tick* is the end of the minute of delivery
in which an event came; scored by tick, the two tables have a row for each.

The SQL is text in DuckDB's dialect; `pipeline` runs it over a view named `events`, with the macros of `prelude`.
"""

from typing import Final

from features.activity.hourly import fill
from features.times.day import day_macros
from features.times.tick import TICK_MACRO

JOINT_KEYS: Final = (
    "account",
    "principal",
    "hour",
    "session",
    "action",
    "level",
    "write",
    "region",
    "prefix",
    "address_kind",
    "agent",
    "error",
    "known_on",
)
TOUCHED_KEYS: Final = ("account", "principal", "hour", "action", "write", "resource", "known_on")

_MEASURES = "count(*) AS calls, min(event_time) AS first, max(event_time) AS last"


def _tick(each: bool) -> str:
    return "tick_of(delivered_at) AS tick" if each else "tick_of(min(delivered_at)) AS tick"


_MERGED = """
    CAST(sum(calls) AS BIGINT) AS calls,
    min(first) AS first,
    max(last) AS last,
    min(tick) AS tick"""


def prelude(timezone: str, lateness_minutes: int) -> str:
    """Macros the other statements use (`features.times`).

    >>> "Asia/Seoul" in prelude("Asia/Seoul", 15)
    True
    """
    return day_macros(timezone, lateness_minutes) + TICK_MACRO


_THROUGH_ENDPOINT = "vpc_endpoint <> '' AND prefix <> ''"  # and not a service's call, which has no network

COUNTED: Final = f"""
CREATE OR REPLACE TEMP VIEW counted AS
WITH trained AS NOT MATERIALIZED (
    SELECT * REPLACE (
        CASE WHEN {_THROUGH_ENDPOINT} THEN vpc_endpoint ELSE prefix END AS prefix,
        CASE WHEN {_THROUGH_ENDPOINT} THEN 'vpc_endpoint' ELSE address_kind END AS address_kind,
        coalesce(made, []) AS made
    ) FROM events
    WHERE category IN ('Management', 'Data') AND NOT list_has_any(flags, ['future', 'past'])
)
SELECT * FROM trained WHERE shared_event_id IS NULL
UNION ALL
SELECT * FROM trained WHERE shared_event_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY principal, shared_event_id ORDER BY delivered_at, event_id) = 1
"""
"""The events that count: no network activity, no impossible times; cross-account twins once a principal.

Their network is the VPC endpoint where a call came through one: it is a place as a public prefix is, while the private
address behind it is one of many. Not materialized, so that who asks for some principals reads their rows alone."""


def joint(by_tick: bool = False) -> str:
    """Statement that makes `joint` from the view `counted`; `by_tick` keeps a row for each tick of delivery.

    >>> "tick_of(delivered_at) AS tick" in joint(by_tick=True)
    True
    """
    return f"""
SELECT account, principal, date_trunc('hour', event_time) AS hour, session, action, level, write, region, prefix,
    address_kind, agent, error, known_day(delivered_at, event_time) AS known_on, {_MEASURES}, {_tick(by_tick)}
FROM counted GROUP BY ALL
"""


def touched(by_tick: bool = False) -> str:
    """Statement that makes `touched` from the view `counted`; `by_tick` as for `joint`.

    >>> touched().count("'exposure:'")
    1
    """
    return f"""
WITH tokens AS (
    SELECT account, principal, event_time, action, write, delivered_at,
        unnest(CASE WHEN len(made) = 0 THEN resources
            ELSE list_filter(resources, lambda x: NOT list_contains(made, x)) END
            || list_transform(exposures, lambda x: 'exposure:' || x)
            || list_transform(facts, lambda x: 'fact:' || x)) AS resource
    FROM counted WHERE len(resources) + len(exposures) + len(facts) > 0
)
SELECT account, principal, date_trunc('hour', event_time) AS hour, action, write, resource,
    known_day(delivered_at, event_time) AS known_on, {_MEASURES}, {_tick(by_tick)}
FROM tokens GROUP BY ALL
"""


_FIRST = "(delivered_at, event_id)"  # attributes are those of the first delivery, so that later ones never change them


def _first(*names: str) -> str:
    """Columns of the first delivery as one struct: to look for it once is faster than once a column."""
    return f"arg_min(struct_pack({', '.join(f'{name} := {name}' for name in names)}), {_FIRST})"


PRINCIPALS: Final = f"""
SELECT * EXCLUDE (one), unnest(one) FROM (
    SELECT principal, identity, identity_arn, identity_account, account,
        {_first("kind", "identity_type", "principal_name", "identity_name", "permission_set", "rule")} AS one,
        known_day(min(delivered_at), min(event_time)) AS known_on, count(*) AS calls, min(delivered_at) AS delivered,
        min(event_time) AS first, max(event_time) AS last
    FROM counted GROUP BY principal, identity, identity_arn, identity_account, account
)
"""

PLACES: Final = f"""
SELECT * EXCLUDE (one, spot), unnest(one), spot.latitude AS latitude, spot.longitude AS longitude FROM (
    SELECT prefix, address_kind, {_first("country", "city", "asn", "organisation", "network")} AS one,
        {_first("latitude", "longitude")} FILTER (latitude IS NOT NULL) AS spot, count(*) AS calls,
        min(delivered_at) AS delivered, min(event_time) AS first, max(event_time) AS last
    FROM counted WHERE prefix <> '' GROUP BY prefix, address_kind
)
"""

SESSIONS: Final = f"""
SELECT session, principal, min(session_start) AS session_start, arg_min(session_class, {_FIRST}) AS session_class,
    bool_or(mfa) AS mfa, min(event_time) AS first, max(event_time) AS last
FROM counted WHERE session <> '' GROUP BY session, principal
"""


def merged(table: str, keys: tuple[str, ...]) -> str:
    """Statement that adds up partial rows of `joint` or `touched` held in a relation named `table`.

    >>> merged("part", ("principal",)).split()[:4]
    ['SELECT', 'principal,', 'CAST(sum(calls)', 'AS']
    """
    return f"SELECT {', '.join(keys)},{_MERGED}\nFROM {table} GROUP BY {', '.join(keys)}"


FILLED: Final = fill("""(
SELECT principal, date_trunc('hour', event_time) AS hour, known_day(delivered_at, event_time) AS known_on,
    tick_of(delivered_at) AS tick, action, level, write, error, agent, 1 AS calls
FROM counted)""")

STATEMENTS: Final = {
    "joint": joint(),
    "touched": touched(),
    "filled": FILLED,
    "principals": PRINCIPALS,
    "places": PLACES,
    "sessions": SESSIONS,
}
"""The statement behind each table of an activity store, over the view `counted`."""

MERGED_PLACES: Final = """
SELECT prefix, address_kind, arg_min(country, delivered) AS country, arg_min(city, delivered) AS city,
    arg_min(asn, delivered) AS asn, arg_min(organisation, delivered) AS organisation,
    arg_min(network, delivered) AS network, arg_min(latitude, delivered) AS latitude,
    arg_min(longitude, delivered) AS longitude, CAST(sum(calls) AS BIGINT) AS calls,
    min(first) AS first, max(last) AS last
FROM (SELECT * EXCLUDE (delivered), (delivered, country, asn, city) AS delivered FROM every_places)
GROUP BY prefix, address_kind
"""
"""One place of the partial rows of `every_places`."""
