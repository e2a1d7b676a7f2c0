"""Arrow tables of a day's deliveries, coded with a model's vocabularies."""

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

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
from models.vocabulary import Vocabulary
from models.words import Texts
from pipeline.detect.activity import Delivered

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
    tokens = delivered.tokens
    names, principal = _distinct(tokens["principal"])
    model.enrol([_member(members[name]) for name in names if name not in model.members])
    baseline = model.baseline
    rows = TokenRows(
        principal=baseline.principals.codes(names)[principal],
        token=_tokens(tokens, model),
        day=_days(tokens["day"]),
        hours=_integers(tokens["hours"]),
        tick=_micros(tokens["tick"]),
        hour=_micros(tokens["first_hour"]) // HOUR,
        account=_codes(tokens["account"], baseline.accounts),
    )
    if spend:
        del tokens
        delivered.spend("tokens")
    active = delivered.active
    active_rows = ActiveRows(
        principal=_codes(active["principal"], baseline.principals),
        dimension=_codes(active["dimension"], baseline.dimensions),
        day=_days(active["day"]),
        hours=_integers(active["hours"]),
    )
    hourly_rows = _hourly(delivered.hourly, baseline.principals)
    if spend:
        delivered.spend("active", "hourly")
    return rows, active_rows, hourly_rows


def _hourly(hourly: pa.Table, principals: Vocabulary) -> HourlyRows:
    """Rows in the order of principals' codes, hours and ticks."""
    principal = _codes(hourly["principal"], principals)
    hour, tick = _micros(hourly["hour"]) // HOUR, _micros(hourly["tick"])
    order = np.lexsort((tick, hour, principal))
    counts = np.empty((len(order), len(MEASURES)), dtype=np.int32)
    for column, name in enumerate(MEASURES):
        counts[:, column] = hourly[name].to_numpy()[order]
    return HourlyRows(principal[order], hour[order], tick[order], _days(hourly["day"])[order], counts)


def coded_hours(delivered: Delivered, model: Model, hourly: HourlyRows) -> Hours:
    """Vectors of the hours that closed, in order of tick, and of names within one.

    Parameters
    ----------
    hourly
        What `coded` made of the same deliveries; it has enrolled the principals.
    """
    closed, baseline = delivered.closed, model.baseline
    principal = _codes(closed["principal"], baseline.principals)
    hour, tick = _micros(closed["hour"]) // HOUR, _micros(closed["tick"])
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
    key = pair_key(principal, hour)
    order = np.argsort(key)
    place, there = find(key[order], pair_key(hourly.principal, hourly.hour))
    place = order[place] if len(order) else place
    rows = np.flatnonzero(there)
    rows = rows[hourly.tick[rows] <= tick[place[rows]]]
    columns = [np.bincount(place[rows], column[rows], minlength=len(key)) for column in hourly.counts.T]
    return np.column_stack(columns).astype(np.float64)


def _member(row: Mapping[str, Any]) -> Member:
    return Member(
        row["principal"], row["kind"], row["identity_type"], row["name"], row["permission_set"], row["account"]
    )


def _tokens(rows: pa.Table, model: Model) -> Ints:
    """Codes of tokens; of several access levels of a new one, the first row's counts."""
    columns: list[Any] = [rows["dimension"], rows["value"], SEPARATOR]
    tokens, place = _encode(pc.binary_join_element_wise(*columns))
    first = np.empty(len(tokens), dtype=np.int64)
    first[place[::-1]] = np.arange(len(place))[::-1]
    columns = [(names, code[first].tolist()) for names, code in (_distinct(rows[of]) for of in ("dimension", "level"))]
    dimensions, levels = ([names[code] for code in codes] for names, codes in columns)
    return model.baseline.code_tokens(tokens, dimensions, levels)[place]


def _codes(column: Column, vocabulary: Vocabulary) -> Ints:
    values, place = _distinct(column)
    return vocabulary.codes(values)[place]


def _distinct(column: Column) -> tuple[list[str], Ints]:
    """Distinct strings of a column in the order of their first appearance, and for each row which it is."""
    values, place = _encode(column)
    return cast(list[str], values.to_pylist()), place


def _encode(column: Column) -> "tuple[Texts, Ints]":
    coded: Any = pc.dictionary_encode(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)
    return coded.dictionary, np.asarray(coded.indices.to_numpy(), dtype=np.int64)


def _integers(column: Column) -> Ints:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _micros(column: Column) -> Ints:
    at = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
    return np.array(at, dtype=np.int64)  # a copy, or all of the table would stay with it


def _days(column: Column) -> Ints:
    return np.asarray(column.cast(pa.date32()).cast(pa.int32()).to_numpy(), dtype=np.int64)
