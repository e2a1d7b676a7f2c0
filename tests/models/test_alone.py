"""What a detector raises by itself stays within its share, and is what it finds strangest."""

import numpy as np
import pytest

from models.alone import Alone
from models.detectors.hours import COLUMNS, Hours
from models.detectors.scored import Scored
from models.history import DayRecord, History, Maxima

DAY, BUDGET, BURST = 20, 5.0, 3


def a_history(days=14, principals=100):
    """Days on which the largest raw scores are 1 to `principals`."""
    history, none = History(), np.empty(0)
    for day in range(DAY - days, DAY):
        maxima = Maxima(np.arange(1.0, principals + 1), np.zeros(principals, dtype=bool))
        history.add(DayRecord(day, principals, none, none, none.astype(bool), {"forest": maxima}, none, none))
    return history


def scored(*raw, day=DAY, tick=7):
    count = len(raw)
    whole = np.zeros(count, dtype=np.int64)
    columns = dict.fromkeys(Hours.__slots__, whole) | {
        "principal": np.arange(count), "day": whole + day, "tick": whole + tick,
        "values": np.zeros((count, len(COLUMNS))),
    }  # fmt: skip
    every = np.array(raw, dtype=float)
    return Scored(Hours(**columns), {"forest": every}, {"forest": every / 2}, {"forest": np.array([()] * count)})


def alone(share=0.2, budget=BUDGET):
    made = Alone({"forest": share}, budget)
    made.start_day(a_history(), BURST)
    return made


def test_hours_as_strange_as_the_shares_rate_asks_are_found_the_strangest_first():
    found = alone().find(scored(99.0, 100.0, 120.0), DAY)
    assert [(one.principal, one.by, one.score) for one in found] == [(2, "forest", 60.0), (1, "forest", 50.0)]


def test_the_larger_the_share_the_more_is_found():
    shares = (0.05, 0.2, 0.8)
    assert [len(alone(share).find(scored(*range(90, 101)), DAY)) for share in shares] == [1, 1, 4]


def test_without_a_budget_a_share_is_of_an_alert_a_day():
    assert len(alone(0.5, None).find(scored(*range(1, 102)), DAY)) == len(
        alone(0.1, 5.0).find(scored(*range(1, 102)), DAY)
    )


def test_nothing_is_found_without_history_of_other_days_or_where_a_detector_says_nothing():
    begun = Alone({"forest": 0.2}, BUDGET)
    begun.start_day(History(), BURST)
    assert begun.find(scored(1e9), DAY) == []
    assert alone().find(scored(1e9, day=DAY - 1), DAY) == []
    assert alone().find(scored(0.0), DAY) == []
    assert alone().find(Scored(), DAY) == []


def test_a_burst_is_bounded():
    made, raised = alone(), 0
    while made.has_room("forest"):
        made.take("forest")
        raised += 1
    assert raised == BURST
    assert not made.has_room("population")


@pytest.mark.parametrize("ticks", [(9, 7, 8)])
def test_what_closed_first_stands_first(ticks):
    parts = Scored.concatenated([scored(150.0, tick=tick) for tick in ticks])
    assert [one.tick for one in alone().find(parts, DAY)] == sorted(ticks)
