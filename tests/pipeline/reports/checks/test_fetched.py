"""What is learnt without its events is said, and what no side has whole."""

from datetime import timedelta

from pipeline.reports.checks.fetched import check_fetched
from pipeline.stores.fetched import Fetched, put_fetched
from pipeline.stores.home import Store
from tests.pipeline.reports.checks.hours import MONDAY, Diagnose, an_hour


def put(store: Store, day: int, *, stands: bool, lacks: int = 0) -> None:
    one = Fetched({}, "/mnt/shared", {}, stands, lacks)
    put_fetched(store.state, "111122223333", (MONDAY + timedelta(days=day)).date(), one)


def test_a_home_that_fetched_nothing_says_nothing(found_by: Diagnose) -> None:
    assert found_by(check_fetched, an_hour()) == []


def test_days_that_are_known_by_activity_alone_are_told(found_by: Diagnose, store: Store) -> None:
    for day in range(3):
        put(store, day, stands=day < 2)
    [finding] = found_by(check_fetched, an_hour())
    told = "The activity of 2 account-days from 2026-03-02 to 2026-03-03 was fetched from /mnt/shared"
    assert (finding.level, finding.found.partition(":")[0]) == ("ok", told)


def test_days_that_no_side_has_whole_are_told_with_what_to_do(found_by: Diagnose, store: Store) -> None:
    put(store, 0, stands=True, lacks=4)
    put(store, 1, stands=False, lacks=3)
    _, finding = found_by(check_fetched, an_hour())
    assert finding.level == "note"
    assert "7 calls of 111122223333/2026-03-02, 111122223333/2026-03-03 are not learnt" in finding.found
    assert "oddtrail spark-backfill" in finding.do
