"""What the Parquet store of events promises beyond the contract: which files it opens, and what it says of damage."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipeline.errors import StoreError
from pipeline.stores.home import Store, open_store
from pipeline.stores.parquet.columns import arrange_rows
from pipeline.stores.parquet.files import open_segment, write_parquet
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, make_rows, put

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
    reads = (
        lambda: store.events.view(duckdb.connect()),
        lambda: store.events.get(["x"]),
        lambda: put(store.events, a_row(event_id="y")),
    )
    for read in reads:
        with pytest.raises(StoreError) as told:
            read()
        line = str(told.value)
        assert file.name in line
        assert "\n" not in line
        assert "SELECT" not in line
        assert "oddtrail doctor" not in line, "doctor itself may be what reads"
        assert "back from a copy" in line


@pytest.mark.parametrize("error", [MemoryError("malloc"), pa.ArrowMemoryError("malloc"), OSError(24, "Too many files")])
def test_what_the_machine_lacks_is_no_damage_of_a_file(store, error):
    put(store.events, a_row(event_id="x"))
    [file] = files(store)
    with pytest.raises(type(error)), open_segment(file):
        raise error


def test_what_has_no_dictionary_is_compressed(store):
    put(store.events, a_row(event_id="x", latitude=1.5, longitude=2.5, asn=64500))
    with open_segment(files(store)[0]) as file:
        group = file.metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    plain = {column.path_in_schema for column in columns if "RLE_DICTIONARY" not in column.encodings}
    assert {"raw", "latitude", "longitude", "asn", "event_time"} <= plain
    assert {column.compression for column in columns if column.path_in_schema in plain} == {"ZSTD"}
    assert {column.compression for column in columns if column.path_in_schema in ("kind", "region")} == {"UNCOMPRESSED"}


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


def test_settling_merging_and_looking_up_load_no_pandas(store):
    """Ingestion has no use for it, and it takes longer to load than a small batch takes to store."""
    for number in range(6):
        put(store.events, a_row(event_id=f"x{number}"), a_row(event_id=f"y{number}"))
    write_parquet(arrange_rows(make_rows([a_row(event_id="x1"), a_row(event_id="z")]))[0], store.home / "batch.parquet")
    work = f"""
import sys
from datetime import datetime, UTC
from pathlib import Path
from pipeline.stores.home import open_store
from pipeline.ingest.sink import Batch
from pipeline.stores.parquet.files import read_segment
from pipeline.stores.parquet.segments import write_events
home, now = Path({str(store.home)!r}), datetime(2026, 3, 2, 13, tzinfo=UTC)
events = open_store(home).events
with events.writing(now):
    segments, _ = write_events(read_segment(home / "batch.parquet"), events.staging)
    print(*events.commit(Batch([], segments), now), events.compact(now), len(events.get(["x1", "y1", "z"])))
print("pandas" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", work], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1", "6", "3", "False"]
