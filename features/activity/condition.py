"""Conditions on a call: said once, read as SQL over activity here and as a mask over events by whoever holds frames."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

Value = str | bool | int | tuple[str, ...]


class Condition(NamedTuple):
    """What must hold of a column that events and activity share.

    Examples
    --------
    >>> to_sql([Condition("error", "is", "denied"), Condition("agent", "begins not", "service:")])
    "error = 'denied' AND NOT starts_with(agent, 'service:')"
    """

    column: str
    test: Literal["is", "is not", "among", "begins", "begins not"]
    value: Value


CHANGES: Final = Condition("write", "is", True)
LOOKS: Final = Condition("write", "is", False)
BY_SERVICE: Final = Condition("agent", "begins", "service:")
"""An AWS service called on the principal's behalf."""
OWN_HANDS: Final = Condition("agent", "begins not", "service:")
"""None did; what a service calls says nothing of the principal's place or tools."""
DENIED: Final = Condition("error", "is", "denied")
AWAY: Final = Condition("off_host", "is", True)
"""Of events alone: a workload's credential was used away from its host (`features.activity.off_host`)."""
FAILED: Final = Condition("error", "is not", "")

_OPERATOR: Final = {"is": "=", "is not": "<>", "among": "IN"}


def to_sql(conditions: Iterable[Condition]) -> str:
    """SQL that holds where all the conditions do. Their values are ours, never data.

    >>> to_sql([]), to_sql([Condition("action", "among", ("s3:GetObject", "ecr:BatchGetImage"))])
    ('true', "action IN ('s3:GetObject', 'ecr:BatchGetImage')")
    """
    return " AND ".join(map(_write, conditions)) or "true"


def _write(condition: Condition) -> str:
    column, test, value = condition
    if test in _OPERATOR:
        return f"{column} {_OPERATOR[test]} {_literal(value)}"
    return f"{'NOT ' if test == 'begins not' else ''}starts_with({column}, {_literal(value)})"


def _literal(value: Value) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))})"
    return f"'{value}'" if isinstance(value, str) else str(value).lower()
