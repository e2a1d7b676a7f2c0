"""What is kept beside the events: records set aside with the reason, and records that are not events.

Original bytes are kept up to a bound, with their full size; account and principal are what the bytes claim.
"""

import re
from datetime import datetime
from typing import Any, Final, NamedTuple

from features.normalise.event import Column

KEPT_BYTES = 1 << 20
"""Bytes of a record that are kept. CloudTrail's own bound is 256 KiB."""
_PEEK = 1 << 16
_ACCOUNTS = tuple(re.compile(rb'"%s"\s*:\s*"([0-9]{12})"' % name) for name in (b"recipientAccountId", b"accountId"))
_PRINCIPAL = re.compile(rb'"(?:arn|principalId|invokedBy)"\s*:\s*"([^"\\]{1,256})"')


class Aside(NamedTuple):
    """A record that is not an event; ASIDE says what each field means."""

    file: str
    origin: str
    position: int
    reason: str
    account: str
    principal: str
    delivered_at: datetime | None
    size: int
    raw: bytes

    @property
    def is_whole(self) -> bool:
        """Whether `raw` is all of it; of a file itself it is the beginning at most."""
        return self.position != -1 and self.size == len(self.raw)


ASIDE: Final = (
    Column("file", "string", None, "Of the delivering file's SHA-256, the first 16 digits."),
    Column("origin", "string", None, "Where that file lay."),
    Column("position", "int32", None, "Index in the file; -1 for the file itself."),
    Column("reason", "string", None, "Why it was set aside, or the name under which it is counted."),
    Column("account", "string", None, "Account that it claims, else the file's; empty when neither says."),
    Column("principal", "string", None, "Who it claims to be of; empty when it does not say."),
    Column("delivered_at", "timestamp", None, "As the file's name says; null when it does not."),
    Column("size", "int64", None, "Bytes of all of it."),
    Column("raw", "binary", None, "Its first bytes."),
)
"""Schema of a record that is no event: the fields of `Aside`, in their order."""


def make_aside(
    raw: Any, *, file: str, origin: str, position: int, reason: str, account: str, delivered_at: datetime | None
) -> Aside:
    """Keep a record; `account` is the file's, used where the record names none.

    >>> kept = make_aside(
    ...     b'{"accountId": "111122223333", "arn": "arn:x"', file="f", origin="a.json", position=7,
    ...     reason="record is cut off", account="", delivered_at=None)
    >>> kept.account, kept.principal, kept.size
    ('111122223333', 'arn:x', 44)
    """
    view = memoryview(raw)
    kept = bytes(view[:KEPT_BYTES])
    found = next((match for name in _ACCOUNTS if (match := name.search(kept, 0, _PEEK))), None)
    who = _PRINCIPAL.search(kept, 0, _PEEK)
    return Aside(
        file,
        origin,
        position,
        reason[:500],
        found[1].decode() if found else account,
        who[1].decode("utf-8", "replace") if who else "",
        delivered_at,
        view.nbytes,
        kept,
    )
