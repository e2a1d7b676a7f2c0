"""What a store holds, from its list of files alone."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from pipeline.reports.store_info import describe
from pipeline.stores.fetched import Fetched, put_fetched
from pipeline.stores.home import open_store
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, put


def test_an_empty_store_holds_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        held = describe(store)
    nothing = {"account_days": 0, "first": None, "last": None, "fetched": {}}
    assert held == {
        "home": str(tmp_path), "events": 0, "files": 0, "bytes": 0, "accounts": [], "activity": nothing, "kinds": {}
    }  # fmt: skip


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


def test_activity_is_counted_with_where_it_came_from(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for day in (2, 3, 4):
            store.activity.write(ACCOUNT, date(2026, 3, day), {"joint": pa.table({"calls": [1]})}, NOON)
            put_fetched(store.state, ACCOUNT, date(2026, 3, day), Fetched({}, "/mnt/shared", {}, stands=day < 4))
        held = describe(store)["activity"]
    assert held == {
        "account_days": 3, "first": "2026-03-02", "last": "2026-03-04", "fetched": {"/mnt/shared": 2}
    }  # fmt: skip
