"""Records that cannot be believed or read are said."""

from datetime import timedelta

import pytest

from pipeline.ingest.set_aside import make_aside
from pipeline.ingest.sink import Batch
from pipeline.reports.checks.records import check_access_levels, check_clock, check_records, check_set_aside
from pipeline.stores.home import Store
from tests.pipeline.reports.checks.hours import MONDAY, NOW, Diagnose, an_hour


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
    [finding] = found_by(check_clock, an_hour(delivered_at=at))
    assert finding.level == level
    assert says in finding.found


def test_clocks_that_cannot_be_believed_are_told(found_by: Diagnose) -> None:
    future = an_hour(flags=["future"])
    assert [f.check for f in found_by(check_clock, an_hour(), future)] == ["delivery", "clock"]


def test_access_levels_that_are_guessed_are_told_with_the_calls(found_by: Diagnose) -> None:
    guessed = an_hour(level_source="verb", action="new:MakeThing")
    [finding] = found_by(check_access_levels, guessed, an_hour(level_source="iam"))
    assert "50.0%" in finding.found
    assert "new:MakeThing" in finding.found
    assert found_by(check_access_levels, an_hour(level_source="iam")) == []


def test_malformed_records_are_counted_by_account_and_principal(found_by: Diagnose) -> None:
    repaired = [an_hour(hour, flags=["repaired"], principal_name="eve", account="999988887777") for hour in range(3)]
    [finding] = found_by(check_records, an_hour(), *repaired)
    assert finding.level == "note"
    assert finding.found == "3 malformed records of eve in 999988887777, repaired and scored."


def test_what_was_set_aside_is_counted_by_who_it_claims_to_be_of_and_why(found_by: Diagnose, store: Store) -> None:
    raws = [b'{"arn": "arn:aws:iam::9:user/eve"}'] * 2 + [b"{}"]
    rows = [
        make_aside(raw, file="f", origin="f", position=n, reason="no eventName", account="", delivered_at=None)
        for n, raw in enumerate(raws)
    ]
    with store.events.writing(NOW):
        store.events.commit(Batch([], list(store.events.sink.keep("set_aside", rows, NOW))), NOW)
    eve, nobody = found_by(check_set_aside, an_hour())
    assert eve.found == "2 records of arn:aws:iam::9:user/eve in no account: no eventName."
    assert nobody.found.startswith("1 record of nobody named")
    assert str(store.home / "set_aside") in nobody.do
    assert found_by(check_records, an_hour()) == [eve, nobody]


def test_records_that_could_all_be_read_are_fine(found_by: Diagnose) -> None:
    assert [finding.level for finding in found_by(check_records, an_hour())] == ["ok"]
