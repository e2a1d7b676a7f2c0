"""The small things a deployment remembers: settings, leases, checkpoints."""

import json
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from pipeline.errors import StoreError
from pipeline.stores.sqlite.database import Database


class SqliteState:
    """State of a deployment in its database.

    Examples
    --------
    >>> state = SqliteState(Database(":memory:"))
    >>> state.put_checkpoint("score", {"hour": 7})
    >>> state.checkpoint("score")
    {'hour': 7}
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # settings

    def put_setting(self, key: str, value: Any) -> None:
        """Remember a value that JSON can hold."""
        self._database.write("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, json.dumps(value)))

    def setting(self, key: str, default: Any = None) -> Any:
        """The remembered value, or `default`."""
        rows = self._database.read("SELECT value FROM settings WHERE key = ?", (key,))
        return self._load(rows[0][0]) if rows else default

    def settings_of_days(self, family: str) -> dict[tuple[str, date], Any]:
        """The settings that are called `family/account/day`, by account and day.

        >>> state = SqliteState(Database(":memory:"))
        >>> state.put_setting("read/111122223333/2026-03-02", 7)
        >>> state.settings_of_days("read")
        {('111122223333', datetime.date(2026, 3, 2)): 7}
        """
        found: dict[tuple[str, date], Any] = {}
        for key, value in self._of_family(family):
            account, _, day = key[len(family) + 1 :].partition("/")
            found[account, date.fromisoformat(day)] = self._load(value)
        return found

    def forget_days(self, family: str, but: Collection[tuple[str, date]]) -> int:
        """Forget settings that are called `family/account/day`, but those of these account-days; return how many.

        >>> state = SqliteState(Database(":memory:"))
        >>> state.put_setting("read/111122223333/2026-03-02", 7)
        >>> state.forget_days("read", but=[("111122223333", date(2026, 3, 2))])
        0
        >>> state.forget_days("read", but=[])
        1
        """
        kept = {f"{family}/{account}/{day}" for account, day in but}
        gone = [(key,) for key, _ in self._of_family(family) if key not in kept]
        if gone:
            with self._database.transaction():
                self._database.write_each("DELETE FROM settings WHERE key = ?", gone)
        return len(gone)

    def _of_family(self, family: str) -> list[tuple[str, str]]:
        """The settings that are called `family/account/day`, and their values as they are written."""
        found = self._database.read(
            "SELECT key, value FROM settings WHERE substr(key, 1, ?) = ?", (len(family) + 1, f"{family}/")
        )
        return [(key, value) for key, value in found if key.count("/") == family.count("/") + 2]

    # leases

    def acquire(self, name: str, holder: str, *, now: datetime, span: timedelta) -> int | None:
        """Take or renew the lease `name`; None when another holder has it.

        Returns
        -------
        int or None
            The fencing token. It grows with every change of holder, and a checkpoint written with an older token is
            refused: a worker that slept through its lease cannot undo its successor's work.
        """
        with self._database.transaction():
            token = 1
            for other, last, expires in self._database.read(
                "SELECT holder, token, expires FROM leases WHERE name = ?", (name,)
            ):
                if other != holder and datetime.fromisoformat(expires) > now:
                    return None
                token = int(last) + (other != holder)
            values = (name, holder, token, (now + span).isoformat())
            self._database.write("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)", values)
        return token

    def release(self, name: str, holder: str) -> None:
        """Give the lease back before it expires; nothing happens when another has it. The token lives on."""
        self._database.write(
            "UPDATE leases SET holder = '', expires = '0001-01-01T00:00:00+00:00' WHERE name = ? AND holder = ?",
            (name, holder),
        )

    # checkpoints

    def put_checkpoint(self, name: str, value: Any, *, token: int = 0) -> None:
        """Write how far the work named `name` has come.

        Raises
        ------
        StoreError
            A holder with a newer token has written since.
        """
        with self._database.transaction():
            for (last,) in self._database.read("SELECT token FROM checkpoints WHERE name = ?", (name,)):
                if last > token:
                    raise StoreError(
                        f"checkpoint {name!r} belongs to a newer worker (token {last}, ours is {token}): "
                        "stop this one, or wait for the other to end"
                    )
            values = (name, token, json.dumps(value))
            self._database.write("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)", values)

    def token(self, name: str) -> int:
        """The token that the work's last checkpoint was written with; 0 where there is none."""
        rows = self._database.read("SELECT token FROM checkpoints WHERE name = ?", (name,))
        return int(rows[0][0]) if rows else 0

    def checkpoint(self, name: str) -> Any:
        """The value last written, or None."""
        rows = self._database.read("SELECT value FROM checkpoints WHERE name = ?", (name,))
        return self._load(rows[0][0]) if rows else None

    def _load(self, value: Any) -> Any:
        try:
            return json.loads(value)
        except (ValueError, TypeError, RecursionError) as error:
            raise StoreError(
                f"{self._database.path} holds what oddtrail did not write there: restore it from a copy, "
                "or move it away and ingest again"
            ) from error
