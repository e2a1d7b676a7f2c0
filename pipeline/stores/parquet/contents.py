"""Which of the segments of events hold any of some principals, or handed out any of some keys.

Segments are sorted by principal, yet a reader has to open each to see that it holds nothing for it: with the hundreds
that a busy day leaves, opening takes longer than reading. So whoever asks often remembers what was there, as hashes; a
segment never changes.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt

from pipeline.stores.parquet.segment import Segment
from pipeline.stores.parquet.view import segments_sql

Column: TypeAlias = Literal["principal", "issued_key"]
_COLUMNS: Final[tuple[Column, ...]] = ("principal", "issued_key")
_MOST_TIMES, _FEW = 4, 1_000
"""Of more than so many times the segments that are asked for, and some, the others are forgotten."""
_Hashes: TypeAlias = npt.NDArray[np.uint64]


class Contents:
    """What segments hold, by their paths; of segments that are asked for no more it forgets in time."""

    def __init__(self) -> None:
        self._held: dict[str, Mapping[Column, _Hashes]] = {}

    def look_into(self, connection: duckdb.DuckDBPyConnection, home: Path, segments: Collection[Segment]) -> None:
        """Read, by a connection, what those of some segments hold that were not read before."""
        paths = [segment.path for segment in segments]
        if len(self._held) > _MOST_TIMES * len(paths) + _FEW:
            self._held = {path: self._held[path] for path in paths if path in self._held}
        by_file = {str(home / path): path for path in paths if path not in self._held}
        if not by_file:
            return
        asked = ", ".join(
            f"list(DISTINCT hash({name})) FILTER (coalesce({name}, '') <> '') AS {name}" for name in _COLUMNS
        )
        found = connection.execute(
            f"SELECT filename, {asked} FROM ({segments_sql(list(by_file), filename=True)}) GROUP BY filename"
        ).fetchnumpy()
        for at, file in enumerate(found["filename"]):
            self._held[by_file[str(file)]] = {name: _hashes(found[name][at]) for name in _COLUMNS}

    def without(
        self, connection: duckdb.DuckDBPyConnection, home: Path, segments: Collection[Segment], column: Column,
        values: Collection[str],
    ) -> set[str]:  # fmt: skip
        """Paths of those segments that hold none of some values of a column."""
        self.look_into(connection, home, segments)
        rows = connection.execute("SELECT hash(unnest($values::VARCHAR[]))", {"values": list(values)}).fetchall()
        sought = np.array([one for (one,) in rows], np.uint64)
        paths = (segment.path for segment in segments)
        return {path for path in paths if not np.isin(sought, self._held[path][column]).any()}


def _hashes(listed: object) -> _Hashes:
    return np.array([] if listed is None or listed is np.ma.masked else listed, np.uint64)
