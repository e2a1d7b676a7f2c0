"""Record scores by principal and hour: one Parquet file a day, replaced whole, so that a day scored again is the same.

They lie in `scores/` below a home, apart from what the list of files knows: they are made again by scoring, and whoever
reads them believes nothing of them but their columns.
"""

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import StoreError
from pipeline.stores.plain_file import UnfitFileError, read_plain, write_whole

FOLDER: Final = "scores"
LEAST: Final = 25.0
"""Record score from which an hour is kept: a hundred principal-days a day reach it."""
MOST_ROWS: Final = 5_000
"""Rows a day and model, the strongest: a file stays small however large the deployment is."""
_MOST_BYTES: Final = 64 << 20
_NAME: Final = re.compile(r"\d{4}-\d{2}-\d{2}\.parquet", re.ASCII)
_TIME: Final[pa.DataType] = pa.timestamp("us", tz="UTC")
_MEASURE: Final[pa.DataType] = pa.struct(
    [("measure", pa.string()), ("typical", pa.float64()), ("actual", pa.float64()), ("share", pa.float64())]
)
_FIELDS: Final[list[tuple[str, pa.DataType]]] = [
    ("principal", pa.string()),
    ("principal_name", pa.string()),
    ("principal_kind", pa.string()),
    ("day", pa.date32()),
    ("hour", _TIME),
    ("scored_at", _TIME),
    ("model", pa.string()),
    ("raw_score", pa.float64()),
    ("record_score", pa.float64()),
    ("measures", pa.list_(_MEASURE)),
]
SCHEMA: Final = pa.schema(_FIELDS)
"""A row a (principal, hour, model); scores rise with strangeness, record scores from 0 to 100."""


class ParquetHourScores:
    """The scores of a home, or of a backtest's folder.

    Examples
    --------
    >>> ParquetHourScores(Path("nowhere")).read().num_rows
    0
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    def put(self, day: date, rows: pa.Table) -> None:
        """Keep a day's rows in place of those that were kept; none leave no file."""
        path = self._folder / f"{day}.parquet"
        if not rows.num_rows:
            path.unlink(missing_ok=True)
            return
        out = io.BytesIO()
        pq.write_table(rows.cast(SCHEMA), out, compression="zstd")
        try:
            self._folder.mkdir(exist_ok=True)
            write_whole(path, out.getvalue())
        except OSError as error:
            raise StoreError(f"{path} cannot be written ({error.strerror}): make room, or let it be written") from error

    def read(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        principal: str | None = None,
        model: str | None = None,
        least: float = 0.0,
    ) -> pa.Table:
        """Rows of hours that begin from `since` on and before `until`, the strongest first.

        Parameters
        ----------
        principal
            Part of a principal's key or name.
        model
            Name of a model.
        least
            Least record score.

        Raises
        ------
        StoreError
            A file is none that scoring wrote.
        """
        found = pa.concat_tables([SCHEMA.empty_table(), *(self._read(path) for path in self._files())])
        rows = [
            row
            for row in found.to_pylist()
            if row["record_score"] >= least
            and (since is None or row["hour"] >= since)
            and (until is None or row["hour"] < until)
            and (model is None or row["model"] == model)
            and (principal is None or principal in row["principal"] or principal in row["principal_name"])
        ]
        rows.sort(key=lambda row: (-row["record_score"], row["hour"], row["principal"], row["model"]))
        return pa.Table.from_pylist(rows, schema=SCHEMA)

    def days(self, first: date, last: date) -> Iterator[pa.Table]:
        """Rows that were scored with each day from `first` to `last`, oldest first, a day in memory at a time.

        Raises
        ------
        StoreError
            A file is none that scoring wrote.
        """
        named = (path for path in self._files() if f"{first}.parquet" <= path.name <= f"{last}.parquet")
        return (self._read(path) for path in named)

    def scored_days(self) -> list[date]:
        """Days of which rows are kept, oldest first.

        >>> ParquetHourScores(Path("nowhere")).scored_days()
        []
        """
        found = []
        for path in self._files():
            with suppress(ValueError):  # the 31st of February
                found.append(date.fromisoformat(path.stem))
        return found

    def prune(self, before: date) -> int:
        """Forget the days before one; return how many."""
        old = [path for path in self._files() if path.name < f"{before}.parquet"]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _files(self) -> Iterator[Path]:
        if not self._folder.is_dir():
            return iter(())
        return iter(sorted(path for path in self._folder.iterdir() if _NAME.fullmatch(path.name)))

    def _read(self, path: Path) -> Any:
        try:
            return pq.read_table(io.BytesIO(read_plain(path, _MOST_BYTES))).select(SCHEMA.names).cast(SCHEMA)
        except (OSError, UnfitFileError, pa.ArrowException, KeyError, ValueError) as error:
            raise StoreError(
                f"{path} is not as scoring writes it ({error}): remove it, and `oddtrail score` writes new ones"
            ) from error
