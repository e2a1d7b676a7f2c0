"""How much a model knows, counted from its bundle's files."""

import duckdb
import pytest

from features.times.day import day_number
from models.bundle import pack
from models.learnt import FILES, count_learnt
from models.priors import AttackPriors
from models.seal import BundleError
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity
from tests.models.test_bundle import KEY, walked
from tests.worlds import START, a_company, table


@pytest.fixture(scope="module")
def model():
    connection = duckdb.connect()
    connection.register("events", table(a_company(days=9, people=4, roles=3)))
    return walked(Activity.of_events(connection), AttackPriors.from_dict(read_attack_priors()), 9)


def test_the_numbers_are_those_of_the_model(model):
    found = count_learnt({name: content for name, content in pack(model, KEY) if name in FILES})
    assert (found.day, found.learnt_days) == (day_number(START.date()) + 9, model.learnt_days)
    assert (found.principals, found.active) == (len(model.members), 7)
    assert found.kinds == {"human": 4, "workload": 3}
    assert sum(found.groups.values()) == 7
    assert found.groups["person:Engineer"] == 4
    assert sum(found.values.values()) == len(model.baseline.tokens)
    assert found.values["country"] == 1
    assert (found.accounts, found.detectors) == (len(model.baseline.accounts.values), tuple(model.detectors))
    assert found.judged_days == len(model.history.days)


def test_a_model_in_parts_has_the_same_numbers(model, monkeypatch):
    whole = count_learnt(dict(pack(model, KEY)))
    monkeypatch.setattr("models.tables.MOST_ROWS", 4)
    files = dict(pack(model, KEY))
    assert {"tokens-0001.parquet", "principals-0001.parquet"} <= set(files)
    assert count_learnt(files) == whole


def test_who_was_first_active_in_the_week_before_is_new(model):
    model.baseline.first_day[0] = model.day - 1
    model.baseline.first_day[1:] = model.day - 8
    assert count_learnt(dict(pack(model, KEY))).new == 1


def test_files_that_are_not_as_written_say_so(model):
    files = dict(pack(model, KEY))
    for spoilt in ({}, files | {"meta.json": b"{}"}, files | {"principals.parquet": b"x"}):
        with pytest.raises(BundleError, match="not as this version writes it"):
            count_learnt(spoilt)
