"""Tokens: the long form (dimension, value) of what a principal's day held, derived from activity.

A token is a value of one dimension that occurred in an active hour of a principal: an action it called, a network it
came from, a bucket it touched. Surprise is judged token by token. The SQL is made of `features.activity.dimensions`.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from features.activity.condition import to_sql
from features.activity.dimensions import DIMENSIONS, Dimension
from features.activity.off_host import MET_ELSEWHERE


def long_sql(dimensions: Iterable[Dimension], more: str | None = None) -> str:
    """SELECT of partial rows a (principal, hour, dimension, value) of a day's deliveries.

    Needs `joint` and `touched` of the day, and `places` and `members`.

    Parameters
    ----------
    more
        Table that holds what `more_sql` selects, where it was made before; it looks at all of a day at once.

    >>> "'country' AS dimension" in long_sql(DIMENSIONS.values())
    True
    """
    entries = tuple(dimensions)
    branches = [_select(entry) for entry in entries if entry.table != "touched"]
    branches += [_select_touched([entry for entry in entries if entry.table == "touched"])]
    branches.append(more_sql(entries) if more is None else f"SELECT * FROM {more}")
    return "\nUNION ALL\n".join(branches)


def _select(entry: Dimension) -> str:
    """Rows of a dimension whose value is a column."""
    level = "level" if entry.attack == "action" else "''"
    source = "joint JOIN places USING (prefix, address_kind)" if entry.table == "places" else "joint"
    return (
        f"SELECT principal, hour, account, tick, joint.calls, '{entry.name}' AS dimension, "
        f"{value_sql(entry)} AS value, {level} AS level FROM {source} WHERE {to_sql(entry.rows)}"
    )


def _select_touched(entries: Sequence[Dimension]) -> str:
    """Rows of all dimensions whose values are tokens `type:value`, in one pass; the open one takes every other type."""
    return f"SELECT principal, hour, account, tick, calls, {touched_sql(entries)}, '' FROM touched"


def value_sql(entry: Dimension) -> str:
    """SQL of the value of a dimension whose value is a column.

    >>> value_sql(DIMENSIONS["country"])
    'country'
    """
    return f"CAST({entry.column} AS VARCHAR)" if entry.holds == "number" else entry.column


def touched_sql(entries: Iterable[Dimension]) -> str:
    """SQL of the dimension and the value of a row of `touched`, of all dimensions whose values are tokens `type:value`.

    >>> "THEN ':' || action" in touched_sql(e for e in DIMENSIONS.values() if e.table == "touched")
    True
    """
    entries = tuple(entries)
    cases = " ".join(f"WHEN starts_with(resource, '{e.name}:') THEN '{e.name}'" for e in entries if not e.open)
    [others] = [f"'{entry.name}:' || split_part(resource, ':', 1)" for entry in entries if entry.open]
    apart = ", ".join(f"'{entry.name}:{value}'" for entry in entries for value in entry.by_action)
    action = f"CASE WHEN resource IN ({apart}) THEN ':' || action ELSE '' END"
    return f"CASE {cases} ELSE {others} END, substr(resource, strpos(resource, ':') + 1) || {action}"


def more_sql(dimensions: Iterable[Dimension]) -> str:
    """SELECT of the rows that no single row of activity shows, as a credential in two places; the same columns."""
    return "\nUNION ALL\n".join(
        f"SELECT principal, hour, account, tick, calls, '{entry.name}' AS dimension, value, '' AS level FROM ({sql})"
        for entry in dimensions
        for sql in entry.more
    )


LONG: Final = f"{MET_ELSEWHERE}CREATE OR REPLACE TEMP VIEW long AS\n{long_sql(DIMENSIONS.values())}"
"""The view `long` that the statements below read, and the table beside it that other processes fill."""

TOKENS: Final = """
SELECT principal, day_of(hour) AS day, dimension, value, arg_min(level, (tick, level)) AS level,
    CAST(count(DISTINCT hour) AS INTEGER) AS hours,
    arg_min(hour, (tick, hour)) AS first_hour, min(tick) AS tick, arg_min(account, (tick, account)) AS account
FROM long GROUP BY ALL ORDER BY tick, principal, dimension, value, day
"""
"""One row a (principal, day, dimension, value), in the order of delivery; but for `hours` it says what was known at its
tick, so that what comes later changes nothing of it."""

ACTIVE: Final = """
SELECT principal, day_of(hour) AS day, dimension, CAST(count(DISTINCT hour) AS INTEGER) AS hours
FROM (SELECT principal, hour, dimension FROM long UNION ALL SELECT principal, hour, '' AS dimension FROM joint)
GROUP BY ALL ORDER BY ALL
"""
"""Hours in which a principal was active, for each dimension and, as dimension '', at all."""
