"""Every table of activity is DuckDB's, row for row: on a company, on real records, and on what is rare."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from features.activity.statements import STATEMENTS
from pipeline.enrich.networks import Networks
from pipeline.simulate.company import CampaignPlan, simulate
from pipeline.spark import sql_texts
from tests.pipeline.spark.both import Tables, by_home, by_spark, count, differences, in_place
from tests.pipeline.spark.nasty import write_nasty, write_oddities

NOW = datetime(2026, 3, 20, tzinfo=UTC)
REAL = Path(__file__).parents[4] / "shared" / "data" / "cloudtrail"
OFFICE = Networks.of([("203.0.113.0/28", "office")])
RANGES = "203.0.113.0,203.0.113.255,64500,Example\n198.51.100.0,198.51.100.255,64501,Other\n"


@pytest.fixture(scope="module")
def nasty(tmp_path_factory) -> Path:
    return write_nasty(tmp_path_factory.mktemp("nasty") / "in")


@pytest.fixture(scope="module")
def geo(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("geo")
    (folder / "asn.csv").write_text(RANGES)
    return folder


@pytest.fixture(scope="module")
def home(nasty, geo, tmp_path_factory) -> Tables:
    given = {"geo": geo, "networks": OFFICE, "timezone": "Asia/Seoul"}
    found, _ = by_home(tmp_path_factory.mktemp("nasty-home") / "home", [nasty], NOW, **given)
    return found


def test_what_is_rare_is_counted_as_on_one_machine(spark, nasty, geo, home, tmp_path):
    report = by_spark(spark, tmp_path / "out", [nasty], NOW, geo=geo, networks=OFFICE, timezone="Asia/Seoul")
    assert differences(home, in_place(tmp_path / "out")) == []
    assert min(count(home, name) for name in STATEMENTS) > 3
    totals = report.totals
    assert totals.records == totals.events + totals.set_aside + totals.other
    assert totals.copies == 1
    assert totals.set_aside >= 3
    assert totals.passed_over == {"AWS Config": 1}


def test_a_difference_that_is_planted_is_seen(spark, tmp_path, monkeypatch):
    name, was, instead = "touched", "'exposure:'", "'exposed:'"
    write_oddities(tmp_path / "in")
    home, _ = by_home(tmp_path / "home", [tmp_path / "in"], NOW)
    whole = sql_texts.read_sql

    def planted(asked: str) -> str:
        text = whole(asked)
        assert asked != name or was in text
        return text.replace(was, instead) if asked == name else text

    monkeypatch.setattr(sql_texts, "read_sql", planted)
    by_spark(spark, tmp_path / "out", [tmp_path / "in"], NOW)
    found = differences(home, in_place(tmp_path / "out"))
    assert found != []
    assert all("'touched'" in line for line in found)


def test_a_company_is_counted_as_on_one_machine(spark, tmp_path):
    simulate(
        tmp_path / "trail", seed=5, days=3, principals=30, start=date(2026, 3, 2),
        campaigns=CampaignPlan(1, 1, 1, date(2026, 3, 3)),
    )  # fmt: skip
    home, told = by_home(tmp_path / "home", [tmp_path / "trail"], NOW)
    report = by_spark(spark, tmp_path / "out", [tmp_path / "trail"], NOW)
    assert differences(home, in_place(tmp_path / "out")) == []
    assert (report.totals.records, report.totals.files) == (told.records, told.files)
    assert report.calls > 1_000


@pytest.mark.skipif(not REAL.exists(), reason="the real records are not beside this repository")
def test_real_records_are_counted_as_on_one_machine(spark, tmp_path):
    home, told = by_home(tmp_path / "home", [REAL], NOW)
    report = by_spark(spark, tmp_path / "out", [REAL], NOW)
    assert differences(home, in_place(tmp_path / "out")) == []
    assert (report.totals.records, report.totals.set_aside) == (told.records, told.set_aside)
