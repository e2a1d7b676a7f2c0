"""One text finds the events it names, the newest first; what could not be looked at in time is gone on from."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from pipeline.reports import search_events as module
from pipeline.reports.search_events import ROWS, Searched, list_steps, search_events
from pipeline.stores.home import open_store
from pipeline.stores.parquet.segment import Segment
from tests import builders
from tests.builders import NINE, Event
from tests.pipeline.reports.test_source import a_home

ID = "0b9f6a54-7a4e-4a8c-9d2b-0a1b2c3d4e5f"
HOUR = timedelta(hours=1)
MICROS = 3_600_000_000


def an_event(at: datetime = NINE, **named: object) -> Event:
    return builders.an_event(at, **({"principal": "role/1/bot", "principal_name": "bot"} | named))


def search(home: Path, text: str, most: int = 10, **asked: object) -> Searched:
    with open_store(home, create=False) as store, duckdb.connect() as connection:
        connection.execute("SET timezone = 'UTC'")
        return search_events(store, connection, text, most, **asked)  # type: ignore[arg-type]


def ids(found: Searched) -> list[str]:
    return [row["event_id"] for row in found.rows]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_home(
        tmp_path_factory.mktemp("home"),
        an_event(NINE, event_id=ID, account="111122223333", action="s3:GetObject", principal_name="Ana"),
        an_event(NINE + HOUR, event_id="b", address="198.51.100.7", resources=["bucket:ledger", "key:it's"]),
        an_event(NINE + 30 * HOUR, event_id="c", address="2001:db8::7", session="ASIAEXAMPLEEXAMPLE12/2026"),
        an_event(NINE + 60 * HOUR, event_id="d", issued_key="AKIAEXAMPLEEXAMPLE34", principal="role/1/anaconda"),
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (ID, [ID]),
        (ID.upper(), [ID]),
        (" 198.51.100.7 ", ["b"]),
        ("2001:db8::7", ["c"]),
        ("ASIAEXAMPLEEXAMPLE12", ["c"]),
        ("AKIAEXAMPLEEXAMPLE34", ["d"]),
        ("s3:GetObject", [ID]),
        ("getobject", [ID]),
        ("ANA", ["d", ID]),
        ("ledger", ["b"]),
        ("bucket:ledger", ["b"]),
        ("it's", ["b"]),
        ("ledge", []),
        ("ledger key", []),
        ("%", []),
        ("' OR true --", []),
    ],
)
def test_what_a_text_names_is_found_the_newest_first(home: Path, text: str, found: list[str]) -> None:
    told = search(home, text)
    assert ids(told) == found
    assert told.before is None


def test_an_account_is_read_alone(tmp_path: Path) -> None:
    events = [an_event(NINE, event_id=account, account=account) for account in ("111122223333", "444455556666")]
    assert ids(search(a_home(tmp_path, *events), "444455556666")) == ["444455556666"]


def test_who_goes_on_sees_every_event_once_however_many_fall_into_a_second(tmp_path: Path) -> None:
    events = [an_event(NINE + (n // 5) * HOUR, event_id=f"e{n:02}", principal="ana") for n in range(20)]
    home, seen, asked = a_home(tmp_path, *events), list[str](), dict[str, object]()
    for _ in range(20):
        told = search(home, "ana", most=3, **asked)
        seen += ids(told)
        if told.before is None:
            break
        asked = {"before": told.before, "skip": told.skip}
    assert len(seen) == 20
    assert sorted(seen) == [f"e{n:02}" for n in range(20)]
    assert [name for name in seen if name >= "e15"] == seen[:5]


def test_when_the_time_is_over_it_says_how_far_it_looked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.0, 0.1, 0.11])  # begun; one step from 0 to 0.1; another as long would end at 0.21
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    told = search(home, "ana", seconds=0.2, rows=1)
    assert ids(told) == ["d"]
    assert told.before == NINE + 60 * HOUR
    monkeypatch.undo()
    assert ids(search(home, "ana", before=told.before)) == [ID]


def test_steps_are_whole_hours_and_together_all_there_is() -> None:
    day = [Segment("a", "events", "1", "1970-01-01", 240, 1, 0, 0, 24 * MICROS - 1)]
    steps = list(list_steps(day, None, 100))
    assert [(start.hour, (end - start) / HOUR) for start, end in steps] == [(14, 10), (4, 10), (0, 4)]
    assert all(later[0] == earlier[1] for later, earlier in pairwise(steps))
    cut = list(list_steps(day, steps[0][1] - timedelta(hours=20, minutes=30), 100))
    assert [(end - start) / HOUR for start, end in cut] == [3.5]
    assert list(list_steps([], None, ROWS)) == []
