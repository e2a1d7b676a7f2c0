"""Fingerprints of what was known: any change of what was learnt shows, and nothing else does."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from features.activity.first_seen import WHERE, WHO
from features.activity.hourly import FILLED_COUNTS, FILLED_KEYS
from features.activity.statements import COUNTED, JOINT_KEYS, STATEMENTS, TOUCHED_KEYS, prelude
from pipeline.detect.known import KnownActivity, read_known
from pipeline.stores.home import Store, open_store
from tests.worlds import START, a_company, table

ACCOUNT, MONDAY, NOW = "111111111111", START.date(), START + timedelta(days=30)
FIRST, LATER = MONDAY, MONDAY + timedelta(days=2)
MEASURES = ("calls", "first", "last", "tick")
LEARNT = [
    *(("joint", column) for column in (*JOINT_KEYS, *MEASURES)),
    *(("touched", column) for column in (*TOUCHED_KEYS, *MEASURES)),
    *(("filled", column) for column in (*FILLED_KEYS, *FILLED_COUNTS)),
    *(("principals", column) for column in WHO),
    *(("places", column) for column in WHERE),
]


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    """Activity of two days of one account."""
    with duckdb.connect() as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.execute(prelude("UTC", 15))
        connection.register("events", table(a_company(days=2, people=2, roles=1)))
        connection.execute(COUNTED)
        return {name: connection.sql(f"{one} ORDER BY ALL").to_arrow_table() for name, one in STATEMENTS.items()}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "home")


def known(store: Store, tables: dict[str, pa.Table] | None = None, timezone: str = "UTC") -> KnownActivity:
    if tables is not None:
        store.activity.write(ACCOUNT, MONDAY, tables, NOW)
    with duckdb.connect() as connection:
        return read_known(store, connection, timezone=timezone, lateness_minutes=15)


def changed(table: pa.Table, column: str) -> pa.Table:
    """A table of which one value of the first row is another."""
    values: list[Any] = table[column].to_pylist()
    kind = type(values[0])
    other = {
        str: lambda value: value + "x", int: lambda value: value + 1, bool: lambda value: not value,
        datetime: lambda value: value - timedelta(minutes=5), date: lambda value: value - timedelta(days=1),
    }  # fmt: skip
    values[0] = other[kind](values[0])
    index = table.column_names.index(column)
    return table.set_column(index, column, pa.array(values, table.schema.field(column).type))


@pytest.mark.parametrize(("name", "column"), LEARNT)
def test_another_value_of_what_is_learnt_is_another_digest(store, tables, name: str, column: str) -> None:
    before = known(store, tables).digest(FIRST, LATER)
    assert known(store, tables | {name: changed(tables[name], column)}).digest(FIRST, LATER) != before


@pytest.mark.parametrize("name", ["joint", "touched", "filled", "principals", "places"])
def test_a_row_that_comes_or_goes_or_is_there_twice_is_another_digest(store, tables, name: str) -> None:
    whole = tables[name]
    others = [whole.slice(1), pa.concat_tables([whole, whole.slice(0, 1)])]
    digests = [known(store, tables | {name: one}).digest(FIRST, LATER) for one in (whole, *others)]
    assert len(set(digests)) == 3


def test_the_order_of_rows_and_what_is_counted_on_makes_no_difference(store, tables) -> None:
    before = known(store, tables).digest(FIRST, LATER)
    turned = {name: one.take(pa.array(range(one.num_rows), pa.int64())[::-1]) for name, one in tables.items()}
    turned["principals"] = changed(turned["principals"], "calls")
    turned["places"] = changed(changed(turned["places"], "calls"), "last")
    del turned["sessions"]
    assert known(store, turned).digest(FIRST, LATER) == before


def test_what_becomes_known_later_is_not_yet_learnt(store, tables) -> None:
    held = known(store, tables)
    assert held.days() == [MONDAY, MONDAY + timedelta(days=1)]
    tuesday = held.digest(FIRST, MONDAY + timedelta(days=1))
    rows = tables["joint"]
    late = rows.filter(pa.compute.greater(rows["known_on"], pa.scalar(MONDAY + timedelta(days=1))))
    assert known(store, tables | {"joint": pa.concat_tables([rows, late])}).digest(FIRST, LATER) != held.digest(
        FIRST, LATER
    )
    assert known(store, tables | {"joint": pa.concat_tables([rows, late])}).digest(
        FIRST, LATER - timedelta(days=1)
    ) == (tuesday)


def test_it_tells_account_days_by_what_became_known_when(store, tables) -> None:
    store.activity.write(ACCOUNT, MONDAY + timedelta(days=7), tables, NOW)
    store.activity.write("999900001111", MONDAY, {name: one.slice(0, 0) for name, one in tables.items()}, NOW)
    held = known(store)
    assert held.between(MONDAY, LATER) == {(ACCOUNT, MONDAY + timedelta(days=7))}
    assert held.between(LATER, LATER + timedelta(days=9)) == set()
    assert held.between(MONDAY - timedelta(days=9), MONDAY - timedelta(days=1)) == set()


def test_an_account_day_is_looked_into_once(store, tables, monkeypatch) -> None:
    first = known(store, tables)
    with monkeypatch.context() as patch:
        patch.setattr(type(store.activity), "view", lambda *_, **__: 1 / 0)
        assert known(store) == first
        with pytest.raises(ZeroDivisionError):
            known(store, timezone="Asia/Seoul")
    assert known(store, tables) == first, "written again, it is the same"


def test_what_is_known_of_an_account_day_goes_with_its_activity(store, tables) -> None:
    monday, tuesday = (f"known/{ACCOUNT}/{day}" for day in (MONDAY, MONDAY + timedelta(days=1)))
    store.activity.write(ACCOUNT, MONDAY + timedelta(days=1), tables, NOW)
    known(store, tables)
    store.events.prune(MONDAY + timedelta(days=9), NOW)
    known(store)
    assert None not in (store.state.setting(monday), store.state.setting(tuesday)), "events alone were forgotten"
    gone = [segment for segment in store.manifest.every("activity/*") if segment.day == str(MONDAY)]
    store.activity.forget_damaged(gone, now=NOW)
    known(store)
    assert (store.state.setting(monday), store.state.setting(tuesday) is None) == (None, False)
