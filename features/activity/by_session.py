"""By which sessions the values of a principal's day were shown: tokens again, each with the session that showed it.

Few ask this, of few values: so it is no column of tokens, which are made for everybody at each tick.
"""

from collections.abc import Iterable

from features.activity.condition import to_sql
from features.activity.dimensions import Dimension
from features.activity.tokens import touched_sql, value_sql


def by_session_sql(dimensions: Iterable[Dimension], joint: str = "joint", touched: str = "touched") -> str:
    """SELECT of rows a (principal, hour, tick, session, dimension, value) of two tables of activity, with `places`.

    Both have a row a tick. What a call touched is told of the sessions that made such a call in the same minute of
    delivery; what no single row shows (`Dimension.more`) is told of none.

    >>> from features.activity.dimensions import find_dimension
    >>> print(by_session_sql([find_dimension("account")]))
    SELECT principal, hour, tick, session, 'account' AS dimension, account AS value FROM joint WHERE session <> ''
    """
    entries = tuple(dimensions)
    branches = [_select(entry, joint) for entry in entries if entry.table != "touched"]
    listed = [entry for entry in entries if entry.table == "touched"]
    return "\nUNION ALL\n".join([*branches, *([_select_touched(listed, joint, touched)] if listed else [])])


def _select(entry: Dimension, joint: str) -> str:
    source = f"{joint} JOIN places USING (prefix, address_kind)" if entry.table == "places" else joint
    rows = f" AND {to_sql(entry.rows)}" if entry.rows else ""
    return (
        f"SELECT principal, hour, tick, session, '{entry.name}' AS dimension, {value_sql(entry)} AS value "
        f"FROM {source} WHERE session <> ''{rows}"
    )


def _select_touched(entries: Iterable[Dimension], joint: str, touched: str) -> str:
    """Rows of all dimensions whose values are tokens `type:value`; the open one takes every other type."""
    return (
        f"SELECT principal, hour, tick, session, {touched_sql(entries)} "
        f"FROM {touched} JOIN {joint} USING (principal, hour, tick, account, action, write) WHERE session <> ''"
    )
