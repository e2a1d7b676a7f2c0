"""Activity in a shared place: what is new is put and fetched, and both sides count alike."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import msgspec
import pytest

from pipeline.connection import connect
from pipeline.detect.refresh import refresh_activity
from pipeline.errors import StoreError
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.shared import activity
from pipeline.shared.activity import fetch_history, pull_activity, share_activity
from pipeline.shared.listing import LISTING, file_name, read_listing
from pipeline.shared.place import FolderPlace
from pipeline.stores.fetched import put_fetched, read_fetched
from pipeline.stores.home import Store, open_store
from tests.worlds import START, a_company, a_theft, a_trail

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAYS = 4


def settings_of(home: Path, **named) -> Settings:
    return Settings(home=home, threads=1, memory=2**30, **named)


@pytest.fixture(scope="module")
def ingested(tmp_path_factory) -> Path:
    """A home of some days, and the trail beside it."""
    folder = tmp_path_factory.mktemp("activity")
    with open_store(folder / "home") as store:
        ingest([a_trail(folder / "trail", a_company(days=DAYS, people=2, roles=1))], store.events, now=NOW)
    return folder / "home"


@pytest.fixture
def place(tmp_path: Path) -> FolderPlace:
    (tmp_path / "shared").mkdir()
    return FolderPlace(tmp_path / "shared")


def rows(store, name):
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    store.activity.view(connection)
    return sorted(connection.execute(f"FROM {name}").fetchall(), key=str)


def be_backfilled(place: FolderPlace, store: Store, more: dict[str, int] | None = None) -> None:
    """Put the activity of a home into a place as a backfill does; of some account-days it says to have more calls."""
    share_activity(place, store, settings_of(store.home), NOW)
    found = place.get(LISTING, 1 << 20)
    listing = read_listing(found.content, place)
    with duckdb.connect() as connection:
        store.activity.view(connection)
        counted = connection.execute("SELECT account || '/' || hour::DATE, sum(calls) FROM joint GROUP BY 1").fetchall()
    history = {key: int(calls) for key, calls in counted} | (more or {})
    place.put(LISTING, msgspec.json.encode(msgspec.structs.replace(listing, history=history)), found.tag)


def refresh(store: Store) -> None:
    with connect(1, 2**30) as connection:
        refresh_activity(store, connection, timezone="UTC", lateness_minutes=15, now=NOW)


def newest(trail: Path, days: int) -> list[Path]:
    """The files of a trail's last days."""
    return sorted(trail.iterdir())[-days:]


def test_what_is_fetched_is_what_was_shared_and_only_what_is_new_moves(ingested, place, tmp_path):
    with open_store(shutil.copytree(ingested, tmp_path / "a")) as one, open_store(tmp_path / "b") as other:
        here, there = settings_of(one.home), settings_of(other.home)
        assert share_activity(place, one, here, NOW) == len(one.events.days())
        listing = pull_activity(place, other, there, NOW)
        assert (listing.scored, listing.raised) == (None, [])
        for name in ("joint", "touched", "filled", "principals", "places", "sessions"):
            assert rows(one, name) == rows(other, name) != []
        versions = other.activity.versions()
        assert share_activity(place, one, here, NOW) == 0
        pull_activity(place, other, there, NOW)
        assert other.activity.versions() == versions
        ingest([a_trail(tmp_path / "late", a_theft(2))], one.events, now=NOW)
        assert share_activity(place, one, here, NOW) == 1
        pull_activity(place, other, there, NOW)
        assert rows(one, "joint") == rows(other, "joint")
        changed = {key for key, version in other.activity.versions().items() if versions.get(key) != version}
        assert {day for _, day in changed} == {(START + timedelta(days=2)).date()}


def test_activity_that_was_made_with_other_settings_is_refused(ingested, place, tmp_path):
    with open_store(shutil.copytree(ingested, tmp_path / "a")) as one, open_store(tmp_path / "b") as other:
        share_activity(place, one, settings_of(one.home), NOW)
        for named in ({"timezone": "Asia/Seoul"}, {"lateness": timedelta(minutes=30)}):
            with pytest.raises(StoreError, match="give both the same"):
                pull_activity(place, other, settings_of(other.home, **named), NOW)
        assert other.activity.days() == []


def test_files_that_nobody_put_back_are_put_again_where_the_listing_is_gone(ingested, place, tmp_path):
    with open_store(shutil.copytree(ingested, tmp_path / "a")) as one:
        shared = share_activity(place, one, settings_of(one.home), NOW)
        shutil.rmtree(place.folder)
        place.folder.mkdir()
        assert share_activity(place, one, settings_of(one.home), NOW) == shared
        assert place.get(LISTING, 1 << 20) is not None


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"PAR1"), None])
def test_what_was_fetched_and_is_gone_or_damaged_is_fetched_again(ingested, place, tmp_path, spoil):
    with open_store(shutil.copytree(ingested, tmp_path / "a")) as one, open_store(tmp_path / "b") as other:
        share_activity(place, one, settings_of(one.home), NOW)
        pull_activity(place, other, settings_of(other.home), NOW)
        versions = other.activity.versions()
        account, day = other.activity.days()[1]
        if spoil:
            spoil(other.home / versions[account, day].splitlines()[0])
        else:
            shutil.rmtree(other.home / "activity")
        pull_activity(place, other, settings_of(other.home), NOW)
        changed = [key for key, version in other.activity.versions().items() if version != versions[key]]
        assert changed == ([(account, day)] if spoil else other.activity.days())
        for name in ("joint", "touched", "principals", "places", "sessions"):
            assert rows(one, name) == rows(other, name) != []


def test_what_is_shared_no_longer_is_not_remembered_as_fetched(ingested, place, tmp_path):
    with open_store(shutil.copytree(ingested, tmp_path / "a")) as one, open_store(tmp_path / "b") as other:
        share_activity(place, one, settings_of(one.home), NOW)
        pull_activity(place, other, settings_of(other.home), NOW)
        first, *_ = days = sorted({day for _, day in other.activity.days()})
        one.events.prune(days[1], NOW)
        one.activity.forget_damaged(
            [each for each in one.manifest.every("activity/*") if each.day == str(first)], now=NOW
        )
        share_activity(place, one, settings_of(one.home), NOW)
        pull_activity(place, other, settings_of(other.home), NOW)
        held = other.activity.days()
        remembered = [key for key in held if other.state.setting(f"activity/pulled/{key[0]}/{key[1]}") is not None]
        assert remembered == [key for key in held if key[1] != first] != held


def test_what_a_backfill_made_stays_where_the_home_holds_less_of_it(ingested, place, tmp_path):
    with open_store(shutil.copytree(ingested, tmp_path / "a")) as one, open_store(tmp_path / "b") as other:
        share_activity(place, one, settings_of(one.home), NOW)
        found = place.get(LISTING, 1 << 20)
        listing = read_listing(found.content, place)
        first, second, *_ = keys = sorted(listing.tables)
        elsewhere = f"999988887777/{first.partition('/')[2]}"  # an account-day that the home knows nothing of
        swapped = {first: listing.tables[second], elsewhere: listing.tables[second]}
        backfilled = msgspec.structs.replace(
            listing,
            tables=listing.tables | swapped,
            history={first: 10**6, second: 1, elsewhere: 7},
        )
        for key in (first, elsewhere):
            for name, digest in swapped[key].items():
                content = place.get(file_name(second, name, digest), 1 << 30).content
                place.put(file_name(key, name, digest), content)
        place.put(LISTING, msgspec.json.encode(backfilled), found.tag)
        share_activity(place, one, settings_of(one.home), NOW)
        shared = pull_activity(place, other, settings_of(other.home), NOW)
        assert shared.tables == listing.tables | swapped
        assert shared.history == {first: 10**6, elsewhere: 7}
        assert {f"{account}/{day}" for account, day in other.activity.days()} == {*keys, elsewhere}


def test_a_home_that_holds_the_newest_days_fetches_those_before(ingested, place, tmp_path):
    with open_store(shutil.copytree(ingested, tmp_path / "a")) as one, open_store(tmp_path / "b") as other:
        settings = settings_of(other.home)
        ingest(newest(ingested.with_name("trail"), 2), other.events, now=NOW)
        assert fetch_history(place, other, settings, NOW) == 0, "nothing is there"
        be_backfilled(place, one)
        days = [f"{START + timedelta(days=day):%Y-%m-%d}" for day in range(DAYS)]
        assert fetch_history(place, other, settings, NOW) == 2
        for name in ("joint", "touched", "filled", "principals", "places", "sessions"):
            assert rows(one, name) == rows(other, name) != []
        fetched = {str(day): (one.stands, one.lacks) for (_, day), one in read_fetched(other.state).items()}
        assert fetched == {day: (day in days[:2], 0) for day in days}
        versions = other.activity.versions()
        assert fetch_history(place, other, settings, NOW) == 0, "what is there is not fetched again"
        assert other.activity.versions() == versions
        Path(other.home / versions[other.activity.days()[0]].splitlines()[0]).unlink()
        assert fetch_history(place, other, settings, NOW) == 1
        assert rows(one, "joint") == rows(other, "joint")


def test_a_day_on_which_own_events_begin_is_of_one_side(ingested, place, tmp_path):
    trail = ingested.with_name("trail")
    with open_store(shutil.copytree(ingested, tmp_path / "a")) as one, open_store(tmp_path / "b") as other:
        be_backfilled(place, one)
        settings = settings_of(other.home)
        ingest([*newest(trail, 1), a_trail(tmp_path / "some", a_company(days=DAYS, people=2, roles=1)[-400::3])],
               other.events, now=NOW)  # fmt: skip
        assert len(other.events.days()) > 1
        fetch_history(place, other, settings, NOW)
        assert rows(one, "joint") == rows(other, "joint")
        shared = place.get(LISTING, 1 << 20).content
        share_activity(place, other, settings, NOW)
        listing = read_listing(place.get(LISTING, 1 << 20).content, place)
        assert listing.tables.keys() == read_listing(shared, place).tables.keys()
        assert len(listing.history) == DAYS - 1, "what was fetched is the backfill's, and not shared as the home's own"
        ingest([trail], other.events, now=NOW)
        assert fetch_history(place, other, settings, NOW) == 0
        refresh(other)
        assert not any(one.stands for one in read_fetched(other.state).values())
        assert rows(one, "joint") == rows(other, "joint")


def test_a_day_that_no_side_has_whole_is_told(ingested, place, tmp_path):
    rows_of_all = a_company(days=DAYS, people=2, roles=1)
    noon = START + timedelta(days=1, hours=12)
    before = a_trail(tmp_path / "before", [row for row in rows_of_all if row["event_time"] < noon])
    after = a_trail(tmp_path / "after", [row for row in rows_of_all if row["event_time"] >= noon - timedelta(hours=2)])
    with open_store(tmp_path / "a") as one, open_store(tmp_path / "b") as other:
        ingest([before], one.events, now=NOW)
        be_backfilled(place, one)
        ingest([after], other.events, now=NOW)
        fetch_history(place, other, settings_of(other.home), NOW)
        torn = {day: one.lacks for (_, day), one in read_fetched(other.state).items() if one.lacks}
        assert list(torn) == [noon.date()]
        ingest([before], other.events, now=NOW)
        fetch_history(place, other, settings_of(other.home), NOW)
        refresh(other)
        assert not any(one.lacks for one in read_fetched(other.state).values())


def test_a_fetch_that_was_killed_is_done_again(ingested, place, tmp_path, monkeypatch):
    trail = ingested.with_name("trail")
    with open_store(shutil.copytree(ingested, tmp_path / "a")) as one, open_store(tmp_path / "b") as other:
        be_backfilled(place, one)
        settings = settings_of(other.home)
        ingest(newest(trail, 1), other.events, now=NOW)
        refresh(other)
        left = [2]  # before and after the tables are written

        def put_and_be_killed(*given):
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
            put_fetched(*given)

        with monkeypatch.context() as patch:
            patch.setattr(activity, "put_fetched", put_and_be_killed)
            with pytest.raises(KeyboardInterrupt):
                fetch_history(place, other, settings, NOW)
        assert fetch_history(place, other, settings, NOW) == DAYS - 1
        assert rows(one, "joint") == rows(other, "joint")
