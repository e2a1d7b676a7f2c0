"""What the Parquet store of events promises beyond the contract: which files it opens, and what it says of damage."""

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import StoreError
from pipeline.stores.home import Store, open_store
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, put

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "home")


def files(store: Store) -> list[Path]:
    return sorted((store.home / "events").glob("account=*/day=*/*.parquet"))


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_bytes(b"PAR1")])
def test_a_damaged_file_is_named_in_one_line_that_is_right_for_any_reader(store, damage):
    put(store.events, a_row(event_id="x"))
    [file] = files(store)
    damage(file)
    reads = (lambda: store.events.view(duckdb.connect()), lambda: store.events.get(["x"]))
    for read in reads:
        with pytest.raises(StoreError) as told:
            read()
        line = str(told.value)
        assert file.name in line
        assert "\n" not in line
        assert "SELECT" not in line
        assert "oddtrail doctor" not in line, "doctor itself may be what reads"
        assert "back from a copy" in line


def test_raw_records_are_looked_up_only_in_segments_that_may_hold_them(store):
    put(store.events, a_row(event_id="x", raw=b"record"))
    for elsewhere in ({"event_time": NOON - DAY}, {"event_time": NOON + DAY}, {"account": "999900001111"}):
        put(store.events, a_row(**elsewhere))
    for file in files(store):
        if f"account={ACCOUNT}/day=2026-03-02" not in file.as_posix():
            file.unlink()
    bounds = {"since": NOON, "until": NOON + timedelta(hours=1), "accounts": [ACCOUNT]}
    assert store.events.get(["x", "gone"], **bounds) == {"x": b"record"}
    assert store.events.get(["x"], since=NOON + 9 * DAY) == {}
    with pytest.raises(StoreError):
        store.events.get(["x"])
