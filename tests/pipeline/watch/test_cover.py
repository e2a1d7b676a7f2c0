"""Coverage is what the store holds, whatever happened on the way: one record an hour and account."""

import random
import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import StoreError
from pipeline.stores.home import Store, open_store
from pipeline.stores.sqlite.arrivals import Arrived
from pipeline.stores.sqlite.coverage import Coverage
from pipeline.watch.cover import WATCHED, cover
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, put

OTHER = "444455556666"
LATENESS, HOUR, MINUTE = timedelta(minutes=15), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "home")


_count = iter(range(10**9))


def land(store: Store, *rows: dict, file: str = "") -> None:
    file = file or f"f{next(_count):015d}"
    put(store.events, *({**row, "file": file} for row in rows), digest=file.ljust(64, "0"))


def settle(store: Store, **came: datetime) -> None:
    """Files are settled, some as late."""
    late = [Arrived(file, int(at.timestamp() * 1e6), 0) for file, at in came.items()]
    store.arrivals.settle(store.arrivals.waiting(), late, forget_before=0)


def told(store: Store) -> list[tuple]:
    return [(r.account, r.hour.strftime("%d %H"), r.seen, r.late, r.missing) for r in store.coverage.records()]


def test_each_hour_and_account_has_one_record_of_what_was_seen_late_and_missing(store):
    land(store, a_row(), a_row(), a_row(event_time=NOON + 2 * HOUR, account=OTHER))
    land(store, a_row(delivered_at=NOON + HOUR + LATENESS), a_row(delivered_at=NOON + HOUR + LATENESS + MINUTE))
    cover(store, LATENESS, NOON + 4 * HOUR + 14 * MINUTE)
    assert told(store) == [
        (ACCOUNT, "02 12", 4, 1, False),
        (ACCOUNT, "02 13", 0, 0, True),
        (ACCOUNT, "02 14", 0, 0, True),
        (OTHER, "02 14", 1, 0, False),
    ]
    cover(store, LATENESS, NOON + 4 * HOUR + 15 * MINUTE)  # the next hour is over, and its lateness
    assert told(store)[4:] == [(ACCOUNT, "02 15", 0, 0, True), (OTHER, "02 15", 0, 0, True)]


def test_what_comes_of_an_hour_that_was_closed_is_counted_in_its_record(store):
    land(store, a_row(event_time=NOON - HOUR), a_row(event_time=NOON + HOUR))
    cover(store, LATENESS, NOON + 3 * HOUR)
    assert (ACCOUNT, "02 12", 0, 0, True) in told(store)
    land(store, a_row(delivered_at=NOON + 3 * HOUR))
    cover(store, LATENESS, NOON + 3 * HOUR)
    assert (ACCOUNT, "02 12", 1, 1, False) in told(store)


@pytest.mark.parametrize(
    ("delay", "late"), [(5 * MINUTE, 0), (75 * MINUTE, 0), (80 * MINUTE, 1), (26 * HOUR, 1), (timedelta(days=29), 1)]
)
def test_how_late_an_event_was_delivered_is_said_in_its_hours_record(store, delay, late):
    """Row 26 of the faults: the first two come before their hour is closed, a quarter after its end."""
    land(store, a_row(delivered_at=NOON + delay), a_row())
    cover(store, LATENESS, NOON + timedelta(days=30))
    assert told(store)[0] == (ACCOUNT, "02 12", 2, late, False)


def test_a_file_that_comes_later_than_its_name_says_is_late_once_that_is_known(store):
    land(store, a_row(), file="cd" * 8)
    cover(store, LATENESS, NOON + 3 * HOUR)
    assert told(store)[0] == (ACCOUNT, "02 12", 1, 0, False)
    settle(store, **{"cd" * 8: NOON + 2 * HOUR})
    assert cover(store, LATENESS, NOON + 3 * HOUR).counted == 1
    assert told(store)[0] == (ACCOUNT, "02 12", 1, 1, False)
    assert cover(store, LATENESS, NOON + 3 * HOUR).counted == 0


def test_duplicates_merged_segments_and_corrections_count_once(store):
    for number in range(12):
        land(store, a_row(event_id=str(number % 3), delivered_at=NOON + (20 - number) * MINUTE), file=f"{number:016d}")
        settle(store)
        cover(store, LATENESS, NOON + 3 * HOUR)
    assert told(store)[0] == (ACCOUNT, "02 12", 3, 0, False)
    land(store, a_row(event_id="new", patches="1"), file="ef" * 8)
    cover(store, LATENESS, NOON + 3 * HOUR)
    assert told(store)[0][2] == 3
    for number in range(40):
        land(store, a_row(), file=f"a{number:015d}")
    cover(store, LATENESS, NOON + 3 * HOUR)
    before = told(store)
    with store.events.writing(NOON):
        assert store.events.compact(NOON) > 10
    assert cover(store, LATENESS, NOON + 3 * HOUR).counted
    assert told(store) == before
    assert before[0][2] == 43


def test_what_is_pruned_keeps_its_records_and_a_time_that_cannot_be_right_has_none(store):
    land(store, a_row(), a_row(event_time=NOON + timedelta(days=3)), a_row(event_time=NOON, flags=["future"]))
    now = NOON + timedelta(days=4)
    cover(store, LATENESS, now)
    before = told(store)
    assert before[0] == (ACCOUNT, "02 12", 1, 0, False)
    store.events.prune((NOON + timedelta(days=2)).date(), now)
    cover(store, LATENESS, now)
    assert told(store) == before
    assert store.coverage.prune(NOON + timedelta(days=1)) == 24
    assert len(told(store)) == len(before) - 24
    assert not [r for r in store.coverage.regions() if r.hour < NOON + timedelta(days=1)]


def test_regions_have_the_minutes_in_which_anything_happened(store):
    evil = "aa-" + "x" * 300
    regions = [("us-east-1", 0), ("us-east-1", 59), ("us-gov-west-1", 7), ("", 1), (evil, 2), ("\x1b[2J\n", 3)]
    land(store, *(a_row(region=region, event_time=NOON + minute * MINUTE) for region, minute in regions))
    cover(store, LATENESS, NOON)
    assert [(r.region, r.seen, r.minutes) for r in store.coverage.regions()] == [
        ("", 1, 1 << 1),
        ("other", 2, 0b1100),
        ("us-east-1", 2, 1 | 1 << 59),
        ("us-gov-west-1", 1, 1 << 7),
    ]


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=50), -HOUR, -timedelta(days=40)])
def test_a_clock_that_jumps_and_comes_back_leaves_the_records_as_they_were(store, jump):
    land(store, a_row(event_time=NOON - 5 * HOUR), a_row())
    now = NOON + 3 * HOUR
    cover(store, LATENESS, now)
    before = told(store)
    cover(store, LATENESS, now + jump)
    land(store, a_row(event_time=NOON + HOUR), file="99" * 8)
    cover(store, LATENESS, now + jump)
    cover(store, LATENESS, now)
    assert told(store) == sorted(
        [*(row for row in before if row[1] != "02 13"), (ACCOUNT, "02 13", 1, 0, False)], key=lambda row: row[1]
    )


def test_an_account_is_watched_no_more_once_it_said_nothing_for_long(store):
    land(store, a_row(), a_row(event_time=NOON + WATCHED, account=OTHER))
    cover(store, LATENESS, NOON + WATCHED + 2 * HOUR)
    cover(store, LATENESS, NOON + WATCHED + 9 * HOUR)
    last = {record.account: record.hour for record in store.coverage.records()}
    assert last[OTHER] == NOON + WATCHED + 7 * HOUR
    assert last[ACCOUNT] < NOON + WATCHED


@pytest.mark.parametrize("seed", range(3))
def test_killed_anywhere_records_are_in_the_end_what_the_store_holds(store, seed, monkeypatch):
    draw = random.Random(seed)
    now, deaths = NOON + timedelta(days=3), 0
    write = Coverage._sum

    def dying(self, hour):
        nonlocal deaths
        if draw.random() < 0.05:
            deaths += 1
            raise sqlite3.OperationalError("killed")
        write(self, hour)

    monkeypatch.setattr(Coverage, "_sum", dying)
    for number in range(40):
        rows = [
            a_row(
                event_id=str(draw.randrange(60)),
                account=(account := draw.choice([ACCOUNT, OTHER])),
                event_time=NOON + (int(account[0]) * 7 + draw.randrange(60)) * HOUR,
            )
            for _ in range(draw.randrange(1, 6))
        ]
        rows = list({(row["account"], row["event_id"]): row for row in rows}.values())
        land(store, *rows, file=f"{number:016d}")
        if draw.random() < 0.7:
            settle(store)
        if draw.random() < 0.2:
            with store.events.writing(now):
                store.events.compact(now)
        for _ in range(3):
            try:
                cover(store, LATENESS, now)
                break
            except sqlite3.OperationalError:
                continue
    monkeypatch.undo()
    cover(store, LATENESS, now)
    assert deaths
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    store.events.view(connection)
    held = connection.execute("SELECT account, date_trunc('hour', event_time), count(*) FROM events GROUP BY ALL")
    records = store.coverage.records()
    assert {(account, hour.astimezone(UTC)): count for account, hour, count in held.fetchall()} == {
        (record.account, record.hour): record.seen for record in records if record.seen
    }
    assert max(Counter((record.account, record.hour) for record in records).values()) == 1
    for account in (ACCOUNT, OTHER):
        hours = [record.hour for record in records if record.account == account and record.closed]
        assert len(hours) == (hours[-1] - hours[0]) / HOUR + 1


def test_a_segment_that_cannot_be_read_is_told_and_nothing_is_noted(store):
    land(store, a_row())
    [file] = (store.home / "events").glob("*/*/*.parquet")
    content = file.read_bytes()
    file.write_bytes(content[:100])
    with pytest.raises(StoreError, match="cannot be read"):
        cover(store, LATENESS, NOON)
    assert told(store) == []
    file.write_bytes(content)
    cover(store, LATENESS, NOON)
    assert len(told(store)) == 1
