"""The query that an alert shows: what the store holds now, each event once, whatever its principals are called."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.alerts.events import read_events, read_raw, write_query
from pipeline.settings import Settings
from pipeline.stores.home import Store, open_store
from tests.builders import a_reason, an_alert
from tests.pipeline.render.hostile import HOSTILE
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, put

HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "home")


def found(store: Store, *principals: str) -> list[tuple[Any, ...]]:
    """Action and error of each event that the query finds."""
    names: dict[str, Any] = {}
    exec(write_query(store.home, [ACCOUNT], principals or ["user/1"], NOON, NOON + HOUR), names)
    return [(row[1], row[2]) for row in names["found"].fetchall()]


def test_it_finds_what_its_principals_did_in_its_hours_in_the_order_it_happened(store: Store) -> None:
    put(
        store.events,
        a_row(action="iam:CreateUser", event_time=NOON + timedelta(minutes=9)),
        a_row(action="iam:ListUsers", principal="user/2"),
        a_row(action="s3:GetObject", principal="user/3"),
        a_row(action="s3:PutObject", account="999900001111"),
        a_row(action="ec2:RunInstances", event_time=NOON - timedelta(seconds=1)),
        a_row(action="ec2:StopInstances", event_time=NOON + HOUR),
    )
    assert found(store, "user/1", "user/2") == [("iam:ListUsers", ""), ("iam:CreateUser", "")]
    assert found(store, "nobody") == []


def test_after_a_compaction_each_event_stands_once(store: Store) -> None:
    for number in range(9):
        put(store.events, a_row(action=f"s3:Action{number}"))
    with store.events.writing(NOON):
        assert store.events.compact(NOON) > 0
    files = list((store.home / "events").glob("account=*/day=*/*.parquet"))
    assert len(files) == 10, "the replaced files still lie beside the one that replaced them"
    assert sorted(found(store)) == [(f"s3:Action{number}", "") for number in range(9)]


def test_what_was_pruned_is_gone_although_its_file_is_still_there(store: Store) -> None:
    put(store.events, a_row())
    store.events.prune((NOON + timedelta(days=1)).date(), NOON)
    assert list((store.home / "events").glob("account=*/day=*/*.parquet"))
    assert found(store) == []


def test_a_correction_stands_in_the_row_it_corrects(store: Store) -> None:
    put(store.events, a_row(event_id="o", action="iam:CreateUser"))
    put(store.events, a_row(event_id="c", patches="o", action="iam:CreateUser", error="denied"))
    assert found(store) == [("iam:CreateUser", "denied")]


@pytest.mark.parametrize("name", [name for name in HOSTILE if "\ud800" not in name] + ['""")', "\\", "'''", "o'neill"])
def test_a_name_is_only_ever_a_name(store: Store, name: str) -> None:
    put(store.events, a_row(principal=name), a_row(principal="bystander"))
    text = write_query(store.home, [ACCOUNT], [name], NOON, NOON + HOUR)
    assert text.replace("\n", "").isprintable()
    assert found(store, name) == [("iam:ListUsers", "")]


def test_it_runs_as_it_is_pasted_wherever_one_is(store: Store, tmp_path: Path) -> None:
    put(store.events, a_row(event_id="x", action="iam:CreateAccessKey"))
    alert = an_alert(event_ids=["x"], accounts=[ACCOUNT], window_start=NOON, window_end=NOON + HOUR)
    shown = read_events(store.events, Settings(home=store.home, threads=1, memory=2**30), alert)
    assert shown.total == 1
    done = subprocess.run(
        [sys.executable, "-"], input=shown.query, capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert "iam:CreateAccessKey" in done.stdout


def test_its_records_are_read_in_the_order_they_happened_as_they_were_delivered(store: Store) -> None:
    put(store.events, a_row(event_id="later", event_time=NOON + timedelta(minutes=9), raw=b"later"))
    put(store.events, a_row(event_id="o", raw=b"original"), a_row(event_id="bystander", raw=b"bystander"))
    put(store.events, a_row(event_id="c", patches="o", event_time=NOON + 48 * HOUR, raw=b"correction"))
    put(store.events, a_row(event_id="c", patches="lost", event_time=NOON, raw=b"all there is"))
    ids = ["later", "lost", "o"]
    alert = an_alert(event_ids=ids, accounts=[ACCOUNT], window_start=NOON, window_end=NOON + HOUR)
    found = read_events(store.events, Settings(home=store.home, threads=1, memory=2**30), alert)
    assert [row["event_id"] for row in found.rows] == ids
    assert read_raw(store.events, alert, found) == [b"all there is", b"original", b"later"]


def test_what_came_after_the_last_revision_and_shows_a_reason_is_read_as_well(store: Store) -> None:
    odd = {"principal": "user/1", "prefix": "203.0.113.0/24", "agent": "python-requests"}
    put(store.events, a_row(event_id="first", action="iam:CreateUser", write=True, **odd))
    later = NOON + 2 * HOUR + timedelta(minutes=9)
    put(store.events, a_row(event_id="late", action="s3:PutObject", event_time=later, raw=b"late", **odd))
    put(store.events, a_row(event_id="usual", principal="user/1", prefix="198.51.100.0/24"))
    put(store.events, a_row(event_id="bystander", **(odd | {"principal": "user/2"})))
    network = a_reason(dimension="prefix", value="203.0.113.0/24", nats=5.0)
    user = a_reason(dimension="write", value="iam:CreateUser", nats=3.0)
    alert = an_alert(
        event_ids=["first"], accounts=[ACCOUNT], principal_key="user/1", day=NOON.date().isoformat(),
        window_start=NOON, window_end=NOON + HOUR, reasons=[network, user],
    )  # fmt: skip
    found = read_events(store.events, Settings(home=store.home, threads=1, memory=2**30), alert)
    assert [row["event_id"] for row in found.rows] == ["first", "late"]
    assert [(weight.nats, weight.events) for weight in found.reasons] == [(5.0, {"first", "late"}), (3.0, {"first"})]
    assert found.until == NOON + 3 * HOUR
    assert found.total == 3
    assert len(read_raw(store.events, alert, found)) == 2
