"""Activity in a shared place: what is new is put and fetched, and both sides count alike."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import msgspec
import pytest

from pipeline.errors import StoreError
from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.shared.activity import pull_activity, share_activity
from pipeline.shared.listing import LISTING, file_name, read_listing
from pipeline.shared.place import FolderPlace
from pipeline.stores.home import open_store
from tests.worlds import START, a_company, a_theft, a_trail

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAYS = 4


def settings_of(home: Path, **named) -> Settings:
    return Settings(home=home, threads=1, memory=2**30, **named)


@pytest.fixture(scope="module")
def ingested(tmp_path_factory) -> Path:
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
