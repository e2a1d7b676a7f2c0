"""Which rows give way to an earlier delivery of the same event."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

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
    assert Duplicates().find_later({old: "day", new: "day"}, [new]) == {old: ["y"], new: ["x"]}


def test_of_deliveries_of_one_time_origin_and_position_decide(tmp_path: Path) -> None:
    files = [
        a_file(tmp_path / f"{n}.parquet", late("x", 1, origin=origin, position=position, file=str(n)))
        for n, (origin, position) in enumerate([("b", 1), ("a", 7), ("a", 3)])
    ]
    later = Duplicates().find_later(dict.fromkeys(files, "day"), files)
    assert later == {files[0]: ["x"], files[1]: ["x"]}


def test_ids_are_compared_within_an_account_day_only(tmp_path: Path) -> None:
    files = {a_file(tmp_path / f"{day}.parquet", late("x", 1)): day for day in "ab"}
    assert Duplicates().find_later(files, list(files)) == {}


@pytest.mark.parametrize("fresh", ["one", "both"])
def test_without_a_common_id_nothing_leaves_and_one_engine_answers_again_and_again(tmp_path: Path, fresh: str) -> None:
    old, new = (a_file(tmp_path / f"{name}.parquet", late(name, 1)) for name in ("old", "new"))
    asked = Duplicates()
    for _ in range(3):
        assert asked.find_later({old: "day", new: "day"}, [new] if fresh == "one" else [old, new]) == {}


def test_what_lies_twice_among_the_old_is_no_matter_of_the_new(tmp_path: Path) -> None:
    """They were settled when they came; reading all of them again at each commit would take too long."""
    one, other, new = (
        a_file(tmp_path / f"{n}.parquet", late(event_id, n)) for n, event_id in enumerate(["x", "x", "y"])
    )
    assert Duplicates().find_later({one: "day", other: "day", new: "day"}, [new]) == {}
