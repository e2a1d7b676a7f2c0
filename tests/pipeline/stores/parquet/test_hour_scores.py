"""A file a day, replaced whole; what is no file of ours is told."""

import os
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from pipeline.errors import StoreError
from pipeline.stores.parquet.hour_scores import FOLDER, SCHEMA, ParquetHourScores

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def a_row(**named):
    return {
        "principal": "role/1/AROA", "principal_name": "deploy", "principal_kind": "workload", "day": NINE.date(),
        "hour": NINE, "scored_at": NINE + timedelta(minutes=75), "model": "forest", "raw_score": 0.6,
        "record_score": 80.0, "measures": [{"measure": "calls", "typical": 1.0, "actual": 9.0, "share": 1.0}],
    } | named  # fmt: skip


def rows(*some):
    return pa.Table.from_pylist(list(some), schema=SCHEMA)


def test_a_day_that_is_scored_again_stands_in_place_of_what_was_there(tmp_path):
    scores = ParquetHourScores(tmp_path)
    scores.put(NINE.date(), rows(a_row(), a_row(model="population", record_score=95.0)))
    scores.put(NINE.date(), rows(a_row(record_score=30.0)))
    scores.put(date(2026, 3, 3), rows(a_row(hour=NINE + timedelta(days=1))))
    assert [row["record_score"] for row in scores.read().to_pylist()] == [80.0, 30.0]
    assert scores.read(since=NINE, until=NINE + timedelta(hours=1)).to_pylist() == [a_row(record_score=30.0)]
    scores.put(NINE.date(), rows())
    assert scores.read().num_rows == 1
    assert scores.prune(date(2026, 3, 4)) == 1
    assert scores.read().num_rows == 0


def test_rows_are_asked_for_by_principal_model_and_score(tmp_path):
    scores = ParquetHourScores(tmp_path)
    scores.put(NINE.date(), rows(a_row(), a_row(model="population", principal="idc/ann", principal_name="ann")))
    assert [row["model"] for row in scores.read(principal="ann").to_pylist()] == ["population"]
    assert [row["model"] for row in scores.read(model="forest").to_pylist()] == ["forest"]
    assert scores.read(least=80.1).num_rows == 0


def test_days_are_read_one_after_the_other_and_no_others(tmp_path):
    scores = ParquetHourScores(tmp_path)
    for day in (4, 3, 2, 1):
        scores.put(date(2026, 3, day), rows(a_row(record_score=float(day + 50))))
    (tmp_path / FOLDER / "2026-03-01.parquet").write_text("damaged")
    tables = scores.days(date(2026, 3, 2), date(2026, 3, 3))
    assert [table["record_score"].to_pylist() for table in tables] == [[52.0], [53.0]]


@pytest.mark.parametrize("made", ["text", "pipe", "other columns"])
def test_what_scoring_did_not_write_is_told_and_not_waited_for(tmp_path, made):
    path = tmp_path / FOLDER / f"{NINE.date()}.parquet"
    path.parent.mkdir()
    if made == "pipe":
        os.mkfifo(path)
    elif made == "text":
        path.write_text("no parquet")
    else:
        import pyarrow.parquet as pq

        pq.write_table(pa.table({"a": [1]}), path)
    with pytest.raises(StoreError, match="not as scoring writes it"):
        ParquetHourScores(tmp_path).read()
