"""The events behind a standing: which of a principal's day's deliveries hold each value that contributed.

Which events show a reason is said once, by the entry of its dimension, fact or measure. It is read twice: as a mask
over a principal's events (`matching`), and as a condition in SQL (`only_showing`) that keeps the hundreds of thousands
of events a busy principal has from being looked at for the few an alert speaks of. The second may choose more than the
first, never less.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any, Final, Protocol, TypeAlias

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from features.activity.condition import AWAY, OWN_HANDS, Condition
from features.activity.dimensions import DIMENSIONS, Dimension, find_dimension, is_dimension
from features.activity.hourly import MEASURES, Measure
from features.activity.off_host import TELLING, away_among
from features.call.fact import split_fact
from features.times.instant import moment_of
from models.baseline import Bools, Floats, Ints
from models.explain import MOST_REASONS, Reason
from models.facts import FACTS, find_fact
from pipeline.alerts.story import COLUMNS as STORY_COLUMNS
from pipeline.stores.parquet.view import literal

MOST_EVENTS = 100
"""Event ids an alert carries."""
_EACH = MOST_EVENTS // MOST_REASONS
"""Events of one reason before the next one's: in the first round each reason has a turn."""
_SAID: Final = ("event_id", "principal", "event_time", "delivered_at", "prefix", "made")
COLUMNS: Final = ", ".join(
    dict.fromkeys([*_SAID, *STORY_COLUMNS.split(", "), *(entry.column for entry in DIMENSIONS.values())])
)
"""What is read of an event: what an alert says of it, and every column a dimension's values stand in."""
_AWAY_SINCE: Final = "away_since"
_NEVER: Final = 2**62


class EvidenceEvents:
    """Events of some principals over a span of event time, as frames in the order they happened.

    Parameters
    ----------
    connection
        Has the view `counted`, and the macros of activity.
    principals
        Whose events.
    since, until
        Half-open span of event time.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, principals: Collection[str], since: datetime, until: datetime
    ) -> None:
        self.connection, self.since, self.until = connection, since, until
        named = ", ".join(map(literal, sorted(principals))) or "NULL"  # a list that a segment's scan can apply
        frame = connection.execute(
            f"SELECT {COLUMNS} FROM counted WHERE principal IN ({named}) "
            "AND event_time >= $since AND event_time < $until ORDER BY principal, event_time, event_id",
            {"since": since, "until": until},
        ).df()
        frame[_AWAY_SINCE] = _find_away(connection, frame)
        self._by_principal = dict(tuple(frame.groupby("principal", sort=False)))
        self._frame, self._none = frame, frame.iloc[:0]
        self._rows: dict[int, dict[str, Any]] = {}

    def delivered(
        self, principal: str, since: datetime, until: datetime, tick: int, after: datetime | None = None
    ) -> pd.DataFrame:
        """A principal's events with event time in [since, until), delivered by a tick and not before `after`."""
        frame = self._by_principal.get(principal, self._none)
        by = pd.Timestamp(moment_of(tick))
        chosen = (frame["event_time"] >= since) & (frame["event_time"] < until) & (frame["delivered_at"] <= by)
        found = frame[chosen if after is None else chosen & (frame["delivered_at"] >= after)]
        return found.assign(**{AWAY.column: found[_AWAY_SINCE] <= tick})

    def __len__(self) -> int:
        return len(self._frame)

    def rows(self, labels: Sequence[int]) -> list[dict[str, Any]]:
        """Some events one by one, as a story reads them, by their labels in a frame; each is made once, to be read."""
        if new := [label for label in labels if label not in self._rows]:
            self._rows.update(zip(new, list_rows(self._frame.loc[new], STORY_COLUMNS.split(", ")), strict=True))
        return [self._rows[label] for label in labels]


def list_rows(events: pd.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Events one by one: times as datetimes, what is not known as None."""
    listed = (_list_values(events[name]) for name in columns)
    return [dict(zip(columns, row, strict=True)) for row in zip(*listed, strict=True)]


def _list_values(column: "pd.Series[Any]") -> list[Any]:
    """A column's values as Python's own: of lists lists, of what is missing None."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return [None if time is pd.NaT else time.to_pydatetime().astimezone(UTC) for time in column]
    values = [value.tolist() if isinstance(value, np.ndarray | np.generic) else value for value in column.tolist()]
    if not column.hasnans:
        return values
    return [None if missing else value for value, missing in zip(values, column.isna(), strict=True)]


def _find_away(connection: duckdb.DuckDBPyConnection, events: pd.DataFrame) -> Ints:
    """From which tick on it was known of each event that its credential was away from its host; shape (len(events),).

    Where it never was, that is `_NEVER`.
    """
    keys = ["principal", "session", "prefix", "address_kind"]
    connection.register("held", events[[*TELLING]])
    try:
        away = connection.execute(f"SELECT * REPLACE (epoch_us(tick) AS tick) FROM ({away_among('held')})").df()
    finally:
        connection.unregister("held")
    known = events[keys].merge(away, how="left", on=keys)["tick"].fillna(_NEVER).to_numpy(dtype=np.int64)
    return np.where(_meets(events, (OWN_HANDS,)), known, _NEVER)


def can_seek(reason: Reason) -> bool:
    """Whether it is known which events show a reason: one that was kept may name what another version looked at.

    >>> can_seek(Reason("surprise", "colour", "red", 0.0, 1.0, 2.0, "first colour red", 1))
    False
    """
    if reason.counts:
        return reason.dimension in MEASURES
    if not is_dimension(reason.dimension):
        return False
    return find_dimension(reason.dimension).attack != "fact" or find_fact(reason.value) is not None


def matching(events: pd.DataFrame, reason: Reason) -> Bools:
    """Which events hold the value of a reason, shape (len(events),)."""
    entry = reason.entry
    if entry is None:
        return _match_measure(events, MEASURES[reason.dimension], reason.hour)
    if entry.attack == "fact":
        return _match_fact(events, entry, reason.value)
    return _match_value(events, entry, reason.value) & _meets(events, entry.events)


def _match_value(events: pd.DataFrame, entry: Dimension, value: str) -> Bools:
    column, held = events[entry.column], _value(entry, value)
    if entry.holds == "list":
        return np.array([held in tokens for tokens in column], dtype=bool)
    return _true(column == (int(held) if entry.holds == "number" else held))


def _value(entry: Dimension, value: str) -> str:
    """A dimension's value as an event holds it."""
    return f"{entry.kind}:{value}" if entry.kind else value


def _match_fact(events: pd.DataFrame, entry: Dimension, value: str) -> Bools:
    name, action = split_fact(value)
    shown = FACTS[name].events
    found = _match_value(events, entry, name) if shown is None else _meets(events, shown)
    if not action:
        return found
    called, is_service = events["action"], ":" not in action  # as alerts of before name it
    return found & _true(called.str.startswith(f"{action}:") if is_service else called == action)


def _match_measure(events: pd.DataFrame, measure: Measure, hour: int) -> Bools:
    """Events that a count of an hour counts."""
    hours = events["event_time"].dt.floor("h")
    counted = _true(hours == pd.Timestamp(hour * 3600, unit="s", tz="UTC")) & _meets(events, measure.calls)
    if measure.resource:
        prefix = f"{measure.resource}:"
        named = zip(events["resources"], events["made"], strict=True)
        counted &= _true([any(token.startswith(prefix) for token in set(all_) - set(made)) for all_, made in named])
    return counted


def _meets(events: pd.DataFrame, conditions: Iterable[Condition]) -> Bools:
    """Which events meet all conditions, shape (len(events),)."""
    out = np.ones(len(events), dtype=bool)
    for condition in conditions:
        out &= _test(events[condition.column], condition)
    return out


def _test(column: "pd.Series[Any]", condition: Condition) -> Bools:
    value = condition.value
    if condition.test == "is":
        return _true(column == value)
    if condition.test == "is not":
        return _true(column != value)
    if isinstance(value, tuple):
        return _true(column.isin(value))
    begins = _true(column.str.startswith(str(value)))
    return begins if condition.test == "begins" else ~begins


def _true(column: Any) -> Bools:
    return np.asarray(column, dtype=bool)


_HOUR: Final = "CAST(epoch_us(event_time) // 3600000000 AS VARCHAR)"
_ANY: Final = "''"
_LISTS: Final = frozenset(entry.column for entry in DIMENSIONS.values() if entry.holds == "list")
_SCHEMA: Final = pa.schema([("principal", pa.string()), ("part", pa.string()), ("value", pa.string())])


class Counted(Protocol):
    """Whoever holds the view `counted` of a connection and can narrow it for a while (`pipeline.detect.activity`)."""

    connection: duckdb.DuckDBPyConnection

    def only(self, condition: str, principals: Collection[str] = ()) -> AbstractContextManager[None]:
        """For a block, let the view hold no other events than those of a condition in SQL.

        Where `principals` are given, it need hold no events of others.
        """
        ...


Reasoned: TypeAlias = tuple[str, Sequence[Reason]]
"""A principal's key, and reasons of it; who has none speaks of every event."""


@contextmanager
def only_showing(counted: Counted, reasoned: Iterable[Reasoned]) -> Iterator[None]:
    """For the block, let the view `counted` hold no other events than those that can show a reason of a principal."""
    reasoned = list(reasoned)
    sought = tabulate_sought(reasoned)
    counted.connection.register("sought", sought)
    try:
        with counted.only(write_condition(sought), {principal for principal, _ in reasoned}):
            yield
    finally:
        counted.connection.unregister("sought")


def find_showing(connection: duckdb.DuckDBPyConnection, table: str, reasoned: Sequence[Reasoned]) -> set[str]:
    """Keys of the principals of whom a table of events has one that shows a reason of theirs, or may."""
    sought = tabulate_sought(reasoned)
    if not sought.num_rows:
        return set()
    connection.register("sought", sought)
    try:
        frame = connection.execute(
            f"SELECT * FROM {table} WHERE principal IN (SELECT principal FROM sought) AND ({write_condition(sought)})"
        ).df()
    finally:
        connection.unregister("sought")
    by_principal = dict(tuple(frame.groupby("principal", sort=False)))
    return {key for key, reasons in reasoned if key in by_principal and _may_show(by_principal[key], reasons)}


def _may_show(events: pd.DataFrame, reasons: Sequence[Reason]) -> bool:
    """Whether one of some events shows a reason; which are away from a host is not known of them alone."""
    return not reasons or any(_knows_away(reason) or matching(events, reason).any() for reason in reasons)


def _knows_away(reason: Reason) -> bool:
    entry = reason.entry
    fact = find_fact(reason.value) if entry is not None and entry.attack == "fact" else None
    return fact is not None and any(condition.column == AWAY.column for condition in fact.events or ())


def tabulate_sought(reasoned: Iterable[Reasoned]) -> pa.Table:
    """A row a principal and value that a reason of it speaks of, with the part of an event that has the value."""
    rows: dict[tuple[str, str, str], None] = {}
    for principal, found in reasoned:
        for part, value in map(_find_part, found) if found else [(_ANY, "")]:
            rows[principal, part, value] = None
    return pa.Table.from_pylist([dict(zip(_SCHEMA.names, row, strict=True)) for row in rows], schema=_SCHEMA)


def write_condition(sought: pa.Table) -> str:
    """SQL that holds for the events which hold any of the values; `sought` is the relation of that name.

    >>> write_condition(tabulate_sought([]))
    'false'
    """
    present = {str(part) for part in sought["part"].to_pylist()}
    parts = sorted(present, key=lambda part: (part in _LISTS, part))  # lists last: they are slow to look into
    return " OR ".join(map(_write_part, parts)) or "false"


def _write_part(part: str) -> str:
    among = f"FROM sought WHERE part = {literal(part)}"
    if part in _LISTS:
        return f"list_has_any({part}, (SELECT list(value) {among}))"
    return f"(principal, {part}) IN (SELECT (principal, value) {among})"


def _find_part(reason: Reason) -> tuple[str, str]:
    """SQL of the part of an event that says whether a reason speaks of it, and its value."""
    entry = reason.entry
    if reason.counts or entry is None:
        return _HOUR, str(reason.hour)
    if entry.attack == "fact":
        name, _ = split_fact(reason.value)
        return (entry.column, name) if FACTS[name].events is None else (_ANY, "")
    part = f"CAST({entry.column} AS VARCHAR)" if entry.holds == "number" else entry.column
    return part, _value(entry, reason.value)


def weigh(events: pd.DataFrame, masks: Sequence[Bools], nats: Sequence[float]) -> Floats:
    """Nats that each event carries, shape (len(events),): all that hold a reason's value share what it weighs."""
    carried = np.zeros(len(events))
    for mask, weight in zip(masks, nats, strict=True):
        carried[mask] += weight / max(int(mask.sum()), 1)
    return carried


def contributing(events: pd.DataFrame, masks: Sequence[Bools], carried: Floats) -> tuple[list[str], Bools]:
    """Event ids that contribute most, and which events hold anything odd.

    Parameters
    ----------
    masks
        Which events hold the value of each reason, the weightiest first (`matching`).
    carried
        What each event carries (`weigh`).

    Notes
    -----
    Reasons take turns in the order of their weight, `_EACH` events at a time, so that a bulk of one kind does not hide
    the single call of another. Of a reason's events those come first that carry most.
    """
    any_of = np.logical_or.reduce(masks) if masks else np.zeros(len(events), dtype=bool)
    ids, order = events["event_id"].to_numpy(), np.argsort(-carried, kind="stable")
    chosen: dict[str, None] = {}
    queues = [list(ids[order[mask[order]]]) for mask in masks]
    while any(queues) and len(chosen) < MOST_EVENTS:
        for position, queue in enumerate(queues):
            chosen.update(dict.fromkeys(queue[:_EACH]))
            queues[position] = queue[_EACH:]
    return list(chosen)[:MOST_EVENTS], any_of
