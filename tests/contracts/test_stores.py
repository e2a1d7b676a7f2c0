"""What every store promises, whatever it is made of."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from features.normalise.event import EVENT
from pipeline.errors import StoreError
from pipeline.ingest.set_aside import Aside, make_aside
from pipeline.ingest.sink import Batch
from pipeline.stores.home import open_store
from pipeline.stores.protocols import ActivityStore, EventStore, StateStore
from tests.pipeline.stores.rows import ACCOUNT, NOON, a_row, put

EVENT_STORES: dict[str, Callable[[Path], EventStore]] = {"parquet": lambda home: open_store(home).events}
ACTIVITY_STORES: dict[str, Callable[[Path], ActivityStore]] = {"parquet": lambda home: open_store(home).activity}
STATE_STORES: dict[str, Callable[[Path], StateStore]] = {"sqlite": lambda home: open_store(home).state}

DAY = timedelta(days=1)


@pytest.fixture(params=EVENT_STORES)
def events(request: pytest.FixtureRequest, tmp_path: Path) -> EventStore:
    return EVENT_STORES[request.param](tmp_path / "home")


@pytest.fixture(params=ACTIVITY_STORES)
def activity(request: pytest.FixtureRequest, tmp_path: Path) -> ActivityStore:
    return ACTIVITY_STORES[request.param](tmp_path / "home")


@pytest.fixture(params=STATE_STORES)
def state(request: pytest.FixtureRequest, tmp_path: Path) -> StateStore:
    return STATE_STORES[request.param](tmp_path / "home")


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def rows_of(events: EventStore, columns: str = "event_id", **bounds: Any) -> list[Any]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        events.view(connection, **bounds)
        return connection.execute(f"SELECT {columns} FROM events ORDER BY ALL").fetchall()


# events


def test_the_view_has_the_columns_of_an_event_in_their_order_with_and_without_rows(events, connection):
    for row in ([], [a_row()]):
        if row:
            put(events, *row)
        events.view(connection)
        found = connection.table("events").columns
        assert found == [column.name for column in EVENT]


def test_what_is_written_is_read_back_whole(events, connection):
    row = a_row(
        latitude=37.5,
        asn=64500,
        mfa=True,
        flags=["repaired"],
        resources=["bucket:a", "bucket:b"],
        session_start=NOON - DAY,
        raw=b'{"eventID":"x\x00"}',
        error_code=None,
    )
    put(events, row)
    events.view(connection)
    [found] = connection.table("events").to_arrow_table().to_pylist()
    assert found == {column.name: row[column.name] for column in EVENT}


def test_times_are_half_open(events):
    put(events, a_row(event_id="first", event_time=NOON), a_row(event_id="next", event_time=NOON + DAY))
    assert rows_of(events, since=NOON, until=NOON + DAY) == [("first",)]
    assert rows_of(events, since=NOON + DAY) == [("next",)]


def test_a_view_can_be_of_some_accounts(events):
    put(events, a_row(event_id="ours"), a_row(event_id="other", account="999900001111"))
    assert rows_of(events, accounts=["999900001111"]) == [("other",)]
    assert rows_of(events, accounts=[]) == []


@pytest.mark.parametrize("correction_first", [False, True])
def test_a_correction_overrides_its_original_whichever_comes_first(events, correction_first):
    original = a_row(event_id="o", error="", user_agent="aws-cli", resources=["key:1"], flags=["cut"], raw=b"original")
    correction = a_row(
        event_id="c", patches="o", error="denied", delivered_at=NOON + DAY, event_time=NOON, raw=b"correction"
    )
    for row in (correction, original) if correction_first else (original, correction):
        put(events, row)
    columns = "event_id, error, user_agent, resources, flags, patches, delivered_at"
    expected = ("o", "denied", "aws-cli", ["key:1"], ["cut", "updated"], "", NOON + timedelta(minutes=5))
    assert rows_of(events, columns) == [expected]
    assert events.get(["o", "c"]) == {"o": b"original", "c": b"correction"}


def test_the_latest_correction_counts_and_a_correction_alone_stands_for_its_original(events):
    put(events, a_row(event_id="c1", patches="o", error="denied", delivered_at=NOON + DAY))
    assert rows_of(events, "event_id, error") == [("o", "denied")]
    assert set(events.get(["o"])) == {"o"}
    put(events, a_row(event_id="c2", patches="o", error="throttle", delivered_at=NOON + 2 * DAY))
    put(events, a_row(event_id="bystander"))
    assert rows_of(events, "event_id, error") == [("bystander", ""), ("o", "throttle")]


def test_raw_records_are_found_by_id_and_missing_ones_left_out(events):
    put(events, a_row(event_id="x", raw=b'{"eventID":"x"}'), a_row(event_id="y"))
    assert events.get(["x", "gone"]) == {"x": b'{"eventID":"x"}'}
    assert events.get([]) == {}


@pytest.mark.parametrize("correction_first", [False, True])
def test_raw_records_are_found_within_the_bounds_of_their_events_wherever_their_corrections_lie(
    events, correction_first
):
    """A correction may come and even claim to have happened days later."""
    original = a_row(event_id="o", raw=b"original")
    correction = a_row(event_id="c", patches="o", event_time=NOON + 3 * DAY, raw=b"correction")
    orphan = a_row(event_id="d", patches="gone", event_time=NOON + 3 * DAY, raw=b"orphan")
    for row in (correction, orphan, original) if correction_first else (original, correction, orphan):
        put(events, row)
    put(events, a_row(event_id="x", account="999900001111", raw=b"other"))
    bounds = {"since": NOON, "until": NOON + DAY, "accounts": [ACCOUNT]}
    assert rows_of(events, **bounds) == [("o",)]
    assert events.get(["o"], **bounds) == {"o": b"original"}
    assert events.get(["gone"], **bounds) == {"gone": b"orphan"}
    assert events.get(["o", "c"], **bounds) == {"o": b"original", "c": b"correction"}
    assert events.get(["x"], since=NOON) == {"x": b"other"}


def test_accounts_that_are_no_accounts_stay_inside_the_store(events, tmp_path):
    put(events, a_row(event_id="x", account="../../../escaped"))
    assert rows_of(events, "account") == [("../../../escaped",)]
    assert rows_of(events, "event_id", accounts=["../../../escaped"]) == [("x",)]
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_impossible_times_make_no_days_of_their_own(events, tmp_path):
    rows = [a_row(event_time=NOON.replace(year=2070 + n), flags=["future"]) for n in range(20)]
    rows += [a_row(event_time=NOON.replace(year=1970 + n), flags=["past"]) for n in range(20)]
    put(events, *rows)
    assert len(rows_of(events)) == 40
    assert rows_of(events, until=NOON.replace(year=1971)) != []


def test_pruning_forgets_days_before_and_keeps_the_rest(events):
    put(events, *[a_row(event_id=str(day), event_time=NOON + day * DAY) for day in range(3)], digest="d" * 64)
    assert events.prune((NOON + DAY).date(), NOON) == 1
    assert rows_of(events) == [("1",), ("2",)]
    assert events.known(["d" * 64]) == {"d" * 64}, "a pruned file is not taken in again"


def test_merging_small_segments_changes_no_row(events):
    for number in range(9):
        put(events, *[a_row(event_id=f"{number}-{n}", principal=f"p{n % 3}") for n in range(5)])
    before = rows_of(events, "*")
    with events.writing(NOON):
        assert events.compact(NOON) > 0
    assert rows_of(events, "*") == before


def test_a_reader_keeps_reading_what_it_has_opened_while_a_writer_merges(events, connection):
    for number in range(6):
        put(events, a_row(event_id=str(number)))
    events.view(connection)
    with events.writing(NOON):
        events.compact(NOON)
    put(events, a_row(event_id="later"))
    assert connection.execute("SELECT count(*) FROM events").fetchone() == (6,)


def test_what_is_held_is_told_by_account_and_day(events):
    other = {"account": "999900001111"}
    put(events, a_row(), a_row(), a_row(event_time=NOON + 2 * DAY), a_row(**other))
    assert events.days() == [(ACCOUNT, NOON.date()), (ACCOUNT, (NOON + 2 * DAY).date()), ("999900001111", NOON.date())]
    ours, theirs = events.accounts()
    assert ours == (ACCOUNT, 3, "2026-03-02", "2026-03-04", 2)
    assert theirs == ("999900001111", 1, "2026-03-02", "2026-03-02", 1)


def test_an_account_day_has_another_version_whenever_its_events_are_others(events):
    def versions() -> list[str]:
        return [events.version(account, day) for account, day in events.days()]

    put(events, a_row(event_id="x"), a_row(event_time=NOON + DAY))
    first = versions()
    assert versions() == first
    assert len(set(first)) == 2
    put(events, a_row(event_id="y"))
    second = versions()
    assert second[0] != first[0]
    assert second[1] == first[1]
    put(events, a_row(event_id="x", delivered_at=NOON))
    assert versions()[0] not in (first[0], second[0]), "the earlier delivery took the place of the other"


def test_what_pruning_would_forget_is_counted(events):
    put(events, *[a_row(event_time=NOON + day * DAY) for day in range(3)])
    assert events.count_before(NOON.date()) == 0
    assert events.count_before((NOON + 2 * DAY).date()) == 2
    assert events.prune((NOON + 2 * DAY).date(), NOON) == 2
    assert events.count_before((NOON + 9 * DAY).date()) == 1


@pytest.mark.parametrize("kind", ["set_aside", "other"])
def test_records_that_are_no_event_are_shown_with_every_field_and_empty_at_first(events, connection, kind):
    events.view_asides(connection, kind)
    assert connection.table(kind).columns == list(Aside._fields)
    assert connection.execute(f"SELECT * FROM {kind}").fetchall() == []
    kept = [
        make_aside(b"%d" % n, file="f", origin="o", position=n, reason="r", account=ACCOUNT, delivered_at=at)
        for n, at in enumerate((NOON, None))
    ]
    with events.writing(NOON):
        events.commit(Batch([], list(events.sink.keep(kind, kept, NOON))), NOON)
    events.view_asides(connection, kind)
    told = connection.table(kind).order("position").to_arrow_table().to_pylist()
    assert [Aside(**row) for row in told] == kept
    assert rows_of(events) == []


# activity


def table(*calls: int) -> pa.Table:
    return pa.table({"principal": [f"p{n}" for n in range(len(calls))], "calls": list(calls)})


def test_an_account_day_is_rewritten_whole(activity, connection):
    monday = date(2026, 3, 2)
    activity.write(ACCOUNT, monday, {"joint": table(1, 2), "touched": table()}, NOON)
    activity.write(ACCOUNT, monday, {"joint": table(7)}, NOON)
    activity.view(connection)
    assert connection.execute("SELECT calls FROM joint").fetchall() == [(7,)]
    assert connection.execute("SELECT count(*) FROM touched").fetchall() == [(0,)]
    assert activity.days() == [(ACCOUNT, monday)]


def test_activity_is_read_by_day_and_account(activity, connection):
    for day in (2, 3, 4):
        activity.write(ACCOUNT, date(2026, 3, day), {"joint": table(day)}, NOON)
    activity.write("999900001111", date(2026, 3, 3), {"joint": table(99)}, NOON)
    activity.view(connection, since=date(2026, 3, 3), until=date(2026, 3, 4), accounts=[ACCOUNT])
    assert connection.execute("SELECT calls FROM joint").fetchall() == [(3,)]
    activity.view(connection, since=date(2027, 1, 1))
    assert connection.execute("SELECT calls FROM joint").fetchall() == []


def test_activity_of_some_account_days_is_read_alone(activity, connection):
    for day in (2, 3, 4):
        activity.write(ACCOUNT, date(2026, 3, day), {"joint": table(day)}, NOON)
    activity.write("999900001111", date(2026, 3, 3), {"joint": table(99)}, NOON)
    for only, read in (([(ACCOUNT, date(2026, 3, 4)), ("999900001111", date(2026, 3, 3))], [(4,), (99,)]), ([], [])):
        activity.view(connection, only=only)
        assert connection.execute("SELECT calls FROM joint ORDER BY 1").fetchall() == read


def test_an_account_day_has_another_version_whenever_it_is_rewritten(activity):
    activity.write(ACCOUNT, date(2026, 3, 2), {"joint": table(1), "touched": table(2)}, NOON)
    activity.write(ACCOUNT, date(2026, 3, 3), {"joint": table(1)}, NOON)
    before = activity.versions()
    activity.write(ACCOUNT, date(2026, 3, 2), {"touched": table(2)}, NOON)
    after = activity.versions()
    assert list(before) == list(after) == activity.days()
    assert [key for key in after if after[key] != before[key]] == [(ACCOUNT, date(2026, 3, 2))]


def test_the_name_of_a_table_is_a_name(activity):
    with pytest.raises(ValueError, match="activity table"):
        activity.write(ACCOUNT, date(2026, 3, 2), {"../joint": table(1)}, NOON)


# state


def test_settings_are_remembered(state):
    assert state.setting("k", 5) == 5
    state.put_setting("k", {"a": [1, None]})
    assert state.setting("k") == {"a": [1, None]}


def test_settings_of_account_days_are_forgotten_but_those_that_are_named(state):
    monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
    gone = [f"known/{ACCOUNT}/{monday}", f"known/999900001111/{tuesday}", "known/unknown/2026-03-02"]
    others = [
        f"known/{ACCOUNT}/{tuesday}",
        f"known/read/{ACCOUNT}/{monday}",
        "known/read",
        "known",
        f"k/{ACCOUNT}/{monday}",
    ]
    for key in (*gone, *others):
        state.put_setting(key, 7)
    assert set(state.settings_of_days("known")) == {
        (ACCOUNT, monday), (ACCOUNT, tuesday), ("999900001111", tuesday), ("unknown", monday)
    }  # fmt: skip
    assert state.settings_of_days("known/read") == {(ACCOUNT, monday): 7}
    assert state.forget_days("known", but=[(ACCOUNT, tuesday), (ACCOUNT, tuesday + DAY)]) == 3
    assert [key for key in (*gone, *others) if state.setting(key) == 7] == others
    assert state.forget_days("known", but=[(ACCOUNT, tuesday)]) == 0
    assert state.forget_days("known/read", but=[]) == 1


def test_a_lease_has_one_holder_until_it_expires(state):
    span = timedelta(minutes=5)
    assert state.acquire("score", "one", now=NOON, span=span) == 1
    assert state.acquire("score", "two", now=NOON, span=span) is None
    assert state.acquire("score", "one", now=NOON + timedelta(minutes=4), span=span) == 1, "renewed, the token stays"
    assert state.acquire("score", "two", now=NOON + timedelta(minutes=8), span=span) is None
    assert state.acquire("score", "two", now=NOON + timedelta(minutes=9), span=span) == 2


def test_a_lease_given_back_can_be_taken_at_once_with_a_greater_token(state):
    assert state.acquire("score", "one", now=NOON, span=DAY) == 1
    state.release("score", "two")
    assert state.acquire("score", "two", now=NOON, span=DAY) is None
    state.release("score", "one")
    assert state.acquire("score", "two", now=NOON, span=DAY) == 2


def test_a_worker_that_slept_through_its_lease_cannot_write_its_checkpoint(state):
    assert state.checkpoint("score") is None
    state.put_checkpoint("score", {"hour": 8}, token=2)
    with pytest.raises(StoreError, match="newer worker"):
        state.put_checkpoint("score", {"hour": 7}, token=1)
    state.put_checkpoint("score", {"hour": 9}, token=2)
    assert state.checkpoint("score") == {"hour": 9}
