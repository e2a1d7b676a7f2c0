"""Arrow tables of a day's deliveries, coded with a model's vocabularies."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.activity.closed import SPREAD
from features.activity.hourly import MEASURES
from features.times.instant import HOUR
from models.baseline import SEPARATOR, ActiveRows, Floats, Ints, TokenRows, find, pair_key
from models.counts import HourlyRows
from models.detectors.hours import COLUMNS, Hours
from models.groups import Member
from models.model import Model
from models.room import Room, cut
from models.vocabulary import Vocabulary
from models.words import Texts
from pipeline.detect.activity import Delivered

AT_ONCE: Final = 1 << 17
"""Rows that are coded together, where there are many."""
Column: TypeAlias = "pa.ChunkedArray[Any] | pa.Array[Any]"


def coded(
    delivered: Delivered, model: Model, members: Mapping[str, Mapping[str, Any]], *, spend: bool = False
) -> tuple[TokenRows, ActiveRows, HourlyRows]:
    """Rows for a model's step; principals seen for the first time are enrolled in the order they came.

    Parameters
    ----------
    members
        What structure says of each principal (`Activity.members`).
    spend
        Leave nothing in the tables that are coded here, for a day's are large.
    """
    tokens, baseline = delivered.tokens, model.baseline
    room = baseline.room
    model.enrol([_member(members[name]) for name in list_principals(delivered) if name not in model.members])
    rows = TokenRows(
        principal=_codes(tokens["principal"], baseline.principals, room),
        token=_tokens(tokens, model),
        day=_convert(tokens["day"], _days, room),
        hours=_convert(tokens["hours"], _integers, room),
        tick=_convert(tokens["tick"], _micros, room),
        hour=_convert(tokens["first_hour"], _hours, room),
        account=_codes(tokens["account"], baseline.accounts, room),
    )
    if spend:
        del tokens
        delivered.spend("tokens")
    active = delivered.active
    active_rows = ActiveRows(
        principal=_codes(active["principal"], baseline.principals, room),
        dimension=_codes(active["dimension"], baseline.dimensions, room),
        day=_days(active["day"]),
        hours=_integers(active["hours"]),
    )
    hourly_rows = _hourly(delivered.hourly, baseline.principals, room)
    if spend:
        delivered.spend("active", "hourly")
    return rows, active_rows, hourly_rows


def list_principals(delivered: Delivered) -> list[str]:
    """Principals of a day's deliveries, in the order they came."""
    return _list_distinct(delivered.tokens["principal"])


def _hourly(hourly: pa.Table, principals: Vocabulary, room: Room) -> HourlyRows:
    """Rows in the order of principals' codes, hours and ticks."""
    principal = _codes(hourly["principal"], principals, room)
    hour, tick = (_convert(hourly[name], convert, room) for name, convert in (("hour", _hours), ("tick", _micros)))
    order = _order(principal, hour, tick, room)
    return HourlyRows(
        principal=_take(principal, order, room),
        hour=_take(hour, order, room),
        tick=_take(tick, order, room),
        day=_take(_convert(hourly["day"], _days, room), order, room),
        counts=_counts(hourly, order, room),
    )


def _counts(hourly: pa.Table, order: Ints, room: Room) -> Ints:
    """Counts in an order, shape (n, measures)."""
    shape = len(order), len(MEASURES)
    if not room.is_large(4 * shape[0] * shape[1]):
        counts = np.empty(shape, dtype=np.int32)
        for at, name in enumerate(MEASURES):
            counts[:, at] = hourly[name].to_numpy()[order]
        return counts
    held = [_convert(hourly[name], _integers, room, np.int32) for name in MEASURES]
    out = room.column(np.int32, shape[0], shape[1:])
    for part in cut(shape[0], AT_ONCE):
        out.append(np.column_stack([column[order[part]] for column in held]))
    return out.close()


def _order(principal: Ints, hour: Ints, tick: Ints, room: Room) -> Ints:
    """The order of principals' codes, hours and ticks, of rows that mostly stand in that of principals' names."""
    begins = np.flatnonzero(np.append(True, principal[1:] != principal[:-1])[: len(principal)])
    later = (hour[1:] > hour[:-1]) | ((hour[1:] == hour[:-1]) & (tick[1:] >= tick[:-1]))
    later[begins[1:] - 1] = True
    if not later.all() or len(np.unique(principal[begins])) < len(begins):
        disorder: Ints = np.lexsort((tick, hour, principal))
        return disorder
    length, runs = np.diff(begins, append=len(principal)), np.argsort(principal[begins])
    ends = np.cumsum(length[runs])
    moved, out = begins[runs] - ends + length[runs], room.column(np.int64, len(principal))
    for part in cut(len(principal), AT_ONCE):
        at = np.arange(part.start, part.stop)
        out.append(at + moved[np.searchsorted(ends, at, side="right")])
    return out.close()


def _take(column: Ints, order: Ints, room: Room) -> Ints:
    """A column's values in an order."""
    out = room.column(column.dtype, len(column))
    for part in cut(len(order), AT_ONCE):
        out.append(column[order[part]])
    return out.close()


def coded_hours(delivered: Delivered, model: Model, hourly: HourlyRows) -> Hours:
    """Vectors of the hours that closed, in order of tick, and of names within one.

    Parameters
    ----------
    hourly
        What `coded` made of the same deliveries; it has enrolled the principals.
    """
    closed, baseline = delivered.closed, model.baseline
    principal = _codes(closed["principal"], baseline.principals, baseline.room)
    hour, tick = _hours(closed["hour"]), _micros(closed["tick"])
    spread = [np.asarray(closed[name].to_numpy(), dtype=np.float64) for name in SPREAD]
    return Hours(
        principal=principal,
        hour=hour,
        tick=tick,
        day=_days(closed["day"]),
        kind=baseline.stratum[principal],
        group=baseline.group[principal],
        values=np.column_stack([_counts_by(principal, hour, tick, hourly), *spread]).reshape(-1, len(COLUMNS)),
    )


def _counts_by(principal: Ints, hour: Ints, tick: Ints, hourly: HourlyRows) -> Floats:
    """Counts of hours by a tick each, shape (n, measures)."""
    key, out = pair_key(principal, hour), np.zeros((len(principal), len(MEASURES)))
    order = np.argsort(key)
    for part in hourly.parts():
        place, there = find(key[order], pair_key(part.principal, part.hour))
        place = order[place] if len(order) else place
        rows = np.flatnonzero(there)
        rows = rows[part.tick[rows] <= tick[place[rows]]]
        place = place[rows]
        begins = np.flatnonzero(np.append(True, place[1:] != place[:-1])[: len(place)])  # an hour's rows are together
        if len(begins):
            out[place[begins]] = np.add.reduceat(part.counts[rows], begins, axis=0)
    return out


def _member(row: Mapping[str, Any]) -> Member:
    return Member(
        row["principal"], row["kind"], row["identity_type"], row["name"], row["permission_set"], row["account"]
    )


def _tokens(rows: pa.Table, model: Model) -> Ints:
    """Codes of tokens; of several access levels of a new one, the first row's counts."""
    out, places = model.baseline.room.column(np.int64, len(rows)), list[Ints]()

    def name_parts() -> Iterator[tuple[Texts, list[str], list[str]]]:
        for part in cut(len(rows), AT_ONCE):
            some = rows[part]
            columns: list[Any] = [some["dimension"], some["value"], SEPARATOR]
            tokens, place = _encode(pc.binary_join_element_wise(*columns))
            places.append(place)
            first = np.empty(len(tokens), dtype=np.int64)
            first[place[::-1]] = np.arange(len(place))[::-1]
            told = [(names, code[first].tolist()) for names, code in map(_distinct, (some["dimension"], some["level"]))]
            dimensions, levels = ([names[code] for code in codes] for names, codes in told)
            yield tokens, dimensions, levels

    for codes in model.baseline.code_parts(name_parts()):
        out.append(codes[places.pop()])
    return out.close()


def _codes(column: Column, vocabulary: Vocabulary, room: Room) -> Ints:
    out = room.column(np.int64, len(column))
    for part in cut(len(column), AT_ONCE):
        values, place = _distinct(column[part])
        out.append(vocabulary.codes(values)[place])
    return out.close()


def _list_distinct(column: Column) -> list[str]:
    """Distinct strings of a column in the order of their first appearance."""
    return list(dict.fromkeys(name for part in cut(len(column), AT_ONCE) for name in _distinct(column[part])[0]))


def _distinct(column: Column) -> tuple[list[str], Ints]:
    """Distinct strings of a column in the order of their first appearance, and for each row which it is."""
    values, place = _encode(column)
    return cast(list[str], values.to_pylist()), place


def _encode(column: Column) -> "tuple[Texts, Ints]":
    coded: Any = pc.dictionary_encode(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)
    return coded.dictionary, np.asarray(coded.indices.to_numpy(), dtype=np.int64)


def _convert(column: Column, convert: Callable[[Column], Ints], room: Room, dtype: type = np.int64) -> Ints:
    """A column as an array, some rows at a time."""
    out = room.column(dtype, len(column))
    for part in cut(len(column), AT_ONCE):
        out.append(convert(column[part]))
    return out.close()


def _integers(column: Column) -> Ints:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _micros(column: Column) -> Ints:
    at = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
    return np.array(at, dtype=np.int64)  # a copy, or all of the table would stay with it


def _hours(column: Column) -> Ints:
    return _micros(column) // HOUR


def _days(column: Column) -> Ints:
    return np.asarray(column.cast(pa.date32()).cast(pa.int32()).to_numpy(), dtype=np.int64)
