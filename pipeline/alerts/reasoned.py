"""Which events can be behind an alert: those that hold a value its reasons tell.

A principal of a busy day has hundreds of thousands of events, and an alert's reasons speak of few of them. What is
chosen here may be more than a reason means; `pipeline.alerts.evidence.matching` decides.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import pyarrow as pa

from features.activity.hourly import MEASURES
from models.baseline import Baseline
from models.desk import Decision
from models.explain import Reason, reasons
from pipeline.detect.activity import Activity

_SINGLE: Final = {
    "write": "action",
    "write_by_service": "action",
    "read": "action",
    "read_by_service": "action",
    "denied": "action",
    "account": "account",
    "region": "region",
    "country": "country",
    "asn": "asn",
    "prefix": "prefix",
    "agent": "agent",
}
"""Which of an event's columns has the value that a reason of a dimension tells."""
_LISTS: Final = {"exposure": "exposures", "fact": "facts", "resource": "resources"}
_HOUR, _ANY = "hour", "any"
_SQL: Final = {
    "asn": "CAST(asn AS VARCHAR)",
    _HOUR: "CAST(epoch_us(event_time) // 3600000000 AS VARCHAR)",
    _ANY: "''",
}
"""What is looked at where it is no column as it stands."""
_SCHEMA: Final = pa.schema([("principal", pa.string()), ("part", pa.string()), ("value", pa.string())])


@contextmanager
def only_reasoned(activity: Activity, decisions: Iterable[Decision], baseline: Baseline) -> Iterator[None]:
    """For the block, let the view `counted` hold no other events than those that can be behind the decisions."""
    rows = told(decisions, baseline)
    activity.connection.register("told", rows)
    try:
        with activity.only(condition(rows)):
            yield
    finally:
        activity.connection.unregister("told")


def told(decisions: Iterable[Decision], baseline: Baseline) -> pa.Table:
    """A row for each value that the reasons of a principal's decisions tell, with the part of an event that has it."""
    rows: dict[tuple[str, str, str], None] = {}
    for decision in decisions:
        principal = baseline.principals.values[decision.standing.principal]
        found, _ = reasons(decision.standing, baseline)
        for part, value in map(_held, found) if found else [(_ANY, "")]:
            rows[principal, part, value] = None
    return pa.Table.from_pylist([dict(zip(_SCHEMA.names, row, strict=True)) for row in rows], schema=_SCHEMA)


def condition(rows: pa.Table) -> str:
    """SQL that holds for the events which hold any of the values; `rows` is the relation `told`.

    >>> condition(told([], Baseline(day=1)))
    'false'
    """
    present = set(rows["part"].to_pylist())
    parts = [
        f"(principal, {_SQL.get(part, part)}) IN (SELECT (principal, value) FROM told WHERE part = '{part}')"
        for part in dict.fromkeys([_ANY, _HOUR, *_SINGLE.values()])
        if part in present
    ]
    parts += [
        f"list_has_any({part}, (SELECT list(value) FROM told WHERE part = '{part}'))"
        for part in _LISTS.values()
        if part in present
    ]
    return " OR ".join(parts) or "false"


def _held(reason: Reason) -> tuple[str, str]:
    """Part and value of the events a reason speaks of."""
    kind, _, rest = reason.dimension.partition(":")
    if reason.feature in ("own_past", "population") and reason.dimension in MEASURES:
        return _HOUR, str(reason.hour)
    if reason.dimension in _SINGLE:
        return _SINGLE[reason.dimension], reason.value
    if kind in _LISTS and reason.value != "off_host":  # which is seen from where the others came
        return _LISTS[kind], f"{rest}:{reason.value}" if rest else reason.value
    return _ANY, ""
