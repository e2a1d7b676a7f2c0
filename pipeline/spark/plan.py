"""What a backfill on Spark is asked to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from features.call.verified import NONE_VERIFIED, VerifiedNames
from pipeline.enrich.networks import NO_NETWORKS, Networks


@dataclass(frozen=True)
class Plan:
    """What a backfill is asked to do."""

    sources: Sequence[str]
    out: str
    timezone: str
    lateness_minutes: int
    now: datetime
    """The time by which an event's time is in the future; of a run that goes on, that of the run it goes on from."""
    since: date | None = None
    geo: Path | None = None
    networks: Networks = NO_NETWORKS
    verified: VerifiedNames = NONE_VERIFIED
    replace: bool = False
    """Whether an account-day may lose calls that it had."""
    rows_at_once: int | None = None
