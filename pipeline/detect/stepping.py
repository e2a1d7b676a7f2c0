"""From where a training goes on: the newest model that is what a training from scratch would have made of its days."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

import pyarrow as pa

from models.model import Model
from models.priors import AttackPriors
from models.room import Room
from models.tables import name_file, read_rows, write_rows
from pipeline.detect.activity import Activity
from pipeline.detect.mapped import map_table
from pipeline.detect.provenance import Provenance
from pipeline.errors import ModelError
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.reading import BundleInfo

_TABLE = {"principals": "first_principals", "places": "first_places"}
"""Tables beside a model that hold what `Activity.first_seen` says: who is new is asked of what is not read any more."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a training begins."""

    why: str
    """Why there, in words."""
    info: BundleInfo | None = None
    """The bundle it goes on from; none when it begins from scratch."""
    model: Model | None = None
    earlier: dict[str, pa.Table] | None = None
    """Who and where of what the model had learnt."""


def find_start(
    bundles: Bundles,
    served: Sequence[BundleInfo],
    last: date,
    priors: AttackPriors,
    trace: Callable[[date], Provenance],
    room: Room | None = None,
    spill: Path | None = None,
) -> Start:
    """The newest model that still holds; from scratch where none does.

    Parameters
    ----------
    served
        Bundles in service, the oldest first: what did not pass the gate is nothing to go on from.
    last
        The day that the training makes a model of.
    trace
        What a training from scratch makes the model of a day of, now.
    room
        Where what is large of the model lies; in memory where none is given.
    spill
        Folder for who and where, where they are large; without it, they are in memory.
    """
    why = ""
    for info in reversed(served):
        if info.day > last:
            continue
        told = trace(info.day).say_difference(bundles.note(info))
        if not told:
            try:
                model = bundles.load(info, priors, room)
                earlier = {name: _read_table(bundles, info, table, spill) for name, table in _TABLE.items()}
            except ModelError:
                told = "it is damaged"
            else:
                return Start(why or "the newest model still holds", info, model, earlier)
        why = why or f"model {info.model_id} does not hold: {told}"
    return Start(why or "there was no model to go on from")


def _read_table(bundles: Bundles, info: BundleInfo, table: str, spill: Path | None) -> pa.Table:
    files = bundles.beside(info, [name_file(table, 0)])
    rows = (some for content in files.values() for some in read_rows(content))
    if spill is None:
        return pa.concat_tables(rows)
    first = next(rows)
    batches = (batch for some in chain([first], rows) for batch in some.to_batches())
    return map_table(pa.RecordBatchReader.from_batches(first.schema, batches), spill)


def pack_first_seen(activity: Activity, day: date) -> Iterator[tuple[str, bytes]]:
    """Files to publish beside the model of a day, one after another, so that a training can go on from it."""
    for name, table in activity.first_seen(day).items():
        yield from write_rows(_TABLE[name], len(table), partial(_cut_out, table))


def _cut_out(table: pa.Table, rows: slice) -> pa.Table:
    return table[rows].combine_chunks()
