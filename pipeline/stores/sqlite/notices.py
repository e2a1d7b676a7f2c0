"""What notifiers were told, are to be told and said of it; so that none is lost or told twice, whenever we are killed.

A notifier has a place in the home's `alerts.jsonl`. The place, what is known to be told of each alert, and the messages
that this makes change in one transaction. A message is claimed before it is sent, with the time of its next try: who is
killed while sending leaves it to that time, and two processes never send it at once.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from pipeline.errors import StoreError
from pipeline.stores.sqlite.database import Database

_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS notifiers (name TEXT PRIMARY KEY, since TEXT NOT NULL, place TEXT NOT NULL, "
    "rests_until TEXT NOT NULL, failures INTEGER NOT NULL, problem TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS known_alerts (notifier TEXT NOT NULL, alert TEXT NOT NULL, at TEXT NOT NULL, "
    "content TEXT NOT NULL, PRIMARY KEY (notifier, alert)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS notices (notifier TEXT NOT NULL, id TEXT NOT NULL, alert TEXT NOT NULL, "
    "severity TEXT NOT NULL, kind TEXT NOT NULL, content TEXT NOT NULL, queued TEXT NOT NULL, due TEXT NOT NULL, "
    "tries INTEGER NOT NULL, state TEXT NOT NULL, ended TEXT NOT NULL, digest TEXT NOT NULL, problem TEXT NOT NULL, "
    "PRIMARY KEY (notifier, id)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS notices_by_state ON notices (notifier, state, ended)",
)
WAITING: Final = "waiting"
SENT: Final = "sent"
FOLDED: Final = "folded"
REFUSED: Final = "refused"
_MOST_PROBLEM: Final = 500
_COLUMNS: Final = "id, alert, severity, kind, content, queued, due, tries, state, ended, digest, problem"


class NotifierState(NamedTuple):
    """How far a notifier is."""

    since: datetime
    """Of alerts that were detected before it is told nothing."""
    place: dict[str, Any]
    """Where in the alerts' file it is."""
    rests_until: datetime
    failures: int
    """How often it failed since it last worked."""
    problem: str


class Queued(NamedTuple):
    """A message in the outbox."""

    id: str
    alert: str
    """Id of the alert; empty where it is of several."""
    severity: str
    kind: str
    content: dict[str, Any]
    queued: datetime
    due: datetime
    """Before which it is not tried."""
    tries: int = 0
    state: str = WAITING
    """waiting, sent, folded (into the digest that `digest` names) or refused."""
    ended: str = ""
    digest: str = ""
    problem: str = ""


class Notices:
    """The outbox of a home's notifiers.

    Examples
    --------
    >>> notices = Notices(Database(":memory:"))
    >>> notices.begin("oncall", datetime(2026, 3, 2, tzinfo=UTC)).since.isoformat()
    '2026-03-02T00:00:00+00:00'
    >>> notices.waiting("oncall")
    []
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        if not database.read("SELECT 1 FROM sqlite_master WHERE name = 'notices_by_state'"):
            with database.transaction():
                for statement in _SCHEMA:
                    database.write(statement)

    # notifiers

    def begin(self, name: str, since: datetime) -> NotifierState:
        """How far a notifier is; one that is new is told of what was detected from `since` on."""
        found = self.notifier(name)
        if found is None:
            values = (name, _text(since), "{}", _text(since), 0, "")
            self._database.write("INSERT OR IGNORE INTO notifiers VALUES (?, ?, ?, ?, ?, ?)", values)
            found = self.notifier(name)
        assert found is not None
        return found

    def notifier(self, name: str) -> NotifierState | None:
        """How far a notifier is; None where it never began."""
        for since, place, rests, failures, problem in self._database.read(
            "SELECT since, place, rests_until, failures, problem FROM notifiers WHERE name = ?", (name,)
        ):
            return NotifierState(_time(since), self._load(place), _time(rests), failures, problem)
        return None

    def begin_earlier(self, name: str, since: datetime) -> None:
        """Read the file again for what was detected from an earlier time on; what was told is not told again."""
        self._database.write(
            "UPDATE notifiers SET since = ?, place = '{}' WHERE name = ? AND since > ?",
            (_text(since), name, _text(since)),
        )

    def rest(self, name: str, until: datetime, failures: int, problem: str) -> None:
        """Leave a notifier alone until then; it is known why."""
        self._database.write(
            "UPDATE notifiers SET rests_until = ?, failures = ?, problem = ? WHERE name = ?",
            (_text(until), failures, problem[:_MOST_PROBLEM], name),
        )

    # what was told

    def told(self, name: str, alerts: Iterable[str]) -> dict[str, dict[str, Any]]:
        """What a notifier is known to have been told of some alerts, by their ids."""
        return {
            alert: self._load(content)
            for alert in alerts
            for (content,) in self._database.read(
                "SELECT content FROM known_alerts WHERE notifier = ? AND alert = ?", (name, alert)
            )
        }

    def enqueue(
        self,
        name: str,
        place: dict[str, Any],
        told: dict[str, dict[str, Any]],
        notices: Iterable[Queued],
        dropped: Iterable[str],
        now: datetime,
    ) -> None:
        """Move a notifier's place on, with what it is to be told by that; all of it or nothing.

        Parameters
        ----------
        told
            What is to be known of alerts from now on.
        dropped
            Ids of messages whose place others take; those that were tried meanwhile stay.
        """
        with self._database.transaction():
            self._database.write("UPDATE notifiers SET place = ? WHERE name = ?", (json.dumps(place), name))
            self._database.write_each(
                "DELETE FROM notices WHERE notifier = ? AND id = ? AND state = 'waiting' AND tries = 0",
                [(name, one) for one in dropped],
            )
            self._database.write_each(
                "INSERT OR REPLACE INTO known_alerts VALUES (?, ?, ?, ?)",
                [(name, alert, _text(now), json.dumps(content)) for alert, content in told.items()],
            )
            self._put(name, notices)

    # messages

    def fresh(self, name: str, alert: str) -> Queued | None:
        """The message about an alert that waits and was never tried."""
        found = self._read(name, "alert = ? AND state = 'waiting' AND tries = 0 ORDER BY queued DESC LIMIT 1", alert)
        return found[0] if found else None

    def waiting(self, name: str) -> list[Queued]:
        """Messages that wait, the oldest first."""
        return self._read(name, "state = 'waiting' ORDER BY queued, id")

    def count(self, name: str) -> dict[str, int]:
        """How many messages there are by state."""
        rows = self._database.read("SELECT state, count(*) FROM notices WHERE notifier = ? GROUP BY state", (name,))
        return dict(rows)

    def sent_since(self, name: str, since: datetime) -> list[datetime]:
        """When messages were sent from a time on, the earliest first."""
        rows = self._database.read(
            "SELECT ended FROM notices WHERE notifier = ? AND state = 'sent' AND ended > ? ORDER BY ended",
            (name, _text(since)),
        )
        return [_time(ended) for (ended,) in rows]

    def latest(self, name: str, most: int) -> list[Queued]:
        """The messages that were queued last, the newest first."""
        return self._read(name, "1 ORDER BY queued DESC, id LIMIT ?", most)

    def fold(self, name: str, digest: Queued, members: Sequence[str]) -> bool:
        """Put messages that were never tried into one; False, and nothing is done, where one of them was meanwhile."""
        with self._database.transaction():
            fresh = {one.id for one in self.waiting(name) if not one.tries}
            if not fresh.issuperset(members):
                return False
            self._put(name, [digest])
            self._database.write_each(
                f"UPDATE notices SET state = '{FOLDED}', digest = ?, ended = ? WHERE notifier = ? AND id = ?",
                [(digest.id, _text(digest.queued), name, member) for member in members],
            )
        return True

    def claim(self, name: str, notice: Queued, again: datetime) -> bool:
        """Take a message for sending, before it is sent; False where another process has it, or it is gone.

        Parameters
        ----------
        again
            When it is tried again if nobody says what became of it.
        """
        with self._database.transaction():
            found = self._read(name, "id = ? AND state = 'waiting' AND tries = ?", notice.id, notice.tries)
            if not found:
                return False
            self._database.write(
                "UPDATE notices SET tries = tries + 1, due = ? WHERE notifier = ? AND id = ?",
                (_text(again), name, notice.id),
            )
        return True

    def end(self, name: str, notice: str, state: str, now: datetime, problem: str = "") -> None:
        """Say what became of a message."""
        self._database.write(
            "UPDATE notices SET state = ?, ended = ?, problem = ? WHERE notifier = ? AND id = ?",
            (state, _text(now), problem[:_MOST_PROBLEM], name, notice),
        )

    def postpone(self, name: str, notice: str, due: datetime, problem: str) -> None:
        """Say why a message was not sent, and when it is tried again."""
        self._database.write(
            "UPDATE notices SET due = ?, problem = ? WHERE notifier = ? AND id = ?",
            (_text(due), problem[:_MOST_PROBLEM], name, notice),
        )

    def prune(self, before: datetime) -> None:
        """Forget messages that ended before a time; none that waits."""
        self._database.write("DELETE FROM notices WHERE state <> 'waiting' AND ended < ?", (_text(before),))

    def _put(self, name: str, notices: Iterable[Queued]) -> None:
        """Add messages; one that is there already stays as it is."""
        rows = [
            (name, one.id, one.alert, one.severity, one.kind, json.dumps(one.content), _text(one.queued),
             _text(one.due), one.tries, one.state, one.ended, one.digest, one.problem)
            for one in notices
        ]  # fmt: skip
        self._database.write_each(f"INSERT OR IGNORE INTO notices VALUES ({', '.join('?' * 13)})", rows)

    def _read(self, name: str, where: str, *values: Any) -> list[Queued]:
        rows = self._database.read(f"SELECT {_COLUMNS} FROM notices WHERE notifier = ? AND {where}", (name, *values))
        return [
            Queued(row[0], row[1], row[2], row[3], self._load(row[4]), _time(row[5]), _time(row[6]), *row[7:])
            for row in rows
        ]

    def _load(self, text: str) -> dict[str, Any]:
        try:
            found = json.loads(text)
        except (ValueError, TypeError, RecursionError) as error:
            raise StoreError(
                f"{self._database.path} holds a notice that oddtrail did not write: {text[:60]!r}"
            ) from error
        return found if isinstance(found, dict) else {}


def _text(at: datetime) -> str:
    """A time so that texts sort as times do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
