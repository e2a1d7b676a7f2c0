"""Tokens: the long form (dimension, value) of what a principal's day held, derived from activity.

A token is a value of one dimension that occurred in an active hour of a principal: an action it called, a network it
came from, a bucket it touched. Surprise is judged token by token. Actions that an AWS service made on the principal's
behalf are dimensions of their own, and say nothing about place or tool.
"""

from typing import Final

FAMILY: Final = {
    "write": "write",
    "write_by_service": "write",
    "read": "read",
    "read_by_service": "read",
    "account": "place",
    "region": "place",
    "country": "place",
    "asn": "place",
    "prefix": "place",
    "agent": "tool",
    "denied": "error",
    "exposure": "exposure",
}
"""Family of each dimension; every `resource:<type>` belongs to `resource`, every `fact` to `fact`."""

UNCONDITIONAL: Final = frozenset({"write", "write_by_service", "read", "read_by_service", "account", "exposure"})
"""Dimensions judged per active hour; the others are judged among the hours in which the dimension occurs."""


def family(dimension: str) -> str:
    """Family a dimension belongs to.

    >>> family("asn"), family("resource:bucket")
    ('place', 'resource')
    """
    return FAMILY.get(dimension) or dimension.partition(":")[0]


_BY_SERVICE = "starts_with(agent, 'service:')"

_ABROAD = f"""
    SELECT joint.principal, hour, joint.account, tick, joint.calls, asn,
        first_value(asn) OVER (PARTITION BY session ORDER BY tick, hour, asn) AS home
    FROM joint JOIN places USING (prefix, address_kind)
    WHERE asn <> 0 AND starts_with(session, 'ASIA') AND NOT {_BY_SERVICE}
      AND principal IN (SELECT principal FROM principals WHERE kind = 'workload')"""
"""Where the temporary credentials of workloads were used, and where that day's use began."""

LONG: Final = f"""
CREATE OR REPLACE TEMP VIEW long AS
SELECT principal, hour, account, tick, calls, dimension, value, level FROM (
    SELECT principal, hour, account, tick, calls,
        CASE WHEN write THEN 'write' ELSE 'read' END || CASE WHEN {_BY_SERVICE} THEN '_by_service' ELSE '' END
            AS dimension,
        action AS value, level
    FROM joint
    UNION ALL
    SELECT principal, hour, account, tick, calls, 'account', account, '' FROM joint
    UNION ALL
    SELECT principal, hour, account, tick, calls, 'region', region, '' FROM joint WHERE region <> ''
    UNION ALL
    SELECT principal, hour, account, tick, calls, 'agent', agent, '' FROM joint
    WHERE agent <> '' AND NOT {_BY_SERVICE}
    UNION ALL
    SELECT principal, hour, account, tick, calls, 'denied', action, '' FROM joint
    WHERE error = 'denied'
    UNION ALL
    SELECT principal, hour, account, tick, calls, 'prefix', prefix, '' FROM joint
    WHERE prefix <> '' AND NOT {_BY_SERVICE}
    UNION ALL
    SELECT principal, hour, account, tick, joint.calls, 'country', country, ''
    FROM joint JOIN places USING (prefix, address_kind) WHERE country <> '' AND NOT {_BY_SERVICE}
    UNION ALL
    SELECT principal, hour, account, tick, joint.calls, 'asn', CAST(asn AS VARCHAR), ''
    FROM joint JOIN places USING (prefix, address_kind) WHERE asn <> 0 AND NOT {_BY_SERVICE}
    UNION ALL
    SELECT principal, hour, account, tick, calls,
        CASE WHEN starts_with(resource, 'exposure:') THEN 'exposure' WHEN starts_with(resource, 'fact:') THEN 'fact'
            ELSE 'resource:' || split_part(resource, ':', 1) END,
        substr(resource, strpos(resource, ':') + 1), ''
    FROM touched
    UNION ALL
    SELECT principal, hour, account, tick, calls, 'fact', 'off_host', '' FROM ({_ABROAD}) WHERE asn <> home
)
"""
"""Partial rows a (principal, hour, dimension, value) of a day's deliveries.

Needs `joint` and `touched` of the day, and `places` and `principals`.
"""

TOKENS: Final = """
SELECT principal, day_of(hour) AS day, dimension, value, max(level) AS level,
    CAST(count(DISTINCT hour) AS INTEGER) AS hours,
    min(hour) AS first_hour, min(tick) AS tick, arg_min(account, (tick, account)) AS account
FROM long GROUP BY ALL ORDER BY tick, principal, dimension, value, day
"""
"""One row a (principal, day, dimension, value), in the order of delivery."""

ACTIVE: Final = """
SELECT principal, day_of(hour) AS day, dimension, CAST(count(DISTINCT hour) AS INTEGER) AS hours
FROM (SELECT principal, hour, dimension FROM long UNION ALL SELECT principal, hour, '' AS dimension FROM joint)
GROUP BY ALL ORDER BY ALL
"""
"""Hours in which a principal was active, for each dimension and, as dimension '', at all."""
