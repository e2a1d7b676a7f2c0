"""Models that alerts name, in short: a line each beside the alerts, for as long as those are kept.

Between two trainings the model steps from day to day, and only what trainings publish is kept whole. So whoever reads
an alert finds here what the model was that judged it: made of which bundle, how much it had seen, what reaches a score.
"""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, Struct, json, to_builtins

from pipeline.errors import StoreError
from pipeline.stores.jsonl.lines import append_line, read_lines


class ModelNote(Struct, frozen=True, kw_only=True):
    """What is remembered of a model that an alert names."""

    model_id: Annotated[str, Meta(max_length=100)]
    day: date
    """The day it judged."""
    made_of: str
    """Id of the trained model that it was stepped from, a day a step, or its own; empty in a backtest."""
    learnt_days: int
    judged_days: int
    """Days whose scores its calibration rests on."""
    principals: int
    values: int
    """Values of dimensions, such as actions and networks, that it had seen."""
    priors: str
    """Version of the attack priors."""
    seed: int
    detectors: list[str]
    nats: dict[str, float]
    """Evidence of a day that reaches a record score, by the score; scores it cannot reach are left out."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        document: dict[str, Any] = to_builtins(self)
        return document


class ModelsJsonl:
    """Notes in `path`; writing one twice is harmless.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     ModelsJsonl(Path(folder) / "models.jsonl").every()
    []
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, note: ModelNote) -> None:
        """Add a note, durably, unless its model has one."""
        if any(known.model_id == note.model_id for known in self.every()):
            return
        try:
            append_line(self.path, json.encode(note))
        except OSError as error:
            raise StoreError(
                f"the note of model {note.model_id} cannot be written to {self.path} ({error.strerror}): make room, or "
                "mend the file, and run it again"
            ) from error

    def every(self) -> list[ModelNote]:
        """Every note that can be read, in the order they were written."""
        return read_lines(self.path, partial(json.decode, type=ModelNote), "move it away; alerts stay as they are")
