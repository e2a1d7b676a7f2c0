"""A row is a drill's by its id and the hash of its bytes; what could be real is never left out."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipeline.stores.jsonl.drills import Drill, DrillEvent
from pipeline.stores.parquet.drilled import find_rows, tell_apart

AT = datetime(2026, 3, 14, 10, tzinfo=UTC)
SHA = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""Of abc."""
DRILL = Drill(
    id="1", at=AT, technique="mining", degree="loud", principal_key="idc/ann", principal_name="ann",
    events=(DrillEvent("a", SHA), DrillEvent("b", SHA)), first=AT, last=AT, expires=AT,
)  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "found", "whole"),
    [
        ([("a", "f", "abc"), ("b", "f", "abc"), ("c", "f", "abc")], ["a", "b"], ["a", "b"]),
        ([("a", "f", "abd"), ("b", "f", "abc")], ["b"], ["b"]),
        ([("a", "f", "abc"), ("a", "g", "other")], ["a"], []),
        ([("a", "f", "abc"), ("a", "f", "other")], [], []),
        ([], [], []),
    ],
)
def test_rows_of_a_drill(tmp_path: Path, rows: list[tuple[str, str, str]], found: list[str], whole: list[str]) -> None:
    connection, file = duckdb.connect(), str(tmp_path / "events.parquet")
    connection.execute("CREATE TABLE events (event_id VARCHAR, file VARCHAR, raw BLOB)")
    for event_id, of, raw in rows:
        connection.execute("INSERT INTO events VALUES (?, ?, ?)", [event_id, of, raw.encode()])
    connection.execute(f"COPY events TO '{file}' (FORMAT parquet)")
    ours = find_rows(connection, [file], [DRILL])
    assert [event_id for event_id, _ in ours] == found
    assert [event_id for event_id, _ in find_rows(connection, [file], [DRILL], whole=True)] == whole
    kept, left = (
        connection.execute(f"SELECT count(*) FROM events WHERE {tell_apart(ours, keep=keep) or 'true'}").fetchall()
        for keep in (True, False)
    )
    assert (kept[0][0], left[0][0]) == (len(found), len(rows) - len(found))
