"""Who watches a home: one at a time, and who slept through its time cannot undo what its successor did."""

import os
import secrets
import socket
from datetime import datetime, timedelta
from typing import Final

from pipeline.errors import OddtrailError
from pipeline.stores.protocols import StateStore

NAME: Final = "watch"
LEAST: Final = timedelta(minutes=5)
"""How long a lease lasts at least: a training fits into it."""


class TakenError(OddtrailError):
    """Somebody else watches the home."""


class Lease:
    """The right to watch a home, to be taken again at each tick.

    Examples
    --------
    >>> from datetime import UTC
    >>> from pipeline.stores.sqlite.database import Database
    >>> from pipeline.stores.sqlite.state import SqliteState
    >>> Lease(SqliteState(Database(":memory:")), timedelta(minutes=1)).take(datetime(2026, 3, 2, tzinfo=UTC))
    1
    """

    def __init__(self, state: StateStore, every: timedelta) -> None:
        self._state, self._span = state, max(LEAST, 3 * every)
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    def take(self, now: datetime) -> int:
        """Take it, or keep it; the fencing token, which grows with every change of who holds it.

        Raises
        ------
        TakenError
            Another one holds it.
        """
        token = self._state.acquire(NAME, self._holder, now=now, span=self._span)
        if token is None:
            raise TakenError(
                "another `oddtrail watch` watches this home, or one that ended without a word did within the last "
                f"{self._span.total_seconds() / 60:g} minutes: stop it, or let it be"
            )
        return token

    def give_back(self) -> None:
        """Let others have it at once."""
        self._state.release(NAME, self._holder)
