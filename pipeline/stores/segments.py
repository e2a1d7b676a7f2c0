"""Write a table of events as Parquet segments: one file an account and day, sorted, on disk before it counts.

Rows are sorted by principal and event time, so that one principal's story is a few row groups and repeated values lie
together. `raw` and the ids are not dictionary-encoded; who reads activity never touches their pages.
"""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.arrow import arrow_schema
from features.event import EVENT
from pipeline.stores.manifest import Segment

ORIGIN = "origin"
"""Column beside EVENT's: where the delivering file lay, which decides between deliveries of the same minute."""

STORED = arrow_schema().append(pa.field(ORIGIN, pa.string()))
"""Schema of a segment of events."""

_UNIQUE = {"event_id", "raw", "position", "event_time", "delivered_at", "session_start", "latitude", "longitude"}
_DICTIONARY = [
    column.name if column.type != "strings" else f"{column.name}.list.element"
    for column in EVENT
    if column.name not in _UNIQUE and column.type in ("string", "strings")
] + [ORIGIN]
_STATISTICS = ["principal", "event_time", "delivered_at"]
_FEW_TEXTS = 32
"""A dictionary of so few texts is not worth making smaller."""
_ROW_GROUP = 65_536
_ZSTD_LEVEL = 1
"""Level 3 saves 5 % of the bytes and costs a third more time."""
_SMALL_ROWS = 8_192
"""Below, compressing a column costs more than the column: only those that hold most of the bytes are."""
_WORTH_IT = frozenset({"raw", "event_id", "event_time", "delivered_at", "principal", "session", "address"})
_WORTH_IT |= {"resources", "user_agent", "position"}

_SOME = {
    column.name if column.type != "strings" else f"{column.name}.list.element": (
        "zstd" if column.name in _WORTH_IT else "none"
    )
    for column in EVENT
} | {ORIGIN: "none"}
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
PAST, FUTURE = "1970-01-01", "2999-12-31"
"""Days of events whose time is impossible: an attacker's 2099 must not make partitions of its own."""
_DAY_US = 86_400_000_000

Codes: TypeAlias = npt.NDArray[np.int64]


def safe_account(account: str) -> str:
    """Folder of an account: the twelve digits, or `unknown` for anything else a record may claim.

    >>> safe_account("111122223333"), safe_account("../../etc")
    ('111122223333', 'unknown')
    """
    return account if _ACCOUNT.fullmatch(account) else "unknown"


def write_events(table: pa.Table, staging: Path) -> tuple[list[Segment], int]:
    """Write rows as segments below `staging`; return them with the number of rows that were duplicates.

    Rows with the same event id in the same account and day collapse to the earliest delivered, then the least origin
    and position, whatever their order in the table.
    """
    if not table.num_rows:
        return [], 0
    table = table.select(STORED.names).combine_chunks()
    accounts, account_code = _accounts(table)
    times = table.column("event_time").cast(pa.int64()).to_numpy()
    days, day_code = _days(table, times)
    part = account_code * len(days) + day_code
    keep = _winners(table, part)
    order = np.lexsort((times[keep], _rank(table.column("principal"))[keep], part[keep]))
    keep = keep[order]
    duplicates = table.num_rows - len(keep)
    table, part, times = table.take(pa.array(keep, pa.int64())), part[keep], times[keep]
    bounds = np.flatnonzero(np.diff(part, prepend=-1, append=-1))
    segments = []
    for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        account, day = divmod(int(part[start]), len(days))
        rows, when = _slice(table, start, stop), times[start:stop]
        segments.append(_write(rows, when, staging, accounts[account], days[day]))
    return segments, duplicates


def _write(rows: pa.Table, times: Codes, home: Path, account: str, day: str) -> Segment:
    path = f"events/account={account}/day={day}/{uuid.uuid4().hex}.parquet"
    addenda = int(np.count_nonzero(pc.not_equal(rows.column("patches"), pa.scalar("")).to_numpy()))
    compression = "zstd" if rows.num_rows >= _SMALL_ROWS else _SOME
    size = write_parquet(rows, home / path, dictionary=_DICTIONARY, statistics=_STATISTICS, compression=compression)
    return Segment(path, "events", account, day, rows.num_rows, size, addenda, int(times.min()), int(times.max()))


def write_parquet(
    table: pa.Table,
    path: Path,
    *,
    dictionary: bool | list[str] = True,
    statistics: bool | list[str] = True,
    compression: Any = "zstd",
) -> int:
    """Write a table and bring it to the disk; return its size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        pq.write_table(
            table,
            file,
            compression=compression,
            compression_level=_levels(compression),
            row_group_size=_ROW_GROUP,
            use_dictionary=dictionary,  # type: ignore[arg-type]  # the stubs know no list of names
            write_statistics=statistics,
            store_schema=False,
        )
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _levels(compression: str | dict[str, str]) -> int | dict[str, int]:
    if isinstance(compression, str):
        return _ZSTD_LEVEL
    return {name: _ZSTD_LEVEL for name, codec in compression.items() if codec == "zstd"}


def held_bytes(path: Path) -> int:
    """Bytes that a segment's rows take in memory."""
    metadata = pq.read_metadata(path)
    return sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))


def merge_events(paths: list[Path], staging: Path) -> list[Segment]:
    """Merge segments of one account and day into one; their event ids are known to differ."""
    table = pa.concat_tables(pq.read_table(path, schema=STORED) for path in paths)
    return write_events(table, staging)[0]


def without_events(path: Path, losers: list[str], staging: Path) -> list[Segment]:
    """Write a segment again without some event ids."""
    table = pq.read_table(path, schema=STORED)
    keep = pc.invert(pc.is_in(table.column("event_id"), value_set=pa.array(losers, pa.string())))
    return write_events(table.filter(keep), staging)[0]


def _slice(table: pa.Table, start: int, stop: int) -> pa.Table:
    """Some rows, with dictionaries of their own: those of a mere slice would still hold the whole table's values."""
    part = table.slice(start, stop - start)
    if part.num_rows == table.num_rows:
        return part
    columns = {name: _own_dictionary(column) for name, column in zip(part.column_names, part.columns, strict=True)}
    return pa.table(columns)


def _own_dictionary(column: pa.ChunkedArray[Any]) -> Any:
    if not pa.types.is_dictionary(column.type):
        return column
    array: Any = column.chunk(0)
    codes, texts = array.indices, array.dictionary
    if len(texts) <= _FEW_TEXTS:
        return column
    if codes.null_count:
        return pc.dictionary_encode(array.cast(pa.string()))
    numbers = codes.to_numpy()
    used = np.zeros(len(texts), bool)
    used[numbers] = True
    places = np.cumsum(used, dtype=np.int32) - 1
    return pa.DictionaryArray.from_arrays(pa.array(places[numbers], pa.int32()), texts.filter(pa.array(used)))


def _accounts(table: pa.Table) -> tuple[list[str], Codes]:
    distinct, codes = _coded(table.column("account"))
    values = [str(value) for value in distinct.to_pylist()]
    folders = sorted({safe_account(value) for value in values})
    place = np.array([folders.index(safe_account(value)) for value in values], dtype=np.int64)
    return folders, place[codes]


def _days(table: pa.Table, times: Codes) -> tuple[list[str], Codes]:
    number = np.floor_divide(times, _DAY_US)
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
    held = pa.array(["" if value is None else value for value in pc.list_flatten(lists).to_pylist()], pa.string())
    rows = pc.list_parent_indices(lists).to_numpy().astype(np.int64)
    return np.unique(rows[pc.equal(held, pa.scalar(flag)).to_numpy(zero_copy_only=False)])


def _winners(table: pa.Table, part: Codes) -> Codes:
    """Indices of the rows that stay; in the common case, all of them."""
    every = np.arange(table.num_rows, dtype=np.int64)
    values, ids = _coded(table.column("event_id"))
    if len(values) == table.num_rows:
        return every
    delivered = table.column("delivered_at").cast(pa.int64()).to_numpy()
    position = table.column("position").to_numpy()
    order = np.lexsort((position, _rank(table.column(ORIGIN)), delivered, ids, part))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(ids[order]) != 0) | (np.diff(part[order]) != 0)
    return every[np.sort(order[first])]


def _coded(column: pa.ChunkedArray[Any]) -> tuple[pa.Array[Any], Codes]:
    """Distinct values of a column, and for each row which of them it holds."""
    whole = pa.concat_arrays(column.chunks) if column.num_chunks != 1 else column.chunk(0)
    coded: Any = whole if pa.types.is_dictionary(whole.type) else pc.dictionary_encode(whole)
    return coded.dictionary, coded.indices.to_numpy().astype(np.int64)


def _rank(column: pa.ChunkedArray[Any]) -> Codes:
    """Rank of each row's value in the order of the distinct values."""
    values, codes = _coded(column)
    rank = np.empty(len(values), dtype=np.int64)
    rank[pc.array_sort_indices(values).to_numpy()] = np.arange(len(values))
    return rank[codes]
