"""What the data cannot show is said, with what to do about it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipeline.reports import doctor
from pipeline.reports.doctor import Finding, Patient, diagnose
from pipeline.settings import Settings, load_settings
from pipeline.stores.home import Store, open_store
from pipeline.stores.parquet.schema import arrow_schema
from tests.pipeline.cli.homes import a_home, a_record, write_trail
from tests.worlds import an_event

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NOW = MONDAY + timedelta(days=29)

Diagnose = Callable[..., list[Finding]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"home": tmp_path / "home"})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with open_store(settings.home) as store:
        yield store


@pytest.fixture
def found_by(store: Store, settings: Settings) -> Diagnose:
    """What a check finds in some events."""

    def run(check: Callable[[Patient], Iterator[Finding]], *events: dict[str, Any]) -> list[Finding]:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.register("events", pa.Table.from_pylist(list(events), schema=arrow_schema()))
            return list(check(Patient(connection, store, settings, NOW)))

    return run


def an_hour(hours: float = 0, **columns: Any) -> dict[str, Any]:
    """An event some hours after Monday's midnight; name only what matters."""
    at = MONDAY + timedelta(hours=hours)
    named = {"event_time": at, "action": "ec2:DescribeInstances", "principal": "role/1/A", "region": "eu-west-1"}
    return an_event(**(named | columns))


@pytest.mark.parametrize(("days", "level"), [(3, "warning"), (14, "note"), (28, "ok")])
def test_a_short_history_is_told(days: int, level: str, found_by: Diagnose) -> None:
    finding = found_by(doctor.history, *(an_hour(24 * day) for day in range(days)))[0]
    assert finding.level == level
    assert finding.found == f"{days} days of 1 account and 1 principal."


def test_old_data_is_told(found_by: Diagnose) -> None:
    assert [finding.check for finding in found_by(doctor.history, an_hour(0))] == ["history", "freshness"]
    assert [finding.check for finding in found_by(doctor.history, an_hour(28 * 24 + 20))] == ["history"]


def test_accounts_without_data_events_are_named(found_by: Diagnose) -> None:
    [finding] = found_by(
        doctor.data_events, an_hour(account="111111111111"), an_hour(account="222222222222", category="Data")
    )
    assert finding.level == "warning"
    assert "account 111111111111" in finding.found
    assert [f.level for f in found_by(doctor.data_events, an_hour(category="Data"))] == ["ok"]


def test_an_account_seen_in_one_region_is_named(found_by: Diagnose) -> None:
    regions = ("eu-west-1", "us-east-1")
    wide = [an_hour(account="222222222222", region=region, action="iam:ListUsers") for region in regions]
    narrow = an_hour(account="111111111111", action="iam:ListUsers")
    [finding] = found_by(doctor.coverage, *wide, narrow)
    assert (finding.check, finding.level) == ("regions", "warning")
    assert "account 111111111111, while others have up to 2" in finding.found


def test_an_account_without_global_services_is_named(found_by: Diagnose) -> None:
    findings = found_by(doctor.coverage, an_hour(region="eu-west-1"), an_hour(region="us-east-1"))
    assert [finding.check for finding in findings] == ["global services"]


def test_a_silence_is_dated_and_a_steady_account_has_none(found_by: Diagnose) -> None:
    spoken = [hour for hour in range(3 * 168) if not 200 <= hour < 203]
    hours = [an_hour(hour, event_id=f"{hour} {call}") for hour in spoken for call in range(40)]
    [finding] = found_by(doctor.gaps, *hours)
    assert "silent for 3 h from 2026-03-10 08:00 UTC, where about 120 events are usual" in finding.found
    assert [f.level for f in found_by(doctor.gaps, *(an_hour(hour) for hour in range(168)))] == ["ok"]


def test_missing_geo_databases_are_told(found_by: Diagnose) -> None:
    [finding] = found_by(doctor.places, an_hour(), an_hour(country="KR", asn=64500))
    assert "the country of 50% and the network operator of 50%" in finding.found
    assert "oddtrail geoip install" in finding.do
    assert [f.level for f in found_by(doctor.places, an_hour(country="KR", asn=64500))] == ["ok"]
    assert [f.level for f in found_by(doctor.places, an_hour(address_kind="private"))] == ["ok"]


@pytest.mark.parametrize(
    ("minutes", "level", "says"),
    [
        (5, "note", "5 minutes after the call are assumed"),
        (3, "ok", "within 3 min"),
        (90, "note", "90 min after the call"),
    ],
)
def test_the_lag_of_delivery_is_told(minutes: int, level: str, says: str, found_by: Diagnose) -> None:
    at = MONDAY + timedelta(minutes=minutes)
    [finding] = found_by(doctor.clock, an_hour(delivered_at=at))
    assert finding.level == level
    assert says in finding.found


def test_clocks_that_cannot_be_believed_are_told(found_by: Diagnose) -> None:
    future = an_hour(flags=["future"])
    assert [f.check for f in found_by(doctor.clock, an_hour(), future)] == ["delivery", "clock"]


def test_access_levels_that_are_guessed_are_told_with_the_calls(found_by: Diagnose) -> None:
    guessed = an_hour(level_source="verb", action="new:MakeThing")
    [finding] = found_by(doctor.unmatched, guessed, an_hour(level_source="iam"))
    assert "50.0%" in finding.found
    assert "new:MakeThing" in finding.found
    assert found_by(doctor.unmatched, an_hour(level_source="iam")) == []


def test_a_home_that_has_learned_nothing_or_long_ago_is_told(found_by: Diagnose, settings: Settings) -> None:
    assert [f.do for f in found_by(doctor.learning, an_hour())] == ["Run `oddtrail train`, then `oddtrail score`."]
    (settings.home / "models/2026-03-02-0123456789abcdef").mkdir(parents=True)
    assert [f.level for f in found_by(doctor.learning, an_hour(24))] == ["ok"]
    assert [f.level for f in found_by(doctor.learning, an_hour(24 * 20))] == ["note"]


def test_an_empty_store_is_the_first_thing_to_say(store: Store, settings: Settings) -> None:
    assert [finding.found for finding in diagnose(store, settings, NOW)] == ["The store holds no event."]


def test_a_store_without_events_still_says_what_was_set_aside(tmp_path: Path) -> None:
    home = a_home(tmp_path, [{"eventName": 7}])
    with open_store(home) as store:
        told = {finding.check: finding.found for finding in diagnose(store, load_settings({"home": home}), NOW)}
    assert list(told) == ["events", "set aside"]
    assert told["set aside"].startswith("1 record of nobody named")


def test_malformed_records_are_counted_by_account_and_principal(tmp_path: Path) -> None:
    path = write_trail(tmp_path / "trail", [a_record(), a_record(name="GetCallerIdentity", source="sts")])
    broken = path.with_name(path.name.replace("abcdefgh", "broken00"))
    claims = {"recipientAccountId": "999988887777", "arn": "arn:aws:iam::9:user/eve", "eventTime": 7}
    broken.write_text(json.dumps({"Records": [claims]}))
    surrogate = json.dumps(a_record(name="ListUsers", source="iam")).replace("aws-cli/2.17.0", "\\ud800")
    path.with_name(path.name.replace("abcdefgh", "surrogat")).write_text('{"Records": [' + surrogate + "]}")
    home = a_home(tmp_path, [])
    settings = load_settings({"home": home})
    with open_store(home) as store:
        told = {finding.check: finding.found for finding in diagnose(store, settings, NOW)}
    assert told["repaired"].startswith("1 malformed record of deploy in 111122223333")
    assert told["set aside"].startswith("1 record of arn:aws:iam::9:user/eve in 999988887777")


def test_warnings_come_first_and_each_says_what_to_do(tmp_path: Path) -> None:
    home = a_home(tmp_path, [a_record()])
    with open_store(home) as store:
        findings = diagnose(store, load_settings({"home": home}), NOW)
    levels = [finding.level for finding in findings]
    assert levels == sorted(levels, key=("warning", "note", "ok").index)
    assert {"warning", "note", "ok"} == set(levels)
    assert all(finding.do for finding in findings if finding.level != "ok")
