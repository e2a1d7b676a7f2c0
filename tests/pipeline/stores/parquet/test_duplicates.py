"""Which rows give way to an earlier delivery of the same event."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.record.clash import name_apart
from pipeline.stores.parquet.duplicates import Duplicates
from pipeline.stores.parquet.schema import STORED
from tests.pipeline.stores.rows import NOON, a_row


def a_file(path: Path, *rows: dict[str, Any]) -> str:
    pq.write_table(pa.table({name: [row[name] for row in rows] for name in STORED.names}, STORED), path)
    return str(path)


def late(event_id: str, minutes: int, **given: Any) -> dict[str, Any]:
    return a_row(event_id=event_id, delivered_at=NOON + timedelta(minutes=minutes), **given)


def test_the_later_delivery_leaves_whichever_file_it_lies_in(tmp_path: Path) -> None:
    old = a_file(tmp_path / "old's.parquet", late("x", 1), late("y", 9), late("z", 1))
    new = a_file(tmp_path / "new.parquet", late("x", 5), late("y", 5), late("w", 5))
    assert Duplicates().settle({old: "day", new: "day"}, [new]).later == {old: ["y"], new: ["x"]}


def test_of_deliveries_of_one_time_origin_and_position_decide(tmp_path: Path) -> None:
    files = [
        a_file(tmp_path / f"{n}.parquet", late("x", 1, origin=origin, position=position, file=str(n)))
        for n, (origin, position) in enumerate([("b", 1), ("a", 7), ("a", 3)])
    ]
    later = Duplicates().settle(dict.fromkeys(files, "day"), files).later
    assert later == {files[0]: ["x"], files[1]: ["x"]}


def test_ids_are_compared_within_an_account_day_only(tmp_path: Path) -> None:
    files = {a_file(tmp_path / f"{day}.parquet", late("x", 1)): day for day in "ab"}
    assert Duplicates().settle(files, list(files)) == ({}, {})


@pytest.mark.parametrize("fresh", ["one", "both"])
def test_without_a_common_id_nothing_leaves_and_one_engine_answers_again_and_again(tmp_path: Path, fresh: str) -> None:
    old, new = (a_file(tmp_path / f"{name}.parquet", late(name, 1)) for name in ("old", "new"))
    asked = Duplicates()
    for _ in range(3):
        assert asked.settle({old: "day", new: "day"}, [new] if fresh == "one" else [old, new]) == ({}, {})


def test_what_lies_twice_among_the_old_is_no_matter_of_the_new(tmp_path: Path) -> None:
    """They were settled when they came; reading all of them again at each commit would take too long."""
    one, other, new = (
        a_file(tmp_path / f"{n}.parquet", late(event_id, n)) for n, event_id in enumerate(["x", "x", "y"])
    )
    assert Duplicates().settle({one: "day", other: "day", new: "day"}, [new]) == ({}, {})


def says(event_id: str, minutes: int, name: str, **given: Any) -> dict[str, Any]:
    return late(event_id, minutes, raw=f'{{"eventName": "{name}"}}'.encode(), **given)


def test_what_says_something_else_under_an_id_that_is_taken_stays_by_another(tmp_path: Path) -> None:
    old, new = a_file(tmp_path / "old", says("x", 1, "A")), a_file(tmp_path / "new", says("x", 5, "B"))
    name = name_apart("x", b'{"eventName": "B"}')
    assert Duplicates().settle({old: "day", new: "day"}, [new]) == ({}, {new: {"x": name}})


def test_the_later_is_told_apart_whichever_came_first_and_a_third_that_says_the_same_leaves(tmp_path: Path) -> None:
    old = a_file(tmp_path / "old", says("x", 5, "B"))
    new = a_file(tmp_path / "new", says("x", 1, "A"))
    name = name_apart("x", b'{"eventName": "B"}')
    assert Duplicates().settle({old: "day", new: "day"}, [new]) == ({}, {old: {"x": name}})
    kept = [a_file(tmp_path / "1", says("x", 1, "A")), a_file(tmp_path / "2", says(name, 5, "B"))]
    again = a_file(tmp_path / "3", says("x", 9, "B"))
    assert Duplicates().settle(dict.fromkeys([*kept, again], "day"), [again]) == ({again: ["x"]}, {})


def test_other_bytes_that_say_the_same_and_a_correction_are_no_other_record(tmp_path: Path) -> None:
    old = a_file(tmp_path / "old", says("x", 1, "A"), says("y", 1, "A"))
    spaced = late("x", 5, raw=b'{ "eventName":"A", "more": 1}')
    new = a_file(tmp_path / "new", spaced, says("y", 5, "B", patches="y"))
    assert Duplicates().settle({old: "day", new: "day"}, [new]) == ({new: ["x", "y"]}, {})
