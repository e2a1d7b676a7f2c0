"""From where a training goes on: the newest model that is what a training from scratch would have made of its days."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq

from models.model import Model
from models.priors import AttackPriors
from models.room import Room
from pipeline.detect.activity import Activity
from pipeline.detect.provenance import Provenance
from pipeline.errors import ModelError
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.reading import BundleInfo

_FILE = {"principals": "first_principals.parquet", "places": "first_places.parquet"}
"""Files beside a model that hold what `Activity.first_seen` says: who is new is asked of what is not read any more."""


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
    """
    why = ""
    for info in reversed(served):
        if info.day > last:
            continue
        told = trace(info.day).say_difference(bundles.note(info))
        if not told:
            try:
                model, files = bundles.load(info, priors, room), bundles.beside(info, _FILE.values())
            except ModelError:
                told = "it is damaged"
            else:
                earlier = {name: pq.read_table(io.BytesIO(files[file])) for name, file in _FILE.items()}
                return Start(why or "the newest model still holds", info, model, earlier)
        why = why or f"model {info.model_id} does not hold: {told}"
    return Start(why or "there was no model to go on from")


def pack_first_seen(activity: Activity, day: date) -> dict[str, bytes]:
    """Files to publish beside the model of a day, so that a training can go on from it."""
    return {_FILE[name]: _parquet(table) for name, table in activity.first_seen(day).items()}


def _parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()
