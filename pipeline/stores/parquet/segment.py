"""One Parquet file of the store, as the list has it."""

from typing import NamedTuple


class Segment(NamedTuple):
    """One Parquet file of the store."""

    path: str
    """Relative to the home, with `/`."""
    kind: str
    """`events`, `set_aside`, `other`, or `activity/` and the name of a table."""
    account: str
    day: str
    rows: int
    bytes: int
    addenda: int
    """Rows that correct another record."""
    first: int
    last: int
    """Least and greatest event time, microseconds since 1970."""
    digest: str = ""
    """SHA-256 of the content, when it is put on the list; `Manifest.digests` has it afterwards."""
    files: tuple[str, ...] = ()
    """Delivered files that the rows are of, by the digits that rows carry; likewise, and only when they are new."""
