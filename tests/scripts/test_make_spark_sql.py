"""The SQL of Spark is what the script makes of DuckDB's, and of nothing else."""

import pytest

from features.activity.statements import STATEMENTS
from pipeline.spark.sql_texts import read_sql
from scripts.make_spark_sql import FOLDER, SCHEMA, make_sql, transpile, write


def test_what_is_committed_is_what_is_made(tmp_path):
    write(tmp_path)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_text() for path in FOLDER.iterdir()}
    assert set(made) == {f"{name}.sql" for name in ("counted", "corrected", *STATEMENTS)}


def test_each_statement_keeps_account_days_apart():
    for name in STATEMENTS:
        assert read_sql(name).count("account_day") >= 2


def test_the_deployment_is_a_parameter_and_stands_nowhere_else():
    texts = "".join(make_sql().values())
    assert "Made/Up" not in texts
    assert "987654" not in texts
    assert ":timezone" in read_sql("joint")
    assert ":lateness" in read_sql("joint")


def test_stars_are_written_out_so_that_a_new_column_is_seen():
    assert "*" not in "".join(make_sql().values()).replace("COUNT(*)", "")
    assert set(SCHEMA) == {"events", "counted", "collapsed", "correcting"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SELECT len(account) FROM events", "may be the length of a text"),
        ("SELECT timezone('Asia/Seoul', event_time) FROM events", "another zone"),
    ],
)
def test_what_the_two_dialects_would_understand_differently_is_refused(text, told):
    with pytest.raises(ValueError, match=told):
        transpile(text)
