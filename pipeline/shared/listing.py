"""What a shared place lists of activity: for each account-day which files its tables are, by their content.

Whoever makes activity on other machines loads this, and nothing of models or detection.
"""

import io
import re
from datetime import date
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from features.activity.statements import STATEMENTS
from pipeline.detect.checkpoint import check_scored
from pipeline.shared.place import Place, PlaceError
from pipeline.stores.parquet.layout import safe_account

LISTING: Final = "activity.json"
MOST_LISTING: Final = 256 << 20
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What is shared."""

    version: int = 1
    timezone: str
    lateness_minutes: int
    tables: dict[str, dict[str, str]]
    """By account and day (`111122223333/2026-03-02`): SHA-256 of each table's file, by the table's name."""
    scored: dict[str, Any] | None
    """The checkpoint of scoring; none where nothing was scored."""
    raised: list[tuple[int, str]]
    """Days and principals of alerts that were raised."""
    history: dict[str, int] = {}
    """Account-days that a backfill made, with the calls in each; they stand where whoever shares holds fewer."""


def file_name(key: str, name: str, digest: str) -> str:
    """Where a table of an account-day lies in a shared place."""
    return f"activity/{key}/{name}-{digest}.parquet"


def pack(table: pa.Table) -> bytes:
    """A table as it lies there."""
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def read_listing(content: bytes, place: Place) -> Listing:
    """A listing, of which every name was looked at: they become names of files."""
    try:
        listing = msgspec.json.decode(content, type=Listing)
        for key, digests in listing.tables.items():
            account, _, day = key.partition("/")
            fits = safe_account(account) == account and str(date.fromisoformat(day)) == day
            if not fits or set(digests) != set(STATEMENTS) or not all(map(_DIGEST.fullmatch, digests.values())):
                raise ValueError(f"'{key[:60]}' is no account-day of this version's")
        if listing.version != 1:
            raise ValueError(f"version {listing.version}")
        check_scored(listing.scored)
    except (msgspec.DecodeError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise PlaceError(
            f"the listing of activity at {place.text} is not as this version writes it ({str(error)[:200]}): remove "
            f"{LISTING}, and run `oddtrail score` where events are ingested"
        ) from error
    return listing
