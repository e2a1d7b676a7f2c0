"""Alerts are held against what was planted, fairly."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection as Connection

from pipeline.demo.verdict import NEW_WORK, compare
from pipeline.simulate.truth import Campaign, Oddity, Truth
from pipeline.stores.alert import Alert
from pipeline.stores.home import open_store
from tests.pipeline.cli.homes import NINE, a_home, a_record, an_alert, an_id

DEPLOY = "role/111122223333/AROAEXAMPLEDEPLOY"


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    home = a_home(tmp_path_factory.mktemp("verdict"), [a_record(NINE - timedelta(hours=1)), a_record(NINE)])
    with open_store(home) as store, duckdb.connect() as connection:
        store.events.view(connection)
        yield connection


def a_campaign(**fields: Any) -> Campaign:
    named: dict[str, Any] = {
        "id": "c1",
        "degree": "loud",
        "technique": "bucket-ransom",
        "principal_arn": "arn:aws:iam::111122223333:role/deploy",
        "principal_name": "deploy",
        "principal_key": DEPLOY,
        "start": "2026-03-02T09:00:00Z",
        "end": "2026-03-02T09:20:00Z",
        "event_ids": (an_id("DescribeInstances", NINE),),
    }
    return Campaign(**(named | fields))


def about_it(**fields: Any) -> Alert:
    """An alert with the campaign's call among its evidence."""
    return an_alert(**({"event_ids": [an_id("DescribeInstances", NINE)]} | fields))


def test_an_attack_is_found_when_an_alert_with_one_of_its_calls_is_raised(events: Connection) -> None:
    held = about_it(raised=False, detected_at="2026-03-02T09:10:00Z")
    raised = about_it(revision=2, detected_at="2026-03-02T09:25:00Z")
    verdict = compare(Truth(campaigns=[a_campaign()]), [held, raised], events)
    [found] = verdict.found
    assert found.after == timedelta(minutes=25)
    assert verdict.harmless == {}


def test_an_alert_that_was_open_before_the_attack_finds_it_when_it_shows_it(events: Connection) -> None:
    early = about_it(detected_at="2026-03-02T08:10:00Z", window_start="2026-03-02T08:00:00Z", event_ids=[])
    later = about_it(revision=2, detected_at="2026-03-02T09:40:00Z", window_start="2026-03-02T08:00:00Z")
    [found] = compare(Truth(campaigns=[a_campaign()]), [early, later], events).found
    assert found.after == timedelta(minutes=40)
    assert compare(Truth(campaigns=[a_campaign()]), [early], events).found == []


def test_it_is_found_whoever_the_alert_names(events: Connection) -> None:
    alert = about_it(principal_key="role/other", event_ids=[an_id("DescribeInstances", NINE)])
    assert compare(Truth(campaigns=[a_campaign()]), [alert], events).found


def test_an_alert_about_other_calls_does_not_find_it_even_in_its_hours(events: Connection) -> None:
    verdict = compare(Truth(campaigns=[a_campaign()]), [about_it(event_ids=[an_id("ListUsers", NINE)])], events)
    assert verdict.found == []
    assert list(verdict.harmless.values()) == [NEW_WORK]


def test_an_attack_that_was_held_back_says_how_far_it_came(events: Connection) -> None:
    [missed] = compare(Truth(campaigns=[a_campaign()]), [about_it(raised=False, record_score=61.0)], events).missed
    assert "record score 61" in missed.why


def test_an_attack_that_left_no_alert_says_how_ordinary_its_calls_are(events: Connection) -> None:
    [missed] = compare(Truth(campaigns=[a_campaign()]), [], events).missed
    assert missed.why.startswith("1 call, of 1 kind: 1 deploy made before, 0 others make here")


def test_a_harmless_alert_is_given_its_cause(events: Connection) -> None:
    release = Oddity("a release", "arn", "deploy", "2026-03-02T08:00:00Z", "2026-03-02T12:00:00Z")
    verdict = compare(Truth(oddities=[release]), [about_it()], events)
    assert list(verdict.harmless.values()) == ["a release"]
