"""Records that are no event, as Parquet."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from features.times.day import day_number
from features.times.instant import DAY
from pipeline.ingest.set_aside import Aside, make_aside
from pipeline.stores.parquet.asides import SCHEMA, write_asides
from pipeline.stores.parquet.segment import Segment

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACCOUNT, OTHER = "111122223333", "999900001111"


def an_aside(**given: Any) -> Aside:
    values = {"file": "f", "origin": "o", "position": 0, "reason": "r", "account": ACCOUNT, "delivered_at": NOON}
    return make_aside(given.pop("raw", b"{}"), **(values | given))


def written(folder: Path, *rows: Aside, now: datetime = NOON) -> Segment:
    [segment] = write_asides("other", rows, folder, now)
    return segment


def test_every_field_is_read_back(tmp_path: Path) -> None:
    rows = [an_aside(raw=b"\x00\xff", origin="é", position=-1), an_aside(delivered_at=None, reason="", account="")]
    segment = written(tmp_path, *rows)
    table = pq.read_table(tmp_path / segment.path, partitioning=None)
    assert table.schema.equals(SCHEMA)
    assert [Aside(**row) for row in table.to_pylist()] == rows
    assert (segment.kind, segment.rows, segment.bytes) == ("other", 2, (tmp_path / segment.path).stat().st_size)


def test_a_segment_is_of_its_latest_day_in_utc_and_the_undated_are_of_today(tmp_path: Path) -> None:
    east = timezone(timedelta(hours=9))
    days = [NOON, datetime(2026, 3, 4, 3, tzinfo=east), NOON - timedelta(days=9)]
    segment = written(tmp_path, *(an_aside(delivered_at=at) for at in days))
    assert segment.day == "2026-03-03"
    assert segment.first == segment.last == day_number(date(2026, 3, 3)) * DAY
    assert written(tmp_path, an_aside(delivered_at=None), now=NOON + timedelta(days=1)).day == "2026-03-03"


def test_a_segment_is_of_its_account_where_it_has_one(tmp_path: Path) -> None:
    assert written(tmp_path, an_aside(), an_aside()).account == ACCOUNT
    assert written(tmp_path, an_aside(), an_aside(account=OTHER)).account == "unknown"
    assert written(tmp_path, an_aside(account="../x")).account == "unknown"
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_nothing_is_no_segment(tmp_path: Path) -> None:
    assert write_asides("set_aside", [], tmp_path, NOON) == []
    assert list(tmp_path.iterdir()) == []
