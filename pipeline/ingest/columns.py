"""Turn normalised rows into an Arrow table, and add what is known of the addresses in them.

Rows share the tuples of what the normaliser remembers, so most columns are coded once a distinct tuple, not once a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.address import parse_address
from features.event import EVENT
from features.rows import OF_ADDRESS, OF_ROW, Normalised, groups
from pipeline.enrich.place import NOWHERE, Place
from pipeline.stores.segments import ORIGIN, STORED

OF_PLACE = ("country", "city", "latitude", "longitude", "asn", "organisation")
"""Columns that are looked up by address."""
_KINDS = {column.name: column.type for column in EVENT}
_TYPES = {field.name: field.type for field in STORED}
_ADDRESS, _KIND = OF_ADDRESS.index("address"), OF_ADDRESS.index("address_kind")
_REMEMBERED = 100_000
"""Addresses that are kept in memory."""
_MICROS = pa.timestamp("us", tz="UTC")

_SHARED = frozenset({"account", "shared_event_id", "vpc_endpoint", "patches", "issued_key"})
"""Texts that are nearly always one and the same object."""

Value = TypeVar("Value")
Codes: TypeAlias = npt.NDArray[np.int32]


class PlaceOf(Protocol):
    """Answers for public addresses."""

    def place(self, address: str) -> Place:
        """Where an address lies."""


class NameOf(Protocol):
    """Names own networks."""

    def name(self, address: str) -> str:
        """Name of an address's network."""


class Places:
    """What is known of an address: only public ones are asked for a place; an answer is remembered."""

    def __init__(self, geo: PlaceOf | None, networks: NameOf) -> None:
        self._geo = geo
        self._networks = networks
        self._known: dict[tuple[str, str], tuple[Place, str]] = {}

    def of(self, text: str, kind: str) -> tuple[Place, str]:
        """Place of an address, and the name of its own network."""
        known = self._known.get((text, kind))
        if known is None:
            ip = parse_address(text).ip
            place = self._geo.place(ip) if self._geo is not None and ip and kind == "public" else NOWHERE
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[text, kind] = place, self._networks.name(ip) if ip else ""
        return known


class Rows:
    """Normalised rows of some files, in memory until they are worth a table."""

    def __init__(self) -> None:
        self.groups = groups()
        self.spans: list[tuple[str, str, int, int]] = []
        """For each piece: file, origin, position of its first record, rows."""
        self.bytes = 0
        """Bytes of the raw records."""
        self._raw = OF_ROW.index("raw")

    def __len__(self) -> int:
        return len(self.groups[-1].rows)

    def add(self, normalised: Normalised, file: str, origin: str, position: int) -> int:
        """Add rows of a piece of a file that begins at `position`; return how many."""
        for held, new in zip(self.groups, normalised.groups, strict=True):
            held.rows.extend(new.rows)
        rows, raw = normalised.groups[-1].rows, self._raw
        self.bytes += sum(len(row[raw]) for row in rows)
        self.spans.append((file, origin, position, len(rows)))
        return len(rows)

    def table(self, places: Places) -> pa.Table:
        """Table with the columns of EVENT and `origin`; each distinct address is looked up once."""
        arrays: dict[str, pa.Array[Any]] = {}
        for group in self.groups:
            if group.names == OF_ROW:
                columns = zip(*group.rows, strict=True)
                arrays |= {name: _array(name, values) for name, values in zip(group.names, columns, strict=True)}
                continue
            codes, distinct = _shared(group.rows)
            columns = zip(*distinct, strict=True)
            arrays |= {name: _spread(name, values, codes) for name, values in zip(group.names, columns, strict=True)}
            if group.names == OF_ADDRESS:
                arrays |= _located(distinct, codes, places)
        counts = [count for *_, count in self.spans]
        arrays["file"] = _repeated([file for file, *_ in self.spans], counts)
        arrays[ORIGIN] = _repeated([origin for _, origin, *_ in self.spans], counts)
        starts = np.repeat(np.array([position for _, _, position, _ in self.spans], np.int32), counts)
        arrays["position"] = pa.array(arrays["position"].to_numpy() + starts, pa.int32())
        return pa.table({name: arrays[name] for name in STORED.names})


def _shared(rows: Sequence[Value]) -> tuple[Codes, list[Value]]:
    """For each row which of the distinct objects it shares, and these; identity tells them apart without hashing."""
    coded: Any = pc.dictionary_encode(pa.array(np.fromiter(map(id, rows), np.int64, len(rows)), pa.int64()))
    codes = coded.indices.to_numpy()
    first = np.empty(len(coded.dictionary), np.int64)
    first[codes[::-1]] = np.arange(len(rows) - 1, -1, -1)
    return codes, [rows[at] for at in first.tolist()]


def _spread(name: str, values: Sequence[Any], codes: Codes) -> pa.Array[Any]:
    """Column of the distinct tuples' values, spread over the rows that share them."""
    kind = _KINDS[name]
    if kind != "string":
        distinct = _array(name, values)
        return distinct.take(pa.array(codes, pa.int32()))
    inner, texts = _coded(values)
    return _dictionary(inner[codes], texts)


def _located(addresses: Sequence[tuple[Any, ...]], codes: Codes, places: Places) -> dict[str, pa.Array[Any]]:
    known = [places.of(address[_ADDRESS], address[_KIND]) for address in addresses]
    arrays = {
        name: _spread(name, values, codes)
        for name, values in zip(OF_PLACE, zip(*(place for place, _ in known), strict=True), strict=True)
    }
    return arrays | {"network": _spread("network", [name for _, name in known], codes)}


def _array(name: str, values: Sequence[Any]) -> pa.Array[Any]:
    kind = _KINDS[name]
    if name in _SHARED:
        codes, texts = _shared(values)
        inner, distinct_texts = _coded(texts)
        return _dictionary(inner[codes], distinct_texts)
    if kind == "string" and name != "event_id":
        return _dictionary(*_coded(values))
    if kind == "strings":
        codes, lists = _shared(values)
        distinct: pa.Array[Any] = pa.array(lists, pa.list_(pa.string()))
        return distinct.take(pa.array(codes, pa.int32()))
    if kind == "timestamp" and None not in values:
        return pa.array(np.fromiter(values, np.int64, len(values)), pa.int64()).cast(_MICROS)
    array: pa.Array[Any] = pa.array(values, _TYPES[name])
    return array


def _coded(values: Sequence[Any]) -> tuple[Codes, list[Any]]:
    """For each value which of the distinct ones it is, and these."""
    distinct = dict.fromkeys(values)
    if len(distinct) == 1:
        return np.zeros(len(values), np.int32), list(distinct)
    numbers = dict(zip(distinct, range(len(distinct)), strict=True))
    return np.fromiter(map(numbers.__getitem__, values), np.int32, len(values)), list(distinct)


def _dictionary(codes: Codes, texts: list[str | None]) -> pa.Array[Any]:
    if None not in texts:
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(texts, pa.string()))
    distinct = pa.array(["" if text is None else text for text in texts], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=codes == texts.index(None)), distinct)


def _repeated(values: Sequence[str], counts: Sequence[int]) -> pa.Array[Any]:
    codes, texts = _coded(values)
    return _dictionary(np.repeat(codes, counts), texts)
