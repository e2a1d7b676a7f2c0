"""How far judging has come, so that a day without alerts says whether it was quiet or nobody has looked at it yet."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from features.times.day import day_number, service_start
from features.times.instant import moment_of
from pipeline.detect.checkpoint import read_checkpoint
from pipeline.detect.scoring import CHECKPOINT, UNTIL
from pipeline.page.home import Home

MOST_DAYS: Final = 5
"""Days after one that are named."""
State = Literal["judged", "open", "ahead", "before", "never", "unknown"]
"""Of a day: judged to its end; judged as far as it has come; not yet looked at; earlier than all that is known to have
been judged; nothing ever was judged; or nobody says, for there are alerts and no store."""


@dataclass(frozen=True)
class Judged:
    """What scoring remembers of how far it has come.

    Examples
    --------
    >>> from datetime import UTC
    >>> judged = Judged(date(2026, 3, 2), date(2026, 3, 4), datetime(2026, 3, 4, 9, tzinfo=UTC), over=False)
    >>> [judged.state(date(2026, 3, day)) for day in (1, 3, 4, 5)]
    ['before', 'judged', 'open', 'ahead']
    """

    first: date | None = None
    """The first day that is known to have been judged; sixty are remembered."""
    day: date | None = None
    """The last; None where nothing was judged."""
    until: datetime | None = None
    """What was delivered until then was looked at; None where an older version scored."""
    over: bool = True
    """Whether the last day was judged to its end."""
    known: bool = True
    """Whether there is a store that says."""

    def state(self, day: date) -> State:
        """What is known of a day."""
        if not self.known:
            return "unknown"
        if self.day is None or self.first is None:
            return "never"
        if day > self.day:
            return "ahead"
        if day == self.day and not self.over:
            return "open"
        return "judged" if day >= self.first else "before"


def read_judged(home: Home) -> Judged:
    """How far judging of a home has come."""
    if not home.has_events:
        return Judged(known=False)
    with home.open() as store:
        checkpoint = read_checkpoint(store.state, CHECKPOINT)
    if checkpoint is None:
        return Judged()
    return find_judged(checkpoint, home.zone, home.settings.lateness_minutes)


def find_judged(checkpoint: dict[str, object], zone: ZoneInfo, lateness_minutes: int) -> Judged:
    """The same of what scoring remembered (`pipeline.detect.checkpoint`)."""
    day = date.fromisoformat(str(checkpoint["day"]))
    counters = checkpoint.get("counters")
    days = [date.fromisoformat(each) for each in counters] if isinstance(counters, dict) else []
    until = checkpoint.get(UNTIL)
    instant = until if isinstance(until, int) and until > 0 else None
    return Judged(
        first=min([*days, day]),
        day=day,
        until=moment_of(instant).astimezone(zone) if instant else None,
        over=instant is None or instant >= service_start(day_number(day) + 1, zone, lateness_minutes),
    )


def list_later(judged: Judged, day: date) -> list[tuple[date, State]]:
    """The days after one until the last that was judged, at most `MOST_DAYS`, the newest first."""
    if judged.day is None or not judged.known:
        return []
    days = min((judged.day - day).days, MOST_DAYS)
    return [(judged.day - timedelta(days=ago), judged.state(judged.day - timedelta(days=ago))) for ago in range(days)]
