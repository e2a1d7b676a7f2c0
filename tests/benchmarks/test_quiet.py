"""Without attacks, a score that promises one a day occurs about once a day, whoever raises it."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks.judge import clean_rate, reaching
from benchmarks.metrics import poisson_interval
from benchmarks.quiet import SCORES, counted, lost, main, markdown
from features.times.day import date_of, day_number

FIRST = day_number(date(2025, 2, 3))
DAYS = range(FIRST, FIRST + 4)


def scores(folder: Path, *rows: tuple[str, int, float]) -> Path:
    """Write score rows of principal, day of the test and record score."""
    path = folder / "scores.parquet"
    table = [(principal, date_of(FIRST + day), score) for principal, day, score in rows]
    pd.DataFrame(table, columns=["principal", "day", "record_score"]).to_parquet(path)
    return path


def result_of(**per_day: float) -> dict[str, Any]:
    companies = {}
    for name, rate in per_day.items():
        reached = {(f"p{n}", FIRST) for n in range(round(rate * 100))}
        by = counted(reached, range(FIRST, FIRST + 100))
        companies[name] = {
            "principals": 20,
            "events": 1000,
            "test_days": 100,
            "reached": {str(at): by for at in SCORES},
            "alerts_per_day": rate,
        }
    return {"name": "test", "commit": "abc", "seeds": [1], "companies": companies}


def test_a_principals_day_counts_once_however_often_it_is_scored(tmp_path: Path) -> None:
    path = scores(tmp_path, ("a", 0, 75.0), ("a", 0, 91.0), ("a", 1, 80.0), ("b", 0, 74.9))
    assert reaching(path, DAYS) == {("a", FIRST), ("a", FIRST + 1)}
    assert reaching(path, DAYS, at=90) == {("a", FIRST)}


def test_days_outside_the_test_do_not_count(tmp_path: Path) -> None:
    path = scores(tmp_path, ("a", -1, 99.0), ("a", 3, 99.0), ("a", 4, 99.0))
    assert reaching(path, DAYS) == {("a", FIRST + 3)}


def test_attacked_principal_days_are_taken_off_a_clean_rate(tmp_path: Path) -> None:
    path = scores(tmp_path, ("a", 0, 99.0), ("b", 0, 99.0), ("a", 1, 99.0))
    assert clean_rate(path, {("a", FIRST)}, DAYS) == 2 / 4


def test_every_day_of_the_test_is_in_the_count() -> None:
    by = counted({("a", FIRST), ("b", FIRST), ("a", FIRST + 3)}, DAYS)
    assert (by["principal_days"], by["per_day"], by["by_day"]) == (3, 0.75, [2, 0, 0, 1])
    assert by["low"] < by["per_day"] < by["high"]


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39)])
def test_the_interval_is_the_exact_one(count: int, low: float, high: float) -> None:
    """Values of Garwood's table, as handbooks print them."""
    assert poisson_interval(count) == pytest.approx((low, high), rel=1e-3)


def test_half_a_day_to_two_a_day_is_asked() -> None:
    assert lost(result_of(small=0.5, large=2.0)) == []
    rare, often = lost(result_of(small=0.49, middle=1.0, large=2.01))
    assert rare.startswith("small reaches 75 on 0.49")
    assert often.startswith("large reaches 75 on 2.01")


def test_the_table_shows_rate_and_interval() -> None:
    assert "| small | 20 | 1,000 | 100 | 1.00 (0.81 to 1.22) |" in markdown(result_of(small=1.0))


def test_each_company_needs_a_seed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--seeds", "1", "2"])
    assert "give 3 seeds" in capsys.readouterr().err
