"""The benchmark of the backfill holds three ways to each other, and says so where one of them differs."""

from pathlib import Path
from typing import Any

import pytest

import benchmarks.spark_backfill as benchmark

DAYS = 16


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    benchmark.write_trail(tmp_path / "trail", accounts=2, days=DAYS, roles=1, calls=2, hours=(9, 14))
    return tmp_path / "trail"


def test_a_home_one_beside_a_backfill_and_a_trainer_come_to_the_same(spark: Any, trail: Path, tmp_path: Path) -> None:
    told = benchmark.compare(spark, trail, DAYS, tmp_path)
    assert told["same_model"]
    assert told["same_alerts"]
    assert told["raised"] >= 1, "the theft"
    assert told["account_days"] == 2 * DAYS


@pytest.mark.sweep
def test_a_way_that_had_less_to_go_on_is_told(
    spark: Any, trail: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = benchmark.list_newest
    monkeypatch.setattr(benchmark, "list_newest", lambda trail, days: newest(trail, days)[:-8])
    told = benchmark.compare(spark, trail, DAYS, tmp_path)
    assert not (told["same_model"] and told["same_alerts"])
