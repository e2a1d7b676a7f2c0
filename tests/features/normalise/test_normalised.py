"""What came of some records."""

from collections import Counter
from typing import Any

from features.call.principal import make_principal
from features.call.session import Session
from features.normalise.event import EVENT
from features.normalise.normalised import COLUMNS, OF_CALL, OF_CALLER, OF_ROW, USUAL_DELAY, Normalised
from features.normalise.rare import RareValues

FROM_FILE = {"country", "city", "latitude", "longitude", "asn", "organisation", "network", "file"}
CALLER = (make_principal("role", "workload", "role/1/A", "app"), Session(), ("", "invalid", ""), ("none", ""))
CALL = ("ec2", "ec2:X", "read", False, "verb", "", "1", "", "Management")


def add(done: Normalised, *positions: int, flagged: tuple[int, ...] = ()) -> None:
    rare, count = RareValues(), len(positions)
    rare.flag("cut", flagged)
    own: dict[str, list[Any]] = {
        "position": list(positions), "raw": [memoryview(b"{}")] * count, "event_id": [f"e{at}" for at in positions],
        "event_time": [1_000_000] * count, "resources": [()] * count,
    }  # fmt: skip
    done.add_rows([CALLER] * count, [CALL] * count, own, rare)


def test_the_columns_are_those_of_the_event_schema_but_for_the_files_and_places() -> None:
    assert set(COLUMNS) == {column.name for column in EVENT} - FROM_FILE
    assert len(COLUMNS) == len(set(COLUMNS))
    assert [len(CALLER[at]) for at in range(4)] == [len(names) for names in OF_CALLER]
    assert len(CALL) == len(OF_CALL)


def test_nothing_has_all_columns() -> None:
    done = Normalised()
    assert (len(done), done.other, list(done.columns)) == (0, Counter(), list(COLUMNS))
    assert not any(done.columns.values())


def test_rows_are_added_in_order_and_what_is_rare_goes_with_them() -> None:
    done = Normalised()
    add(done, 0, 1, flagged=(1,))
    add(done, 5, 7, flagged=(0,))
    assert (len(done), done.own["position"]) == (4, [0, 1, 5, 7])
    assert done.rare_rows("flags") == {1: (("cut",),), 2: (("cut",),)}
    assert done.rare_rows("error_code") == {}
    assert done.columns["flags"] == [(), ("cut",), ("cut",), ()]
    assert (done.columns["error"], done.columns["error_code"]) == ([""] * 4, [None] * 4)


def test_raw_is_bytes_whatever_it_is_held_as() -> None:
    done = Normalised()
    add(done, 0)
    assert done.columns["raw"] == [b"{}"]
    assert set(done.own) == set(OF_ROW)


def test_delivery_is_told_or_usual() -> None:
    told, untold = Normalised(delivered_at=7), Normalised()
    add(told, 0)
    add(untold, 0)
    assert told.columns["delivered_at"] == [7]
    assert untold.columns["delivered_at"] == [1_000_000 + USUAL_DELAY]


def test_other_kinds_are_counted_by_name() -> None:
    done = Normalised(others=[(0, "digest"), (4, "insight"), (9, "digest")])
    assert done.other == Counter(digest=2, insight=1)
