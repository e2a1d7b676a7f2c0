"""Turn columns of Python values into Arrow, and add what is known of the addresses in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from features.address import parse_address
from features.event import EVENT, Column
from pipeline.enrich.place import NOWHERE, Place
from pipeline.stores.segments import ORIGIN, STORED

_OF_PLACE = ("country", "city", "latitude", "longitude", "asn", "organisation")
ENRICHED = (*_OF_PLACE, "network")
"""Columns that are looked up by address."""
_ISO_LENGTH = len("2026-03-02T09:00:00Z")
_TYPES = {field.name: field.type for field in STORED}
_MANY = frozenset({"event_id", "error_message"})
"""Text columns whose values seldom repeat."""


class PlaceOf(Protocol):
    """Answers for public addresses."""

    def place(self, address: str) -> Place:
        """Where an address lies."""


class NameOf(Protocol):
    """Names own networks."""

    def name(self, address: str) -> str:
        """Name of an address's network."""


def to_table(columns: dict[str, list[Any]], geo: PlaceOf | None, networks: NameOf) -> pa.Table:
    """Table with the columns of EVENT and `origin`, of lists that have all but those of the address.

    Each distinct address is looked up once; only public ones are asked for a place.
    """
    arrays = {column.name: _array(column, columns[column.name]) for column in EVENT if column.name in columns}
    arrays[ORIGIN] = _coded(columns[ORIGIN])
    arrays |= _places(columns["address"], columns["address_kind"], geo, networks)
    return pa.table({name: arrays[name] for name in STORED.names})


def _places(
    addresses: Sequence[str], kinds: Sequence[str], geo: PlaceOf | None, networks: NameOf
) -> dict[str, pa.Array[Any]]:
    pairs: dict[tuple[str, str], int] = {}
    codes = np.fromiter(
        (pairs.setdefault(pair, len(pairs)) for pair in zip(addresses, kinds, strict=True)), np.int32, len(addresses)
    )
    places, names = [], []
    for address, kind in pairs:
        ip = parse_address(address).ip
        places.append(geo.place(ip) if geo is not None and kind == "public" and ip else NOWHERE)
        names.append(networks.name(ip) if ip else "")
    taken = pa.array(codes, pa.int32())
    arrays = {}
    for name in _OF_PLACE:
        distinct = pa.array([getattr(place, name) for place in places], _TYPES[name])
        text = pa.types.is_string(distinct.type)
        arrays[name] = pa.DictionaryArray.from_arrays(taken, distinct) if text else distinct.take(taken)
    arrays["network"] = pa.DictionaryArray.from_arrays(taken, pa.array(names, pa.string()))
    return arrays


def _array(column: Column, values: list[Any]) -> pa.Array[Any]:
    if column.type == "binary":
        return _joined(values)
    if column.type == "strings":
        return _coded_lists(values)
    if column.type == "string" and column.name not in _MANY:
        return _coded(values)
    if column.type == "timestamp":
        return _times(values)
    array: pa.Array[Any] = pa.array(values, _TYPES[column.name])
    return array


def _coded(values: Sequence[str | None]) -> pa.Array[Any]:
    """Dictionary-encoded text: Python's own hashes are known already, so this beats encoding an Arrow array."""
    codes = {value: code for code, value in enumerate(dict.fromkeys(values))}
    indices = np.fromiter(map(codes.__getitem__, values), np.int32, len(values))
    if None not in codes:
        return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(list(codes), pa.string()))
    missing = codes[None]
    distinct = pa.array(["" if value is None else value for value in codes], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32(), mask=indices == missing), distinct)


def _coded_lists(values: Sequence[Sequence[str]]) -> pa.Array[Any]:
    """Lists of text; equal lists are converted once."""
    codes: dict[tuple[str, ...], int] = {}
    indices = np.fromiter((codes.setdefault(tuple(value), len(codes)) for value in values), np.int32, len(values))
    distinct: pa.Array[Any] = pa.array(list(codes), pa.list_(pa.string()))
    return distinct.take(pa.array(indices, pa.int32()))


def _times(values: Sequence[Any]) -> pa.Array[Any]:
    """Microseconds UTC, of ISO 8601 texts, datetimes, or microseconds since 1970; distinct values are read once."""
    codes = {value: code for code, value in enumerate(dict.fromkeys(values))}
    indices = np.fromiter(map(codes.__getitem__, values), np.int32, len(values))
    distinct = list(codes)
    sample = next((value for value in distinct if value is not None), None)
    kind = pa.timestamp("us", tz="UTC")
    if isinstance(sample, str):  # C's strftime writes the year 1 without its zeros
        padded = [value if value is None else value.zfill(_ISO_LENGTH) for value in distinct]
        return pa.array(padded, pa.string()).cast(kind).take(pa.array(indices, pa.int32()))
    array = pa.array(distinct, kind)
    return array.take(pa.array(indices, pa.int32()))


def _joined(values: Sequence[Any]) -> pa.Array[Any]:
    """Bytes of records, copied once."""
    sizes: Iterable[int] = (len(value) if isinstance(value, bytes) else memoryview(value).nbytes for value in values)
    offsets = np.fromiter(accumulate(sizes, initial=0), np.int64, len(values) + 1)
    data = pa.py_buffer(b"".join(values))
    return pa.Array.from_buffers(pa.binary(), len(values), [None, pa.py_buffer(offsets.astype(np.int32).data), data])
