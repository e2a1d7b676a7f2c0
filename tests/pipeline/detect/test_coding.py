"""Tables of a day become codes in the order in which their rows stand."""

from datetime import timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from features.times.day import day_number
from features.times.instant import micros
from models.baseline import SEPARATOR
from models.detectors.hours import COLUMNS
from models.model import Model
from models.priors import AttackPriors
from pipeline.datafiles import read_attack_priors
from pipeline.detect.activity import Activity, Delivered
from pipeline.detect.coding import _member, coded, coded_hours
from tests.worlds import START, a_company, an_event, as_person, table


@pytest.fixture(scope="module")
def activity():
    connection = duckdb.connect()
    connection.register("events", table(a_company(days=3, people=4, roles=4)))
    return Activity.of_events(connection, by_tick=True)


@pytest.fixture
def model():
    return Model(day_number(START.date()), AttackPriors.from_dict(read_attack_priors()))


def test_codes_stand_for_what_the_rows_say(activity, model):
    for day in activity.days():
        delivered = activity.delivered(day)
        rows, active, hourly = coded(delivered, model, activity.members())
        baseline, tokens = model.baseline, delivered.tokens
        named = zip(tokens["dimension"].to_pylist(), tokens["value"].to_pylist(), strict=True)
        assert [baseline.token(code) for code in rows.token.tolist()] == list(named)
        assert [baseline.principals.values[code] for code in rows.principal] == tokens["principal"].to_pylist()
        assert [baseline.accounts.values[code] for code in rows.account] == tokens["account"].to_pylist()
        assert [baseline.dimensions.values[code] for code in active.dimension] == delivered.active[
            "dimension"
        ].to_pylist()
        assert sorted(hourly.counts[:, 0].tolist()) == sorted(delivered.hourly["calls"].to_pylist())


def test_an_hours_vector_says_what_its_rows_say(activity, model):
    delivered = activity.delivered(activity.days()[1])
    _, _, hourly = coded(delivered, model, activity.members())
    hours = coded_hours(delivered, model, hourly)
    names = [model.baseline.principals.values[code] for code in hours.principal.tolist()]
    assert names == delivered.closed["principal"].to_pylist()
    calls = dict.fromkeys(zip(names, hours.hour.tolist(), strict=True), 0)
    for row in delivered.hourly.to_pylist():
        calls[row["principal"], int(row["hour"].timestamp()) // 3600] += row["calls"]
    assert dict(zip(calls, hours.values[:, COLUMNS.index("calls")].tolist(), strict=True)) == calls
    assert hours.values[:, COLUMNS.index("regions")].tolist() == delivered.closed["regions"].to_pylist()
    assert (hours.week == [24 + hour % 24 for hour in hours.hour.tolist()]).all()  # a Tuesday


def test_what_comes_when_an_hour_has_closed_is_not_in_its_vector(model):
    on_time = a_company(days=1, people=1, roles=1)
    nine = START + timedelta(hours=9, minutes=30)
    late = an_event(
        **as_person("person0"), action="s3:ListBuckets", event_time=nine, delivered_at=START + timedelta(hours=12)
    )
    alone = {**late, "event_time": START + timedelta(hours=2), "event_id": "alone"}
    second = {**alone, "delivered_at": START + timedelta(hours=13), "event_id": "second"}

    def vectors(rows, **how):
        connection = duckdb.connect()
        connection.register("events", table(rows))
        activity = Activity.of_events(connection, **how)
        delivered = activity.delivered(START.date())
        _, _, hourly = coded(delivered, model, activity.members())
        return coded_hours(delivered, model, hourly)

    before, after = vectors(on_time, by_tick=True), vectors([*on_time, late, alone, second], by_tick=True)
    added = after.hour - before.hour.min() == 2
    mine = added & (after.tick == micros(START + timedelta(hours=12)))
    assert mine.sum() == 1
    assert after.values[mine, COLUMNS.index("calls")].tolist() == [1.0]  # as of the first tick it came at
    assert (after.where(~mine).values == before.values).all()


def test_a_vocabulary_grows_in_the_order_of_the_rows(activity, model):
    tokens = activity.delivered(activity.days()[0]).tokens
    coded(Delivered(tokens, *empty(activity)), model, activity.members())
    named = zip(tokens["dimension"].to_pylist(), tokens["value"].to_pylist(), strict=True)
    assert model.baseline.tokens.column().to_pylist() == list(dict.fromkeys(SEPARATOR.join(pair) for pair in named))


def test_of_several_levels_of_a_new_token_the_first_rows_counts(activity, model):
    tokens = activity.delivered(activity.days()[0]).tokens
    twice = pa.concat_tables([tokens.set_column(4, "level", pa.array(["odd"] * len(tokens))), tokens])
    assert tokens.column_names[4] == "level"
    coded(Delivered(twice, *empty(activity)), model, activity.members())
    assert {model.baseline.level(code) for code in range(len(model.baseline.tokens))} == {"odd"}


def test_counts_stand_in_the_order_of_codes_whatever_that_of_names_is(activity, model):
    """Names come in another order than they were enrolled in, and from whoever hands tables over in any order."""
    delivered = activity.delivered(activity.days()[1])
    names = sorted(set(delivered.tokens["principal"].to_pylist()))
    model.enrol([_member(activity.members()[name]) for name in names[::-1]])
    _, _, hourly = coded(delivered, model, activity.members())
    keys = [hourly.principal, hourly.hour, hourly.tick]
    assert (np.lexsort(keys[::-1]) == np.arange(len(hourly))).all()
    assert hourly.principal[0] != model.baseline.principals.get(delivered.hourly["principal"][0].as_py())
    mixed = np.random.default_rng(1).permutation(len(hourly))
    shuffled = Delivered(delivered.tokens, delivered.active, delivered.hourly.take(mixed), delivered.closed)
    _, _, again = coded(shuffled, model, activity.members())
    assert [getattr(again, name).tolist() for name in again.__slots__] == [
        getattr(hourly, name).tolist() for name in hourly.__slots__
    ]


def test_a_day_without_deliveries_is_no_rows(activity, model):
    nothing = activity.delivered((START + timedelta(days=90)).date())
    rows, active, hourly = coded(nothing, model, activity.members())
    assert (len(rows), len(active.principal), len(hourly)) == (0, 0, 0)
    assert rows.token.dtype == np.int64


def test_days_made_ahead_are_the_days_asked_for(activity):
    days = activity.days()
    ahead = list(activity.each(days))
    assert len(ahead) == len(days) == 3
    for day, made in zip(days, ahead, strict=True):
        assert made.tokens.equals(activity.delivered(day).tokens)
        assert made.tokens.num_rows > 0
    assert list(activity.each([])) == []


def empty(activity):
    """No active hours and no counts."""
    nothing = activity.delivered((START + timedelta(days=90)).date())
    return nothing.active, nothing.hourly, nothing.closed
