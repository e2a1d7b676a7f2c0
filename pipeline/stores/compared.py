"""The last comparison with native anomaly jobs, kept in a home so that a page can show it without asking an engine."""

from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from pipeline.errors import StoreError
from pipeline.stores.plain_file import UnfitFileError, read_plain, write_whole

FILE: Final = "compared.json"
MOST: Final = 1_000
"""Days of a principal that are kept, the newest."""
_MOST_BYTES: Final = 32 << 20


class KeptAlert(msgspec.Struct, frozen=True):
    """An alert of ours."""

    alert_id: str
    record_score: float
    severity: str
    title: str


class KeptNative(msgspec.Struct, frozen=True):
    """A result of a native job."""

    job: str
    score: float
    """0 to 100, higher is stranger."""
    start: datetime
    end: datetime


class KeptRow(msgspec.Struct, frozen=True):
    """A principal's day, or what native results of the day name where that is nobody we know."""

    day: date
    principal: str | None
    """Its key."""
    name: str
    found_by: Literal["both", "ours", "native"]
    alerts: list[KeptAlert] = []
    our_calls: list[str] = []
    native: list[KeptNative] = []
    native_calls: list[str] = []


class Comparison(msgspec.Struct, frozen=True):
    """What `oddtrail compare-native` found."""

    at: datetime
    """When it asked."""
    since: datetime
    origin: str
    """The engine, without anything secret."""
    counts: dict[str, int]
    compared: list[KeptRow]
    notes: list[str] = []
    """Why there is nothing, or not everything."""
    min_score: float = 0.0
    every: bool = False
    """Alerts that were not raised are among them."""


def put_comparison(home: Path, comparison: Comparison) -> None:
    """Keep a comparison in place of the last.

    Raises
    ------
    StoreError
        It cannot be written.
    """
    newest = sorted(comparison.compared, key=lambda row: row.day, reverse=True)[:MOST]
    content = msgspec.json.encode(msgspec.structs.replace(comparison, compared=newest))
    try:
        write_whole(home / FILE, content)
    except OSError as error:
        raise StoreError(
            f"{home / FILE} cannot be written ({error.strerror}): make room, or let it be written"
        ) from error


def read_comparison(home: Path) -> Comparison | None:
    """The last comparison; None where there was none.

    Raises
    ------
    StoreError
        The file is none that the command wrote.
    """
    path = home / FILE
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(read_plain(path, _MOST_BYTES), type=Comparison)
    except (OSError, UnfitFileError, msgspec.MsgspecError) as error:
        raise StoreError(
            f"{path} is not as `oddtrail compare-native` writes it ({error}): remove it, and compare again"
        ) from error
