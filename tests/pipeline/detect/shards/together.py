"""Shards as threads of the test's own process, over rows that a test has in hand."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from multiprocessing import Pipe
from typing import Any

import duckdb

from features.times.instant import micros
from pipeline.detect.shards.line import PipeLine, ShardLostError
from pipeline.detect.shards.serve import serve
from pipeline.detect.shards.together import Shards
from tests.worlds import table


class Shown:
    """What of the rows is to be seen."""

    def __init__(self, name: str) -> None:
        self._name = name

    def as_dict(self) -> dict[str, Any]:
        return {"name": self._name}


class HeldEvents:
    """Stands for a home's events: rows by a name."""

    def __init__(self) -> None:
        self.rows: dict[str, Sequence[dict[str, Any]]] = {}

    def list_shown(self, since: datetime, without: Any = ()) -> Shown:
        name = str(micros(since))
        return Shown(name)

    def see(self, connection: duckdb.DuckDBPyConnection, shown: dict[str, Any]) -> None:
        connection.register("held_events", table(list(self.rows[shown["name"]])))
        connection.execute("CREATE OR REPLACE TEMP VIEW events AS FROM held_events")


@contextmanager
def in_threads(of: int, held: HeldEvents) -> Iterator[Shards]:
    """So many shards."""

    def work(line: PipeLine, shard: int) -> None:
        with suppress(ShardLostError):
            serve(line, held.see, shard=shard, of=of, threads=1, memory=2**30)

    lines, ends, started = [], [], []
    for shard in range(of):
        ours, theirs = Pipe()
        lines.append(PipeLine(ours, lambda: "it ended"))
        ends.append(ours)
        line = PipeLine(theirs, lambda: "nobody asks")
        started.append(threading.Thread(target=work, args=(line, shard), daemon=True))
        started[-1].start()
    try:
        yield Shards(lines)
    finally:
        for end in ends:
            end.close()
        for thread in started:
            thread.join(10)
