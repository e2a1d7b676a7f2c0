"""The SQL of the views: bounds, corrections, and names that no text breaks out of."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.normalise.event import EVENT
from pipeline.ingest.set_aside import ASIDE
from pipeline.stores.parquet.schema import SHAPE, STORED
from pipeline.stores.parquet.view import asides_sql, events_sql, instant, literal, parquet, segments_sql
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row


def a_file(path: Path, *rows: dict[str, Any]) -> str:
    pq.write_table(pa.table({name: [row[name] for row in rows] for name in STORED.names}, STORED), path)
    return str(path)


def asked(statement: str, columns: str = "event_id") -> list[Any]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Seoul'")
        connection.execute(statement)
        return connection.execute(f"SELECT {columns} FROM events ORDER BY ALL").fetchall()


@pytest.mark.parametrize("text", ["it's", "''; DROP TABLE events; --", "", "é\n\\"])
def test_a_text_is_only_ever_itself(text: str) -> None:
    assert duckdb.sql(f"SELECT {literal(text)}").fetchall() == [(text,)]


def test_an_instant_is_the_same_in_every_session() -> None:
    with duckdb.connect() as connection:
        for zone in ("UTC", "Asia/Seoul"):
            connection.execute(f"SET TimeZone = '{zone}'")
            assert connection.execute(f"SELECT epoch({instant(NOON)})").fetchall() == [(NOON.timestamp(),)]
    with pytest.raises(ValueError, match="no time zone"):
        instant(datetime(2026, 3, 2))


def test_folders_are_no_columns_and_names_may_hold_quotes(tmp_path: Path) -> None:
    folder = tmp_path / "it's" / "account=x" / "day=2026-01-01"
    folder.mkdir(parents=True)
    file = a_file(folder / "a.parquet", a_row())
    assert duckdb.sql(f"SELECT * FROM {parquet([file])}").columns == STORED.names
    assert asked(events_sql([file]), "account") == [(ACCOUNT,)]


def test_time_is_half_open_and_accounts_are_those_that_are_named(tmp_path: Path) -> None:
    hour = timedelta(hours=1)
    rows = [a_row(event_id=str(n), event_time=NOON + n * hour, account=str(n % 2)) for n in range(4)]
    file = a_file(tmp_path / "a.parquet", *rows)
    assert asked(events_sql([file], since=NOON + hour, until=NOON + 3 * hour)) == [("1",), ("2",)]
    assert asked(events_sql([file], accounts=["1", "it's"])) == [("1",), ("3",)]
    assert asked(events_sql([file], accounts=[])) == []


def test_a_correction_says_what_it_says_and_leaves_the_rest(tmp_path: Path) -> None:
    original = a_row(event_id="o", user_agent="aws-cli", error_code=None, flags=["cut"], resources=["key:1"], raw=b"o")
    correction = a_row(
        event_id="c", patches="o", error="denied", error_code="AccessDenied", event_time=NOON + timedelta(days=1),
        delivered_at=NOON + timedelta(days=2), flags=["late"], raw=b"c",
    )  # fmt: skip
    first, second = a_file(tmp_path / "o.parquet", original), a_file(tmp_path / "c.parquet", correction)
    columns = "event_id, epoch(event_time), user_agent, error, error_code, flags, resources, patches, raw"
    expected = [
        ("o", NOON.timestamp(), "aws-cli", "denied", "AccessDenied", ["cut", "late", "updated"], ["key:1"], "", b"c")
    ]
    assert asked(events_sql([first, second], [second]), columns) == expected
    assert asked(events_sql([first, second], [second], corrected=False), "event_id, error, raw") == [("o", "", b"o")]


def test_a_correction_that_came_first_is_the_event_as_it_was_delivered(tmp_path: Path) -> None:
    early = a_row(event_id="c", patches="o", error="denied", delivered_at=NOON)
    late = a_row(event_id="o", delivered_at=NOON + timedelta(days=1))
    file = a_file(tmp_path / "a.parquet", early, late)
    assert asked(events_sql([file], [file], corrected=False), "event_id, error, patches") == [("o", "denied", "")]


def test_without_files_there_are_the_columns_and_no_row() -> None:
    with duckdb.connect() as connection:
        connection.execute(events_sql([]))
        connection.execute(asides_sql("set_aside", []))
        for name, columns in (("events", EVENT), ("set_aside", ASIDE)):
            found = connection.table(name)
            assert found.columns == [column.name for column in columns]
            assert found.fetchall() == []


def test_empty_columns_have_the_types_of_filled_ones(tmp_path: Path) -> None:
    file = a_file(tmp_path / "a.parquet", a_row())
    with duckdb.connect() as connection:
        connection.execute(events_sql([file]))
        filled = connection.table("events").types
        connection.execute(events_sql([]))
        assert connection.table("events").types == filled


def test_a_view_is_made_anew_and_leaves_those_of_other_names(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(asides_sql("other", []))
        for count in (1, 2):
            rows = [a_row() for _ in range(count)]
            connection.execute(events_sql([a_file(tmp_path / f"{count}.parquet", *rows)]))
            assert connection.execute("SELECT count(*) FROM events").fetchall() == [(count,)]
        assert connection.table("other").fetchall() == []


def older(path: Path, *rows: dict[str, Any]) -> str:
    """A segment from before there was the column `session_name`."""
    file = a_file(path, *rows)
    pq.write_table(pq.read_table(file).drop_columns(["session_name"]), file)
    return file


def test_what_was_stored_before_there_was_a_column_has_nothing_there(tmp_path: Path) -> None:
    before = older(tmp_path / "0.parquet", a_row(event_id="before"))
    after = a_file(tmp_path / "1.parquet", a_row(event_id="after", session_name="ana"))
    columns = "event_id, session_name, principal"
    assert asked(events_sql([before]), columns) == [("before", None, "user/1")]
    both = [("after", "ana", "user/1"), ("before", None, "user/1")]
    assert asked(events_sql([before, after]), columns) == asked(events_sql([after, before]), columns) == both


def test_segments_of_todays_columns_are_read_as_they_are_beside_older_ones(tmp_path: Path) -> None:
    today = [a_file(tmp_path / f"{n}-{SHAPE}.parquet", a_row(event_id=n, session_name="ana")) for n in ("a", "b")]
    before = older(tmp_path / "0.parquet", a_row(event_id="before"))
    columns = "event_id, session_name"
    rows = [("a", "ana"), ("b", "ana")]
    assert asked(events_sql(today), columns) == rows
    assert asked(events_sql([before, *today]), columns) == sorted([*rows, ("before", None)])
    assert "union_by_name" not in segments_sql(today)
    assert segments_sql([*today, before]).count("union_by_name") == 1


def test_a_segment_that_says_it_has_todays_columns_and_has_not_is_an_error_that_names_it(tmp_path: Path) -> None:
    good = a_file(tmp_path / f"a-{SHAPE}.parquet", a_row())
    bad = older(tmp_path / f"b-{SHAPE}.parquet", a_row())
    with pytest.raises(duckdb.Error, match=f"b-{SHAPE}.parquet"):
        asked(events_sql([good, bad]), "session_name")


def test_a_correction_may_be_younger_than_a_column(tmp_path: Path) -> None:
    before = older(tmp_path / "0.parquet", a_row(event_id="o"))
    after = a_file(tmp_path / "1.parquet", a_row(event_id="c", patches="o", session_name="ana"))
    assert asked(events_sql([before, after], [after]), "event_id, session_name") == [("o", "ana")]
    assert asked(events_sql([before, after], [before, after], corrected=False), "event_id") == [("o",)]
