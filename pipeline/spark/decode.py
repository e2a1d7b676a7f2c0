"""Decode a task's files on whatever machine Spark chose: the same engine as on one machine, and a sink of Parquet."""

from __future__ import annotations

import atexit
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

from features.call.verified import NONE_VERIFIED, VerifiedNames
from pipeline.enrich.geo import Geo
from pipeline.enrich.networks import NO_NETWORKS, Networks
from pipeline.ingest.content import Reader
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.sink import FileDone
from pipeline.ingest.work import Engine, make_engine
from pipeline.shared.place import Place
from pipeline.spark.rows import numbers_of
from pipeline.spark.sink import PartSink
from pipeline.spark.tasks import Task
from pipeline.spark.work import Done, ReadFile, digest_of, get_task, put_done, shared_place
from pipeline.stores.parquet.losses import FILE_DIGITS

SCHEMA: Final = "`done` binary"
"""What comes back to the driver: a `Done` a task, packed, without what it says of each file."""


@dataclass(frozen=True)
class Decoding:
    """What every machine needs to know; it is carried there."""

    place: str
    """Where the work area is."""
    now: datetime
    """The time by which an event's time is in the future."""
    geo: str = ""
    """Zip of geo databases among the files that travel with the job; empty for none."""
    networks: Networks = NO_NETWORKS
    verified: VerifiedNames = NONE_VERIFIED

    def run(self, groups: Sequence[Sequence[str]], numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Work on the tasks of some groups, by the groups' numbers; for `mapInArrow`."""
        place = shared_place(self.place)
        for batch in numbers:
            for number in numbers_of(batch):
                for task_id in groups[number]:
                    done = decode(place, get_task(place, task_id), self._engine(), self.now)
                    put_done(place, done)
                    told = msgspec.structs.replace(done, files=[])
                    yield pa.record_batch({"done": pa.array([msgspec.msgpack.encode(told)], pa.binary())})

    def _engine(self) -> Engine:
        """The engine of this process, made once: it remembers callers and places."""
        name = digest_of(self.geo, repr(self.networks), repr(self.verified))
        if name not in _engines:
            _engines.clear()
            geo = Geo.open(find_geo(self.geo)) if self.geo else None
            _engines[name] = make_engine(_NO_SINK, geo, self.networks, self.verified)
        return _engines[name]


_engines: dict[str, Engine] = {}


class _NoSink:
    """Stands where each task puts its own."""

    def open(self) -> None:
        pass

    def write(self, rows: Any) -> Any:
        raise NotImplementedError

    def keep(self, kind: Any, asides: Any, now: datetime) -> Any:
        raise NotImplementedError


_NO_SINK: Final = _NoSink()


def find_geo(name: str) -> Path:
    """A folder of this process's own with the databases that travelled with the job."""
    from pyspark import SparkFiles

    folder = tempfile.TemporaryDirectory(prefix="oddtrail-geoip-")
    atexit.register(folder.cleanup)
    with zipfile.ZipFile(SparkFiles.get(name)) as packed:
        packed.extractall(folder.name)
    return Path(folder.name)


def decode(place: Place, task: Task, engine: Engine, now: datetime) -> Done:
    """Read, normalise and enrich the files of a task, and put what comes of them into the work area."""
    files: dict[str, LogFile] = {}
    ranks: dict[str, str] = {}
    not_logs = copies = 0
    with Reader() as reader:
        for given in task.files:
            file = reader.read(given.source()).file
            if file is None:
                not_logs += 1
            elif file.digest in files:
                copies += 1
            else:
                files[file.digest] = file
                ranks[file.digest[:FILE_DIGITS]] = given.rank
        engine.sink = sink = PartSink(place, task.id, ranks)
        work = engine.work(list(files.values()), now)
    return Done(
        id=task.id,
        parts=list(work.batch.parts),
        files=[_describe(file, ranks) for file in work.batch.files],
        reasons=dict(work.reasons),
        passed_over=dict(work.passed_over),
        not_logs=not_logs + work.not_logs,
        copies=copies,
        unread=sink.unread,
    )


def _describe(file: FileDone, ranks: dict[str, str]) -> ReadFile:
    events = file.records - file.set_aside - sum(file.other.values())
    rank = ranks[file.digest[:FILE_DIGITS]]
    return ReadFile(file.digest, rank, file.records, events, file.set_aside, file.repaired, dict(file.other))
