"""Write a table of events as Parquet segments: one file an account and day, sorted, on disk before it counts.

Rows are sorted by principal and event time, so that one principal's story is a few row groups and repeated values lie
together. `raw` and the ids are not dictionary-encoded; who reads activity never touches their pages.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.call.account import NO_ACCOUNT, is_account
from features.normalise.event import EVENT
from features.times.instant import DAY
from pipeline.errors import StoreError
from pipeline.stores.parquet.arrays import integers, numbers, texts
from pipeline.stores.parquet.fingerprints import fingerprints
from pipeline.stores.parquet.manifest import Segment
from pipeline.stores.parquet.schema import arrow_schema

ORIGIN = "origin"
"""Column beside EVENT's: where the delivering file lay, which decides between deliveries of the same minute."""

STORED = arrow_schema().append(pa.field(ORIGIN, pa.string()))
"""Schema of a segment of events."""

_UNIQUE = {"event_id", "raw", "position", "event_time", "delivered_at", "session_start", "latitude", "longitude"}
_PATHS = {column.name: f"{column.name}.list.element" if column.type == "strings" else column.name for column in EVENT}
_PATHS[ORIGIN] = ORIGIN
"""How Parquet names each column."""
_DICTIONARY = [
    _PATHS[column.name] for column in EVENT if column.name not in _UNIQUE and column.type in ("string", "strings")
] + [ORIGIN]
_TEXTS = [column.name for column in EVENT if column.name not in _UNIQUE and column.type == "string"] + [ORIGIN]
_CODED = pa.schema([(f.name, pa.dictionary(pa.int32(), f.type) if f.name in _TEXTS else f.type) for f in STORED])
_STATISTICS = ["principal", "event_time", "delivered_at"]
_FEW_TEXTS = 32
"""A dictionary of so few texts is not worth making smaller."""
_ROW_GROUP = 65_536
_ZSTD_LEVEL = 1
"""Level 3 saves 5 % of the bytes and costs a third more time."""
_SMALLER = frozenset({
    "shared_event_id", "resources", "session", "identity", "identity_arn", "identity_name", "principal",
    "principal_name", "actor", "action", "address", "prefix", "error_message", "issued_key", "user_agent", "origin",
})  # fmt: skip
"""Of the columns with a dictionary, those that compressing makes smaller still; with the others it only takes time."""
_COMPRESSION = {
    path: "none" if path in _DICTIONARY and name not in _SMALLER else "zstd" for name, path in _PATHS.items()
}
_ENCODING = {"event_id": "DELTA_LENGTH_BYTE_ARRAY"}
"""Nearly all ids are of one length."""
PAST, FUTURE = "1970-01-01", "2999-12-31"
"""Days of events whose time is impossible: an attacker's 2099 must not make partitions of its own."""

Rows: TypeAlias = npt.NDArray[np.int64]
"""Indices of rows, or codes, one a row."""


def safe_account(account: str) -> str:
    """Folder of an account: the twelve digits, or `unknown` for anything else a record may claim.

    >>> safe_account("111122223333"), safe_account("../../etc")
    ('111122223333', 'unknown')
    """
    return account if is_account(account) else NO_ACCOUNT


class Arrangement(NamedTuple):
    """How rows are divided into segments."""

    rows: Rows
    """Indices of the rows that stay, in the order in which they are written."""
    parts: list[tuple[str, str, int, int]]
    """Account, day, and from where to where in that order, of each segment."""
    duplicates: int
    """Rows that do not stay."""


ARRANGED_BY = ("account", "event_time", "flags", "principal", "event_id", "delivered_at", "position", ORIGIN)


def arrange(table: pa.Table) -> Arrangement:
    """Divide rows by account and day, each part sorted by principal and time; of STORED only ARRANGED_BY is looked at.

    Rows with the same event id in the same account and day collapse to the earliest delivered, then the least origin
    and position, whatever their order in the table.
    """
    if not table.num_rows:
        return Arrangement(np.zeros(0, np.int64), [], 0)
    accounts, account_code = _accounts(table)
    times = integers(table.column("event_time"))
    days, day_code = _days(table, times)
    part = account_code * len(days) + day_code
    keep = _winners(table, part)
    keep = keep[np.lexsort((times[keep], _narrow(_rank(table.column("principal")))[keep], _narrow(part)[keep]))]
    part = part[keep]
    bounds = np.flatnonzero(np.diff(part, prepend=-1, append=-1)).tolist()
    parts = [
        (accounts[part[start] // len(days)], days[part[start] % len(days)], start, stop)
        for start, stop in pairwise(bounds)
    ]
    return Arrangement(keep, parts, table.num_rows - len(keep))


def write_arranged(table: pa.Table, parts: Iterable[tuple[str, str, int, int]], staging: Path) -> list[Segment]:
    """Write arranged rows as segments below `staging`."""
    times = integers(table.column("event_time"))
    return [
        _write(_slice(table, start, stop), times[start:stop], staging, account, day)
        for account, day, start, stop in parts
    ]


def write_events(table: pa.Table, staging: Path) -> tuple[list[Segment], int]:
    """Arrange and write rows; return their segments with the number of rows that were duplicates."""
    table = table.select(STORED.names).combine_chunks()
    rows, parts, duplicates = arrange(table)
    return write_arranged(table.take(numbers(rows, pa.int64())), parts, staging), duplicates


def _write(rows: pa.Table, times: Rows, home: Path, account: str, day: str) -> Segment:
    path = f"events/account={account}/day={day}/{uuid.uuid4().hex}.parquet"
    addenda = _count_filled(rows.column("patches"))
    size = write_parquet(
        rows,
        home / path,
        dictionary=_DICTIONARY,
        statistics=_STATISTICS,
        compression=_COMPRESSION,
        encoding=_ENCODING,
    )
    return Segment(path, "events", account, day, rows.num_rows, size, addenda, int(times.min()), int(times.max()))


def write_parquet(
    table: pa.Table,
    path: Path,
    *,
    dictionary: bool | list[str] = True,
    statistics: bool | list[str] = True,
    compression: Any = "zstd",
    encoding: dict[str, str] | None = None,
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
            column_encoding=encoding,
            write_statistics=statistics,
            data_page_version="2.0",
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


@contextmanager
def open_segment(path: Path, texts_as_coded: Sequence[str] = ()) -> Iterator[pq.ParquetFile]:
    """Open a segment for reading; without PyArrow's data sets, which load pandas.

    Raises
    ------
    StoreError
        It is damaged or missing.
    """
    try:
        with pq.ParquetFile(path, read_dictionary=list(texts_as_coded)) as file:
            yield file
    except (pa.ArrowInvalid, OSError) as error:
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError) and error.errno is not None:
            raise  # the machine's, not the file's
        what = next(iter(str(error).splitlines()), type(error).__name__)
        raise StoreError(
            f"{path} is damaged or missing ({what}): put it back from a copy, "
            "or ingest the log files again into a new home"
        ) from error


def read_segment(path: Path) -> pa.Table:
    """The rows of a segment."""
    with open_segment(path) as file:
        return file.read()


def _read_events(path: Path) -> pa.Table:
    """The rows of a segment of events, with texts as they lie there: each once."""
    with open_segment(path, _TEXTS) as file:
        return file.read().cast(_CODED)


def merge_events(paths: list[Path], staging: Path) -> list[Segment]:
    """Merge segments of one account and day into one; their event ids are known to differ."""
    table = pa.concat_tables(_read_events(path) for path in paths).unify_dictionaries()
    return write_events(table, staging)[0]


def without_events(path: Path, losers: list[str], staging: Path) -> list[Segment]:
    """Write a segment again without some event ids."""
    table = _read_events(path)
    keep = pc.invert(pc.is_in(table.column("event_id"), value_set=texts(losers)))
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
    places = integers(codes)
    used = np.zeros(len(texts), bool)
    used[places] = True
    own = np.cumsum(used, dtype=np.int32) - 1
    values = texts.filter(numbers(used, pa.bool_()))
    return pa.DictionaryArray.from_arrays(numbers(own[places], pa.int32()), values, safe=False)


def _accounts(table: pa.Table) -> tuple[list[str], Rows]:
    distinct, codes = _coded(table.column("account"))
    values = [str(value) for value in distinct.to_pylist()]
    folders = sorted({safe_account(value) for value in values})
    place = np.array([folders.index(safe_account(value)) for value in values], dtype=np.int64)
    return folders, place[codes]


def _days(table: pa.Table, times: Rows) -> tuple[list[str], Rows]:
    number = np.floor_divide(times, DAY)
    for flag, day in (("past", -1), ("future", 1 << 40)):
        flagged = _flagged(table.column("flags"), flag)
        if len(flagged):
            number[flagged] = day
    distinct, codes = np.unique(number, return_inverse=True)
    names = {-1: PAST, 1 << 40: FUTURE}
    return [names.get(int(day)) or str(np.datetime64(int(day), "D")) for day in distinct], codes.astype(np.int64)


def _flagged(flags: pa.ChunkedArray[Any], flag: str) -> Rows:
    """Rows that carry a flag."""
    lists = pa.concat_arrays(flags.chunks)
    values, codes = _coded(pc.list_flatten(lists))
    held = values.to_pylist()
    if flag not in held:
        return np.zeros(0, np.int64)
    return np.unique(integers(pc.list_parent_indices(lists))[codes == held.index(flag)])


def _narrow(codes: Rows) -> npt.NDArray[Any]:
    """The same in 16 bits where they fit: those are sorted in one pass."""
    return codes.astype(np.uint16) if int(codes.max()) < 1 << 16 else codes


def _winners(table: pa.Table, part: Rows) -> Rows:
    """Indices of the rows that stay; in the common case, all of them."""
    every = np.arange(table.num_rows, dtype=np.int64)
    prints = fingerprints(pa.concat_arrays(table.column("event_id").chunks))
    prints.sort()
    if not (prints[1:] == prints[:-1]).any():
        return every
    _, ids = _coded(table.column("event_id"))
    delivered, position = integers(table.column("delivered_at")), integers(table.column("position"))
    order = np.lexsort((position, _rank(table.column(ORIGIN)), delivered, ids, part))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(ids[order]) != 0) | (np.diff(part[order]) != 0)
    return every[np.sort(order[first])]


def _count_filled(column: pa.ChunkedArray[Any]) -> int:
    """How many rows hold a text that is not empty."""
    values, codes = _coded(column)
    filled = np.array([bool(text) for text in values.to_pylist()], bool)
    return int(np.count_nonzero(filled[codes]))


def _coded(column: pa.Array[Any] | pa.ChunkedArray[Any]) -> tuple[pa.Array[Any], Rows]:
    """Distinct values of a column without nulls, and for each row which of them it holds."""
    whole = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
    coded: Any = whole if pa.types.is_dictionary(whole.type) else pc.dictionary_encode(whole)
    return coded.dictionary, integers(coded.indices).astype(np.int64)


def _rank(column: pa.ChunkedArray[Any]) -> Rows:
    """Rank of each row's value in the order of the distinct values."""
    values, codes = _coded(column)
    rank = np.empty(len(values), dtype=np.int64)
    rank[integers(pc.array_sort_indices(values))] = np.arange(len(values))
    return rank[codes]
