"""Records of a table: CSV and Parquet as Athena, CloudTrail Lake and Logs Insights write them, some rows at a time."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, Final, NamedTuple

from features.record.container import Contents
from features.record.repair import BOM
from features.record.row import AmbiguousRowError, Table, read_columns
from features.record.split import LONGEST_RECORD
from pipeline.ingest.arrow import ParquetTable, Row
from pipeline.ingest.inflate import Limits, Reading

PARQUET_MAGIC: Final = b"PAR1"
NO_LOG: Final = "other file"
"""What is no log at all."""
_ROWS: Final = 1_024
_LONGEST_HEADER: Final = 1 << 16
_DELIMITERS: Final = ",;\t"


class Csv(NamedTuple):
    """What the first line of a CSV says."""

    table: Table
    names: Sequence[str]
    delimiter: str


def read_header(first: bytes) -> Csv | None:
    """What a CSV is by how it begins; None where it is none that is known.

    >>> found = read_header(b'"eventname";"eventsource";"eventtime";"useridentity"\\n')
    >>> found.table.of_records, found.delimiter
    (True, ';')
    >>> read_header(b"a,b\\n1,2\\n")
    """
    line = first[:_LONGEST_HEADER].removeprefix(BOM).partition(b"\n")[0]
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return None
    for delimiter in _DELIMITERS:
        try:
            names = next(csv.reader([text], delimiter=delimiter), [])
        except csv.Error:
            continue
        table = read_columns(names)
        if table != Table():
            return Csv(table, names, delimiter)
    return None


def read_csv(stream: Iterator[bytes], known: Csv) -> Iterator[Contents]:
    """What a CSV holds."""
    told = _told(known.table)
    if told is not None:
        yield told
        return
    found = Contents()
    with _long_fields():
        rows = csv.reader(_lines(stream), delimiter=known.delimiter)
        try:
            next(rows)
            for row in rows:
                if len(row) != len(known.names):
                    if row:
                        found.set_aside(f"row has {len(row)} of {len(known.names)} columns", ",".join(row).encode())
                else:
                    _take(known.table, dict(zip(known.names, row, strict=True)), found)
                if len(found.records) >= _ROWS:
                    yield found
                    found = Contents()
        except (csv.Error, ValueError) as error:
            found.set_aside(f"CSV is damaged: {error}", b"")
    yield found


def read_parquet(file: BinaryIO, reading: Reading, limits: Limits) -> Iterator[Contents]:
    """What a Parquet file holds."""
    size = file.seek(0, 2)
    file.seek(0)
    reading.taken = max(reading.taken, size)
    try:
        parquet = ParquetTable(file)
        if parquet.bytes > max(limits.ratio_from, limits.ratio * size):
            reading.problem = f"Parquet inflates more than {limits.ratio}-fold"
            return
        table = read_columns(parquet.names)
        told = _told(table)
        if told is not None:
            yield told
            return
        for rows in parquet.rows():
            found = Contents()
            for row in rows:
                _take(table, row, found)
            yield found
            if not reading.grow(sum(len(record) for record in found.records if isinstance(record, bytes)), limits):
                return
    except (ValueError, OSError) as error:
        reading.problem = f"Parquet is damaged: {str(error).splitlines()[0]}"


def _told(table: Table) -> Contents | None:
    """What a table without records is counted as; None for one with records."""
    if table.of_records:
        return None
    if table.problem:
        return Contents(broken=[(table.problem, b"")], cut=True)
    return Contents(other=Counter({table.foreign or NO_LOG: 1}))


def _take(table: Table, row: Row, found: Contents) -> None:
    try:
        found.records.append(table.record(row))
    except AmbiguousRowError as error:
        found.set_aside(str(error), repr(row).encode("utf-8", "replace"))


def _lines(stream: Iterator[bytes]) -> Iterator[str]:
    """Lines of a text, each bounded."""
    held, first = b"", True
    for block in stream:
        *lines, held = (held + block).split(b"\n")
        for line in lines:
            yield (line.removeprefix(BOM) if first else line).decode("utf-8", "replace").rstrip("\r") + "\n"
            first = False
        if len(held) > LONGEST_RECORD:
            raise ValueError("a line is longer than a record can be")
    if held:
        yield (held.removeprefix(BOM) if first else held).decode("utf-8", "replace")


@contextmanager
def _long_fields() -> Iterator[None]:
    """Have fields be as long as a record."""
    before = csv.field_size_limit(LONGEST_RECORD)
    try:
        yield
    finally:
        csv.field_size_limit(before)
