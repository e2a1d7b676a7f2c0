"""Activity between whoever ingests and a trainer elsewhere: tables first, and last the listing that names them.

The listing says for each account-day which files its tables are, by their content, and what a training asks of scoring:
how far it has come, and which alerts were raised. So a trainer makes of it what it would make at home, and an upload
that is under way is never seen.
"""

import hashlib
import io
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from features.activity.statements import STATEMENTS
from features.times.day import day_number
from pipeline.connection import connect
from pipeline.detect.checkpoint import read_checkpoint
from pipeline.detect.refresh import count_again, refresh_activity
from pipeline.detect.scoring import CHECKPOINT
from pipeline.errors import StoreError
from pipeline.settings import Settings
from pipeline.shared.listing import LISTING, MOST_LISTING, Listing, file_name, pack, read_listing
from pipeline.shared.place import ABSENT, Place, PlaceError
from pipeline.stores.fetched import FAMILY, AccountDay, Fetched, count_hours, put_fetched, read_fetched
from pipeline.stores.home import Store

_MOST_TABLE: Final = 4 << 30
_PUSHED = "activity/pushed"


def share_activity(place: Place, store: Store, settings: Settings, now: datetime) -> int:
    """Put what is new of a home's activity into a shared place; return how many account-days that was.

    Account-days that a backfill made stay there, also those of which the home holds some calls and not all of them, or
    which it fetched.

    Raises
    ------
    ChangedError
        Another home shares there.
    PlaceError
        The place cannot be reached.
    """
    zone, lateness = settings.timezone, settings.lateness_minutes
    before = place.get(LISTING, MOST_LISTING)
    listed = read_listing(before.content, place) if before else None
    known = listed.tables if listed else {}
    history = {key: calls for key, calls in listed.history.items() if key in known} if listed else {}
    tables = {key: known[key] for key in history}
    written = 0
    with connect(settings.threads, settings.memory) as connection:
        refresh_activity(store, connection, timezone=zone, lateness_minutes=lateness, now=now)
        fetched = read_fetched(store.state)
        pushed: dict[str, Any] = store.state.setting(_PUSHED, {})
        remembered: dict[str, Any] = {}
        for (account, day), version in store.activity.versions().items():
            key = f"{account}/{day}"
            made_of = hashlib.sha256(version.encode()).hexdigest()[:32]
            held = pushed.get(key)
            if key in history:
                if (one := fetched.get((account, day))) and one.stands:
                    continue
                store.activity.view(connection, only=[(account, day)])
                counted = connection.execute("SELECT coalesce(sum(calls), 0) FROM joint").fetchone()
                if counted and counted[0] < history[key]:
                    continue
                del history[key]  # from here on it is the home's
            if held is None or held["of"] != made_of or known.get(key) != held["tables"]:
                store.activity.view(connection, only=[(account, day)])
                held = {"of": made_of, "tables": {}}
                for name in STATEMENTS:
                    content = pack(connection.sql(f"FROM {name}").to_arrow_table())
                    held["tables"][name] = digest = hashlib.sha256(content).hexdigest()
                    place.put(file_name(key, name, digest), content)
                written += 1
            tables[key], remembered[key] = held["tables"], held
    shown = [alert for alert in store.alerts.latest(raised=True) if not alert.drill]
    raised = sorted((day_number(alert.day), alert.principal_key) for alert in shown)
    listing = Listing(
        timezone=zone,
        lateness_minutes=lateness,
        tables=dict(sorted(tables.items())),
        history=history,
        scored=read_checkpoint(store.state, CHECKPOINT),
        raised=raised,
    )
    content = msgspec.json.encode(listing)
    if before is None or before.content != content:
        place.put(LISTING, content, before.tag if before else ABSENT)
    store.state.put_setting(_PUSHED, remembered)
    return written


def pull_activity(place: Place, store: Store, settings: Settings, now: datetime) -> Listing:
    """Fetch what is new of the activity of a shared place into a home that ingests nothing.

    Raises
    ------
    PlaceError
        The place cannot be reached, nothing is shared there, or a file is not as the listing says.
    StoreError
        It was made with another time zone or lateness.
    """
    listing = _read_fitting(place, settings)
    if listing is None:
        raise PlaceError(f"no activity is at {place.text}: run `oddtrail score` where events are ingested")
    wanted = _find_missing(store, listing, listing.tables, now)
    _fetch(place, store, listing, wanted, now)
    store.state.forget_days(FAMILY, but=[_split(key) for key in listing.tables])
    return listing


def fetch_history(place: Place, store: Store, settings: Settings, now: datetime) -> int:
    """Fetch what a backfill put into a shared place into a home that holds events; return how many account-days.

    Of an account-day the side with more calls stands (`pipeline.stores.fetched`). What is there already is not fetched
    again. Where nothing was put there, nothing is fetched.

    Raises
    ------
    PlaceError, StoreError
        As `pull_activity`.
    """
    listing = _read_fitting(place, settings)
    if listing is None:
        return 0
    fetched = 0
    wanted = _find_missing(store, listing, listing.history.keys() & listing.tables.keys(), now)
    if wanted:
        with connect(settings.threads, settings.memory) as connection:
            zone, lateness = settings.timezone, settings.lateness_minutes
            refresh_activity(store, connection, timezone=zone, lateness_minutes=lateness, now=now)
            own = _count_own(store, connection, wanted)
        fetched = _fetch(place, store, listing, wanted, now, own)
    return fetched


def _read_fitting(place: Place, settings: Settings) -> Listing | None:
    """What is listed in a place, counted as the settings count; None where nothing is."""
    found = place.get(LISTING, MOST_LISTING)
    if found is None:
        return None
    listing = read_listing(found.content, place)
    own = (settings.timezone, settings.lateness_minutes)
    if (listing.timezone, listing.lateness_minutes) != own:
        raise StoreError(
            f"the activity at {place.text} was made with timezone {listing.timezone} and lateness "
            f"{listing.lateness_minutes}m, and the settings here say {own[0]} and {own[1]}m: give both the same"
        )
    return listing


def _split(key: str) -> AccountDay:
    account, _, day = key.partition("/")
    return account, date.fromisoformat(day)


def _find_missing(store: Store, listing: Listing, keys: Collection[str], now: datetime) -> dict[AccountDay, str]:
    """Account-days that are not here, or of which other tables are listed than are known; with their keys."""
    store.activity.forget_damaged(now=now)
    there, fetched = set(store.activity.days()), read_fetched(store.state)
    wanted = {_split(key): key for key in sorted(keys)}
    return {
        one: key
        for one, key in wanted.items()
        if one not in there or one not in fetched or fetched[one].tables != listing.tables[key]
    }


def _count_own(
    store: Store, connection: duckdb.DuckDBPyConnection, wanted: Collection[AccountDay]
) -> dict[AccountDay, dict[str, int]]:
    """The calls by hour of those account-days whose activity is of the home's own events."""
    fetched, counted = read_fetched(store.state), {}
    for one in store.activity.days():
        if one in wanted and not (one in fetched and fetched[one].stands):
            store.activity.view(connection, only=[one])
            counted[one] = count_hours(connection.sql("SELECT hour, calls FROM joint").to_arrow_table())
    return counted


def _fetch(
    place: Place,
    store: Store,
    listing: Listing,
    wanted: Mapping[AccountDay, str],
    now: datetime,
    own: Mapping[AccountDay, dict[str, int]] = MappingProxyType({}),
) -> int:
    """Fetch account-days, each where it has more calls than the home's own count of it; return how many had."""
    fetched = 0
    for (account, day), key in wanted.items():
        digests, counted = listing.tables[key], own.get((account, day), {})
        if counted and sum(counted.values()) == listing.history.get(key):  # the same calls: nothing has to be read
            put_fetched(store.state, account, day, Fetched(digests, place.text, counted, stands=False))
            continue
        tables = {name: fetch_table(place, key, name, digest) for name, digest in digests.items()}
        found = Fetched(digests, place.text, count_hours(tables["joint"]), stands=True)
        found = found.hold_against(counted) if counted else found
        if found.stands:
            put_fetched(store.state, account, day, replace(found, tables={}))  # killed here, it is fetched again
            count_again(store, account, day)
            store.activity.write(account, day, tables, now)
            fetched += 1
        put_fetched(store.state, account, day, found)
    return fetched


def fetch_table(place: Place, key: str, name: str, digest: str) -> pa.Table:
    """A table of an account-day in a shared place, held against its hash.

    Raises
    ------
    PlaceError
        It is not there, or not what was put there.
    """
    found = place.get(file_name(key, name, digest), _MOST_TABLE)
    if found is None or hashlib.sha256(found.content).hexdigest() != digest:
        raise PlaceError(
            f"{place.text}/{file_name(key, name, digest)} is missing or not what was put there: run `oddtrail score` "
            "where events are ingested"
        )
    try:
        return pq.read_table(io.BytesIO(found.content))
    except (pa.ArrowException, OSError) as error:
        raise PlaceError(f"{place.text}/{file_name(key, name, digest)} is no Parquet file: {error}") from error
