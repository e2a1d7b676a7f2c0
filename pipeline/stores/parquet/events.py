"""Events as Hive-partitioned Parquet below a folder, with the list of segments in SQLite.

A batch is committed by moving its segments into place and changing the list in one transaction. Duplicates are settled
then: of an event's deliveries in an account-day the earliest stays, and a segment that holds a later one is written
again without it. So the rows do not depend on the order in which files came, nor on how they were batched.
"""

import contextlib
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import duckdb

from features.times.instant import micros
from pipeline.connection import connect
from pipeline.errors import StoreError
from pipeline.stores.parquet import manifest
from pipeline.stores.parquet.compaction import crowds, groups, merge
from pipeline.stores.parquet.duplicates import Duplicates
from pipeline.stores.parquet.lock import writer_lock
from pipeline.stores.parquet.manifest import Segment
from pipeline.stores.parquet.seen_ids import SeenIds
from pipeline.stores.parquet.segments import safe_account, without_events
from pipeline.stores.parquet.view import events_sql, parquet
from pipeline.stores.protocols import Batch, Outcome
from pipeline.stores.sqlite.state import SqliteState

_MEMORY = 1 << 30
"""Bytes for looking up raw records."""
KINDS = ("events", "set_aside", "other")


class ParquetEvents:
    """Events below `home`; `state` holds the list of segments."""

    def __init__(self, home: Path, state: SqliteState) -> None:
        self.home = home
        self.state = state
        self._duplicates = Duplicates()
        self._seen = SeenIds()

    @property
    def staging(self) -> Path:
        """Folder for a batch's segments until it is committed."""
        return self.home / "staging"

    @contextmanager
    def writing(self, now: datetime) -> Iterator[None]:
        """Be the only writer for the block; first removes what an interrupted one left behind."""
        with writer_lock(self.home / "writer.lock"):
            self._sweep(now)
            yield
            shutil.rmtree(self.staging, ignore_errors=True)

    def _sweep(self, now: datetime) -> None:
        shutil.rmtree(self.staging, ignore_errors=True)
        with self.state.transaction() as connection:
            for path in manifest.expired(connection, now):
                (self.home / path).unlink(missing_ok=True)
                connection.execute("DELETE FROM retired WHERE path = ?", (path,))
            listed = {
                path for (path,) in connection.execute("SELECT path FROM segments UNION SELECT path FROM retired")
            }
            for kind in KINDS:
                for file in (self.home / kind).glob("account=*/day=*/*.parquet"):
                    if file.relative_to(self.home).as_posix() not in listed:
                        file.unlink()

    def known(self, digests: Collection[str]) -> set[str]:
        """Which of these files have been taken in."""
        wanted = list(digests)
        found: set[str] = set()
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            marks = ",".join("?" * len(some))
            rows = self.state.connection.execute(f"SELECT digest FROM files WHERE digest IN ({marks})", some)
            found.update(digest for (digest,) in rows)
        return found

    def commit(self, batch: Batch, now: datetime) -> Outcome:
        """Take in a batch, durably, in one step; of an event's deliveries the earliest stays."""
        events = [segment for segment in batch.segments if segment.kind == "events"]
        with self.state.transaction() as connection:
            parts = sorted({(segment.account, segment.day) for segment in events})
            old = [segment for part in parts for segment in manifest.partition(connection, "events", *part)]
            losers = self._losers(old, events)
            out: list[str] = []
            into: list[Segment] = []
            there = {segment.path for segment in old}
            for segment in old + batch.segments:
                staged = segment.path not in there
                if segment.path in losers:
                    root = self.staging if staged else self.home
                    into += without_events(root / segment.path, losers[segment.path], self.staging)
                    out += [] if staged else [segment.path]
                elif staged:
                    into.append(segment)
            self._place(into)
            manifest.swap(connection, out=out, into=into, now=now)
            marks = ",".join("?" * len(manifest.FileDone._fields))
            connection.executemany(f"INSERT INTO files VALUES ({marks})", batch.files)
        lost = sum(map(len, losers.values()))
        return Outcome(stored=sum(segment.rows for segment in events) - lost, duplicates=lost)

    def _losers(self, old: list[Segment], new: list[Segment]) -> dict[str, list[str]]:
        """Event ids that leave each segment, because another delivery of theirs is earlier."""
        there = {segment.path: self.home / segment.path for segment in old}
        fresh = {segment.path: self.staging / segment.path for segment in new}
        days: dict[tuple[str, str], list[str]] = {}
        for segment in old + new:
            days.setdefault((segment.account, segment.day), []).append(segment.path)
        parts: dict[str, str] = {}
        for day, paths in days.items():
            if len(paths) > 1 and self._seen.may_repeat(day, _some(there, paths), _some(fresh, paths)):
                parts |= {str(path): "/".join(day) for path in _some(there | fresh, paths).values()}
        if not parts:
            return {}  # as nearly always
        files = {str(file): path for path, file in (there | fresh).items()}
        later = self._duplicates.later(parts, [file for file in parts if files[file] in fresh])
        return {files[file]: event_ids for file, event_ids in later.items()}

    def _place(self, segments: Iterable[Segment]) -> None:
        """Move segments from staging to where they belong, and bring the folders to the disk."""
        folders = set()
        for segment in segments:
            target = self.home / segment.path
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(self.staging / segment.path, target)
            folders |= {target.parent, target.parent.parent, target.parent.parent.parent}
        for folder in folders:
            with contextlib.suppress(OSError):  # some file systems cannot flush a folder
                handle = os.open(folder, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)

    def compact(self, now: datetime) -> int:
        """Merge small segments; return how many files that saved."""
        saved = 0
        for kind, account, day, below in crowds(self.state.connection, KINDS):
            with self.state.transaction() as connection:
                segments = manifest.partition(connection, kind, account, day)
                for group in groups(self.home, segments, below):
                    merged = merge(self.home, group, self.staging)
                    self._place(merged)
                    manifest.swap(connection, out=[segment.path for segment in group], into=merged, now=now)
                    saved += len(group) - len(merged)
        return saved

    def view(
        self,
        connection: duckdb.DuckDBPyConnection,
        since: datetime | None = None,
        until: datetime | None = None,
        accounts: Sequence[str] | None = None,
        corrected: bool = True,
    ) -> None:
        """Register the view `events`, with the columns of EVENT, for event times in [since, until).

        `corrected` puts corrections in the rows they correct; without it each event is as it was first delivered.
        """
        segments = self._segments(since, until, accounts)
        correcting = self._correcting()
        originals = self._originals(correcting, segments)
        sql = events_sql(
            [self._file(segment) for segment in segments + originals],
            [self._file(segment) for segment in correcting],
            since=since,
            until=until,
            accounts=accounts,
            corrected=corrected,
        )
        with self._reading():
            connection.execute(sql)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Tell an error of DuckDB as ours, for whoever reads: a command, a notebook, a job."""
        try:
            yield
        except duckdb.OutOfMemoryException:
            raise  # nothing is wrong with the files
        except duckdb.Error as error:
            [what, *_statement] = str(error).splitlines() or [type(error).__name__]
            raise StoreError(
                f"the events below {self.home} cannot be read ({what}): put the file back from a copy, "
                "or ingest the log files again into a new home"
            ) from error

    def _originals(self, correcting: list[Segment], chosen: list[Segment]) -> list[Segment]:
        """Segments beside the chosen ones that may hold what a correction corrects: those of the same account."""
        accounts = {segment.account for segment in correcting}
        if not accounts:
            return []
        taken = {segment.path for segment in chosen}
        days = {(segment.account, segment.day) for segment in correcting}
        every = manifest.live(self.state.connection, "events", accounts=sorted(accounts))
        return [s for s in every if s.path not in taken and (s.account, s.day) in days]

    def relation(
        self, connection: duckdb.DuckDBPyConnection, since: datetime | None = None, until: datetime | None = None
    ) -> duckdb.DuckDBPyRelation:
        """The same as a relation."""
        self.view(connection, since, until)
        return connection.table("events")

    def get(
        self,
        event_ids: Iterable[str],
        since: datetime | None = None,
        until: datetime | None = None,
        accounts: Sequence[str] | None = None,
    ) -> dict[str, bytes]:
        """Raw records by event id, as delivered; ids that are not stored are left out.

        Of events that are known to lie in [since, until) and in these accounts, no other segments are read; what
        corrects one of them is found wherever it lies.
        """
        wanted = list(event_ids)
        if not wanted:
            return {}
        chosen = self._segments(since, until, accounts)
        correcting = [self._file(segment) for segment in self._correcting()]
        files = sorted({self._file(segment) for segment in chosen} | set(correcting))
        if not files:
            return {}
        ids = {"ids": wanted}
        with self._reading(), connect(1, _MEMORY) as connection:
            found = connection.execute(
                f"SELECT event_id, raw FROM {parquet(files)} WHERE event_id IN (SELECT unnest($ids))", ids
            ).fetchall()
            alone = (
                connection.execute(
                    f"SELECT patches, raw FROM {parquet(correcting)} WHERE patches IN (SELECT unnest($ids)) "
                    "ORDER BY delivered_at, event_id",
                    ids,
                ).fetchall()
                if correcting
                else []
            )
        return dict(alone) | dict(found)

    def _segments(
        self, since: datetime | None, until: datetime | None, accounts: Sequence[str] | None
    ) -> list[Segment]:
        """Segments that may hold events of [since, until) in these accounts."""
        return manifest.live(
            self.state.connection, "events", since=_micros(since), until=_micros(until), accounts=_folders(accounts)
        )

    def _correcting(self) -> list[Segment]:
        """Segments that hold corrections of other records."""
        return [segment for segment in manifest.live(self.state.connection, "events") if segment.addenda]

    def prune(self, before: date, now: datetime) -> int:
        """Forget events of days before `before`, and what was set aside then; return how many events."""
        with self.state.transaction() as connection:
            rows = connection.execute(
                "SELECT path, kind, rows FROM segments WHERE day < ? AND kind IN (?, ?, ?)",
                (before.isoformat(), *KINDS),
            ).fetchall()
            manifest.swap(connection, out=[path for path, _, _ in rows], into=[], now=now)
        return sum(count for _, kind, count in rows if kind == "events")

    def _file(self, segment: Segment) -> str:
        return str(self.home / segment.path)


def _some(files: Mapping[str, Path], paths: Iterable[str]) -> dict[str, Path]:
    return {path: files[path] for path in paths if path in files}


def _micros(time: datetime | None) -> int | None:
    return None if time is None else micros(time)


def _folders(accounts: Sequence[str] | None) -> list[str] | None:
    return None if accounts is None else sorted({safe_account(account) for account in accounts})
