"""What the trail does not show is said."""

from datetime import timedelta

import pytest

from pipeline.ingest.digest_file import unread_digest
from pipeline.ingest.sink import Batch
from pipeline.reports.checks.trail import (
    check_data_events,
    check_digests,
    check_history,
    check_places,
    check_regions,
    check_silences,
)
from pipeline.stores.fetched import Fetched, put_fetched
from pipeline.stores.home import Store
from pipeline.stores.sqlite.digest_files import Told
from pipeline.stores.waits import Waits, note_waits
from tests.pipeline.reports.checks.hours import MONDAY, NOW, Diagnose, an_hour


@pytest.mark.parametrize(("days", "level"), [(3, "warning"), (14, "note"), (28, "ok")])
def test_a_short_history_is_told(days: int, level: str, found_by: Diagnose) -> None:
    finding = found_by(check_history, *(an_hour(24 * day) for day in range(days)))[0]
    assert finding.level == level
    assert finding.found == f"{days} days of 1 account and 1 principal."


def put_days(store: Store, days: range, account: str = "111111111111", calls: int = 40) -> None:
    """Let others have made the activity of some days, with so many calls an hour."""
    for day in days:
        first = int(MONDAY.timestamp()) // 3600 + 24 * day
        one = Fetched({}, "/mnt/shared", {str(first + hour): calls for hour in range(24)}, stands=True)
        put_fetched(store.state, account, (MONDAY + timedelta(days=day)).date(), one)


def test_days_that_were_fetched_are_history_too(found_by: Diagnose, store: Store) -> None:
    put_days(store, range(27))
    put_days(store, range(20), account="222222222222")
    finding = found_by(check_history, an_hour(24 * 26), an_hour(24 * 27))[0]
    assert (finding.level, finding.found) == ("ok", "28 days of 2 accounts; events of 1 principal on 2 days of them.")


def test_old_data_is_told(found_by: Diagnose) -> None:
    assert [finding.check for finding in found_by(check_history, an_hour(0))] == ["history", "freshness"]
    assert [finding.check for finding in found_by(check_history, an_hour(28 * 24 + 20))] == ["history"]


def test_accounts_without_data_events_are_named(found_by: Diagnose) -> None:
    [finding] = found_by(
        check_data_events, an_hour(account="111111111111"), an_hour(account="222222222222", category="Data")
    )
    assert finding.level == "warning"
    assert "account 111111111111" in finding.found
    assert [f.level for f in found_by(check_data_events, an_hour(category="Data"))] == ["ok"]


def test_an_account_seen_in_one_region_is_named(found_by: Diagnose) -> None:
    regions = ("eu-west-1", "us-east-1")
    wide = [an_hour(account="222222222222", region=region, action="iam:ListUsers") for region in regions]
    narrow = an_hour(account="111111111111", action="iam:ListUsers")
    [finding] = found_by(check_regions, *wide, narrow)
    assert (finding.check, finding.level) == ("regions", "warning")
    assert "account 111111111111, while others have up to 2" in finding.found


def test_an_account_without_global_services_is_named(found_by: Diagnose) -> None:
    findings = found_by(check_regions, an_hour(region="eu-west-1"), an_hour(region="us-east-1"))
    assert [finding.check for finding in findings] == ["global services"]


def test_a_silence_is_dated_and_a_steady_account_has_none(found_by: Diagnose) -> None:
    spoken = [hour for hour in range(3 * 168) if not 200 <= hour < 203]
    hours = [an_hour(hour, event_id=f"{hour} {call}") for hour in spoken for call in range(40)]
    [finding] = found_by(check_silences, *hours)
    assert "silent for 3 h from 2026-03-10 08:00 UTC, where about 120 events are usual" in finding.found
    assert [f.level for f in found_by(check_silences, *(an_hour(hour) for hour in range(168)))] == ["ok"]


def test_days_that_were_fetched_are_no_silence_and_what_lies_between_is(found_by: Diagnose, store: Store) -> None:
    hours = [an_hour(hour, event_id=f"{hour} {call}") for hour in range(3 * 168) for call in range(2)]
    early, late = hours[: 24 * 2], hours[18 * 24 * 2 :]
    put_days(store, range(1, 18))
    assert [f.level for f in found_by(check_silences, *early, *late)] == ["ok"]
    put_fetched(store.state, "111111111111", (MONDAY + timedelta(days=9)).date(), None)
    [finding] = found_by(check_silences, *early, *late)
    assert "silent for 24 h from 2026-03-11 00:00 UTC" in finding.found


def test_missing_geo_databases_are_told(found_by: Diagnose) -> None:
    [finding] = found_by(check_places, an_hour(), an_hour(country="KR", asn=64500))
    assert "the country of 50% and the network operator of 50%" in finding.found
    assert "oddtrail geoip install" in finding.do
    assert [f.level for f in found_by(check_places, an_hour(country="KR", asn=64500))] == ["ok"]
    assert [f.level for f in found_by(check_places, an_hour(address_kind="private"))] == ["ok"]


def test_what_is_not_as_cloudtrail_delivered_it_is_told_until_it_is(found_by: Diagnose, store: Store) -> None:
    assert found_by(check_digests, an_hour()) == []
    for number in range(7):
        store.digest_files.put_finding(Told(f"{number}", "objects", NOW - timedelta(days=6 - number), 1, "gone", False))
    store.digest_files.put_finding(Told("7", "objects", NOW, 1, "came", True))
    store.digest_files.put_finding(Told("8", "objects", NOW - timedelta(days=40), 1, "old", False))
    told = found_by(check_digests, an_hour())
    assert [finding.level for finding in told] == ["warning"] * 6
    assert told[-1].found == "2 more findings."
    assert all("gone" in finding.found for finding in told[:-1])


def test_while_a_source_is_away_nobody_says_that_all_came(store: Store, found_by: Diagnose) -> None:
    store.digest_files.note(Batch(digest_files=[unread_digest("d", "d", "")]), NOW)
    assert [finding.level for finding in found_by(check_digests, an_hour())] == ["ok"]
    note_waits(store.state, Waits("the bucket is away", None), NOW - timedelta(hours=1), lambda: None)
    [finding] = found_by(check_digests, an_hour())
    assert (finding.level, "the bucket is away" in finding.found) == ("warning", True)
    note_waits(store.state, None, NOW - timedelta(minutes=1), lambda: None)
    assert [finding.level for finding in found_by(check_digests, an_hour())] == ["ok"]
