"""A home: the folder that is the embedded store. `open_store` is the documented way in, for notebooks as for us."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType

from pipeline.errors import StoreError
from pipeline.stores.jsonl.alerts import AlertsJsonl
from pipeline.stores.jsonl.declared import DECLARED_FILE, DeclaredJsonl
from pipeline.stores.jsonl.drills import DrillsJsonl
from pipeline.stores.jsonl.marks import MARKS_FILE, MarksJsonl
from pipeline.stores.jsonl.models import ModelsJsonl
from pipeline.stores.jsonl.receipts import ReceiptsJsonl
from pipeline.stores.parquet.activity import ParquetActivity
from pipeline.stores.parquet.events import ParquetEvents
from pipeline.stores.parquet.hour_scores import ParquetHourScores
from pipeline.stores.parquet.manifest import Manifest
from pipeline.stores.sqlite.arrivals import Arrivals
from pipeline.stores.sqlite.coverage import Coverage
from pipeline.stores.sqlite.database import Database
from pipeline.stores.sqlite.digest_files import DigestFiles
from pipeline.stores.sqlite.notices import Notices
from pipeline.stores.sqlite.state import SqliteState

STATE_FILE = "state.sqlite"
ALERTS_FILE = "alerts.jsonl"
SPILL = "spill"
"""Folder for what does not fit in memory."""
MODELS_FILE = "models.jsonl"
RECEIPTS_FILE = "receipts.jsonl"


@dataclass(frozen=True)
class Store:
    """The stores of a home."""

    home: Path
    events: ParquetEvents
    activity: ParquetActivity
    state: SqliteState
    alerts: AlertsJsonl
    models: ModelsJsonl
    """What is remembered of the models that alerts name."""
    manifest: Manifest
    """Which files are the store."""
    arrivals: Arrivals
    """When files came, where their names say something else."""
    coverage: Coverage
    """What was seen of each account by the hour."""
    digest_files: DigestFiles
    """What CloudTrail says that it delivered."""
    receipts: ReceiptsJsonl
    """What came of each day."""
    declared: DeclaredJsonl
    """What people declared usual, or kept out of learning; what marks say is part of it."""
    marks: MarksJsonl
    """What people said of alerts."""
    drills: DrillsJsonl
    """Attacks that were made up; the store of events shows theirs to nobody but their judge."""
    hour_scores: ParquetHourScores
    """What models of vectors said of hours."""
    notices: Notices
    """What notifiers are to be told, and were."""
    _database: Database = field(repr=False)

    def close(self) -> None:
        """Let go of the files."""
        self._database.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(home: Path | str, *, create: bool = True, clock: Callable[[], datetime] | None = None) -> Store:
    """Open the store below `home`; a folder that is not there yet is made, unless `create` is False.

    With a `clock`, alerts note when they are written.

    Examples
    --------
    >>> import duckdb, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, open_store(folder) as store:
    ...     connection = duckdb.connect()
    ...     store.events.view(connection)
    ...     connection.execute("SELECT count(*) FROM events").fetchone()
    (0,)
    """
    folder = Path(home).expanduser().absolute()
    if not create and not (folder / STATE_FILE).exists():
        raise StoreError(
            f"{folder} holds no store: run `oddtrail ingest PATH --home {folder}` first, or `oddtrail demo`"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be made ({error.strerror}): give a folder that you may write with --home"
        ) from error
    database = Database(folder / STATE_FILE)
    manifest, arrivals, digest_files = Manifest(database), Arrivals(database), DigestFiles(database)
    drills = DrillsJsonl(folder)
    marks = MarksJsonl(folder / MARKS_FILE)
    return Store(
        folder,
        ParquetEvents(folder, manifest, arrivals, digest_files, drills),
        ParquetActivity(folder, manifest),
        SqliteState(database),
        AlertsJsonl(folder / ALERTS_FILE, clock),
        ModelsJsonl(folder / MODELS_FILE),
        manifest,
        arrivals,
        Coverage(database),
        digest_files,
        ReceiptsJsonl(folder / RECEIPTS_FILE),
        DeclaredJsonl(folder / DECLARED_FILE, marks.entries),
        marks,
        drills,
        ParquetHourScores(folder),
        Notices(database),
        database,
    )
