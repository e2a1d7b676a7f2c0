"""What would be raised, but waits until it is told who opened its sessions.

The record of who opened a session may come after the first calls of it, and tell that it is a person at a desk. A
principal's day waits once, until the deadline of the first young session: a fresh session puts nothing off again.
"""

from collections.abc import Collection
from dataclasses import replace

from models.standing import Key, Standing


class Waits:
    """Standings that wait, each until a tick.

    Examples
    --------
    >>> Waits().next_due() is None
    True
    """

    def __init__(self) -> None:
        self._waiting: dict[Key, tuple[int, Standing]] = {}
        self._deadlines: dict[Key, int] = {}
        """Until when a ledger waits today at most."""
        self._ends = 2**62

    def start_day(self, ends: int) -> None:
        """Nothing waits beyond the day's last tick."""
        self._ends = ends
        self._deadlines.clear()

    def put_off(self, standing: Standing, told_by: int) -> bool:
        """Whether a standing waits for what is told by a tick; keeps it then."""
        until = min(told_by, self._ends)
        if until > standing.tick:
            until = self._deadlines.setdefault(standing.key, until)
        if until <= standing.tick:
            return False
        self._waiting[standing.key] = until, standing
        return True

    def call(self, tick: int, changed: Collection[Key]) -> list[Standing]:
        """What waited until a tick, as it stands then; what changed is looked at anyway."""
        due = {key: standing for key, (until, standing) in self._waiting.items() if until <= tick or key in changed}
        for key in due:
            del self._waiting[key]
        return [replace(standing, tick=tick) for key, standing in sorted(due.items()) if key not in changed]

    def next_due(self) -> int | None:
        """The first tick at which something is looked at again that waits; none where nothing does."""
        return min((due for due, _ in self._waiting.values()), default=None)
