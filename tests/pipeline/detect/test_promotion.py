"""A trained model serves if it passes the gate, else the champion stays; people may overrule it."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from models.history import Maxima
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.detect.promotion import compare, consider, find_decided, promote_by_hand, roll_back
from pipeline.detect.served import find_served
from pipeline.detect.trainer import train
from pipeline.detect.worker import score
from pipeline.errors import ModelError
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.bundles.in_service import FILE
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
from tests.pipeline.detect.conftest import NOW, settings_of
from tests.worlds import START

PRIORS = AttackPriors.from_dict(read_attack_priors())


def make_deaf(model):
    """Large sums are what it takes for usual."""
    model.history.days = [
        replace(
            record,
            principal_days=4_000,
            total=np.linspace(100, 300, 400),
            largest=np.linspace(100, 300, 400),
            suspect=np.zeros(400, dtype=bool),
            acts=np.zeros(400),
            week=np.linspace(100, 300, 400),
            detectors={name: Maxima(np.zeros(400), np.zeros(400, dtype=bool)) for name in record.detectors},
        )
        for record in model.history.days
    ]


def make_empty(model):
    model.baseline.last_day[:] = 0


def put_nan(model):
    model.volume.sums[0] = np.nan


def put_infinity(model):
    model.baseline.hours[0] = np.inf


def publish(store, spoil):
    """A model that is spoilt, published and judged by the gate."""
    bundles = Bundles(store.home)
    served = find_served(store, bundles)
    model = bundles.load(served[-1], PRIORS)
    spoil(model)
    model.seed += 1  # another id
    info = bundles.publish(model)
    return info, consider(store, settings_of(store.home), bundles, served, info, NOW)


def events(store):
    return OperationsJsonl(store.home / OPERATIONS_FILE).every()


def champion(store):
    return find_served(store, Bundles(store.home))[-1]


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        (make_deaf, "planted_attacks"),
        (make_empty, "active_principals"),
        (put_nan, "numbers"),
        (put_infinity, "numbers"),
    ],
)
def test_a_model_that_is_worse_is_set_aside_and_told(store, spoil, name):
    was = champion(store)
    info, verdict = publish(store, spoil)
    assert not verdict.passed
    assert champion(store) == was
    assert list(Bundles(store.home).aside()) == [info.path.name]
    [event] = events(store)
    assert (event["kind"], event["model_id"], event["in_service"]) == ("model_refused", info.model_id, was.model_id)
    assert name in [figure["name"] for figure in event["figures"] if not figure["passed"]]
    assert f"models promote {info.model_id}" in event["text"]
    assert score(store, settings_of(store.home), NOW).model_id == was.model_id


def test_a_model_that_is_as_good_serves_and_nothing_is_told(store):
    info, verdict = publish(store, lambda model: None)
    assert verdict.passed
    assert champion(store) == info
    assert events(store) == []
    [planted] = [figure for figure in verdict.figures if figure.name == "planted_attacks"]
    assert planted.now == planted.was > 0


def test_numbers_that_are_none_are_not_put_in_service_where_nothing_serves(untrained_store):
    train(untrained_store, settings_of(untrained_store.home), NOW)
    bundles = Bundles(untrained_store.home)
    model = bundles.load(bundles.serving()[0], PRIORS)
    bundles.change(lambda found: found.set_aside(found.serving[0], "by hand, for a test"))
    put_nan(model)
    info = bundles.publish(model)
    verdict = consider(untrained_store, settings_of(untrained_store.home), bundles, [], info, NOW)
    assert "not finite" in verdict.why
    assert bundles.serving() == []


def test_training_goes_on_from_what_serves_and_not_from_what_was_refused(store):
    was = champion(store)
    publish(store, make_deaf)
    report = train(store, settings_of(store.home), START + timedelta(days=12, hours=1))
    assert report.stepped_from == was.model_id
    assert (report.served, report.in_service) == (True, report.model_id)
    assert report.gate is not None
    assert report.gate["passed"]


def test_a_person_may_put_in_service_what_was_refused(store):
    was = champion(store)
    info, _ = publish(store, make_deaf)
    assert promote_by_hand(store, Bundles(store.home), info, NOW) == []
    assert champion(store) == info
    assert [event["kind"] for event in events(store)] == ["model_refused", "model_promoted"]
    assert roll_back(store, Bundles(store.home), NOW) == (info, was)
    assert champion(store) == was


def test_what_a_person_took_out_no_training_puts_back(store):
    newer = train(store, settings_of(store.home), NOW)
    out, before = roll_back(store, Bundles(store.home), NOW)
    assert (out.model_id, champion(store)) == (newer.model_id, before)
    again = train(store, settings_of(store.home), NOW)
    assert (again.model_id, again.served, again.in_service) == (newer.model_id, False, before.model_id)
    assert "set aside by hand" in again.notes[0]
    promote_by_hand(store, Bundles(store.home), out, NOW)
    assert champion(store) == out


@pytest.mark.parametrize("what", ["model_promoted", "model_rolled_back"])
def test_what_a_person_changed_is_told_though_whoever_did_it_was_killed(store, monkeypatch, what):
    info = champion(store)
    train(store, settings_of(store.home), NOW)
    with monkeypatch.context() as killed:
        killed.setattr("pipeline.detect.promotion.tell_left", lambda *_: 1 / 0)
        bundles = Bundles(store.home)
        call = {"model_promoted": (promote_by_hand, info), "model_rolled_back": (roll_back,)}[what]
        with pytest.raises(ZeroDivisionError):
            call[0](store, bundles, *call[1:], NOW)
    assert [event["kind"] for event in events(store)] == []
    later = NOW + timedelta(hours=1)
    for _ in range(2):
        assert find_served(store, Bundles(store.home))[-1] == info
    [event] = events(store)
    assert (event["kind"], event["at"] < later.isoformat()) == (what, True)


def test_what_a_person_wanted_and_was_killed_before_is_not_told(store, monkeypatch):
    out = champion(store)
    newer = train(store, settings_of(store.home), NOW)
    with monkeypatch.context() as killed:
        killed.setattr(Bundles, "_seal", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            promote_by_hand(store, Bundles(store.home), out, NOW)
    assert champion(store).model_id == newer.model_id
    publish(store, make_deaf)  # the list is changed by somebody else
    assert champion(store).model_id == newer.model_id
    assert [event["kind"] for event in events(store)] == ["model_refused"]


def test_putting_an_older_one_in_service_sets_the_newer_aside(store):
    older = champion(store)
    newer = train(store, settings_of(store.home), NOW)
    assert promote_by_hand(store, Bundles(store.home), older, NOW) == [newer.model_id]
    assert champion(store) == older


def test_there_is_nothing_before_the_first_to_go_back_to(store):
    with pytest.raises(ModelError, match="oddtrail models promote ID"):
        roll_back(store, Bundles(store.home), NOW)


def test_comparing_changes_nothing(store):
    was = champion(store)
    newer = train(store, settings_of(store.home), NOW)
    bundles = Bundles(store.home)
    before = (bundles.folder / FILE).read_bytes()
    verdict = compare(store, settings_of(store.home), bundles, bundles.serving()[-1], was)
    assert verdict.as_dict() == newer.gate
    assert (bundles.folder / FILE).read_bytes() == before


def test_what_was_published_and_neither_serves_nor_was_set_aside_is_not_decided(store):
    bundles = Bundles(store.home)
    [served] = find_served(store, bundles)
    model = bundles.load(served, PRIORS)
    model.seed += 1
    new = bundles.publish(model)
    assert [info.model_id for info in find_decided(bundles)] == [served.model_id]
    consider(store, settings_of(store.home), bundles, [served], new, NOW)
    assert {info.model_id for info in find_decided(bundles)} == {served.model_id, new.model_id}
    (store.home / "models" / FILE).write_bytes(b"{}")
    assert len(find_decided(bundles)) == 2
