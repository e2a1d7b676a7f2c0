"""The feature catalogue: what describes one principal's hour, as functions of that hour only.

One entry a feature, and one GROUP BY computes them all from activity. Every aggregate is exact: counts, extremes and
sums of whole numbers, so that neither the order of rows nor how they were split into parts changes a bit.
To add a feature, add an entry. What is normal for a principal or its peers is the models' business.
"""

from typing import Final, Literal, NamedTuple

from features.activity.travel import LOCATED, MACROS, TRAVEL
from features.times.day import zone_name


class Feature(NamedTuple):
    """One column of a vector."""

    name: str
    """The column."""
    unit: str
    aggregate: str
    """DuckDB SQL over the rows of `source` in one (principal, hour)."""
    meaning: str
    """What an analyst reads."""
    source: Literal["joint", "touched", "travel"] = "joint"
    """The rows it is made of: activity's `joint` (with its service, country, ASN and session start) or `touched`, or
    `features.activity.travel`."""


# Whole billionths of a nat, so that the sum over an hour is exact in any order.
_NATS = 1_000_000_000
_OWN_HANDS = "FILTER (NOT by_service)"  # a service that acts for the principal says nothing of its place or tools

LEVEL_WEIGHTS: Final = {"list": 1, "read": 2, "tagging": 4, "write": 8, "permissions": 16}
"""Each access level outweighs all before it together; an unknown one weighs nothing."""
_LEVEL_WEIGHT = " ".join(f"WHEN '{level}' THEN {weight}" for level, weight in LEVEL_WEIGHTS.items())

CATALOGUE: Final = (
    Feature(
        "hour_of_week_sin",
        unit="-1 to 1",
        aggregate="sin(2 * pi() * any_value(hour_of_week) / 168)",
        meaning="Where in the week the hour lies, in the deployment's time zone, as a point on a circle: its sine.",
    ),
    Feature(
        "hour_of_week_cos",
        unit="-1 to 1",
        aggregate="cos(2 * pi() * any_value(hour_of_week) / 168)",
        meaning="The cosine beside it, so that Sunday's last hour is next to Monday's first.",
    ),
    Feature("calls", unit="calls", aggregate="sum(calls)", meaning="Calls in the hour; scripts and floods make many."),
    Feature(
        "distinct_services",
        unit="services",
        aggregate="count(DISTINCT service)",
        meaning="AWS services called; few calls over many services is how stolen keys are tried out.",
    ),
    Feature(
        "distinct_actions",
        unit="actions",
        aggregate="count(DISTINCT action)",
        meaning="Different API actions called; someone finding out what a key can do calls each once.",
    ),
    Feature(
        "distinct_regions",
        unit="regions",
        aggregate="count(DISTINCT region) FILTER (region <> '')",
        meaning="AWS regions called, global services aside; stolen keys are often tried in all of them.",
    ),
    Feature(
        "distinct_countries",
        unit="countries",
        aggregate=f"count(DISTINCT nullif(country, '')) {_OWN_HANDS}",
        meaning="Countries the calls came from; two in one hour is a proxy, a shared key or a thief.",
    ),
    Feature(
        "distinct_networks",
        unit="networks",
        aggregate=f"count(DISTINCT nullif(asn, 0)) {_OWN_HANDS}",
        meaning="Networks (autonomous systems) the calls came from.",
    ),
    Feature(
        "distinct_agents",
        unit="agents",
        aggregate=f"count(DISTINCT nullif(agent, '')) {_OWN_HANDS}",
        meaning="Tools used: console, CLI, each SDK, Terraform and others, versions aside.",
    ),
    Feature(
        "distinct_resources",
        unit="resources",
        aggregate="count(DISTINCT resource)",
        meaning="Different buckets, secrets, roles, instances and other resources touched.",
        source="touched",
    ),
    Feature(
        "distinct_accounts",
        unit="accounts",
        aggregate="count(DISTINCT account)",
        meaning="AWS accounts called; a wave over many accounts is a roll-out or a spread.",
    ),
    Feature(
        "error_share",
        unit="share of calls",
        aggregate="coalesce(sum(calls) FILTER (error <> ''), 0) / sum(calls)",
        meaning="Calls that failed, for whatever reason.",
    ),
    Feature(
        "denied_share",
        unit="share of calls",
        aggregate="coalesce(sum(calls) FILTER (error = 'denied'), 0) / sum(calls)",
        meaning="Calls that were denied; who tries what it may not do does not know its permissions.",
    ),
    Feature(
        "write_share",
        unit="share of calls",
        aggregate="coalesce(sum(calls) FILTER (write), 0) / sum(calls)",
        meaning="Calls that change something.",
    ),
    Feature(
        "service_entropy",
        unit="nats",
        aggregate=f"greatest(0, round({_NATS} * ln(sum(calls))) - sum(calls * ln_service_calls) / sum(calls))"
        f" / {_NATS}",
        meaning="How evenly the calls spread over services: 0 for one service, ln n for n services called alike.",
    ),
    Feature(
        "level_weight",
        unit="sum of weights",
        aggregate=f"bit_or(CASE level {_LEVEL_WEIGHT} ELSE 0 END)",
        meaning="Access levels used, each once: list 1, read 2, tagging 4, write 8, permissions 16.",
    ),
    Feature(
        "travel_speed",
        unit="km/h",
        aggregate="max(kmh)",
        meaning="Speed at which one traveller must have moved between the places seen; above 1,000 nobody does.",
        source="travel",
    ),
    Feature(
        "sessions",
        unit="sessions",
        aggregate="count(DISTINCT session) FILTER (session <> '')",
        meaning="Different credentials used.",
    ),
    Feature(
        "credential_age",
        unit="hours",
        aggregate="greatest(0, coalesce(max(epoch_us(last) - epoch_us(session_start)), 0)) / 3600000000",
        meaning="Age of the oldest temporary credential when last used; 0 when there was none, as with access keys.",
    ),
)
"""Every feature, in the order of a vector's columns."""

NAMES: Final = tuple(feature.name for feature in CATALOGUE)


def prelude(timezone: str) -> str:
    """Macros that `VECTORS` uses.

    Parameters
    ----------
    timezone
        IANA name of the deployment's time zone, in which the hour of the week is read.

    Examples
    --------
    >>> "'Asia/Seoul'" in prelude("Asia/Seoul")
    True
    """
    local = f"timezone('{zone_name(timezone)}', instant)"
    return f"""{MACROS}
CREATE OR REPLACE TEMP MACRO hour_of_week(instant) AS (isodow({local}) - 1) * 24 + hour({local});
"""


def _aggregates(source: str) -> str:
    return ", ".join(
        f"CAST({feature.aggregate} AS DOUBLE) AS {feature.name}" for feature in CATALOGUE if feature.source == source
    )


VECTORS: Final = f"""
WITH located AS ({LOCATED}),
started AS (
    SELECT session, principal, min(session_start) AS session_start FROM sessions GROUP BY session, principal
),
described AS (
    SELECT joint.*, country, asn, session_start, starts_with(agent, 'service:') AS by_service,
        hour_of_week(hour) AS hour_of_week, split_part(action, ':', 1) AS service,
        CAST(round({_NATS} * ln(sum(calls) OVER (PARTITION BY principal, hour, split_part(action, ':', 1)))) AS HUGEINT)
            AS ln_service_calls
    FROM joint LEFT JOIN located USING (prefix, address_kind) LEFT JOIN started USING (session, principal)
)
SELECT principal, hour, {", ".join(f"coalesce({name}, 0) AS {name}" for name in NAMES)}
FROM (SELECT principal, hour, {_aggregates("joint")} FROM described GROUP BY principal, hour)
LEFT JOIN (SELECT principal, hour, {_aggregates("touched")} FROM touched GROUP BY principal, hour)
    USING (principal, hour)
LEFT JOIN (SELECT principal, hour, {_aggregates("travel")} FROM ({TRAVEL}) GROUP BY principal, hour)
    USING (principal, hour)
ORDER BY principal, hour
"""
"""One row a (principal, hour) with every feature as a double, finite always; needs `joint`, `touched`, `places`,
`sessions` and the macros of `prelude`."""
