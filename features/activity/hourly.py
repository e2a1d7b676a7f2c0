"""How much of each kind a principal did in an hour, as it filled: counts by tick, from activity.

Distinct things (actions, services, secrets …) are counted at the tick in which they first came, so that every column
adds up over ticks to the hour's count. One entry a measure; the SQL and the search for what was counted are made of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from features.activity.condition import CHANGES, DENIED, FAILED, Condition, to_sql

DATA_READS: Final = (
    "athena:GetQueryResults",
    "codecommit:GitPull",
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ec2:GetPasswordData",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "glue:GetTable",
    "lambda:GetFunction",
    "rds-data:ExecuteStatement",
    "redshift-data:GetStatementResult",
    "s3:GetObject",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:GetParameterHistory",
)
"""Actions that hand out data or credentials themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One count of an hour: of calls, of what differs among them, or of resources of a type."""

    name: str
    meaning: str
    """What an analyst reads after a number."""
    one: str
    """The same of one."""
    calls: tuple[Condition, ...] = ()
    """Which calls are counted."""
    distinct: str = ""
    """SQL over a call; its distinct values are counted instead of the calls."""
    resource: str = ""
    """Type of resource whose distinct ones are counted instead."""
    sensitive: bool = False
    """It is how data and credentials are read out."""


_ENTRIES: Final = (
    Measure(name="calls", meaning="calls", one="call"),
    Measure(name="writes", meaning="calls that change something", one="call that changes something", calls=(CHANGES,)),
    Measure(name="denied", meaning="denied calls", one="denied call", calls=(DENIED,)),
    Measure(name="errors", meaning="failed calls", one="failed call", calls=(FAILED,)),
    Measure(name="actions", meaning="distinct actions", one="distinct action", distinct="action"),
    Measure(
        name="services", meaning="distinct services", one="distinct service", distinct="split_part(action, ':', 1)"
    ),
    Measure(
        name="data_reads",
        meaning="reads of data and credentials",
        one="read of data and credentials",
        calls=(Condition("action", "among", DATA_READS),),
        sensitive=True,
    ),
    Measure(name="secrets", meaning="distinct secrets", one="distinct secret", resource="secret", sensitive=True),
    Measure(name="buckets", meaning="distinct buckets", one="distinct bucket", resource="bucket", sensitive=True),
    Measure(
        name="instances", meaning="distinct instances", one="distinct instance", resource="instance", sensitive=True
    ),
    Measure(
        name="parameters", meaning="distinct parameters", one="distinct parameter", resource="parameter", sensitive=True
    ),
)

MEASURES: Final = {entry.name: entry for entry in _ENTRIES}
"""The measures by name, in the order of a row's columns."""


_OF_CALLS: Final = tuple(entry for entry in _ENTRIES if not entry.distinct and not entry.resource)
FILLED_KEYS: Final = ("principal", "hour", "known_on", "tick")
FILLED_COUNTS: Final = tuple(entry.name for entry in _OF_CALLS)


def fill(rows: str, by: Sequence[str] = ()) -> str:
    """SELECT that counts the calls of rows of `joint` by tick: one row a (principal, hour, known_on, tick).

    Parameters
    ----------
    rows
        A relation with a row a tick; merged over ticks, calls would all be counted at their first.
    by
        Columns that are keys before the others.

    Examples
    --------
    >>> fill("joint").endswith("FROM joint GROUP BY ALL")
    True
    """
    counts = (
        f"CAST(coalesce(sum(calls) FILTER ({to_sql(entry.calls)}), 0) AS BIGINT) AS {entry.name}" for entry in _OF_CALLS
    )
    return f"SELECT {', '.join((*by, *FILLED_KEYS))}, {', '.join(counts)} FROM {rows} GROUP BY ALL"


def _count_distinct(entry: Measure) -> str:
    return (
        f"SELECT principal, hour, tick, count(*) AS {entry.name} FROM ("
        f"SELECT principal, hour, {entry.distinct} AS one, min(tick) AS tick FROM joint GROUP BY ALL) GROUP BY ALL"
    )


def _count_resources() -> str:
    counts = (
        f"count(*) FILTER (starts_with(resource, '{entry.resource}:')) AS {entry.name}"
        for entry in _ENTRIES
        if entry.resource
    )
    return (
        f"SELECT principal, hour, tick, {', '.join(counts)} FROM ("
        "SELECT principal, hour, resource, min(tick) AS tick FROM touched GROUP BY ALL) GROUP BY ALL"
    )


_FILLED = f"SELECT principal, hour, tick, {', '.join(FILLED_COUNTS)} FROM filled"
_PARTS = [_FILLED, *(_count_distinct(entry) for entry in _ENTRIES if entry.distinct), _count_resources()]
_SUMS = ", ".join(f"CAST(coalesce(sum({name}), 0) AS INTEGER) AS {name}" for name in MEASURES)

HOURLY: Final = f"""
SELECT principal, hour, tick, day_of(hour) AS day, {_SUMS}
FROM ({" UNION ALL BY NAME ".join(f"({part})" for part in _PARTS)})
GROUP BY ALL ORDER BY principal, hour, tick
"""
"""One row a (principal, hour, tick) of a day's deliveries, with the increments of every measure.

Needs `joint`, `touched` and `filled`.
"""
