"""Write a table of events as Parquet segments: one file an account and day, sorted, on disk before it counts.

Rows are sorted by principal and event time, so that one principal's story is a few row groups and repeated values lie
together. `raw` and the ids are not dictionary-encoded; who reads activity never touches their pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.normalise.event import EVENT
from pipeline.ingest.rows import ORIGIN
from pipeline.stores.parquet.arrange import Cut, arrange, code_column
from pipeline.stores.parquet.arrays import Codes, integers, lists, numbers, texts
from pipeline.stores.parquet.clashes import FLAG
from pipeline.stores.parquet.files import open_segment, write_parquet
from pipeline.stores.parquet.integrity import hash_file
from pipeline.stores.parquet.layout import new_path
from pipeline.stores.parquet.schema import SHAPE, STORED, complete
from pipeline.stores.parquet.segment import Segment

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
_SMALLER = frozenset({
    "shared_event_id", "resources", "session", "session_name", "identity", "identity_arn", "identity_name", "principal",
    "principal_name", "actor", "action", "address", "prefix", "error_message", "issued_key", "user_agent", "origin",
})  # fmt: skip
"""Of the columns with a dictionary, those that compressing makes smaller still; with the others it only takes time."""
_COMPRESSION = {
    path: "none" if path in _DICTIONARY and name not in _SMALLER else "zstd" for name, path in _PATHS.items()
}
_ENCODING = {"event_id": "DELTA_LENGTH_BYTE_ARRAY"}
"""Nearly all ids are of one length."""


def write_arranged(table: pa.Table, cuts: Iterable[Cut], staging: Path) -> list[Segment]:
    """Write arranged rows as segments below `staging`."""
    times = integers(table.column("event_time"))
    return [
        _write(_slice(table, start, stop), times[start:stop], staging, account, day)
        for account, day, start, stop in cuts
    ]


def write_events(table: pa.Table, staging: Path) -> tuple[list[Segment], int]:
    """Arrange and write rows; return their segments with the number of rows that were duplicates."""
    table = table.select(STORED.names).combine_chunks()
    rows, cuts, duplicates = arrange(table)
    return write_arranged(table.take(numbers(rows, pa.int64())), cuts, staging), duplicates


def _write(rows: pa.Table, times: Codes, staging: Path, account: str, day: str) -> Segment:
    path = new_path("events", account, day, SHAPE)
    addenda = _count_filled(rows.column("patches"))
    size = write_parquet(
        rows,
        staging / path,
        dictionary=_DICTIONARY,
        statistics=_STATISTICS,
        compression=_COMPRESSION,
        encoding=_ENCODING,
    )
    return Segment(
        path, "events", account, day, rows.num_rows, size, addenda, int(times.min()), int(times.max()),
        hash_file(staging / path), _held(rows.column("file")),
    )  # fmt: skip


def _read_events(path: Path) -> pa.Table:
    """The rows of a segment of events, with texts as they lie there: each once."""
    with open_segment(path, _TEXTS) as file:
        return complete(file.read()).cast(_CODED)


def merge_events(paths: list[Path], staging: Path) -> list[Segment]:
    """Merge segments of one account and day into one; their event ids are known to differ."""
    table = pa.concat_tables(_read_events(path) for path in paths).unify_dictionaries()
    return write_events(table, staging)[0]


def without_events(
    path: Path, losers: list[str], staging: Path, renamed: Mapping[str, str] | None = None
) -> list[Segment]:
    """Write a segment again without some event ids, and with others by another name, and flagged."""
    table = _read_events(path)
    table = table.filter(pc.invert(pc.is_in(table.column("event_id"), value_set=texts(losers))))
    return write_events(_name_apart(table, renamed) if renamed else table, staging)[0]


def _name_apart(table: pa.Table, renamed: Mapping[str, str]) -> pa.Table:
    ids = [str(one) for one in table.column("event_id").to_pylist()]
    held = [tuple(map(str, own or ())) for own in table.column("flags").to_pylist()]
    flags = [(*own, FLAG) if one in renamed and FLAG not in own else own for one, own in zip(ids, held, strict=True)]
    columns = {"event_id": texts([renamed.get(one, one) for one in ids]), "flags": lists(flags)}
    return pa.table({name: columns.get(name, table.column(name)) for name in table.column_names})


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


def _held(column: pa.ChunkedArray[Any]) -> tuple[str, ...]:
    """Values that some row holds; a dictionary may have more."""
    values, codes = code_column(column)
    held = np.flatnonzero(np.bincount(codes, minlength=len(values)))
    return tuple(str(value) for value in values.take(numbers(held, pa.int64())).to_pylist())


def _count_filled(column: pa.ChunkedArray[Any]) -> int:
    """How many rows hold a text that is not empty."""
    values, codes = code_column(column)
    filled = np.array([bool(text) for text in values.to_pylist()], bool)
    return int(np.count_nonzero(filled[codes]))
