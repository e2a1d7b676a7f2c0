"""What a model of vectors would raise is counted by days before, and told beside what was raised."""

import numpy as np

from models.detectors.scored import Scored
from models.history import DayRecord, Maxima
from pipeline.detect.adds import Adds
from pipeline.detect.walk import DayOutcome
from tests.models.vectors import usual
from tests.walks import a_model


def test_what_reaches_the_budgets_quantile_of_days_before_is_counted():
    model, none = a_model(), np.empty(0)
    for ago in range(14, 0, -1):
        maxima = {name: Maxima(np.arange(1.0, 101.0), np.zeros(100, dtype=bool)) for name in model.detectors}
        model.history.add(DayRecord(model.day - ago, 100, none, none, none.astype(bool), maxima, none, none))
    hours = usual(rows=4, day=model.day)
    raw = {"forest": np.array([99.0, 50.0, 100.0, 98.5]), "population": np.zeros(4)}
    scored = Scored(hours, raw, raw, {})
    adds = Adds()
    adds.take(DayOutcome(model.day, scored=scored), model, budget=2.0)
    raised = {(model.day, 0), (model.day, 7, model.day)}
    assert adds.tell(raised) == {
        "forest": {"reached": 2, "alone": 1},
        "population": {"reached": 0, "alone": 0},
    }
