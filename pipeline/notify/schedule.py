"""When a notifier may speak: quiet hours, digests at times of the day, and so many messages an hour.

Times are those of a clock on a wall in the notifier's time zone. Where clocks go back, an hour that comes twice is
quiet twice; a digest's time that is skipped in spring comes an hour later.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

HOUR: Final = timedelta(hours=1)
_UTC: Final = ZoneInfo("UTC")
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a notifier may speak.

    Examples
    --------
    >>> nights = Schedule(ZoneInfo("Asia/Seoul"), quiet=(time(22), time(7)))
    >>> nights.is_quiet(datetime(2026, 3, 2, 14, tzinfo=UTC)), nights.is_quiet(datetime(2026, 3, 2, 22, tzinfo=UTC))
    (True, False)
    """

    zone: ZoneInfo = _UTC
    quiet: tuple[time, time] | None = None
    """From and until when it is quiet, over midnight where the end comes first."""
    quiet_days: frozenset[int] = frozenset()
    """Days of the week that are quiet as a whole, 0 for Monday."""
    digests: tuple[time, ...] = ()
    """When what came since is told in one message; none for at once."""
    most: int = 20
    """Messages in any hour."""

    def is_quiet(self, now: datetime) -> bool:
        """Whether it is quiet at a time."""
        there = now.astimezone(self.zone)
        if there.weekday() in self.quiet_days:
            return True
        if self.quiet is None:
            return False
        begins, ends = self.quiet
        at = there.time()
        return begins <= at < ends if begins <= ends else at >= begins or at < ends

    def find_release(self, queued: datetime, now: datetime) -> bool:
        """Whether what was queued then may be told now: it is not quiet, and a digest's time has come since."""
        return not self.is_quiet(now) and (not self.digests or self._last_digest(now) > queued)

    def was_held(self, queued: datetime) -> bool:
        """Whether what was queued then had to wait, so that it is told together with what else had to."""
        return bool(self.digests) or self.is_quiet(queued)

    def count_room(self, sent: Sequence[datetime], now: datetime) -> int:
        """How many messages may be sent now, where these were sent before."""
        return max(self.most - sum(at > now - HOUR for at in sent), 0)

    def _last_digest(self, now: datetime) -> datetime:
        """The last time of a digest by now."""
        today = now.astimezone(self.zone).date()
        times = [
            datetime.combine(today - timedelta(days=back), at, self.zone).astimezone(UTC)
            for back in (0, 1)
            for at in self.digests
        ]
        return max(at for at in times if at <= now)


def parse_times(text: str) -> tuple[time, ...]:
    """Times of a day with commas or spaces between.

    >>> parse_times("08:30, 17:00")
    (datetime.time(8, 30), datetime.time(17, 0))
    """
    return tuple(sorted({_parse_time(each) for each in text.replace(",", " ").split()}))


def parse_hours(text: str) -> tuple[time, time]:
    """From and until when, as in `22:00-07:00`.

    >>> parse_hours("22:00-07:00")
    (datetime.time(22, 0), datetime.time(7, 0))
    """
    begins, _, ends = text.replace("–", "-").partition("-")
    found = _parse_time(begins.strip()), _parse_time(ends.strip())
    if found[0] == found[1]:
        raise ValueError("begins when it ends")
    return found


def parse_days(text: str) -> frozenset[int]:
    """Days of the week by their first three letters.

    >>> sorted(parse_days("Sat, Sun"))
    [5, 6]
    """
    return frozenset(DAYS.index(each.capitalize()) for each in text.replace(",", " ").split())


def _parse_time(text: str) -> time:
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError("no time of a day")
    return time(int(found[1]), int(found[2]))
