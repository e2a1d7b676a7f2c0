"""The fact that a workload's temporary credential was used away from the host it was given to: one session, two places.

On the internet a place is a network operator, and a session that was at one is away at any other. Within the cloud a
place is a VPC endpoint or a private network. A host may well reach one service through an endpoint and another by the
internet, so there a session is away only at a place from which it calls what it called from elsewhere before, the same
service in the same region: a host has one route to each. Where a route was changed, for a new endpoint, other sessions
take the new one too; so a place at which another workload's session was met by then is nobody's alone, and no fact.
How a private address and an endpoint of its network are told apart is not known, so they count as one place.
"""

from typing import Final

from features.activity.condition import OWN_HANDS, to_sql

MET_ELSEWHERE: Final = """
CREATE TEMP TABLE IF NOT EXISTS met_elsewhere (prefix VARCHAR, address_kind VARCHAR, tick TIMESTAMPTZ);
"""
"""Where and since when workloads' sessions were met of which no row is in `joint`: another process counts them. It is
all that a principal's rows have to know of other principals; empty where one process counts everybody."""
_MAY_BE_AWAY: Final = f"""starts_with(session, 'ASIA') AND {to_sql([OWN_HANDS])}
      AND principal IN (SELECT principal FROM members WHERE kind = 'workload')"""

AWAY: Final = f"""
WITH own AS MATERIALIZED (
    SELECT joint.principal, hour, joint.account, tick, joint.first, joint.calls, session, region, prefix, address_kind,
        split_part(action, ':', 1) AS service, CASE WHEN address_kind = 'public' THEN asn END AS operator
    FROM joint JOIN places USING (prefix, address_kind)
    WHERE (address_kind <> 'public' OR asn <> 0) AND {_MAY_BE_AWAY}
), spots AS (
    SELECT principal, session, prefix, address_kind, any_value(operator) AS operator, min(tick) AS tick,
        min(first) AS first
    FROM own GROUP BY principal, session, prefix, address_kind
), homes AS (
    SELECT principal, session, arg_min(operator, (tick, first, prefix)) AS home FROM spots WHERE operator IS NOT NULL
    GROUP BY ALL
), inside AS (
    SELECT principal, session FROM spots GROUP BY ALL HAVING count(*) > 1 AND bool_or(address_kind <> 'public')
), routes AS (
    SELECT route.*, (spots.tick, spots.first, prefix) AS began FROM (
        SELECT principal, session, service, region, prefix, address_kind, min(tick) AS tick
        FROM own SEMI JOIN inside USING (principal, session) GROUP BY ALL
    ) AS route JOIN spots USING (principal, session, prefix, address_kind)
), firsts AS (
    SELECT principal, session, service, region, address_kind, min(began) AS began, arg_min(prefix, began) AS prefix,
        arg_min(tick, began) AS tick
    FROM routes GROUP BY principal, session, service, region, address_kind
), elsewhere AS (
    SELECT here.principal, here.session, here.prefix, here.address_kind,
        min(greatest(here.tick, there.tick)) AS since
    FROM routes AS here JOIN firsts AS there USING (principal, session, service, region)
    WHERE there.began < here.began AND (
        (here.address_kind = 'public') <> (there.address_kind = 'public')
        OR here.address_kind <> 'public' AND here.address_kind = there.address_kind AND here.prefix <> there.prefix
    ) GROUP BY ALL
), met AS (
    SELECT prefix, address_kind, list_sort(list(tick))[2] AS again FROM (
        SELECT prefix, address_kind, tick FROM spots UNION ALL FROM met_elsewhere
    ) GROUP BY ALL
)
SELECT principal, hour, account, CASE WHEN abroad THEN tick ELSE greatest(tick, since) END AS tick, calls, session,
    prefix, address_kind
FROM (SELECT own.*, coalesce(operator <> home, false) AS abroad FROM own LEFT JOIN homes USING (principal, session))
    LEFT JOIN elsewhere USING (principal, session, prefix, address_kind) LEFT JOIN met USING (prefix, address_kind)
WHERE abroad OR (since IS NOT NULL AND coalesce(greatest(tick, since) < again, true))
"""
"""Rows of `joint` that are away from the host, from the tick on at which that is known; needs `joint`, `places` and
`members`, in which a principal's kind is that of its first delivery: no later one changes what was known; and
`met_elsewhere`. A session is one of a principal: what others do tells only whose a place is."""


def spots(rows: str) -> str:
    """SELECT of when workloads' sessions were first met at each place, a row each, for others' `met_elsewhere`.

    Parameters
    ----------
    rows
        Relation with the columns of `joint`; needs `members`.

    Examples
    --------
    >>> "FROM new_joint" in spots("new_joint")
    True
    """
    return f"""
SELECT principal, session, prefix, address_kind, min(tick) AS tick FROM {rows} WHERE {_MAY_BE_AWAY} GROUP BY ALL
"""


OFF_HOST: Final = f"SELECT principal, hour, account, tick, calls, 'off_host' AS value FROM ({AWAY})"
"""Rows of the dimension `fact`; needs the same."""

TELLING: Final = (
    "principal", "kind", "account", "session", "action", "region", "prefix", "address_kind", "asn", "agent",
    "event_time", "delivered_at",
)  # fmt: skip
"""Columns of events that tell which of them were away."""


def away_among(events: str) -> str:
    """SELECT of the sessions and places (principal, session, prefix, address_kind) that were away among some events,
    and of the tick from which on that was known.

    The same rule as of activity, but for a place being somebody else's too: other sessions are not there to be asked.

    Parameters
    ----------
    events
        Name of a relation with the columns of `TELLING`.

    Examples
    --------
    >>> "FROM held" in away_among("held")
    True
    """
    return f"""
WITH joint AS (
    SELECT principal, account, session, action, region, prefix, address_kind, agent, 1 AS calls, event_time AS first,
        hour_of(event_time) AS hour, tick_of(delivered_at) AS tick
    FROM {events}
), places AS (
    SELECT prefix, address_kind, arg_min(asn, (delivered_at, asn)) AS asn FROM {events} WHERE prefix <> '' GROUP BY ALL
), members AS (SELECT DISTINCT principal, kind FROM {events}
), met_elsewhere AS (SELECT '' AS prefix, '' AS address_kind, NULL::TIMESTAMPTZ AS tick WHERE false)
SELECT principal, session, prefix, address_kind, min(tick) AS tick FROM ({AWAY}) GROUP BY ALL
"""
