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

The SQL is text in DuckDB's dialect; `pipeline` runs it over a view named `events`, with the macros of `prelude`. Over
the events of many account-days at once, columns that tell these apart are given as `by`: they come first in each table,
and what is counted is counted for each by itself.
"""

from collections.abc import Sequence
from typing import Final

from features.activity.hourly import fill
from features.times.quick import quick_macros

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


def _first_keys(by: Sequence[str]) -> str:
    """Columns before all others, as they stand in a SELECT."""
    return "".join(f"{name}, " for name in by)


_HOUR = "hour_of(event_time) AS hour"
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
    return quick_macros(timezone, lateness_minutes)


_THROUGH_ENDPOINT = "vpc_endpoint <> '' AND prefix <> ''"  # and not a service's call, which has no network


def counted(by: Sequence[str] = ()) -> str:
    """SELECT of the events that count, of the view `events`: no network activity, no impossible times; cross-account
    twins once a principal.

    Their network is the VPC endpoint where a call came through one: it is a place as a public prefix is, while the
    private address behind it is one of many. Not materialized, so that who asks for some principals reads their rows
    alone.

    >>> "PARTITION BY part, principal, shared_event_id" in counted(by=("part",))
    True
    """
    return f"""
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
QUALIFY row_number() OVER (PARTITION BY {_first_keys(by)}principal, shared_event_id ORDER BY delivered_at, event_id) = 1
"""


COUNTED: Final = f"\nCREATE OR REPLACE TEMP VIEW counted AS{counted()}"
"""The statement that makes the view `counted`."""


def joint(by_tick: bool = False, by: Sequence[str] = ()) -> str:
    """Statement that makes `joint` from the view `counted`; `by_tick` keeps a row for each tick of delivery.

    >>> "tick_of(delivered_at) AS tick" in joint(by_tick=True)
    True
    """
    return f"""
SELECT {_first_keys(by)}account, principal, {_HOUR}, session, action, level, write, region, prefix,
    address_kind, agent, error, known_day(delivered_at, event_time) AS known_on, {_MEASURES}, {_tick(by_tick)}
FROM counted GROUP BY ALL
"""


def touched(by_tick: bool = False, by: Sequence[str] = ()) -> str:
    """Statement that makes `touched` from the view `counted`; `by_tick` as for `joint`.

    >>> touched().count("'exposure:'")
    1
    """
    return f"""
WITH tokens AS (
    SELECT {_first_keys(by)}account, principal, event_time, action, write, delivered_at,
        unnest(CASE WHEN len(made) = 0 THEN resources
            ELSE list_filter(resources, lambda x: NOT list_contains(made, x)) END
            || list_transform(exposures, lambda x: 'exposure:' || x)
            || list_transform(facts, lambda x: 'fact:' || x)) AS resource
    FROM counted WHERE len(resources) + len(exposures) + len(facts) > 0
)
SELECT {_first_keys(by)}account, principal, {_HOUR}, action, write, resource,
    known_day(delivered_at, event_time) AS known_on, {_MEASURES}, {_tick(by_tick)}
FROM tokens GROUP BY ALL
"""


_FIRST = "(delivered_at, event_id)"  # attributes are those of the first delivery, so that later ones never change them


def _first(*names: str) -> str:
    """Columns of the first delivery as one struct: to look for it once is faster than once a column."""
    return f"arg_min(struct_pack({', '.join(f'{name} := {name}' for name in names)}), {_FIRST})"


def principals(by: Sequence[str] = ()) -> str:
    """Statement that makes `principals` from the view `counted`."""
    keys = f"{_first_keys(by)}principal, identity, identity_arn, identity_account, account"
    return f"""
SELECT * EXCLUDE (one), unnest(one) FROM (
    SELECT {keys},
        {_first("kind", "identity_type", "principal_name", "identity_name", "permission_set", "rule")} AS one,
        known_day(min(delivered_at), min(event_time)) AS known_on, count(*) AS calls, min(delivered_at) AS delivered,
        min(event_time) AS first, max(event_time) AS last
    FROM counted GROUP BY {keys}
)
"""


_PLACE = _first("country", "city", "asn", "organisation", "network")
_HAS_SPOT = "FILTER (latitude IS NOT NULL)"
_SPOT = f"{_first('latitude', 'longitude')} {_HAS_SPOT}"
_UNPACKED = "SELECT * EXCLUDE (one, spot), unnest(one), spot.latitude AS latitude, spot.longitude AS longitude"


def places(by: Sequence[str] = ()) -> str:
    """Statement that makes `places` from the view `counted`."""
    keys = f"{_first_keys(by)}prefix, address_kind"
    return f"""
{_UNPACKED} FROM (
    SELECT {keys}, {_PLACE} AS one,
        {_SPOT} AS spot, count(*) AS calls,
        min(delivered_at) AS delivered, min(event_time) AS first, max(event_time) AS last
    FROM counted WHERE prefix <> '' GROUP BY {keys}
)
"""


def sessions(by: Sequence[str] = ()) -> str:
    """Statement that makes `sessions` from the view `counted`."""
    keys = f"{_first_keys(by)}session, principal"
    return f"""
SELECT {keys}, min(session_start) AS session_start, arg_min(session_class, {_FIRST}) AS session_class,
    bool_or(mfa) AS mfa, min(event_time) AS first, max(event_time) AS last
FROM counted WHERE session <> '' GROUP BY {keys}
"""


PRINCIPALS: Final = principals()
PLACES: Final = places()
SESSIONS: Final = sessions()


def merged(table: str, keys: tuple[str, ...]) -> str:
    """Statement that adds up partial rows of `joint` or `touched` held in a relation named `table`.

    >>> merged("part", ("principal",)).split()[:4]
    ['SELECT', 'principal,', 'CAST(sum(calls)', 'AS']
    """
    return f"SELECT {', '.join(keys)},{_MERGED}\nFROM {table} GROUP BY {', '.join(keys)}"


def filled(by: Sequence[str] = ()) -> str:
    """Statement that makes `filled` from the view `counted`."""
    return fill(
        f"""(
SELECT {_first_keys(by)}principal, {_HOUR}, known_day(delivered_at, event_time) AS known_on,
    tick_of(delivered_at) AS tick, action, level, write, error, agent, 1 AS calls
FROM counted)""",
        by,
    )


FILLED: Final = filled()


def statements(by: Sequence[str] = ()) -> dict[str, str]:
    """The statement behind each table of an activity store, over the view `counted`.

    >>> list(statements())
    ['joint', 'touched', 'filled', 'principals', 'places', 'sessions']
    """
    return {
        "joint": joint(by=by),
        "touched": touched(by=by),
        "filled": filled(by),
        "principals": principals(by),
        "places": places(by),
        "sessions": sessions(by),
    }


STATEMENTS: Final = statements()
"""Those of one account-day's events."""

PARTIAL_PLACES: Final = f"""
SELECT prefix, address_kind, {_PLACE} AS one,
    min({_FIRST}) AS one_of, {_SPOT} AS spot,
    min({_FIRST}) {_HAS_SPOT} AS spot_of, count(*) AS calls, min(delivered_at) AS delivered,
    min(event_time) AS first, max(event_time) AS last
FROM counted WHERE prefix <> '' GROUP BY prefix, address_kind
"""
"""What some of the events say of places; `whole_places` makes `places` of several such parts."""


def whole_places(parts: str) -> str:
    """Statement that makes `places` from a relation with the rows of `PARTIAL_PLACES` of all parts of the events.

    >>> "FROM parts" in whole_places("parts")
    True
    """
    return f"""
{_UNPACKED} FROM (
    SELECT prefix, address_kind, arg_min(one, one_of) AS one, arg_min(spot, spot_of) AS spot,
        CAST(sum(calls) AS BIGINT) AS calls, min(delivered) AS delivered, min(first) AS first, max(last) AS last
    FROM {parts} GROUP BY prefix, address_kind
)
"""


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
