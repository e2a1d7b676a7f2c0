"""What is remembered of a model that an alert names."""

import numpy as np

from features.times.day import date_of
from models.model import Model
from pipeline.stores.jsonl.models import ModelNote

SCORES = (50.0, 75.0, 90.0)
"""Record scores of which the evidence is told that reaches them."""
_GRID = np.arange(0.0, 200.0, 0.1)
"""Sums of evidence, nats."""


def note_model(model: Model, model_id: str, made_of: str = "") -> ModelNote:
    """The note of a model as it judges its day.

    `model_id` is the id it had as the day began, for whoever is new on a day changes it; `made_of` is the trained model
    that it was stepped from.
    """
    reached = model.history.calibration().score(_GRID)
    first = {score: int(np.argmax(reached >= score)) for score in SCORES if reached[-1] >= score}
    return ModelNote(
        model_id=model_id,
        day=date_of(model.day),
        made_of=made_of,
        learnt_days=model.learnt_days,
        judged_days=len(model.history.days),
        principals=len(model.members),
        values=len(model.baseline.tokens),
        priors=model.traits.priors.version,
        seed=model.seed,
        detectors=list(model.detectors),
        nats={f"{score:g}": round(float(_GRID[at]), 1) for score, at in first.items()},
    )
