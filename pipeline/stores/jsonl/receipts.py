"""Receipts of a watch: a line a day, which says what came, what did not, and what became of it."""

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

from msgspec import DecodeError, Struct, json, to_builtins

from pipeline.errors import StoreError
from pipeline.stores.plain_file import UnfitFileError, read_plain

_MOST_BYTES = 64 << 20
"""Bytes of the file, at most; a day of a hundred accounts has some ten thousand."""


class AccountDay(Struct, frozen=True, kw_only=True):
    """What came of an account on a day."""

    account: str
    events: int
    late: int
    """Of these, what was delivered after its hour had closed."""
    missing_hours: int
    """Hours of which nothing came, usual or not."""


class Gap(Struct, frozen=True, kw_only=True):
    """Hours of an account without events in which there are some usually."""

    account: str
    start: datetime
    end: datetime
    expected: float
    """Events there would usually have been."""


class Receipt(Struct, frozen=True, kw_only=True):
    """A day of a deployment."""

    deployment: str
    day: date
    """In the deployment's time zone."""
    start: datetime
    end: datetime
    written_at: datetime
    model_id: str
    """The trained model in service when it was written; empty where there was none."""
    events: int
    late: int
    principals: int
    """Of the day's events."""
    accounts: list[AccountDay]
    gaps: list[Gap]
    """Those that reach into the day."""
    set_aside: int
    """Records delivered on the day that are no events, for a reason that is kept with them."""
    dead_letters: int
    """What waits to be indexed again, as of the receipt."""
    alerts_raised: int
    """Alerts of the day within the budget."""
    alerts_held: int
    """Those of it that the budget had no room for."""
    never_judged: int
    """Events known on the day that came too late to be judged."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        document: dict[str, Any] = to_builtins(self)
        return document


class ReceiptsJsonl:
    """Receipts in `path`; of two for a day the later line stands.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     ReceiptsJsonl(Path(folder) / "receipts.jsonl").every()
    []
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, receipt: Receipt) -> None:
        """Add a receipt, durably."""
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
            try:
                os.write(handle, b"\n" + json.encode(receipt) + b"\n")  # a line that was cut short stays one of its own
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise StoreError(
                f"the day's receipt cannot be written to {self.path} ({error.strerror}): make room, or mend the file; "
                "it is tried again"
            ) from error

    def every(self) -> list[Receipt]:
        """Every receipt that can be read, a day each, in the order in which the days were first written."""
        try:
            content = read_plain(self.path, _MOST_BYTES)
        except FileNotFoundError:
            return []
        except UnfitFileError as error:
            raise StoreError(f"{self.path} {error}: move it away; receipts of new days are written then") from error
        found: dict[tuple[str, date], Receipt] = {}
        for line in content.splitlines():
            try:
                receipt = json.decode(line, type=Receipt)
            except (DecodeError, UnicodeDecodeError, RecursionError):
                continue  # blank, or cut short by a crash
            found[receipt.deployment, receipt.day] = receipt
        return list(found.values())
