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

AWAY: Final = f"""
WITH own AS MATERIALIZED (
    SELECT joint.principal, hour, joint.account, tick, joint.first, joint.calls, session, region, prefix, address_kind,
        split_part(action, ':', 1) AS service, CASE WHEN address_kind = 'public' THEN asn END AS operator
    FROM joint JOIN places USING (prefix, address_kind)
    WHERE starts_with(session, 'ASIA') AND {to_sql([OWN_HANDS])} AND (address_kind <> 'public' OR asn <> 0)
      AND principal IN (SELECT principal FROM members WHERE kind = 'workload')
), spots AS (
    SELECT session, prefix, address_kind, any_value(operator) AS operator, min(tick) AS tick, min(first) AS first
    FROM own GROUP BY session, prefix, address_kind
), homes AS (
    SELECT session, arg_min(operator, (tick, first, prefix)) AS home FROM spots WHERE operator IS NOT NULL GROUP BY ALL
), inside AS (
    SELECT session FROM spots GROUP BY session HAVING count(*) > 1 AND bool_or(address_kind <> 'public')
), routes AS (
    SELECT route.*, (spots.tick, spots.first, prefix) AS began FROM (
        SELECT session, service, region, prefix, address_kind, min(tick) AS tick
        FROM own SEMI JOIN inside USING (session) GROUP BY ALL
    ) AS route JOIN spots USING (session, prefix, address_kind)
), firsts AS (
    SELECT session, service, region, address_kind, min(began) AS began, arg_min(prefix, began) AS prefix,
        arg_min(tick, began) AS tick
    FROM routes GROUP BY session, service, region, address_kind
), elsewhere AS (
    SELECT here.session, here.prefix, here.address_kind, min(greatest(here.tick, there.tick)) AS since
    FROM routes AS here JOIN firsts AS there USING (session, service, region)
    WHERE there.began < here.began AND (
        (here.address_kind = 'public') <> (there.address_kind = 'public')
        OR here.address_kind <> 'public' AND here.address_kind = there.address_kind AND here.prefix <> there.prefix
    ) GROUP BY ALL
), met AS (
    SELECT prefix, address_kind, list_sort(list(tick))[2] AS again FROM spots GROUP BY ALL
)
SELECT principal, hour, account, CASE WHEN abroad THEN tick ELSE greatest(tick, since) END AS tick, calls, session,
    prefix, address_kind
FROM (SELECT own.*, coalesce(operator <> home, false) AS abroad FROM own LEFT JOIN homes USING (session))
    LEFT JOIN elsewhere USING (session, prefix, address_kind) LEFT JOIN met USING (prefix, address_kind)
WHERE abroad OR (since IS NOT NULL AND coalesce(greatest(tick, since) < again, true))
"""
"""Rows of `joint` that are away from the host, from the tick on at which that is known; needs `joint`, `places` and
`members`, in which a principal's kind is that of its first delivery: no later one changes what was known."""

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
), members AS (SELECT DISTINCT principal, kind FROM {events})
SELECT principal, session, prefix, address_kind, min(tick) AS tick FROM ({AWAY}) GROUP BY ALL
"""
