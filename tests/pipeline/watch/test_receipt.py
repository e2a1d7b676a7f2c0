"""The receipt of a day says what came and what became of it, once, whatever the clock does."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.delivery.dead_letter import DeadLetter, FolderDeadLetters
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.stores.home import Store, open_store
from pipeline.stores.sqlite.digest_files import Told
from pipeline.stores.unjudged import put_unjudged
from pipeline.stores.waits import Waits, note_waits
from pipeline.watch.cover import cover
from pipeline.watch.receipt import find_due, write_due
from tests.builders import an_alert
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, put

OTHER = "444455556666"
HOUR, DAY, LATENESS = timedelta(hours=1), timedelta(days=1), timedelta(minutes=15)
MORNING = datetime(2026, 3, 3, 0, 15, tzinfo=UTC)
"""The first moment at which the day of NOON is over."""


def settings_of(home: Path, **named) -> Settings:
    return Settings(home=home, threads=1, memory=2**30, **named)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "home")


def write(store: Store, now: datetime, **named):
    cover(store, LATENESS, now)
    return write_due(store, settings_of(store.home, **named), now, "20515-00ff")


def test_a_receipt_says_what_came_and_what_did_not(store, tmp_path):
    put(store.events, *(a_row(principal=f"user/{number % 3}") for number in range(5)))
    put(store.events, a_row(delivered_at=NOON + 5 * HOUR), a_row(account=OTHER, event_time=NOON + HOUR))
    put(store.events, a_row(event_time=NOON + DAY), a_row(event_time=NOON - DAY))
    (tmp_path / "bad.json").write_text('{"Records": [{"eventVersion": "1.08"}]}')
    ingest([tmp_path / "bad.json"], store.events, now=NOON)
    FolderDeadLetters(store.home / "dead_letters").put([DeadLetter("odd", "2026-03-02T00:00:00Z", "a", b"{")] * 2)
    store.alerts.append([an_alert("a1"), an_alert("a1", 2), an_alert("a2", raised=False), an_alert("a3", raised=False)])
    store.alerts.append([an_alert("a4", day="2026-03-01")])
    put_unjudged(store.state, NOON.date(), "delivered", 4)
    put_unjudged(store.state, NOON.date() - DAY, "landed", 9)
    for key, at in (("a", NOON), ("b", NOON + HOUR), ("c", NOON - DAY), ("d", NOON + DAY)):
        store.digest_files.put_finding(Told(key, "objects", at, 1, "text", False))
    note_waits(store.state, Waits("away", None), NOON, lambda: None)
    note_waits(store.state, None, NOON + HOUR, lambda: None)
    [receipt] = write(store, MORNING)
    assert receipt.as_dict() == {
        "deployment": "default",
        "day": "2026-03-02",
        "start": "2026-03-02T00:00:00Z",
        "end": "2026-03-03T00:00:00Z",
        "written_at": "2026-03-03T00:15:00Z",
        "model_id": "20515-00ff",
        "events": 7,
        "late": 1,
        "principals": 3,
        "accounts": [
            {"account": ACCOUNT, "events": 6, "late": 1, "missing_hours": 23},
            {"account": OTHER, "events": 1, "late": 0, "missing_hours": 10},
        ],
        "gaps": [],
        "set_aside": 1,
        "dead_letters": 2,
        "alerts_raised": 1,
        "alerts_held": 2,
        "never_judged": 4,
        "integrity_findings": 2,
        "integrity_waits": "away",
    }
    assert store.receipts.every() == [receipt]


def test_a_gap_is_told_on_each_day_that_it_reaches_into(store):
    start = NOON - 14 * DAY
    hours = [start + number * HOUR for number in range(16 * 24)]
    silent = [NOON + 2 * HOUR + number * HOUR for number in range(13)]
    rows = [a_row(event_time=hour) for hour in hours if hour not in silent for _ in range(10)]
    put(store.events, *rows)
    told = [*write(store, MORNING), *write(store, MORNING + DAY)]
    assert [receipt.day for receipt in told] == [date(2026, 3, 2), date(2026, 3, 3)]
    assert [(gap.start, gap.end, gap.expected) for gap in told[1].gaps] == [(silent[0], silent[-1] + HOUR, 130.0)]
    [gap] = told[0].gaps
    assert (gap.account, gap.start, gap.end) == (ACCOUNT, silent[0], MORNING.replace(minute=0))


def test_a_day_is_written_once_after_it_is_over_and_days_that_were_missed_are_made_up(store):
    put(store.events, a_row(), a_row(event_time=NOON + DAY))
    assert write(store, MORNING - timedelta(seconds=1)) == []
    assert [receipt.day for receipt in write(store, MORNING)] == [date(2026, 3, 2)]
    assert write(store, MORNING + 20 * HOUR) == []
    assert [receipt.day.day for receipt in write(store, MORNING + 4 * DAY)] == [3, 4, 5, 6]
    assert [receipt.day.day for receipt in store.receipts.every()] == [2, 3, 4, 5, 6]


def test_a_home_that_nothing_came_to_has_no_receipts(store):
    assert write(store, MORNING) == []


def test_killed_between_two_days_it_goes_on_with_the_second(store, monkeypatch):
    put(store.events, a_row(), a_row(event_time=NOON + DAY))
    write(store, MORNING)
    add = type(store.receipts).add

    def dying(self, receipt):
        if receipt.day.day == 4:
            raise KeyboardInterrupt
        add(self, receipt)

    monkeypatch.setattr(type(store.receipts), "add", dying)
    with pytest.raises(KeyboardInterrupt):
        write(store, MORNING + 3 * DAY)
    monkeypatch.undo()
    write(store, MORNING + 3 * DAY)
    assert [receipt.day.day for receipt in store.receipts.every()] == [2, 3, 4, 5]


def test_a_clock_that_was_ahead_leaves_no_half_a_day(store):
    put(store.events, a_row(), a_row(event_time=NOON + DAY))
    write(store, MORNING)
    [early] = write(store, MORNING + DAY + 6 * HOUR)  # the clock is a day ahead, and then is not
    assert (early.day.day, early.events) == (3, 1)
    put(store.events, a_row(event_time=NOON + DAY + HOUR))
    assert write(store, MORNING + 6 * HOUR) == []
    [right] = write(store, MORNING + DAY)
    assert (right.day.day, right.events) == (3, 2)
    assert [(receipt.day.day, receipt.events) for receipt in store.receipts.every()] == [(2, 1), (3, 2)]
    assert find_due(store, settings_of(store.home), MORNING + DAY + 6 * HOUR) == []


def test_the_day_is_the_deployments(store):
    put(store.events, a_row(event_time=datetime(2026, 3, 1, 15, tzinfo=UTC)), a_row())
    seoul = {"timezone": "Asia/Seoul"}
    assert write(store, datetime(2026, 3, 2, 15, 14, tzinfo=UTC), **seoul) == []
    [receipt] = write(store, datetime(2026, 3, 2, 15, 15, tzinfo=UTC), **seoul)
    assert (receipt.day, receipt.events, receipt.start.hour) == (date(2026, 3, 2), 2, 15)
