"""An hour as it stood when it closed: what its vector says of place, tools, resources and rights.

An hour is described once. Rows count that came by its end and some minutes of lateness; of an hour that first came
later, those of the first tick it came at. Distinct things are counted at the tick in which they first came, so a table
that was merged over ticks gives the same rows as one with a row a tick. For that reason features of the catalogue that
need a row's last event, or its calls up to a tick, are none of these: entropy, speed, age. What is counted by tick as
it is (`features.activity.hourly`) makes up the rest of a vector.
"""

from typing import Final, NamedTuple

from features.activity.catalogue import LEVEL_WEIGHTS
from features.activity.condition import OWN_HANDS, to_sql
from features.activity.hourly import MEASURES


class Spread(NamedTuple):
    """How many different things of a kind an hour held."""

    name: str
    aggregate: str
    """DuckDB SQL over the rows of a (principal, hour) that count."""
    meaning: str
    """What an analyst reads after a number."""
    one: str
    """The same of one."""


_HANDS: Final = f"FILTER ({to_sql([OWN_HANDS])})"
_LEVEL: Final = " ".join(f"WHEN '{level}' THEN {weight}" for level, weight in LEVEL_WEIGHTS.items())
SPREADS: Final = (
    Spread("regions", "count(DISTINCT nullif(region, ''))", "regions", "region"),
    Spread("countries", f"count(DISTINCT nullif(country, '')) {_HANDS}", "countries", "country"),
    Spread("networks", f"count(DISTINCT nullif(asn, 0)) {_HANDS}", "network operators", "network operator"),
    Spread("tools", f"count(DISTINCT nullif(agent, '')) {_HANDS}", "tools", "tool"),
    Spread("accounts", "count(DISTINCT account)", "accounts", "account"),
    Spread("credentials", "count(DISTINCT nullif(session, ''))", "credentials", "credential"),
    Spread("levels", "bit_count(bit_or(level))", "access levels", "access level"),
)
RESOURCES: Final = "resources"
HOUR_OF_WEEK: Final = "hour_of_week"
MEANINGS: Final = {
    **{name: measure.meaning for name, measure in MEASURES.items()},
    **{spread.name: spread.meaning for spread in SPREADS},
    RESOURCES: "distinct resources",
    HOUR_OF_WEEK: "hour of the week",
}
"""Every measure of an hour's vector in the order of its columns, with what an analyst reads after its number; the last
is when the hour was, 0 for Monday's first hour to 167."""
SINGULARS: Final = {
    **{name: measure.one for name, measure in MEASURES.items()},
    **{spread.name: spread.one for spread in SPREADS},
    RESOURCES: "distinct resource",
}
"""What an analyst reads after the number 1."""
SPREAD: Final = (*(spread.name for spread in SPREADS), RESOURCES, HOUR_OF_WEEK)
"""Measures that `closed_sql` makes; the others are counted by tick."""


def closed_sql(minutes: int) -> str:
    """SELECT of one row a (principal, hour) of a day's deliveries, as it stood when it closed.

    Needs `joint`, `touched` and `places` of the day, and the macros of `features.activity.catalogue.prelude`. Its
    `tick` is the one at which the row is known: that of closing, or of the first delivery where that came later.

    Parameters
    ----------
    minutes
        From the end of an hour until it closes.

    Examples
    --------
    >>> "INTERVAL 75 MINUTE" in closed_sql(15)
    True
    """
    closes = f"hour + INTERVAL {60 + minutes} MINUTE"
    return f"""
WITH late AS (
    SELECT principal, hour, min(tick) AS came FROM joint GROUP BY ALL HAVING min(tick) > {closes}
),
seen AS (
    SELECT * FROM joint WHERE tick <= {closes}
    UNION ALL SELECT joint.* FROM joint JOIN late USING (principal, hour) WHERE tick <= came
),
spots AS (
    SELECT principal, hour, account, region, prefix, address_kind, agent, session,
        bit_or(CASE level {_LEVEL} ELSE 0 END) AS level, min(tick) AS tick
    FROM seen GROUP BY ALL
),
held AS (
    SELECT principal, hour, resource FROM touched WHERE tick <= {closes}
    UNION ALL SELECT principal, hour, resource FROM touched JOIN late USING (principal, hour) WHERE tick <= came
)
SELECT principal, hour, greatest(first, {closes}) AS tick, day_of(hour) AS day,
    {", ".join(spread.name for spread in SPREADS)}, coalesce({RESOURCES}, 0) AS {RESOURCES},
    hour_of_week(hour) AS {HOUR_OF_WEEK}
FROM (
    SELECT principal, hour, min(tick) AS first, {", ".join(f"{s.aggregate} AS {s.name}" for s in SPREADS)}
    FROM spots LEFT JOIN places USING (prefix, address_kind) GROUP BY principal, hour
)
LEFT JOIN (SELECT principal, hour, count(DISTINCT resource) AS {RESOURCES} FROM held GROUP BY ALL)
    USING (principal, hour)
ORDER BY tick, principal, hour
"""
