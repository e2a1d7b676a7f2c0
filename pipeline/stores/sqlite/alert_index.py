"""Where in `alerts.jsonl` each alert's last revision stands, with what lists and searches need: no page reads it all.

It is made of the file alone and can be thrown away: what was added since is read on, and where the file is not the one
that was read, it is made anew. Several processes may share it.
"""

import hashlib
import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from pipeline.errors import StoreError
from pipeline.stores.alert import Alert
from pipeline.stores.jsonl.alerts import AlertsJsonl, Followed
from pipeline.stores.sqlite.database import tell

VERSION: Final = 5
"""Of the tables and of what is marked; another one is made anew."""
BATCH: Final = 2_000
"""Lines that are taken in by one transaction."""
LEAST_OF_ID: Final = 6
"""Digits of an alert's id by which it is found."""
_START_OF_ID: Final = re.compile(rf"[0-9a-f]{{{LEAST_OF_ID},}}")
_FEW: Final = 20_000
"""Alerts that are sorted once they are found; more are read in order until enough match."""
_SCHEMA: Final = """
CREATE TABLE read (version INTEGER, until INTEGER, start INTEGER, digest TEXT, bad INTEGER);
CREATE TABLE alerts (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, revision INTEGER NOT NULL, start INTEGER NOT NULL,
    day TEXT NOT NULL, incident TEXT NOT NULL, raised INTEGER NOT NULL, held TEXT NOT NULL, score REAL NOT NULL,
    severity TEXT NOT NULL, title TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
    first TEXT NOT NULL, drill TEXT NOT NULL, sought TEXT NOT NULL
);
CREATE INDEX alerts_of ON alerts (day, raised, held, incident, score);
CREATE INDEX alerts_by ON alerts (sought);
CREATE TABLE names (sought TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE marks (mark INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (mark, number)) WITHOUT ROWID;
"""
_NEWEST: Final = "day DESC, raised DESC, score DESC, id"
_COLUMNS: Final = "id, incident, raised, held, score, severity, title, account, name, kind, first, day, drill"


class Brief(NamedTuple):
    """An alert, as lists show it."""

    id: str
    incident: str
    """The same for alerts of one break-in."""
    raised: int
    held: str
    """Why it was not raised; empty where it was."""
    score: float
    severity: str
    title: str
    account: str
    name: str
    kind: str
    first: str
    """Start of its first odd hour, ISO 8601."""
    day: str
    drill: str


class DayCount(NamedTuple):
    """The alerts of a day."""

    day: date
    raised: int
    held: int
    """Not raised for the budget's sake."""


class AlertIndex:
    """The index in `path` of the alerts of a file.

    Parameters
    ----------
    mark
        Texts by which an alert is found (`marked`).
    """

    def __init__(self, path: Path | str, alerts: AlertsJsonl, mark: Callable[[Alert], Iterable[str]]) -> None:
        self.path, self._alerts, self._mark = path, alerts, mark
        self._lock = threading.RLock()
        self._seen: tuple[int, int, int] | None = None
        with self._telling():
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=60)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = OFF")  # it can be made again

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def refresh(self) -> None:
        """Take in what was added to the file since the last time; cheap where nothing was."""
        with self._lock, self._telling():
            try:
                found = self._alerts.path.stat()
            except FileNotFoundError:
                seen = (0, 0, 0)
            else:
                seen = (found.st_ino, found.st_size, found.st_mtime_ns)
            if seen != self._seen:
                while self._take():
                    pass
                self._seen = seen

    def _take(self) -> bool:
        """Take in a batch; whether there may be more."""
        with self._transaction():
            until = self._place()
            lines = list(islice(self._alerts.follow(until), BATCH))
            if lines:
                for line in lines:
                    if line.alert is not None:
                        self._put(line.alert, line.start)
                bad = sum(line.alert is None for line in lines)
                self._database.execute(
                    "UPDATE read SET until = ?, start = ?, digest = ?, bad = bad + ?",
                    (lines[-1].end, lines[-1].start, lines[-1].digest, bad),
                )
        return len(lines) == BATCH

    def _place(self) -> int:
        """How far the file was read, if it is still the file that was read; else nothing is kept of it."""
        tables = self._ask("SELECT count(*) FROM sqlite_master WHERE name = 'read'")[0][0]
        rows = self._ask("SELECT version, until, start, digest FROM read") if tables else []
        if rows and rows[0][0] == VERSION:
            _, until, start, digest = rows[0]
            last: Followed | None = next(self._alerts.follow(start), None) if until else None
            if not until or (last is not None and (last.end, last.digest) == (until, digest)):
                return int(until)
        for table in ("read", "alerts", "names", "marks"):
            self._database.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in _SCHEMA.split(";"):
            self._database.execute(statement)
        self._database.execute("INSERT INTO read VALUES (?, 0, 0, '', 0)", (VERSION,))
        return 0

    def _put(self, alert: Alert, start: int) -> None:
        before = self._ask("SELECT number, revision, start FROM alerts WHERE id = ?", (alert.alert_id,))
        if before:
            number, revision, at = before[0]
            if revision > alert.revision:
                return
            old = next(self._alerts.follow(at), None)
            if old is not None and old.alert is not None:
                gone = [(hash_mark(text), number) for text in self._mark(old.alert)]
                self._database.executemany("DELETE FROM marks WHERE mark = ? AND number = ?", gone)
        number = before[0][0] if before else None
        sought = "\n".join((alert.principal_name, alert.principal, alert.principal_key)).casefold()
        held = "" if alert.raised else alert.held_because or ""
        row = (
            number, alert.alert_id, alert.revision, start, str(alert.day), min((alert.alert_id, *alert.related)),
            alert.raised, held, alert.record_score, alert.severity, alert.title, alert.account, alert.principal_name,
            alert.principal_kind, alert.window_start.isoformat(), alert.drill, sought,
        )  # fmt: skip
        done = self._database.execute(f"INSERT OR REPLACE INTO alerts VALUES ({', '.join('?' * len(row))})", row)
        self._database.execute("INSERT OR IGNORE INTO names VALUES (?)", (sought,))
        marks = {(hash_mark(text), done.lastrowid) for text in self._mark(alert)}
        self._database.executemany("INSERT OR IGNORE INTO marks VALUES (?, ?)", sorted(marks))

    # who asks

    def count_bad(self) -> int:
        """Lines of the file that hold no alert."""
        return int(self._ask("SELECT bad FROM read")[0][0])

    def days(self, most: int, until: date | None = None) -> list[DayCount]:
        """The last days with alerts, the newest first, up to and with a day."""
        rows = self._ask(
            "SELECT day, sum(raised), sum(held IN ('budget', 'others', 'score')) FROM alerts WHERE day <= ? "
            "GROUP BY day ORDER BY day DESC LIMIT ?",
            (str(until or date.max), most),
        )
        return [DayCount(date.fromisoformat(day), raised, held) for day, raised, held in rows]

    def days_around(self, day: date, most: int) -> list[DayCount]:
        """Days with alerts, the newest first, as many after a day as there are before it, where there are so many."""
        rows = self._ask(
            "SELECT day FROM alerts WHERE day > ? GROUP BY day ORDER BY day LIMIT ?", (str(day), most // 2)
        )
        return self.days(most, date.fromisoformat(rows[-1][0]) if rows else day)

    def strongest(self, days: Iterable[date]) -> dict[date, Brief]:
        """Of each day the strongest alert that was raised; days without are left out."""
        where = "day = ? AND raised = 1 AND held = ''"
        found = ((day, self._briefs(where, (str(day),), 1)) for day in days)
        return {day: briefs[0] for day, briefs in found if briefs}

    def count_incidents(self, day: date) -> int:
        """Break-ins of a day that were raised; alerts of one count once."""
        return int(self._ask("SELECT count(DISTINCT incident) FROM alerts WHERE day = ? AND raised", (str(day),))[0][0])

    def incidents(self, day: date, most: int, skip: int = 0) -> list[list[Brief]]:
        """Break-ins of a day that were raised, the strongest first, each with its alerts, the strongest first."""
        rows = self._ask(
            "SELECT incident FROM alerts WHERE day = ? AND raised GROUP BY incident "
            "ORDER BY max(score) DESC, incident LIMIT ? OFFSET ?",
            (str(day), most, skip),
        )
        sql = f"SELECT {_COLUMNS} FROM alerts WHERE day = ? AND raised AND held = '' AND incident = ?"
        found = (self._ask(f"{sql} ORDER BY score DESC, id LIMIT 50", (str(day), incident)) for (incident,) in rows)
        return [[Brief(*row) for row in briefs] for briefs in found if briefs]  # one may have gone since it was listed

    def held(self, day: date, most: int) -> list[Brief]:
        """What the budget had no room for on a day, the strongest first."""
        return self._briefs("day = ? AND NOT raised AND held IN ('budget', 'others', 'score')", (str(day),), most)

    def find(self, alert_id: str) -> Alert | None:
        """The last revision of an alert; None where there is none with this id."""
        rows = self._ask("SELECT start FROM alerts WHERE id = ?", (alert_id,))
        return self._read(rows[0][0], alert_id) if rows else None

    def marked(self, marks: Iterable[str], first: date, last: date, most: int) -> Iterator[Alert]:
        """Alerts of some days that have one of the marks, the strongest first."""
        hashes = [hash_mark(text) for text in marks][:500]
        marked = f"SELECT number FROM marks WHERE mark IN ({', '.join('?' * len(hashes))})"
        found = self._ask(f"{marked} LIMIT {_FEW + 1}", hashes)
        where = f"number IN ({marked})"
        if len(found) > _FEW:  # then it is quicker to go through the days
            where = f"EXISTS ({marked} AND number = +alerts.number)"
        rows = self._ask(
            f"SELECT start, id FROM alerts WHERE day BETWEEN ? AND ? AND {where} ORDER BY score DESC LIMIT ?",
            (str(first), str(last), *hashes, most),
        )
        return (alert for start, alert_id in rows if (alert := self._read(start, alert_id)) is not None)

    def between(self, first: date, last: date) -> Iterator[Alert]:
        """The last revision of each alert of some days, one in memory at a time."""
        rows = self._ask(
            "SELECT start, id FROM alerts WHERE day BETWEEN ? AND ? ORDER BY start", (str(first), str(last))
        )
        return (alert for start, alert_id in rows if (alert := self._read(start, alert_id)) is not None)

    def named(self, mark: str, most: int) -> list[Brief]:
        """Alerts that have a mark, the newest first."""
        return self._briefs("number IN (SELECT number FROM marks WHERE mark = ?)", (hash_mark(mark),), most, _NEWEST)

    def search(self, text: str, marks: Iterable[str], most: int) -> list[Brief]:
        """Alerts that have one of the marks, or a text in their principal's name, ARN or key; the newest first.

        A text of `LEAST_OF_ID` or more hexadecimal digits finds the alerts whose id begins with it as well.
        """
        hashes = [hash_mark(mark) for mark in marks]
        named, marked = "SELECT sought FROM names WHERE instr(sought, ?)", ", ".join("?" * len(hashes))
        values = (text.casefold(), *hashes)
        found = self._ask(
            f"SELECT number FROM alerts WHERE sought IN ({named}) "
            f"UNION ALL SELECT number FROM marks WHERE mark IN ({marked}) LIMIT {_FEW + 1}",
            values,
        )
        if len(found) <= _FEW:
            found += self._begin(text.casefold(), most)
            numbers = json.dumps(sorted({number for (number,) in found}))
            return self._briefs("number IN (SELECT value FROM json_each(?))", (numbers,), most, _NEWEST)
        where = f"+sought IN ({named}) OR number IN (SELECT number FROM marks WHERE mark IN ({marked}))"
        return self._briefs(where, values, most, _NEWEST)

    def _begin(self, start: str, most: int) -> list[Any]:
        """Numbers of the alerts whose id begins so."""
        if not _START_OF_ID.fullmatch(start):
            return []
        return self._ask("SELECT number FROM alerts WHERE id >= ? AND id < ? LIMIT ?", (start, f"{start}g", most))

    def _briefs(self, where: str, values: Sequence[Any], most: int, order: str = "score DESC, id") -> list[Brief]:
        sql = f"SELECT {_COLUMNS} FROM alerts WHERE {where} ORDER BY {order} LIMIT ?"
        return [Brief(*row) for row in self._ask(sql, (*values, most))]

    def _read(self, start: int, alert_id: str) -> Alert | None:
        line = next(self._alerts.follow(start), None)
        return line.alert if line and line.alert and line.alert.alert_id == alert_id else None

    def _ask(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock, self._telling():
            return self._database.execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, sqlite3.NotSupportedError) as error:
            raise StoreError(f"{self.path} cannot be used {tell(error)}") from error
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path} is damaged ({error}): remove it, it is made again") from error


def hash_mark(text: str) -> int:
    """A mark as it is kept.

    >>> hash_mark("key AKIA") == hash_mark("key AKIA"), -(2**63) <= hash_mark("x") < 2**63
    (True, True)
    """
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), signed=True)
