"""What CloudTrail says that it delivered, beside what came, and what was found by holding one against the other.

Log files are known by their names, which CloudTrail never gives twice, wherever a copy of them lies. A digest is due
again whenever something comes that it lists, or the digest that it names as the one before.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from features.times.instant import micros, moment_of
from pipeline.ingest.digest_file import DigestFile, read_digest_name
from pipeline.ingest.sink import Batch
from pipeline.stores.sqlite.database import Database

KEPT: Final = timedelta(days=35)
"""How long after it came it is remembered what was delivered and what was listed."""
MOST: Final = 1_000_000
"""Log files that are remembered at most, and as many that are listed: some 200 MB each."""
_FINDINGS: Final = 10_000
_ASKED_AT_ONCE: Final = 500
_ENDS: Final = f"{'[0-9]' * 8}T{'[0-9]' * 6}Z.json"
"""How a digest of a chain ends, as SQLite's GLOB has it; a trail's name may begin as another chain does."""


_SUPERSEDED: Final = (
    "(it.problem <> '' AND EXISTS (SELECT 1 FROM digest_files AS other "
    "WHERE other.name = it.name AND other.problem = '' AND other.id > it.id))"
)


class DueDigest(NamedTuple):
    """A digest that is to be judged."""

    id: int
    file: DigestFile
    """Without what it lists: `DigestFiles.objects` has that, a digest at a time."""


class Told(NamedTuple):
    """What was found and told."""

    key: str
    """The same for as long as it is the same finding."""
    kind: str
    at: datetime
    objects: int
    """Of how many objects it tells."""
    text: str
    cleared: bool
    """It is so no more."""


class DigestFiles:
    """Digests in a home's database.

    Examples
    --------
    >>> DigestFiles(Database(":memory:")).has_any()
    False
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def has_any(self) -> bool:
        """Whether any digest is remembered."""
        return bool(self._database.read("SELECT 1 FROM digest_files LIMIT 1"))

    def note(self, batch: Batch, now: datetime) -> None:
        """Remember what came; to be called inside a transaction."""
        at = micros(now)
        for file in batch.files:
            for name, delivered, content in file.contents:
                self._note_delivered(name, content, micros(delivered), at)
        for digest in batch.digest_files:
            self._note_digest(digest, at)

    def _note_delivered(self, name: str, content: bytes, delivered: int, now: int) -> None:
        self._database.write("INSERT OR IGNORE INTO delivered VALUES (?, ?, ?, ?)", (name, content, delivered, now))
        self._database.write(
            "INSERT INTO watched VALUES (?, ?) ON CONFLICT DO UPDATE SET since = min(since, excluded.since)",
            (name[:12], delivered),
        )
        self._database.write(
            "UPDATE digest_files SET judged = 0 WHERE id IN (SELECT digest FROM listed WHERE name = ?)", (name,)
        )

    def _note_digest(self, file: DigestFile, now: int) -> None:
        if self._database.read("SELECT 1 FROM digest_files WHERE name = ? AND content = ?", (file.name, file.content)):
            return
        self._database.write(
            "INSERT INTO digest_files VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            (
                file.name, file.content, _micros(file.start), _micros(file.end) or 0, file.previous,
                file.previous_content, file.begins, file.problem, file.signature, file.fingerprint, file.signed, now,
            ),
        )  # fmt: skip
        [(id_,)] = self._database.read("SELECT last_insert_rowid()")
        self._database.write_each(
            "INSERT INTO listed VALUES (?, ?, ?)", [(name, id_, content) for name, content in file.objects.items()]
        )
        self._database.write(
            "UPDATE digest_files SET judged = 0 WHERE name = ? OR previous = ?", (file.name, file.name)
        )

    # who judges

    def due(self, until: datetime, most: int, *, came: datetime | None = None) -> list[DueDigest]:
        """Digests that ended by a time, came by one, and are not judged, the first of them first."""
        rows = self._database.read(
            "SELECT id, name, content, start, ended, previous, previous_content, begins, problem, signature, "
            "fingerprint, signed FROM digest_files WHERE judged = 0 AND ended <= ? AND noted <= ? "
            "ORDER BY ended, name, id LIMIT ?",
            (micros(until), 2**62 if came is None else micros(came), most),
        )
        return [DueDigest(id_, self._file(*rest)) for id_, *rest in rows]

    @staticmethod
    def _file(name: str, content: bytes, start: int | None, ended: int, *rest: Any) -> DigestFile:
        previous, previous_content, begins, problem, *signed = rest
        end = moment_of(ended) if ended else None
        began = None if start is None else moment_of(start)
        return DigestFile(name, content, began, end, {}, previous, previous_content, bool(begins), problem, *signed)

    def objects(self, id_: int) -> dict[str, bytes]:
        """What a digest lists: the hash of each log file, by its name."""
        return dict(self._database.read("SELECT name, content FROM listed WHERE digest = ? ORDER BY name", (id_,)))

    def forget_objects(self, id_: int) -> None:
        """Forget what a digest lists, for nothing is held against it."""
        self._database.write("DELETE FROM listed WHERE digest = ?", (id_,))

    def settle(self, judged: Iterable[int]) -> None:
        """Have digests wait for something new."""
        with self._database.transaction():
            self._database.write_each("UPDATE digest_files SET judged = 1 WHERE id = ?", [(id_,) for id_ in judged])

    def watched_since(self) -> dict[str, datetime]:
        """By account, when the first of its log files was delivered that is remembered."""
        return {account: moment_of(since) for account, since in self._database.read("SELECT * FROM watched")}

    def contents(self, names: Collection[str]) -> dict[str, set[bytes]]:
        """What came under these names."""
        found: dict[str, set[bytes]] = {}
        for some in _some(names):
            sql = f"SELECT name, content FROM delivered WHERE name IN ({_marks(some)})"
            for name, content in self._database.read(sql, some):
                found.setdefault(name, set()).add(content)
        return found

    def elsewhere(self, contents: Collection[bytes]) -> set[bytes]:
        """Which of these came under any name."""
        found = set[bytes]()
        for some in _some(contents):
            sql = f"SELECT content FROM delivered WHERE content IN ({_marks(some)})"
            found.update(content for (content,) in self._database.read(sql, some))
        return found

    def contents_of(self, name: str) -> set[bytes]:
        """Hashes of the digests that came under a name, without what `is_superseded`."""
        sql = f"SELECT content FROM digest_files AS it WHERE name = ? AND NOT {_SUPERSEDED}"
        return {content for (content,) in self._database.read(sql, (name,))}

    def is_superseded(self, id_: int) -> bool:
        """Whether a digest with a problem gave way to a good one of its name, as while a copy is being made."""
        sql = f"SELECT 1 FROM digest_files AS it WHERE id = ? AND {_SUPERSEDED}"
        return bool(self._database.read(sql, (id_,)))

    def before(self, name: str) -> str:
        """Name of the digest of the same chain that came last before this one; empty where none is known."""
        told = read_digest_name(name)
        if told is None:
            return ""
        rows = self._database.read(
            "SELECT max(name) FROM digest_files WHERE name > ? AND name < ? AND name GLOB ? AND problem = ''",
            (f"{told.chain}_", name, f"{told.chain}_{_ENDS}"),
        )
        return rows[0][0] or ""

    def disbelieve(self, id_: int, problem: str) -> None:
        """Note why a digest is not believed, which only its judge could find."""
        self._database.write("UPDATE digest_files SET problem = ? WHERE id = ?", (problem, id_))

    def last_of_chains(self, until: datetime) -> list[str]:
        """Name of the last digest of each chain that ended by a time."""
        rows = self._database.read(
            f"SELECT max(name) FROM digest_files WHERE problem = '' AND ended <= ? AND name GLOB '*_{_ENDS}' "
            "GROUP BY substr(name, 1, length(name) - ?)",
            (micros(until), len("20260302T100031Z.json")),
        )
        return sorted(name for (name,) in rows)

    def newest_log(self, account: str, region: str) -> str:
        """Name of a region's log file that was delivered last; empty where there is none."""
        before = f"{account}_CloudTrail_{region}_"
        rows = self._database.read(
            "SELECT max(name) FROM delivered WHERE name > ? AND name < ?", (before, f"{before}:")
        )
        return rows[0][0] or ""

    # what was found

    def findings(self, since: datetime | None = None, until: datetime | None = None) -> list[Told]:
        """What was told in [since, until), the oldest first."""
        return self._findings("at >= ? AND at < ?", _micros(since) or 0, 2**62 if until is None else micros(until))

    def finding(self, key: str) -> Told | None:
        """What was told last under a key."""
        return next(iter(self._findings("key = ?", key)), None)

    def _findings(self, where: str, *values: Any) -> list[Told]:
        rows = self._database.read(f"SELECT * FROM findings WHERE {where} ORDER BY at, key", values)
        return [
            Told(key, kind, moment_of(at), objects, text, bool(cleared))
            for key, kind, at, objects, text, cleared in rows
        ]

    def put_finding(self, told: Told) -> None:
        """Remember what was told."""
        values = (told.key, told.kind, micros(told.at), told.objects, told.text, told.cleared)
        self._database.write("INSERT OR REPLACE INTO findings VALUES (?, ?, ?, ?, ?, ?)", values)

    def prune(self, now: datetime) -> None:
        """Forget what came long ago, and the oldest of what is too much."""
        before = micros(now - KEPT)
        with self._database.transaction():
            for table in ("delivered", "digest_files"):
                self._database.write(f"DELETE FROM {table} WHERE noted < ?", (before,))
            self._database.write(
                "DELETE FROM delivered WHERE at < (SELECT at FROM delivered ORDER BY at DESC LIMIT 1 OFFSET ?)", (MOST,)
            )
            self._database.write(
                "DELETE FROM digest_files WHERE judged AND id <= "
                "(SELECT digest FROM listed ORDER BY digest DESC LIMIT 1 OFFSET ?)",
                (MOST,),
            )
            self._database.write("DELETE FROM listed WHERE digest NOT IN (SELECT id FROM digest_files)")
            self._database.write("DELETE FROM watched")
            self._database.write("INSERT INTO watched SELECT substr(name, 1, 12), min(at) FROM delivered GROUP BY 1")
            self._database.write(
                "DELETE FROM findings WHERE key NOT IN (SELECT key FROM findings ORDER BY at DESC LIMIT ?)",
                (_FINDINGS,),
            )


def _micros(time: datetime | None) -> int | None:
    return None if time is None else micros(time)


def _some(values: Collection[Any]) -> Iterable[list[Any]]:
    every = list(values)
    for start in range(0, len(every), _ASKED_AT_ONCE):
        yield every[start : start + _ASKED_AT_ONCE]


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))
