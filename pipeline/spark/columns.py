"""What Spark carries of an event: the columns that activity is counted from, and those by which deliveries collapse.

Nothing else is shuffled: the other columns, and the record's bytes, are the larger part of a row.
"""

import re
from collections.abc import Sequence
from typing import Final

from features.activity.statements import counted, statements
from features.normalise.event import EVENT, Column, ColumnType

ACCOUNT_DAY: Final = "account_day"
"""Key of an account-day, as shared listings have it: `111122223333/2026-03-02`."""
SHARED: Final = "shared"
"""The id that a record bore."""
CONTENT: Final = "content"
"""Hash of a record's bytes."""
RANK: Final = "rank"
"""The delivering file's place in the order of all files: of two with the same content only the first is read."""
RAW: Final = "raw"
BY: Final = (ACCOUNT_DAY,)
"""Keys that tell account-days apart."""

_TEXT: Final = " ".join((counted(), *statements().values()))
COUNTED_FROM: Final = tuple(
    column for column in EVENT if column.name == "patches" or re.search(rf"\b{column.name}\b", _TEXT)
)
"""Columns of EVENT that some statement names, and `patches`, which says what a record corrects."""
_OWN: Final = (
    Column(ACCOUNT_DAY, "string", None, "Where it lies: account and day."),
    Column(SHARED, "string", None, "The id that the record bore."),
    Column(CONTENT, "binary", None, "Hash of its bytes."),
    Column(RANK, "string", None, "Place of its file among all files."),
    Column("origin", "string", None, "Where its file lay."),
    Column("file", "string", None, "Of the file's SHA-256 the first digits."),
    Column("position", "int32", None, "Its place in the file."),
)
ROW: Final = (*_OWN, *COUNTED_FROM)
"""Columns of a decoded record."""
EVENT_ROW: Final = (_OWN[0], *COUNTED_FROM)
"""Columns of an event, once its deliveries have collapsed."""
WHOLE: Final = (*ROW, Column(RAW, "binary", None, "The record's bytes."))
"""The same with its bytes: as it is kept until everything is counted."""
DELIVERED: Final = ("delivered_at", "origin", "position", "file", RANK)
"""What orders the deliveries of an event; the first is kept."""

_SPARK: Final[dict[ColumnType, str]] = {
    "string": "string",
    "bool": "boolean",
    "int32": "int",
    "int64": "bigint",
    "double": "double",
    "timestamp": "timestamp",
    "strings": "array<string>",
    "binary": "binary",
}


def spark_schema(columns: Sequence[Column]) -> str:
    """Columns as Spark reads a schema.

    >>> spark_schema(ROW[:2])
    '`account_day` string, `shared` string'
    """
    return ", ".join(f"`{column.name}` {_SPARK[column.type]}" for column in columns)
