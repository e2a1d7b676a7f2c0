"""What a day showed survives as columns, and the ledger of the day after stands on it as on the original."""

from dataclasses import fields

import numpy as np
import pytest

from models.bundle import pack, unpack
from models.items import Items
from models.priors import AttackPriors
from models.standing import Evidence
from models.yesterday import TABLES, from_columns, to_columns
from pipeline.datafiles import read_attack_priors
from pipeline.detect.walk import Walk
from tests.walks import a_model, an_activity
from tests.worlds import a_company, a_theft, as_person

KEY = b"k" * 32
PRIORS = AttackPriors.from_dict(read_attack_priors())


@pytest.fixture(scope="module")
def model():
    activity = an_activity(a_company(days=9, people=3, roles=2) + a_theft(8, victim=as_person("person1")))
    walk, members, days = Walk(a_model()), activity.members(), activity.days()
    for delivered in activity.each(days):
        walk.step(delivered, members)
    return walk.model


def same(one: Evidence, other: Evidence) -> None:
    for name in (f.name for f in fields(Items)):
        mine, theirs = getattr(one.items, name), getattr(other.items, name)
        assert (mine.dtype, mine.tobytes()) == (theirs.dtype, theirs.tobytes()), name
    for name in type(one.volumes).__slots__:
        assert getattr(one.volumes, name).tobytes() == getattr(other.volumes, name).tobytes(), name
    rest = ("day", "pieces", "circle", "prior", "newcomers", "traces")
    assert [getattr(one, name) for name in rest] == [getattr(other, name) for name in rest]


def test_what_a_day_showed_is_in_its_models_bundle_to_the_bit(model) -> None:
    assert min(map(len, (model.yesterday.items, model.yesterday.volumes, model.yesterday.traces))) > 0
    same(unpack(dict(pack(model, KEY)), KEY, PRIORS).yesterday, model.yesterday)


def test_a_day_that_showed_nothing_survives_too(model) -> None:
    nothing, none = model.yesterday, np.zeros(0, dtype=np.int64)
    empty = Evidence(8, nothing.items.where(none), [], [], nothing.volumes.where(none), {}, frozenset())
    tables = to_columns(empty)
    assert tuple(tables) == TABLES
    same(from_columns(8, tables), empty)


def test_a_model_that_judged_no_day_has_no_yesterday() -> None:
    assert unpack(dict(pack(a_model(), KEY)), KEY, PRIORS).yesterday is None
