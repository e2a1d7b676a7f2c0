"""Score rows: how each ledger stood, by hour and at each revision, in columns that add up."""

from datetime import timedelta

import pytest

from models.combine import FAMILIES
from models.detectors.registry import DETECTORS
from pipeline.detect.scores import score_rows, score_schema
from pipeline.detect.walk import BURN_IN_DAYS, DayOutcome
from tests.walks import a_model, walk_through
from tests.worlds import START, a_company, a_theft, as_person, numbered

THEFT_DAY = 9


@pytest.fixture(scope="module")
def days():
    victim = as_person("person1")
    evening = a_theft(THEFT_DAY, victim=victim, hour=20)[-1] | {"action": "kms:ScheduleKeyDeletion"}
    rows = a_company(days=11, people=3, roles=2) + a_theft(THEFT_DAY, victim=victim) + numbered([evening], "evening")
    return walk_through(rows)


@pytest.fixture(scope="module")
def rows(days):
    return [row for made in days for row in made.scores.to_pylist()]


def test_every_day_has_the_columns_of_the_schema(days):
    for made in days:
        assert made.scores.schema == score_schema(list(DETECTORS))
    names = score_schema(["a", "b"]).names
    assert names[-4:] == ["raw_score_a", "raw_score_b", "record_score_a", "record_score_b"]


def test_families_and_prior_add_up_to_the_sum(rows):
    assert rows
    for row in rows:
        assert sum(row[name] for name in FAMILIES) + row["kind_prior"] == pytest.approx(row["sum"], abs=1e-9)
        assert 0 <= row["record_score"] <= 100


def test_a_ledger_has_a_row_for_each_newest_hour_and_one_for_each_revision(days):
    for made in days:
        found = [(row["principal"], row["day"], row["hour"], row["detected_at"]) for row in made.scores.to_pylist()]
        assert len(set(found)) == len(found)
        assert len(found) >= len(made.outcome.standings)
        revisions = {(row["principal"], row["day"], row["revision"]) for row in made.scores.to_pylist()}
        for alert in made.alerts:
            assert (alert.principal_key, alert.day, alert.revision) in revisions


def test_a_revisions_row_says_what_its_alert_says(days):
    [made] = [made for made in days if any(alert.raised for alert in made.alerts)]
    rows = {(row["principal"], row["revision"]): row for row in made.scores.to_pylist() if row["revision"]}
    for alert in made.alerts:
        row = rows[alert.principal_key, alert.revision]
        assert row["sum"] - row["kind_prior"] == pytest.approx(alert.evidence)
        assert row["record_score"] == alert.record_score
        assert (row["raised"], row["detected_at"], row["day"]) == (alert.raised, alert.detected_at, alert.day)
        assert (row["principal_name"], row["principal_kind"]) == (alert.principal_name, alert.principal_kind)
        assert set(alert.accounts) <= set(row["accounts"])


def test_a_row_is_raised_from_the_tick_on_that_raised_its_ledger(days):
    made = days[THEFT_DAY - BURN_IN_DAYS]
    mine = [row for row in made.scores.to_pylist() if row["principal"] == "idc/person1"]
    first = min(alert.detected_at for alert in made.alerts if alert.raised)
    assert {row["raised"] for row in mine} == {True, False}
    assert all(row["raised"] == (row["detected_at"] >= first) for row in mine)
    assert not any(row["raised"] for row in made.scores.to_pylist() if row["principal"] != "idc/person1")


def test_rows_stand_in_the_order_of_the_clock(days):
    for made in days:
        ticks = made.scores["detected_at"].to_pylist()
        assert ticks == sorted(ticks)


def test_a_newest_hour_is_an_hour_of_the_ledgers_day(rows):
    theft = [row for row in rows if row["day"] == (START + timedelta(days=THEFT_DAY)).date() and row["raised"]]
    assert {row["hour"] - START for row in theft} == {timedelta(days=THEFT_DAY, hours=hour) for hour in (14, 20)}


def test_a_detector_that_finds_nothing_odd_scores_nothing(rows):
    for row in rows:
        for name in DETECTORS:
            assert (
                row[f"record_score_{name}"] == 0 if row[f"raw_score_{name}"] <= 0 else row[f"record_score_{name}"] > 0
            )


def test_a_day_on_which_nothing_was_delivered_has_no_rows(days):
    model, judged = a_model(), days[0].outcome
    nothing = DayOutcome(judged.day, judged=True, calibrations=judged.calibrations)
    made = score_rows(nothing, model, {})
    assert (made.num_rows, made.schema) == (0, score_schema(list(DETECTORS)))
