"""Divide rows into segments: one an account and day, in the order in which they are written, each event once."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.times.instant import DAY
from pipeline.ingest.rows import ORIGIN
from pipeline.stores.parquet.arrays import Codes, integers
from pipeline.stores.parquet.fingerprints import fingerprints
from pipeline.stores.parquet.layout import safe_account

PAST, FUTURE = "1970-01-01", "2999-12-31"
"""Days of events whose time is impossible: an attacker's 2099 must not make partitions of its own."""

ARRANGED_BY = ("account", "event_time", "flags", "principal", "event_id", "delivered_at", "position", ORIGIN)
"""Columns that decide."""


class Cut(NamedTuple):
    """Rows that are one segment."""

    account: str
    """As a folder is named for it."""
    day: str
    start: int
    stop: int


class Arrangement(NamedTuple):
    """How rows are divided into segments."""

    rows: Codes
    """Indices of the rows that stay, in the order in which they are written."""
    cuts: list[Cut]
    """The segments, in that order."""
    duplicates: int
    """Rows that do not stay."""


def arrange(table: pa.Table, *, collapse: bool = True) -> Arrangement:
    """Divide rows by account and day, each segment sorted by principal and time; ARRANGED_BY is all that is looked at.

    Rows with the same event id in the same account and day collapse to the earliest delivered, then the least origin
    and position, whatever their order in the table; without `collapse`, every row stays.
    """
    if not table.num_rows:
        return Arrangement(np.zeros(0, np.int64), [], 0)
    accounts, account_code = _accounts(table)
    times = integers(table.column("event_time"))
    days, day_code = _days(table, times)
    part = account_code * len(days) + day_code
    keep = _winners(table, part) if collapse else np.arange(table.num_rows, dtype=np.int64)
    keep = keep[np.lexsort((times[keep], _narrow(_rank(table.column("principal")))[keep], _narrow(part)[keep]))]
    part = part[keep]
    bounds = np.flatnonzero(np.diff(part, prepend=-1, append=-1)).tolist()
    cuts = [
        Cut(accounts[part[start] // len(days)], days[part[start] % len(days)], start, stop)
        for start, stop in pairwise(bounds)
    ]
    return Arrangement(keep, cuts, table.num_rows - len(keep))


def _accounts(table: pa.Table) -> tuple[list[str], Codes]:
    distinct, codes = code_column(table.column("account"))
    values = [str(value) for value in distinct.to_pylist()]
    folders = sorted({safe_account(value) for value in values})
    place = np.array([folders.index(safe_account(value)) for value in values], dtype=np.int64)
    return folders, place[codes]


def _days(table: pa.Table, times: Codes) -> tuple[list[str], Codes]:
    number = np.floor_divide(times, DAY)
    for flag, day in (("past", -1), ("future", 1 << 40)):
        flagged = _flagged(table.column("flags"), flag)
        if len(flagged):
            number[flagged] = day
    distinct, codes = np.unique(number, return_inverse=True)
    names = {-1: PAST, 1 << 40: FUTURE}
    return [names.get(int(day)) or str(np.datetime64(int(day), "D")) for day in distinct], codes.astype(np.int64)


def _flagged(flags: pa.ChunkedArray[Any], flag: str) -> Codes:
    """Rows that carry a flag."""
    lists = pa.concat_arrays(flags.chunks)
    values, codes = code_column(pc.list_flatten(lists))
    held = values.to_pylist()
    if flag not in held:
        return np.zeros(0, np.int64)
    return np.unique(integers(pc.list_parent_indices(lists))[codes == held.index(flag)])


def _narrow(codes: Codes) -> npt.NDArray[Any]:
    """The same in 16 bits where they fit: those are sorted in one pass."""
    return codes.astype(np.uint16) if int(codes.max()) < 1 << 16 else codes


def _winners(table: pa.Table, part: Codes) -> Codes:
    """Indices of the rows that stay; in the common case, all of them."""
    every = np.arange(table.num_rows, dtype=np.int64)
    prints = fingerprints(pa.concat_arrays(table.column("event_id").chunks))
    prints.sort()
    if not (prints[1:] == prints[:-1]).any():
        return every
    _, ids = code_column(table.column("event_id"))
    delivered, position = integers(table.column("delivered_at")), integers(table.column("position"))
    order = np.lexsort((position, _rank(table.column(ORIGIN)), delivered, ids, part))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(ids[order]) != 0) | (np.diff(part[order]) != 0)
    return every[np.sort(order[first])]


def code_column(column: pa.Array[Any] | pa.ChunkedArray[Any]) -> tuple[pa.Array[Any], Codes]:
    """Distinct values of a column without nulls, and for each row which of them it holds; (values,), (rows,)."""
    whole = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
    coded: Any = whole if pa.types.is_dictionary(whole.type) else pc.dictionary_encode(whole)
    return coded.dictionary, integers(coded.indices).astype(np.int64)


def _rank(column: pa.ChunkedArray[Any]) -> Codes:
    """Rank of each row's value in the order of the distinct values."""
    values, codes = code_column(column)
    rank = np.empty(len(values), dtype=np.int64)
    rank[integers(pc.array_sort_indices(values))] = np.arange(len(values))
    return rank[codes]
