"""Turn normalised rows into an Arrow table, and add what is known of the files and of the addresses in them.

Rows share the tuples of what the normaliser remembers, so most columns are coded once a distinct tuple, not once a row.
Rows are put in a segment's order while they are still codes, so that no column is built twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.normalise.event import EVENT
from features.normalise.normalised import OF_ADDRESS, OF_CALL, OF_CALLER, USUAL_DELAY, Normalised
from features.normalise.rare import RareColumns
from features.times.instant import DAY, micros
from pipeline.enrich.places import OF_PLACE, Places
from pipeline.ingest.rows import ORIGIN, Rows, Span
from pipeline.stores.parquet.arrange import ARRANGED_BY, Arrangement, arrange
from pipeline.stores.parquet.arrays import Codes, binaries, coded, integers, lists, numbers, texts
from pipeline.stores.parquet.clashes import tell_apart
from pipeline.stores.parquet.schema import STORED

_KINDS = {column.name: column.type for column in EVENT} | {ORIGIN: "string"}
_TYPES = {field.name: field.type for field in STORED}
_NUMPY = {"bool": np.bool_, "int32": np.int32, "int64": np.int64, "double": np.float64, "timestamp": np.int64}


def arrange_rows(rows: Rows, *, collapse: bool = True) -> tuple[pa.Table, Arrangement]:
    """Table with the columns of EVENT and `origin`, in the order of its segments, and how to divide it into them.

    Each distinct address is looked up once. Without `collapse` every row stays, under the id that it was delivered
    with: for whoever sees all deliveries together later.
    """
    made, spans = rows.made, rows.spans
    own, count = made.own, len(made)
    at, times = (np.fromiter(own[name], np.int64, count) for name in ("position", "event_time"))
    of_span = np.searchsorted(np.array([span.start for span in spans]), at, "right") - 1
    unique = _numbers(at, times, spans, of_span)
    if collapse:
        tell_apart(made, lambda row: (unique["delivered_at"][row], spans[of_span[row]].origin, unique["position"][row]))
    shared = [_Shared(("file", ORIGIN), of_span, [(span.file, span.origin) for span in spans])]
    shared += [_seldom(rare, count) for rare in made.rare]
    shared += [_alike(("resources",), own["resources"]), _alike(OF_CALL, made.calls)]
    for group in _callers(made):
        shared += [group, _located(group, rows.places)] if group.names == OF_ADDRESS else [group]

    by_name = {name: group for group in shared for name in group.names}
    key = {name: by_name[name].array(name) for name in ARRANGED_BY if name in by_name}
    key |= {name: numbers(values, _TYPES[name]) for name, values in unique.items()}
    key["event_id"] = texts(own["event_id"])
    arrangement = arrange(pa.table(key), collapse=collapse)
    order = arrangement.rows
    arrays = {name: array for group in shared for name, array in group.ordered(order)}
    arrays |= {name: numbers(values.take(order), _TYPES[name]) for name, values in unique.items()}
    arrays["event_id"] = key["event_id"].take(numbers(order, pa.int64()))
    arrays["raw"] = binaries(list(map(own["raw"].__getitem__, order.tolist())))
    return pa.table({name: arrays[name] for name in STORED.names}), arrangement


def _numbers(at: Codes, times: Codes, spans: Sequence[Span], of_span: Codes) -> dict[str, npt.NDArray[Any]]:
    """Columns of numbers; the file of a row says when it was delivered and where in the file it was."""
    first = np.array([span.position - span.start for span in spans])
    named = np.array([-1 if span.delivered_at is None else micros(span.delivered_at) for span in spans])
    delivered = named.take(of_span)
    untold = (delivered < 0) | ((times - DAY < delivered) & (delivered < times))  # as `Rows.columns` says
    return {
        "event_time": times,
        "delivered_at": np.where(untold, times + USUAL_DELAY, delivered),
        "position": (at + first.take(of_span)).astype(np.int32),
    }


class _Shared(NamedTuple):
    """Columns whose rows share their values."""

    names: tuple[str, ...]
    codes: Codes
    """For each row, which of the distinct ones it has."""
    distinct: Sequence[tuple[Any, ...]]

    def array(self, name: str) -> Any:
        """A column as it comes."""
        at = self.names.index(name)
        return _array(name, [row[at] for row in self.distinct], self.codes)

    def ordered(self, order: npt.NDArray[np.int64]) -> Iterator[tuple[str, Any]]:
        """All columns, in an order."""
        codes = self.codes.take(order)
        for name, values in zip(self.names, zip(*self.distinct, strict=True), strict=True):
            yield name, _array(name, values, codes)


def _array(name: str, values: Sequence[Any], codes: Codes) -> Any:
    """Column of the distinct values, spread over the rows that share them."""
    kind = _KINDS[name]
    if kind == "string":
        known = None if None not in values else np.array([value is not None for value in values]).take(codes)
        return coded(codes, texts(values if known is None else [value or "" for value in values]), known)
    if kind == "strings":
        return lists(values).take(numbers(codes, pa.int64()))
    known = np.array([value is not None for value in values])
    held: npt.NDArray[Any] = np.array([value or 0 for value in values], _NUMPY[kind])
    return numbers(held.take(codes), _TYPES[name], None if known.all() else known.take(codes))


def _callers(made: Normalised) -> Iterator[_Shared]:
    """Columns of who called: of the distinct callers, the distinct ones of each part."""
    codes, distinct = _identical(made.callers)
    for names, part in zip(OF_CALLER, zip(*distinct, strict=True), strict=True):
        group = _alike(names, part)
        yield group._replace(codes=group.codes.take(codes))


def _alike(names: tuple[str, ...], rows: Sequence[Any]) -> _Shared:
    """Columns of rows that share one object where they are equal."""
    codes, distinct = _identical(rows)
    return _Shared(names, codes, distinct if len(names) > 1 else [(value,) for value in distinct])


def _identical(rows: Sequence[Any]) -> tuple[Codes, list[Any]]:
    """For each row which of the distinct objects it is, and these; identity tells them apart without hashing."""
    met: Any = pc.dictionary_encode(numbers(np.fromiter(map(id, rows), np.int64, len(rows)), pa.int64()))
    codes = integers(met.indices).astype(np.int64)
    first = np.empty(len(met.dictionary), np.int64)
    first[codes[::-1]] = np.arange(len(rows) - 1, -1, -1)
    return codes, [rows[at] for at in first.tolist()]


def _seldom(rare: RareColumns, count: int) -> _Shared:
    """Columns in which most rows hold the same."""
    codes = np.zeros(count, np.int64)
    codes[list(rare.rows)] = np.arange(1, len(rare.rows) + 1)
    return _Shared(rare.names, codes, [rare.usual, *rare.rows.values()])


def _located(addresses: _Shared, places: Places) -> _Shared:
    """Where the addresses lie, and the names of own networks."""
    known = [places.find(address, kind) for address, kind, _ in addresses.distinct]
    return _Shared((*OF_PLACE, "network"), addresses.codes, [(*place, network) for place, network in known])
