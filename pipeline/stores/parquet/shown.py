"""What a view of events shows, as plain values: so that another process, or another machine, can make the same view.

Whoever has the home's database says which segments hold the rows; whoever reads them needs nothing but the folder.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from features.times.instant import moment_of
from pipeline.errors import StoreError
from pipeline.stores.parquet.drilled import tell_apart
from pipeline.stores.parquet.view import events_sql


@dataclass(frozen=True, slots=True)
class Shown:
    """What a view of events shows, each as it was first delivered."""

    paths: tuple[str, ...]
    """Segments that may hold the rows, relative to the home."""
    correcting: tuple[str, ...]
    """Those that hold corrections."""
    since: int
    """Least event time, microseconds since 1970."""
    late: tuple[tuple[str, int], ...] = ()
    """Files that came later than their names say, and when: microseconds since 1970."""
    drilled: tuple[tuple[str, str], ...] = ()
    """Ids and files of the events of drills, which are left out."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    @classmethod
    def of_dict(cls, values: dict[str, Any]) -> "Shown":
        """What `as_dict` gave, from JSON.

        >>> shown = Shown(("events/a.parquet",), (), 0, late=(("f", 1),))
        >>> Shown.of_dict(shown.as_dict()) == shown
        True
        """
        return cls(
            paths=tuple(map(str, values["paths"])),
            correcting=tuple(map(str, values["correcting"])),
            since=int(values["since"]),
            late=tuple((str(file), int(at)) for file, at in values["late"]),
            drilled=tuple((str(event_id), str(file)) for event_id, file in values["drilled"]),
        )


def show(connection: duckdb.DuckDBPyConnection, home: Path, shown: Shown) -> None:
    """Make the view `events` of a home's folder.

    Raises
    ------
    StoreError
        A path leads out of the folder of events.
    """
    events = home / "events"
    for path in (*shown.paths, *shown.correcting):
        if ".." in Path(path).parts or not (home / path).is_relative_to(events):
            raise StoreError(f"{path!r} is no segment of events below {home}: see who writes there")
    sql = events_sql(
        [str(home / path) for path in shown.paths],
        [str(home / path) for path in shown.correcting],
        since=moment_of(shown.since),
        corrected=False,
        arrived=place_arrived(connection, shown.late),
        only=tell_apart(shown.drilled, keep=False),
    )
    connection.execute(sql)


def place_arrived(connection: duckdb.DuckDBPyConnection, late: Sequence[tuple[str, int]]) -> str:
    """Name of a table of files that came later than their names say; empty where none did."""
    if not late:
        return ""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE came_late AS SELECT unnest($files) AS file, make_timestamptz(unnest($at)) AS at",
        {"files": [file for file, _ in late], "at": [at for _, at in late]},
    )
    return "came_late"
