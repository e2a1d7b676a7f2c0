"""What a store holds, from its list of files alone."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from pipeline.reports.store_info import describe
from pipeline.stores.home import open_store
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, put


def test_an_empty_store_holds_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        held = describe(store)
    assert held == {"home": str(tmp_path), "events": 0, "files": 0, "bytes": 0, "accounts": [], "kinds": {}}


def test_events_files_and_bytes_are_counted_and_no_file_is_opened(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        put(store.events, a_row(), a_row(event_time=NOON + timedelta(days=3)))
        put(store.events, a_row(account="no account"))
        store.activity.write(ACCOUNT, date(2026, 3, 2), {"joint": pa.table({"calls": [1, 2]})}, NOON)
        size = sum(file.stat().st_size for file in tmp_path.rglob("*.parquet"))
        for file in tmp_path.rglob("*.parquet"):
            file.unlink()
        held = describe(store)
    assert (held["events"], held["files"], held["bytes"]) == (3, 2, size)
    assert held["accounts"] == [
        {"account": ACCOUNT, "events": 2, "first": "2026-03-02", "last": "2026-03-05", "days": 2},
        {"account": "unknown", "events": 1, "first": "2026-03-02", "last": "2026-03-02", "days": 1},
    ]
    assert {kind: (of["rows"], of["segments"]) for kind, of in held["kinds"].items()} == {
        "activity/joint": (2, 1),
        "events": (3, 3),
    }
