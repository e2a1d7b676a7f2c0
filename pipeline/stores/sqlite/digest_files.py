"""What CloudTrail says that it delivered, beside what came, and what was found by holding one against the other.

Log files are known by their names, which CloudTrail never gives twice, wherever a copy of them lies. A digest is due
again whenever something comes that it lists, or the digest that it names as the one before. Of a digest that lies in
several places the copy decides that came with a signature.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from features.times.instant import micros, moment_of
from pipeline.ingest.digest_file import UNREAD, DigestFile, read_digest_name
from pipeline.ingest.sink import Batch
from pipeline.stores.sqlite.database import Database

KEPT: Final = timedelta(days=35)
"""How long after it came it is remembered what was delivered and what was listed."""
KEPT_UNASKED: Final = timedelta(days=2)
"""The same of what was delivered where no digest was ever seen: the first may come tomorrow."""
MOST: Final = 1_000_000
"""Log files that are remembered at most, and as many that are listed: some 200 MB each."""
_FINDINGS: Final = 10_000
_SIGNATURES: Final = 4
"""Of one digest that lies in several places."""
_DUE, _SETTLED, _WAITS, _UNVERIFIED = range(4)
"""What becomes of a digest: it is to be judged; was; is judged again once all sources can be read; once keys can be
asked for."""
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
    names: bytes = b""
    """Of which ones, as far as that is kept: see `pipeline.watch.tell.mark_names`."""


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
        since = -(2**62) if batch.digest_files or self.has_any() else micros(now - KEPT_UNASKED)
        for file in batch.files:
            for name, delivered, content in file.contents:
                if micros(delivered) >= since:
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
        for id_, signature in self._database.read(
            "SELECT id, signature FROM digest_files WHERE name = ? AND content = ?", (file.name, file.content)
        ):
            known = signature.split()
            if not file.signature or file.signature in known or len(known) >= _SIGNATURES:
                return
            file = file._replace(signature=" ".join([*known, file.signature]))
            self._database.write("DELETE FROM listed WHERE digest = ?", (id_,))
            self._database.write("DELETE FROM digest_files WHERE id = ?", (id_,))
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
        """Digests that ended by a time, came by one, and are to be judged, the first of them first."""
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
        self._put(judged, _SETTLED)

    def have_wait(self, judged: Iterable[int]) -> None:
        """Have digests wait until `wake`, or for something new."""
        self._put(judged, _WAITS)

    def have_verified(self, judged: Iterable[int]) -> None:
        """Have digests wait until another of their chain could be verified, or for something new."""
        self._put(judged, _UNVERIFIED)

    def _put(self, judged: Iterable[int], state: int) -> None:
        with self._database.transaction():
            self._database.write_each(
                "UPDATE digest_files SET judged = ? WHERE id = ?", [(state, id_) for id_ in judged]
            )

    def wake(self, chain: str | None = None) -> None:
        """Have digests judged again that wait for sources; those of a chain that wait for keys, where it is given."""
        if chain is None:
            self._database.write("UPDATE digest_files SET judged = ? WHERE judged = ?", (_DUE, _WAITS))
            return
        self._database.write(
            "UPDATE digest_files SET judged = ? WHERE judged = ? AND name GLOB ?",
            (_DUE, _UNVERIFIED, f"{chain}_{_ENDS}"),
        )

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

    def unread(self) -> list[tuple[str, str]]:
        """Names of log files that a judged digest lists and that could not be read, each with the reason."""
        rows = self._database.read(
            "SELECT it.name, it.content FROM delivered AS it WHERE it.content >= ? AND it.content < ? "
            "AND NOT EXISTS (SELECT 1 FROM delivered AS read WHERE read.name = it.name "
            "AND NOT (read.content >= ? AND read.content < ?)) "
            "AND EXISTS (SELECT 1 FROM listed JOIN digest_files ON id = digest WHERE listed.name = it.name AND judged) "
            "ORDER BY it.name, it.noted",
            (UNREAD, _AFTER_UNREAD, UNREAD, _AFTER_UNREAD),
        )
        reasons = {name: content[len(UNREAD) :].decode("utf-8", "replace") for name, content in rows}
        return sorted(reasons.items())

    def days_of(self, account: str) -> list[tuple[str, int, int]]:
        """By day on which a digest lists log files of an account: the day, how many it lists, how many of them came."""
        rows = self._database.read(
            "SELECT substr(rest, instr(rest, '_') + 1, 8) AS day, count(DISTINCT name), "
            "count(DISTINCT CASE WHEN came THEN name END) FROM (SELECT name, substr(name, ?) AS rest, "
            "EXISTS (SELECT 1 FROM delivered WHERE delivered.name = listed.name) AS came FROM listed "
            "WHERE name > ? AND name < ?) GROUP BY day ORDER BY day",
            (len(f"{account}_CloudTrail_") + 1, f"{account}_CloudTrail_", f"{account}_CloudTrail`"),
        )
        return [(day, listed, came) for day, listed, came in rows]

    def first_delivery(self, account: str, since: datetime) -> datetime | None:
        """When the first of an account's log files that is remembered was delivered from a time on."""
        rows = self._database.read(
            "SELECT min(at) FROM delivered WHERE name > ? AND name < ? AND at >= ?",
            (f"{account}_", f"{account}`", micros(since)),
        )
        return _moment(rows[0][0])

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

    def open_findings(self, beginning: str) -> list[Told]:
        """What was told under keys that begin so, and is not cleared."""
        return self._findings("key GLOB ? AND NOT cleared", f"{beginning}*")

    def findings(self, since: datetime | None = None, until: datetime | None = None) -> list[Told]:
        """What was told in [since, until), the oldest first."""
        return self._findings("at >= ? AND at < ?", _micros(since) or 0, 2**62 if until is None else micros(until))

    def finding(self, key: str) -> Told | None:
        """What was told last under a key."""
        return next(iter(self._findings("key = ?", key)), None)

    def _findings(self, where: str, *values: Any) -> list[Told]:
        rows = self._database.read(f"SELECT * FROM findings WHERE {where} ORDER BY at, key", values)
        return [
            Told(key, kind, moment_of(at), objects, text, bool(cleared), names)
            for key, kind, at, objects, text, cleared, names in rows
        ]

    def put_finding(self, told: Told) -> None:
        """Remember what was told."""
        values = (told.key, told.kind, micros(told.at), told.objects, told.text, told.cleared, told.names)
        self._database.write("INSERT OR REPLACE INTO findings VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def prune(self, now: datetime) -> None:
        """Forget what came long ago, and the oldest of what is too much."""
        before = micros(now - KEPT)
        with self._database.transaction():
            for table in ("delivered", "digest_files"):
                self._database.write(f"DELETE FROM {table} WHERE noted < ?", (before,))
            if not self.has_any():
                self._database.write("DELETE FROM delivered WHERE at < ?", (micros(now - KEPT_UNASKED),))
            self._database.write(
                "DELETE FROM delivered WHERE at < (SELECT at FROM delivered ORDER BY at DESC LIMIT 1 OFFSET ?)", (MOST,)
            )
            self._database.write(
                f"DELETE FROM digest_files WHERE judged = {_SETTLED} AND id <= "
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


_AFTER_UNREAD: Final = UNREAD[:-1] + bytes([UNREAD[-1] + 1])


def _moment(at: int | None) -> datetime | None:
    return None if at is None else moment_of(at)


def _micros(time: datetime | None) -> int | None:
    return None if time is None else micros(time)


def _some(values: Collection[Any]) -> Iterable[list[Any]]:
    every = list(values)
    for start in range(0, len(every), _ASKED_AT_ONCE):
        yield every[start : start + _ASKED_AT_ONCE]


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))
