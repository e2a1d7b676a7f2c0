"""A checkpoint is as scoring writes it, or it is refused: nothing is skipped."""

import pytest

from pipeline.detect.checkpoint import read_checkpoint
from pipeline.detect.scoring import CHECKPOINT
from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.errors import StoreError
from pipeline.stores.sqlite.database import Database
from pipeline.stores.sqlite.state import SqliteState
from tests.pipeline.detect.conftest import NOW, settings_of

GARBAGE = [
    7, [], "x", False, {}, {"until": 5}, {"day": 5}, {"day": "garbage"}, {"day": "2026-03-10T"},
    {"day": "2026-03-10", "until": "x"}, {"day": "2026-03-10", "until": -1}, {"day": "2026-03-10", "until": 10**30},
    {"day": "2026-03-10", "until": 1.5}, {"day": "2026-03-10", "budget": "many"},
    {"day": "2026-03-10", "budget": -1.0}, {"day": "2026-03-10", "counters": [1]},
    {"day": "2026-03-10", "counters": {"2026-03-10": ["a", 1]}}, {"day": "2026-03-10", "counters": {"d": [1]}},
    {"day": "2026-03-10", "counters": {"d": [-1, 0]}}, {"day": "2026-03-10", "counters": None},
]  # fmt: skip


@pytest.mark.parametrize("garbage", GARBAGE, ids=str)
def test_what_no_scoring_wrote_is_refused_in_one_line(garbage):
    state = SqliteState(Database(":memory:"))
    state.put_checkpoint(CHECKPOINT, garbage)
    with pytest.raises(StoreError, match=r"does not say how far scoring has come.*restore it") as told:
        read_checkpoint(state, CHECKPOINT)
    assert "\n" not in str(told.value)


def test_what_scoring_writes_is_read_back_and_decides_alike(store):
    score(store, settings_of(store.home), NOW)
    found = read_checkpoint(store.state, CHECKPOINT)
    assert found == store.state.checkpoint(CHECKPOINT)
    assert set(found) == {"day", "counters", "until", "budget"}


def test_one_of_before_that_names_no_tick_or_no_counters_is_taken_and_doubles_nothing(store):
    score(store, settings_of(store.home), NOW)
    before = store.alerts.revisions()
    found = store.state.checkpoint(CHECKPOINT)
    for older in ({"day": found["day"], "counters": found["counters"]}, {"day": found["day"]}):
        store.state.put_checkpoint(CHECKPOINT, older)
        assert read_checkpoint(store.state, CHECKPOINT) == older
        score(store, settings_of(store.home), NOW)
        assert store.alerts.revisions() == before


def test_a_training_refuses_it_as_well(store):
    store.state.put_checkpoint(CHECKPOINT, {"day": "garbage"})
    with pytest.raises(StoreError, match="does not say how far"):
        train(store, settings_of(store.home), NOW)
