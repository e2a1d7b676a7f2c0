"""What is missing for Spark is said with what to install, and a failure there in one line."""

import sys

import pytest

from pipeline.errors import StoreError
from pipeline.spark.session import SparkError, explain, spark_session, told_as_ours

FAILED = """Job aborted due to stage failure: Task 0 in stage 1.0 failed 1 times (executor driver):
org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "pipeline/spark/rows.py", line 9, in __call__
    raise PlaceError("gone")
pipeline.shared.place.PlaceError: s3://b/p/x cannot be read: allow s3:GetObject

\tat org.apache.spark.api.python.BasePythonRunner.handle(PythonRunner.scala:1)
"""


def test_without_pyspark_it_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(SparkError, match=r"pip install 'oddtrail\[spark\]'"), spark_session():
        pass


@pytest.mark.parametrize(("home", "told"), [("/nowhere", "JAVA_HOME is '/nowhere'"), ("", "no java is on the path")])
def test_without_java_it_says_what_to_install(monkeypatch, home, told):
    from pyspark.sql import SparkSession

    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setenv("JAVA_HOME", home)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SparkError, match=f"{told}.*Debian: openjdk-17"), spark_session("local[1]"):
        pass


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (FAILED, "s3://b/p/x cannot be read: allow s3:GetObject"),
        ("x\nValueError: bad\n\tat org", "ValueError: bad"),
        ("lost executor 3\nmore", "lost executor 3"),
        ("", "it does not say why"),
    ],
)
def test_a_failure_is_told_in_the_line_that_matters(text, line):
    assert explain(text) == line


def test_only_errors_of_spark_are_told_as_such():
    from pyspark.errors import PySparkException

    with pytest.raises(SparkError, match="what was finished stays"), told_as_ours():
        raise PySparkException(FAILED)
    with pytest.raises(StoreError, match="full"), told_as_ours():
        raise StoreError("full")
    with pytest.raises(ZeroDivisionError), told_as_ours():
        1 / 0  # noqa: B018
