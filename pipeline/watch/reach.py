"""From when on an account's log files are to be expected here: a single one that was copied alone begins nothing.

A folder may hold digests of a year and log files of the last month, and one file of before then. That an account is
read begins on the first day of whose listed log files at least half came; quiet days are taken together, so that one
file of one is no half.
"""

from datetime import UTC, datetime
from typing import Final

from pipeline.stores.sqlite.digest_files import DigestFiles

_ENOUGH: Final = 10
"""Listed log files of which half tell something."""


class Reach:
    """Asks once for each account, and only where something would be told."""

    def __init__(self, digests: DigestFiles) -> None:
        self._digests = digests
        self._known: dict[str, datetime | None] = {}

    def since(self, account: str) -> datetime | None:
        """From when on an account is read; None where no day tells."""
        if account not in self._known:
            self._known[account] = self._find(account)
        return self._known[account]

    def _find(self, account: str) -> datetime | None:
        days = self._digests.days_of(account)
        for at, (day, _, any_came) in enumerate(days):
            if not any_came:
                continue
            listed = came = 0
            for _, of_day, came_of_day in days[at:]:
                listed, came = listed + of_day, came + came_of_day
                if listed >= _ENOUGH:
                    break
            if 2 * came >= listed:
                start = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
                return self._digests.first_delivery(account, start)
        return None
