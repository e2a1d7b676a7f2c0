"""The model that a run opens: one that is damaged gives way to the one before, and an older list is refused."""

from datetime import timedelta

import pytest

from pipeline.detect.served import find_served
from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.errors import ModelError
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import FILE
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
from tests.pipeline.detect.conftest import NOW, settings_of
from tests.worlds import START

MIDDLE = START + timedelta(days=12, hours=5)


def scored(store, now=NOW):
    return score(store, settings_of(store.home), now)


def test_where_the_champion_is_damaged_the_one_before_serves_and_it_is_told_once(store):
    scored(store, MIDDLE)
    first, *_ = find_served(store, Bundles(store.home))
    newer = train(store, settings_of(store.home), MIDDLE)
    path = find_served(store, Bundles(store.home))[-1].path / "pairs.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    for _ in range(2):
        assert scored(store).model_id == first.model_id
    [event] = OperationsJsonl(store.home / OPERATIONS_FILE).every()
    assert (event["kind"], event["model_id"]) == ("model_not_opened", first.model_id)
    assert newer.model_id.partition("-")[2] in event["text"]
    path.write_bytes(content)
    assert scored(store).model_id == newer.model_id


def test_an_older_list_that_was_put_back_serves_nothing_until_the_next_training(store):
    path = Bundles(store.home).folder / FILE
    older = path.read_bytes()
    train(store, settings_of(store.home), NOW)
    path.write_bytes(older)
    with pytest.raises(ModelError, match=r"older than one that was seen .*run `oddtrail train`"):
        scored(store)
    path.unlink()
    with pytest.raises(ModelError, match="older than one that was seen"):
        scored(store)
    again = train(store, settings_of(store.home), NOW)
    assert (again.served, again.in_service) == (True, again.model_id)
    assert scored(store).model_id == again.model_id
