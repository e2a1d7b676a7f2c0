"""What is damaged is found, set aside, and comes back: from a copy, or by ingesting the same log files again."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.detect.refresh import refresh_activity
from pipeline.errors import StoreError
from pipeline.ingest import sources
from pipeline.ingest.run import ingest
from pipeline.stores.home import Store, open_store
from pipeline.stores.parquet.lock import writer_lock
from pipeline.stores.parquet.verify import Verified, verify
from tests.pipeline.cli.homes import NINE, a_record, write_trail

NOW = datetime(2026, 4, 1, tzinfo=UTC)
BROKEN = {"eventName": 7}
DAYS = 3


@pytest.fixture(params=["opened", "passed over unopened"], autouse=True)
def known_files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are known already are known by their content, or by where and since when they lie."""
    monkeypatch.setattr(sources, "_SETTLED", 1 << 62 if request.param == "opened" else -(1 << 62))


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    """Two files a day, each with records of its day, of the next, and one that is set aside."""
    for day in range(DAYS):
        for hour in (1, 2):
            at = NINE + timedelta(days=day, hours=hour)
            records = [a_record(at, f"Call{number}") for number in range(5)]
            write_trail(tmp_path / "trail", [*records, a_record(at + timedelta(days=1), "Late"), BROKEN], at)
    return tmp_path / "trail"


@pytest.fixture
def home(tmp_path: Path, trail: Path) -> Path:
    with open_store(tmp_path / "home") as store:
        for file in sorted(trail.rglob("*.json.gz")):
            take_in(store, file)
    return tmp_path / "home"


def take_in(store: Store, trail: Path) -> int:
    return ingest([trail], store.events, now=NOW).stored


def look(home: Path) -> Verified:
    with open_store(home) as store:
        return verify(store, NOW)


def rows(home: Path) -> list[Any]:
    """All that is stored, but for the time at which it was."""
    with open_store(home) as store, duckdb.connect() as connection:
        store.events.view(connection)
        events = connection.execute("SELECT * FROM events ORDER BY event_id").fetchall()
        store.events.view_asides(connection, "set_aside")
        return events + connection.execute("SELECT * FROM set_aside ORDER BY file, position").fetchall()


def _unlink(file: Path) -> None:
    file.unlink()


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _empty(file: Path) -> None:
    os.truncate(file, 0)


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)


def _swap(file: Path) -> None:
    file.write_bytes(next(other for other in file.parents[2].rglob("*.parquet") if other != file).read_bytes())


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _link(file: Path) -> None:
    target = file.with_suffix(".elsewhere")
    file.rename(target)
    file.symlink_to(target)


DAMAGES = (_unlink, _cut, _empty, _flip, _swap, _pipe, _link)
SEEN_AT_ONCE = (_unlink, _cut, _empty, _pipe, _link)
"""Damages that the file's name and size tell."""


def test_what_is_whole_is_found_whole(home: Path) -> None:
    report = look(home)
    assert (report.lost, report.activity, report.hashed, report.unlisted) == ([], [], 0, [])
    assert report.segments > DAYS
    assert report.bytes > 1000


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", ["events", "set_aside"])
def test_whatever_is_damaged_is_named_and_comes_back_with_its_log_files(
    home: Path, trail: Path, kind: str, damage: Callable[[Path], None]
) -> None:
    before = rows(home)
    file = sorted((home / kind).rglob("*.parquet"))[1]
    damage(file)
    report = look(home)
    assert [segment.path for segment, _ in report.lost] == [file.relative_to(home).as_posix()]
    assert report.asked >= 2
    assert report.origins
    assert len(rows(home)) < len(before), "the rest can be read"
    assert look(home).lost == report.lost, "it stays lost until it is mended"
    with open_store(home) as store:
        take_in(store, trail)
        assert store.manifest.count_files() == DAYS * 2
    assert rows(home) == before
    assert look(home).lost == []


@pytest.mark.parametrize("damage", SEEN_AT_ONCE)
def test_ingesting_the_same_files_mends_what_can_be_seen_without_a_look_at_everything(
    home: Path, trail: Path, damage: Callable[[Path], None]
) -> None:
    before = rows(home)
    for file in sorted(home.glob("*/account=*/day=*/*.parquet"))[::2]:
        damage(file)
    with open_store(home) as store:
        take_in(store, trail)
    assert rows(home) == before
    assert look(home).lost == []


def test_other_files_leave_what_is_damaged_listed_so_that_nothing_reads_on_in_silence(
    home: Path, tmp_path: Path
) -> None:
    _unlink(min((home / "events").rglob("*.parquet")))
    later = NINE + timedelta(days=20)
    write_trail(tmp_path / "more", [a_record(later)], later)
    with open_store(home) as store:
        assert take_in(store, tmp_path / "more") == 1
    with pytest.raises(StoreError, match="store verify"):
        rows(home)


def test_with_some_of_its_files_it_stays_lost_and_asks_for_the_others(home: Path, trail: Path, tmp_path: Path) -> None:
    before = rows(home)
    _flip(min((home / "events").glob("*/day=2026-03-03/*.parquet")))
    asked = look(home).asked
    some, *rest = sorted(path for path in trail.rglob("*.json.gz") if "03/03" in path.as_posix())
    with open_store(home) as store:
        take_in(store, some)
    report = look(home)
    assert report.lost
    assert report.asked == asked - 1
    with open_store(home) as store:
        for file in (*rest, trail):
            take_in(store, file)
    assert rows(home) == before
    assert look(home).lost == []


@pytest.mark.parametrize("meanwhile", ["nothing", "some of it", "ingested again"])
def test_what_is_put_back_from_a_copy_is_listed_again_and_nothing_twice(
    home: Path, trail: Path, tmp_path: Path, meanwhile: str
) -> None:
    before = rows(home)
    file = min((home / "events").glob("*/day=2026-03-03/*.parquet"))
    shutil.copy(file, tmp_path / "copy")
    _flip(file)
    assert look(home).lost
    with open_store(home) as store:
        if meanwhile == "some of it":
            take_in(store, min(path for path in trail.rglob("*.json.gz") if "03/03" in path.as_posix()))
        if meanwhile == "ingested again":
            take_in(store, trail)
    shutil.copy(tmp_path / "copy", file)
    report = look(home)
    assert (report.lost, report.asked) == ([], 0)
    assert report.taken_back == (meanwhile != "ingested again")
    assert rows(home) == before
    with open_store(home) as store:
        assert take_in(store, trail) == 0


def test_a_folder_that_was_away_loses_nothing_when_it_is_there_again(home: Path) -> None:
    before = rows(home)
    (home / "events").rename(home / "away")
    assert look(home).lost
    shutil.rmtree(home / "events", ignore_errors=True)
    (home / "away").rename(home / "events")
    assert look(home).lost == []
    assert rows(home) == before


def test_what_is_given_up_is_asked_for_no_more(home: Path, trail: Path) -> None:
    _flip(min((home / "events").rglob("*.parquet")))
    assert look(home).lost
    with open_store(home) as store:
        with store.manifest.transaction():
            assert store.manifest.give_up(NOW) == 1
        assert take_in(store, trail) == 0
    assert look(home).lost == []


def test_pruning_forgets_what_is_lost_of_those_days(home: Path) -> None:
    _flip(min((home / "events").rglob("*.parquet")))
    assert look(home).lost
    with open_store(home) as store, store.events.writing(NOW):
        store.events.prune(NINE.date() + timedelta(days=1), NOW)
    assert (look(home).lost, look(home).asked) == ([], 0)


def make_old(home: Path) -> None:
    """A home as an earlier version left it: no hashes, and nothing about where records went."""
    with sqlite3.connect(home / "state.sqlite") as connection:
        for table in ("digests", "sources", "lost", "again", "unsourced"):
            connection.execute(f"DROP TABLE {table}")
    connection.close()


def test_a_home_of_an_earlier_version_is_hashed_at_the_first_look(home: Path) -> None:
    before = rows(home)
    make_old(home)
    assert rows(home) == before
    report = look(home)
    assert (report.hashed, report.lost) == (report.segments, [])
    assert look(home).hashed == 0
    _flip(min((home / "events").rglob("*.parquet")))
    assert look(home).lost


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("damage", [_unlink, _cut])
def test_a_home_of_an_earlier_version_is_mended_by_ingesting_all_of_its_files(
    home: Path, trail: Path, damage: Callable[[Path], None], first: bool
) -> None:
    before = rows(home)
    make_old(home)
    damage(min((home / "events").rglob("*.parquet")))
    if first:
        assert look(home).asked == DAYS * 2
    with open_store(home) as store:
        take_in(store, trail)
    assert rows(home) == before
    assert look(home).lost == []


def test_damaged_activity_leaves_the_list(home: Path) -> None:
    with open_store(home) as store, duckdb.connect() as connection:
        given = {"timezone": "UTC", "lateness_minutes": 15, "now": NOW}
        made = refresh_activity(store, connection, **given)
        _flip(min((home / "activity").rglob("*.parquet")))
        report = verify(store, NOW)
        assert (len(report.activity), report.lost) == (1, [])
        assert verify(store, NOW).activity == []
        assert 0 < refresh_activity(store, connection, **given) < made


def test_compaction_gives_no_new_hash_to_what_was_changed(tmp_path: Path) -> None:
    with open_store(tmp_path / "home") as store:
        for number in range(8):
            write_trail(tmp_path / f"{number}", [a_record(NINE, f"Call{number}")], NINE + timedelta(minutes=number))
            if number == 3:
                [_flip(file) for file in list((tmp_path / "home" / "events").rglob("*.parquet"))[:1]]
            take_in(store, tmp_path / f"{number}")
        assert len(verify(store, NOW).lost) == 1


def test_strangers_are_counted_once_they_are_old(home: Path) -> None:
    stranger = min((home / "events").rglob("*.parquet")).with_name("stranger.parquet")
    shutil.copy(min((home / "events").rglob("*.parquet")), stranger)
    with open_store(home) as store, writer_lock(home / "writer.lock"):  # whoever writes would remove it first
        assert verify(store, datetime.now(UTC)).unlisted == []
        os.utime(stranger, (0, 0))
        assert verify(store, datetime.now(UTC)).unlisted == [stranger.relative_to(home).as_posix()]
