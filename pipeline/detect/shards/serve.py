"""A shard at work: it does what it is asked, one thing after the other, until nobody asks any more."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from pipeline.connection import connect
from pipeline.detect.arriving import BacklogError
from pipeline.detect.shards.line import Line
from pipeline.detect.shards.message import Message
from pipeline.detect.shards.part import Part, PartActivity, See
from pipeline.errors import OddtrailError
from pipeline.stores.parquet.shown import Shown, show

ASKED: Final = ("begin", "days", "members", "delivered", "arrive", "take", "grow", "show", "sessions", "end")
"""What may be asked: the functions of `Part`."""
DONE, FAILED, BACKLOG, EXCHANGE = "done", "failed", "backlog", "exchange"


def serve(line: Line, see: See, *, shard: int, of: int, threads: int, memory: int) -> None:
    """Answer a coordinator.

    Parameters
    ----------
    see
        Makes the view `events` of a connection of what a coordinator says that is to be seen (`see_home`).
    shard, of
        Its number, from 0, and how many there are.
    threads, memory
        Cores, and bytes that queries may use.

    Raises
    ------
    ShardLostError
        Nobody asks any more.
    """

    def exchange(rows: pa.Table) -> Sequence[pa.Table]:
        line.send(Message(EXCHANGE, {}, {"rows": rows}))
        told = line.receive()
        return [told.tables[str(number)] for number in range(of)]

    def make(timezone: str, lateness: int) -> PartActivity:
        connection = connect(threads, memory)
        return PartActivity(connection, timezone, lateness, shard=shard, of=of, exchange=exchange)

    part = Part(make, see)
    while True:
        asked = line.receive()
        line.send(_answer(part, asked, f"shard {shard + 1} of {of}"))


def see_home(home: Path) -> See:
    """See events of a home; nothing else of it is read."""
    return lambda connection, shown: show(connection, home, Shown.of_dict(shown))


def _answer(part: Part, asked: Message, who: str) -> Message:
    """What comes of a question; an error is an answer as well."""
    if asked.what not in ASKED:
        return Message(FAILED, {"why": f"{who} does not know {asked.what!r}: see that all run the same oddtrail"})
    ask: Callable[..., dict[str, Any]] = getattr(part, asked.what)
    try:
        found = ask(**asked.values)
    except BacklogError:
        return Message(BACKLOG)
    except (OddtrailError, duckdb.Error, OSError, MemoryError) as error:
        [what, *_more] = str(error).splitlines() or [type(error).__name__]
        return Message(FAILED, {"why": f"{who}: {what}"})
    tables = {name: value for name, value in found.items() if isinstance(value, pa.Table)}
    return Message(DONE, {name: value for name, value in found.items() if name not in tables}, tables)
