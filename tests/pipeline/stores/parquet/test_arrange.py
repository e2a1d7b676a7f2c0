"""Rows are divided by account and day, sorted by principal and time, and each event is there once."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from pipeline.ingest.rows import ORIGIN
from pipeline.stores.parquet.arrange import ARRANGED_BY, FUTURE, PAST, Arrangement, Cut, arrange, code_column
from pipeline.stores.parquet.schema import STORED
from tests.pipeline.stores.rows import NOON, a_row

ONE, OTHER = "111122223333", "999900001111"


def arranged(*rows: dict[str, Any]) -> Arrangement:
    return arrange(pa.table({name: [row[name] for row in rows] for name in STORED.names}, STORED).select(ARRANGED_BY))


def test_each_account_and_day_is_one_cut_and_the_cuts_are_all_rows() -> None:
    accounts, days = (OTHER, ONE, "../x", "y"), (1, 0)
    found = arranged(*(a_row(account=a, event_time=NOON + timedelta(days=d)) for a in accounts for d in days))
    assert found.duplicates == 0
    assert found.cuts == [
        Cut(ONE, "2026-03-02", 0, 1), Cut(ONE, "2026-03-03", 1, 2),
        Cut(OTHER, "2026-03-02", 2, 3), Cut(OTHER, "2026-03-03", 3, 4),
        Cut("unknown", "2026-03-02", 4, 6), Cut("unknown", "2026-03-03", 6, 8),
    ]  # fmt: skip
    assert sorted(found.rows.tolist()) == list(range(8))


def test_a_cut_is_sorted_by_principal_and_then_by_time() -> None:
    told = [("b", 2), ("a", 3), ("é", 0), ("b", 1), ("a", 0)]
    rows = [a_row(principal=who, event_time=NOON + timedelta(minutes=minute)) for who, minute in told]
    found = arranged(*rows)
    assert [told[at] for at in found.rows.tolist()] == sorted(told)


@pytest.mark.parametrize(("flag", "day"), [("past", PAST), ("future", FUTURE)])
def test_impossible_times_share_a_day_of_their_own(flag: str, day: str) -> None:
    rows = [a_row(event_time=datetime(2070 + n, 1, 1, tzinfo=UTC), flags=["cut", flag]) for n in range(3)]
    assert [cut[1:] for cut in arranged(a_row(), *rows).cuts if cut.day == day] == [
        (day, 0, 3) if flag == "past" else (day, 1, 4)
    ]


def test_midnight_belongs_to_the_day_it_begins() -> None:
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    found = arranged(*(a_row(event_time=at) for at in (midnight, midnight - timedelta(microseconds=1))))
    assert [(cut.day, cut.stop - cut.start) for cut in found.cuts] == [("2026-03-02", 1), ("2026-03-03", 1)]


@pytest.mark.parametrize("seed", range(5))
def test_of_an_events_deliveries_the_first_stays_whatever_their_order(seed: int) -> None:
    chance = random.Random(seed)
    rows = [
        a_row(
            event_id=str(n % 7), delivered_at=NOON + timedelta(minutes=chance.randrange(2)), position=n,
            origin=chance.choice("ab"), account=chance.choice((ONE, OTHER)),
        )
        for n in range(60)
    ]  # fmt: skip
    first: dict[tuple[str, str], int] = {}
    for row in sorted(rows, key=lambda row: (row["delivered_at"], row[ORIGIN], row["position"])):
        first.setdefault((row["account"], row["event_id"]), row["position"])
    chance.shuffle(rows)
    found = arranged(*rows)
    assert {rows[at]["position"] for at in found.rows.tolist()} == set(first.values())
    assert found.duplicates == len(rows) - len(first)
    assert found.cuts[-1].stop == len(first)


def test_no_rows_are_no_cuts() -> None:
    found = arrange(STORED.empty_table())
    assert (found.rows.tolist(), found.cuts, found.duplicates) == ([], [], 0)


@pytest.mark.parametrize("encoded", [False, True])
def test_a_column_is_coded_whether_it_was_already_or_not(encoded: bool) -> None:
    column = pa.chunked_array([["b", "a"], ["b"]])
    values, codes = code_column(column.dictionary_encode().unify_dictionaries() if encoded else column)
    assert [values[code].as_py() for code in codes.tolist()] == ["b", "a", "b"]
    assert len(values) == 2
