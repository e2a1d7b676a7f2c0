"""What of a home's activity became known on which day, as fingerprints: so that a change of the past is seen.

A training that goes on from a model reads nothing of what the model has learnt, so it asks here whether that is still
the same. Each account-day is fingerprinted once, from the very tables that a training reads: for each day on which rows
became known, how many there are and the sum of their hashes over every column that is learnt. It is kept in the home's
state with the names of the files it was made of, which are new whenever a table is written. So nothing can change
unseen: a row that comes, goes or becomes another changes the count or the sum of its day (but for a chance of one in
2⁶⁴), whatever the reason, and the order of rows does not matter.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from features.activity.first_seen import WHERE, WHO
from features.activity.hourly import FILLED_COUNTS, FILLED_KEYS
from features.activity.statements import JOINT_KEYS, TOUCHED_KEYS, prelude
from pipeline.stores.home import Store

AccountDay = tuple[str, date]
_FAMILY = "known"
"""Of the settings that hold fingerprints. One stays for as long as its activity does, which outlives its events."""
_MEASURES = ("calls", "first", "last", "tick")
_LEARNT = {
    "joint": (*JOINT_KEYS, *_MEASURES),
    "touched": (*TOUCHED_KEYS, *_MEASURES),
    "filled": (*FILLED_KEYS, *FILLED_COUNTS),
}
"""Tables whose rows are learnt once they are known, and the columns that are."""
_DESCRIBING = {"principals": WHO, "places": WHERE}
"""Tables that say who and where; what a row says is known once it was delivered."""


@dataclass(frozen=True, slots=True)
class KnownActivity:
    """Fingerprints of activity by account-day, table and the day that rows became known on."""

    of: dict[AccountDay, dict[str, dict[str, list[int]]]]
    """Days are written as dates; a fingerprint is a count and a sum."""

    def days(self) -> list[date]:
        """Days on which anything was delivered, oldest first."""
        known = {day for tables in self.of.values() for day in tables.get("joint", ())}
        return sorted(date.fromisoformat(day) - timedelta(days=1) for day in known)

    def between(self, after: date, until: date) -> set[AccountDay]:
        """Account-days of which anything became known after a day, and on another or before."""
        first, last = str(after), str(until)
        return {
            held
            for held, tables in self.of.items()
            if any(first < day <= last for days in tables.values() for day in days)
        }

    def digest(self, after: date, until: date) -> str:
        """Names all that a model of the day `until` has learnt which began on the day `after`: equal for equal rows."""
        first, last = str(after), str(until)
        sums: dict[tuple[str, str], list[int]] = {}
        for tables in self.of.values():
            for table, days in tables.items():
                for day, (rows, hashed) in days.items():
                    if day <= last and (table in _DESCRIBING or day > first):
                        total = sums.setdefault((table, day), [0, 0])
                        total[0] += rows
                        total[1] += hashed
        return hashlib.sha256(json.dumps(sorted(sums.items())).encode()).hexdigest()


def read_known(
    store: Store, connection: duckdb.DuckDBPyConnection, *, timezone: str, lateness_minutes: int
) -> KnownActivity:
    """The fingerprints of a home's activity; those of account-days that were rewritten are made, and remembered.

    Parameters
    ----------
    store
        The home's, its activity up to date (`refresh_activity`).
    connection
        To compute with; views of the last account-day that was looked into stay in it.
    timezone, lateness_minutes
        The deployment's.
    """
    connection.execute("SET timezone = 'UTC'")
    connection.execute(prelude(timezone, lateness_minutes))
    statement = _statement(lateness_minutes)
    meaning = f"{statement}\n{timezone}\n{duckdb.__version__}"  # whose hashes are its own
    of: dict[AccountDay, dict[str, dict[str, list[int]]]] = {}
    for (account, day), version in store.activity.versions().items():
        key = f"{_FAMILY}/{account}/{day}"
        made_of = hashlib.sha256(f"{meaning}\n{version}".encode()).hexdigest()[:32]
        kept: dict[str, Any] = store.state.setting(key, {})
        if kept.get("of") != made_of:
            store.activity.view(connection, only=[(account, day)])
            kept = {"of": made_of, "known": _fingerprint(connection, statement)}
            store.state.put_setting(key, kept)
        of[account, day] = kept["known"]
    store.state.forget_days(_FAMILY, but=of)
    return KnownActivity(of)


def _fingerprint(connection: duckdb.DuckDBPyConnection, statement: str) -> dict[str, dict[str, list[int]]]:
    out: dict[str, dict[str, list[int]]] = {}
    for table, day, rows, hashed in connection.execute(statement).fetchall():
        out.setdefault(table, {})[str(day)] = [rows, int(hashed)]
    return out


def _statement(lateness_minutes: int) -> str:
    delivered = f"CAST(day_of(delivered - INTERVAL {int(lateness_minutes)} MINUTE) + 1 AS DATE)"
    tables = [(name, "known_on", columns) for name, columns in _LEARNT.items()]
    tables += [(name, delivered, columns) for name, columns in _DESCRIBING.items()]
    return "\nUNION ALL\n".join(
        f"SELECT '{name}', {day} AS day, count(*), sum(hash({', '.join(columns)})) FROM {name} GROUP BY day"
        for name, day, columns in tables
    )
