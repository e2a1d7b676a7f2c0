"""What the name of a delivered file says: account, region and the minute of delivery, from CloudTrail's S3 layout."""

import re
from datetime import UTC, datetime
from pathlib import PurePath
from typing import NamedTuple

_KEY = re.compile(
    r"(?P<account>[0-9]{12})_CloudTrail(?:-[A-Za-z]+)?_(?P<region>[a-z0-9-]+)_(?P<minute>[0-9]{8}T[0-9]{4})Z_[A-Za-z0-9]+",
    re.ASCII,
)


class Delivery(NamedTuple):
    """Account, region and time of a delivery; empty and None where the name does not say."""

    account: str = ""
    region: str = ""
    at: datetime | None = None


def read_delivery(name: str) -> Delivery:
    """Delivery that a file's name or key tells of.

    >>> read_delivery("111122223333_CloudTrail_eu-west-1_20240102T0305Z_aBcD1234efGH5678.json.gz").at
    datetime.datetime(2024, 1, 2, 3, 5, tzinfo=datetime.timezone.utc)
    >>> read_delivery("events.json").at is None
    True
    """
    match = _KEY.match(name.replace("\\", "/").rpartition("/")[2])
    if match is None:
        return Delivery()
    try:
        day, time = match["minute"].split("T")
        at = datetime(int(day[:4]), int(day[4:6]), int(day[6:]), int(time[:2]), int(time[2:]), tzinfo=UTC)
    except ValueError:
        return Delivery(match["account"], match["region"])
    return Delivery(match["account"], match["region"], at)


def order_of(name: str) -> tuple[str, str, str]:
    """Sort key of a file: account and day of its delivery, and its name.

    >>> order_of("111122223333_CloudTrail_eu-west-1_20240102T0305Z_aBcD1234efGH5678.json.gz")[:2], order_of("a.json")
    (('111122223333', '20240102'), ('', '', 'a.json'))
    """
    match = _KEY.match(name)
    return ("", "", name) if match is None else (match["account"], match["minute"][:8], name)


def origin_of(path: PurePath) -> str:
    """Where a file lay, without what differs between two copies of a bucket: the key from `AWSLogs` on, else its name.

    >>> origin_of(PurePath("/backup/AWSLogs/111122223333/CloudTrail/a.json.gz"))
    'AWSLogs/111122223333/CloudTrail/a.json.gz'
    """
    parts = path.parts
    kept = parts[len(parts) - 1 - parts[::-1].index("AWSLogs") :] if "AWSLogs" in parts else parts[-1:]
    return as_text("/".join(kept))


def as_text(name: str) -> str:
    """A name of a file system, which may be any bytes, as text."""
    return name if name.isascii() else name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
