"""Reading events of Parquet segments: as a view of DuckDB, raw by their ids, and counted."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from features.times.instant import micros
from pipeline.connection import connect
from pipeline.errors import StoreError
from pipeline.ingest.sink import Kind
from pipeline.stores.jsonl.drills import Drill, DrillsJsonl
from pipeline.stores.parquet.contents import Column, Contents
from pipeline.stores.parquet.drilled import find_rows, tell_apart
from pipeline.stores.parquet.integrity import find_damaged
from pipeline.stores.parquet.layout import safe_account
from pipeline.stores.parquet.manifest import Manifest
from pipeline.stores.parquet.segment import Segment
from pipeline.stores.parquet.shown import Shown, place_arrived
from pipeline.stores.parquet.tally import Tally, tally
from pipeline.stores.parquet.view import asides_sql, events_sql, parquet
from pipeline.stores.protocols import AccountHeld
from pipeline.stores.sqlite.arrivals import Arrivals

_MEMORY = 1 << 30
"""Bytes for looking up raw records."""


class EventsReader:
    """Events below `home`, read; the manifest lists their segments."""

    def __init__(self, home: Path, manifest: Manifest, arrivals: Arrivals, drills: DrillsJsonl) -> None:
        self.home = home
        self._drills = drills
        self._manifest = manifest
        self._arrivals = arrivals
        self._contents = Contents()

    def view(
        self,
        connection: duckdb.DuckDBPyConnection,
        since: datetime | None = None,
        until: datetime | None = None,
        accounts: Sequence[str] | None = None,
        corrected: bool = True,
        without: Collection[str] = (),
        drill: Drill | None = None,
        holding: tuple[Column, Collection[str]] | None = None,
    ) -> None:
        """Register the view `events`, with the columns of EVENT, for event times in [since, until).

        Events of drills are left out, whoever asks; those of one drill alone are there for who asks for it.
        `corrected` puts corrections in the rows they correct; without it each event is as it was first delivered.
        Segments of the paths in `without` are left out: those that `doctor` found damaged. So are those that hold
        none of the values of a column which are asked for by `holding`: for whoever reads no other rows, and often.
        """
        segments = [s for s in self._segments(since, until, accounts) if s.path not in without]
        correcting = [s for s in self._correcting() if s.path not in without]
        if holding and not correcting:  # an original may hold what its correction does not
            with self._reading():
                empty = self._contents.without(connection, self.home, segments, *holding)
            segments = [segment for segment in segments if segment.path not in empty]
        originals = [s for s in self._originals(correcting, segments) if s.path not in without]
        sql = events_sql(
            [self._file(segment) for segment in segments + originals],
            [self._file(segment) for segment in correcting],
            since=since,
            until=until,
            accounts=accounts,
            corrected=corrected,
            arrived=self._place_arrived(connection, until),
            only=self._tell_apart(since, until, drill),
        )
        with self._reading():
            connection.execute(sql)

    def list_shown(self, since: datetime, without: Collection[str] = ()) -> Shown:
        """What `view` of event times from `since` on shows, of events as first delivered, for whoever has no list."""
        segments = [s for s in self._segments(since, None, None) if s.path not in without]
        correcting = [s for s in self._correcting() if s.path not in without]
        originals = [s for s in self._originals(correcting, segments) if s.path not in without]
        return Shown(
            paths=tuple(segment.path for segment in segments + originals),
            correcting=tuple(segment.path for segment in correcting),
            since=micros(since),
            late=tuple((one.file, one.at) for one in self._arrivals.late(None)),
            drilled=tuple(self._find_rows(self._drills.between(since, None))),
        )

    def segments(self, since: datetime | None = None) -> list[Segment]:
        """Segments that may hold events of a time and later."""
        return self._segments(since, None, None)

    def look_into(self, connection: duckdb.DuckDBPyConnection, segments: Collection[Segment]) -> None:
        """Remember what segments hold, so that `view` by `holding` need not read them for it."""
        with self._reading():
            self._contents.look_into(connection, self.home, segments)

    def view_asides(self, connection: duckdb.DuckDBPyConnection, kind: Kind, without: Collection[str] = ()) -> None:
        """Register the view `set_aside` or `other`: the records that are no event, with the columns of ASIDE."""
        sql = asides_sql(kind, [self._file(s) for s in self._manifest.live(kind) if s.path not in without])
        with self._reading():
            connection.execute(sql)

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

    def tally(self, paths: Iterable[str], lateness: timedelta) -> list[Tally]:
        """Count what some segments hold by region and hour; late is what came `lateness` after the hour's end."""
        files = {str(self.home / path): path for path in paths}
        drilled = tell_apart(self._find_rows(self._drills.begun()), keep=False)
        with self._reading(), connect(1, _MEMORY) as connection:
            return tally(connection, files, self._arrivals.late(None), lateness, drilled)

    def days(self) -> list[tuple[str, date]]:
        """Account-days that are there, in order."""
        return self._manifest.days("events")

    def version(self, account: str, day: date) -> str:
        """A text that is another one whenever the events of an account-day are."""
        return "\n".join(segment.path for segment in self._manifest.partition("events", account, day.isoformat()))

    def accounts(self) -> list[AccountHeld]:
        """What is held of each account."""
        return self._manifest.accounts()

    def pruned_before(self) -> date | None:
        """The day before which events were forgotten; none where they never were."""
        return self._manifest.pruned_before()

    def _tell_apart(self, since: datetime | None, until: datetime | None, drill: Drill | None) -> str:
        """The condition that leaves drills out, or keeps one alone; empty where there is none."""
        drills = [drill] if drill else self._drills.between(since, until)
        return tell_apart(self._find_rows(drills), keep=drill is not None) if drills else ""

    def _find_rows(self, drills: Sequence[Drill], *, whole: bool = False) -> list[tuple[str, str]]:
        """Ids and files of the events of drills, as far as they came."""
        if not drills:
            return []
        segments = {segment.path: segment for drill in drills for segment in self._segments(*span_of(drill), None)}
        files = [self._file(segment) for segment in segments.values()]
        if not files:
            return []
        with self._reading(), connect(1, _MEMORY) as connection:
            return find_rows(connection, files, drills, whole=whole)

    def _place_arrived(self, connection: duckdb.DuckDBPyConnection, until: datetime | None) -> str:
        """Name of a table of files that came later than their names say; empty where none did."""
        return place_arrived(connection, [(one.file, one.at) for one in self._arrivals.late(_micros(until))])

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Tell an error of DuckDB as ours, for whoever reads: a command, a notebook, a job."""
        try:
            yield
        except duckdb.OutOfMemoryException:
            raise  # nothing is wrong with the files
        except duckdb.Error as error:
            [what, *_statement] = str(error).splitlines() or [type(error).__name__]
            if ".parquet" not in what:  # DuckDB seldom names what it cannot decode
                damaged, _ = find_damaged(self.home, self._manifest)
                what = "; ".join([*(f"{segment.path} {found}" for segment, found in list(damaged.items())[:1]), what])
            raise StoreError(
                f"the events below {self.home} cannot be read ({what}): put the file back from a copy, or run "
                "`oddtrail store verify`, which says how to ingest its logs again"
            ) from error

    def _originals(self, correcting: list[Segment], chosen: list[Segment]) -> list[Segment]:
        """Segments beside the chosen ones that may hold what a correction corrects: of its own account and day."""
        accounts = {segment.account for segment in correcting}
        if not accounts:
            return []
        taken = {segment.path for segment in chosen}
        days = {(segment.account, segment.day) for segment in correcting}
        every = self._manifest.live("events", accounts=sorted(accounts))
        return [s for s in every if s.path not in taken and (s.account, s.day) in days]

    def _segments(
        self, since: datetime | None, until: datetime | None, accounts: Sequence[str] | None
    ) -> list[Segment]:
        """Segments that may hold events of [since, until) in these accounts."""
        return self._manifest.live("events", since=_micros(since), until=_micros(until), accounts=_folders(accounts))

    def _correcting(self) -> list[Segment]:
        """Segments that hold corrections of other records."""
        return self._manifest.live("events", correcting=True)

    def _file(self, segment: Segment) -> str:
        return str(self.home / segment.path)


def span_of(drill: Drill) -> tuple[datetime, datetime]:
    """In which its events lie, half-open."""
    return drill.first, drill.last + timedelta(seconds=1)


def _micros(time: datetime | None) -> int | None:
    return None if time is None else micros(time)


def _folders(accounts: Sequence[str] | None) -> list[str] | None:
    return None if accounts is None else sorted({safe_account(account) for account in accounts})
