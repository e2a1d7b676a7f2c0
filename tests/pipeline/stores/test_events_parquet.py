"""What the Parquet store of events promises beyond the contract: which files it opens, and what it says of damage."""

from pathlib import Path

import duckdb
import pytest

from pipeline.errors import StoreError
from pipeline.stores.home import Store, open_store
from tests.pipeline.stores.rows import NOON, a_row, put


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
    with pytest.raises(StoreError) as told:
        store.events.view(duckdb.connect())
    line = str(told.value)
    assert file.name in line
    assert "\n" not in line
    assert "SELECT" not in line
    assert "oddtrail doctor" not in line, "doctor itself may be what reads"
    assert "back from a copy" in line
