"""What an operator must know is read of operations events: begun, changed, over; what cannot be read is passed over."""

from datetime import UTC, datetime, timedelta

from pipeline.notify.matter import Matters, fold_matters
from pipeline.stores.jsonl.operations import OperationsJsonl

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def event(kind, hour=0, **more):
    return {"at": (NOON + hour * HOUR).isoformat(), "kind": kind, "text": kind, **more}


def states(*events):
    return [(one.about, one.revision, one.over) for one in fold_matters(events)]


def test_each_is_open_until_an_event_of_its_own_ends_it():
    quiet = {"account": "111122223333", "region": None}
    assert states(event("silence", **quiet)) == [("silence", 1, False)]
    assert states(event("silence", **quiet), event("silence_over", 1, **quiet)) == [("silence", 2, True)]
    assert states(event("silence", **quiet), event("silence_over", 1, **quiet | {"region": ""})) == [
        ("silence", 1, False)
    ]
    found, cleared = event("integrity", key="a"), event("integrity_cleared", 1, key="a")
    assert states(found, event("integrity", 1, key="a"), cleared) == [("integrity", 3, True)]
    assert states(found, event("integrity_cleared", 1, key="b")) == [("integrity", 1, False)]


def test_what_comes_again_is_another_one():
    [first, again] = fold_matters([event("unhealthy"), event("healthy", 1), event("unhealthy", 2)])
    assert (first.over, again.over) == (True, False)
    assert first.id != again.id
    assert first.key == again.key


def test_matters_of_models_end_when_another_one_serves():
    refused = event("model_refused", model_id="1-a")
    back = event("model_rolled_back", 1, model_id="1-b")
    assert states(refused, back) == [("model", 1, False)] * 2
    for kind in ("model_serves", "model_promoted"):
        assert states(refused, back, event(kind, 2, model_id="2-c")) == [("model", 2, True)] * 2
    assert states(event("model_serves", model_id="1-a"), refused) == [("model", 1, False)]


def test_what_cannot_be_read_is_passed_over():
    for broken in ({}, event("silence"), event("integrity"), event("other"), {"at": 7, "kind": "unhealthy"}):
        assert fold_matters([broken]) == []
    [one] = fold_matters([{"at": "2026-03-02T12:00:00", "kind": "unhealthy"}])
    assert one.at == NOON


def test_they_are_read_again_where_something_was_added_and_only_then(tmp_path):
    operations = OperationsJsonl(tmp_path / "operations.jsonl")
    matters = Matters(operations)
    assert matters.read() == []
    operations.add("unhealthy", NOON, "3 ticks failed", what="failing")
    assert list(matters.standing("health")) == ["health"]
    assert matters.read() is matters.read()
    operations.add("healthy", NOON + HOUR, "well")
    assert matters.standing("health") == {}
