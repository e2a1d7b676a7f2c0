"""Receipts of a watch: a line a day, which says what came, what did not, and what became of it."""

from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct, json, to_builtins

from pipeline.errors import StoreError
from pipeline.stores.jsonl.lines import append_line, read_lines


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
    integrity_findings: int = 0
    """Findings told on the day of log files or digests that are not as CloudTrail delivered them."""
    integrity_waits: str = ""
    """Why it was not told for some of the day what is missing: a source could not be read."""

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
            append_line(self.path, json.encode(receipt))
        except OSError as error:
            raise StoreError(
                f"the day's receipt cannot be written to {self.path} ({error.strerror}): make room, or mend the file; "
                "it is tried again"
            ) from error

    def every(self) -> list[Receipt]:
        """Every receipt that can be read, a day each, in the order in which the days were first written."""
        decode, advice = partial(json.decode, type=Receipt), "move it away; receipts of new days are written then"
        return list({(one.deployment, one.day): one for one in read_lines(self.path, decode, advice)}.values())
