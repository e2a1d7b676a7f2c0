"""`oddtrail store`: what is kept, and forgetting it."""

import json
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.stores.fetched import Fetched, put_fetched
from pipeline.stores.home import open_store
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import NINE, a_home, a_record


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return a_home(tmp_path, [a_record(NINE), a_record(NINE + timedelta(days=2))])


def test_what_is_held_is_counted_by_account(home: Path) -> None:
    held = answer("store", "info", "--home", home)
    assert held["events"] == 2
    assert held["bytes"] > 0
    [row] = held["accounts"]
    assert (row["account"], row["first"], row["last"], row["days"]) == ("111122223333", "2026-03-02", "2026-03-04", 2)
    assert "2 events of 1 file," in run("store", "info", "--home", home).stdout


def test_activity_that_was_fetched_is_told_with_where_from(home: Path) -> None:
    with open_store(home) as store:
        store.activity.write("111122223333", NINE.date(), {"joint": pa.table({"calls": [1]})}, NINE)
        put_fetched(store.state, "111122223333", NINE.date(), Fetched({}, "s3://shared/\x1b[31mprod", {}, stands=True))
    shown = run("store", "info", "--home", home).stdout
    assert "Activity of 1 account-day was fetched from s3://shared/\\x1b[31mprod." in shown


def test_forgetting_can_be_tried_first(home: Path) -> None:
    for arguments, events in ((["--dry-run"], 2), ([], 1)):
        told = answer("store", "prune", "--before", "2026-03-04", "--home", home, *arguments)
        assert told == {"before": "2026-03-04", "events": 1, "dry_run": bool(arguments)}
        assert answer("store", "info", "--home", home)["events"] == (2 if arguments else events)


def test_compacting_loses_nothing(home: Path) -> None:
    assert answer("store", "compact", "--home", home)["files_saved"] == 0
    assert answer("store", "info", "--home", home)["events"] == 2


def test_what_is_whole_is_found_whole(home: Path) -> None:
    told = answer("store", "verify", "--home", home)
    assert told["segments"] == 2
    assert (told["lost"], told["activity"], told["files_to_ingest_again"]) == ([], [], 0)
    assert "2 files, 0.0 MB: all are as they were written." in run("store", "verify", "--home", home).stdout


def test_what_is_damaged_is_named_and_is_exit_code_1(home: Path) -> None:
    segment = min((home / "events").rglob("*.parquet"))
    segment.write_bytes(segment.read_bytes()[:-1])
    result = run("store", "verify", "--home", home, "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    [lost] = told["lost"]
    assert lost["path"] == segment.relative_to(home).as_posix()
    assert (lost["account"], lost["day"], lost["records"]) == ("111122223333", "2026-03-02", 1)
    assert lost["found"].startswith("was cut")
    assert told["files_to_ingest_again"] == len(told["for_example"]) == 1


def test_what_cannot_be_brought_back_can_be_given_up(home: Path) -> None:
    min((home / "events").rglob("*.parquet")).unlink()
    assert run("store", "verify", "--home", home).exit_code == 1
    assert answer("store", "verify", "--give-up", "--home", home)["given_up"] == 1
    assert answer("store", "verify", "--home", home)["lost"] == []
