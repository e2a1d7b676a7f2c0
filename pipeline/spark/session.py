"""Start Spark, or join the one that is there; what is missing is said with what to install."""

from __future__ import annotations

import os
import re
import shutil
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.errors import OddtrailError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_INSTALL: Final = "install it with `pip install 'oddtrail[spark]'`"
_ALWAYS: Final[Mapping[str, str]] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "10000",
}
"""What our statements stand on."""
_LOCAL: Final[Mapping[str, str]] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "8",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
"""What one machine does well with; none of it where it is given otherwise."""
_IS_LOCAL: Final = re.compile(r"local(\[.*\])?")


class SparkError(OddtrailError):
    """Spark is missing, cannot be started, or gave up."""


@contextmanager
def spark_session(master: str | None = None, conf: Mapping[str, str] | None = None) -> Iterator[SparkSession]:
    """A session of Spark for a block; one that was there already goes on after it.

    Parameters
    ----------
    master
        Such as `local[4]`; None for what `spark-submit` says, else all cores of this machine.
    conf
        Settings of Spark beside ours.

    Raises
    ------
    SparkError
        Spark or Java is not installed, or the master cannot be reached.
    """
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")  # of which we hand it nothing
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SparkError(f"PySpark is not installed ({error}): {_INSTALL}") from error
    there = SparkSession.getActiveSession()
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    if there is None and not submitted:
        _check_java()
    master = master or (None if submitted else "local[*]")
    builder = SparkSession.builder.appName("oddtrail spark-backfill")
    if master and there is None:
        builder = builder.master(master)
    own = {**(_LOCAL if master and _IS_LOCAL.fullmatch(master) and there is None else {}), **_ALWAYS, **(conf or {})}
    for name, value in own.items():
        builder = builder.config(name, value)
    _name_python(master)
    try:
        session = there or builder.getOrCreate()
        for name, value in _ALWAYS.items():
            session.conf.set(name, value)
        session.sparkContext.setLogLevel("ERROR")
    except (PySparkException, OSError, RuntimeError) as error:
        raise SparkError(f"Spark could not be started at {master or 'its master'}: {_first_line(error)}") from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "py4j":
            raise
        raise SparkError(
            f"Spark could not be started at {master or 'its master'} ({_first_line(error)}): is it there, and may it "
            "be reached from here?"
        ) from error
    try:
        yield session
    finally:
        if there is None and not submitted:
            session.stop()


@contextmanager
def told_as_ours() -> Iterator[None]:
    """Tell an error of Spark's as ours: what failed there first, in a line."""
    try:
        yield
    except OddtrailError:
        raise
    except Exception as error:
        root = type(error).__module__.partition(".")[0]
        if root not in ("pyspark", "py4j"):
            raise
        raise SparkError(
            f"Spark gave up ({explain(str(error))}): what was finished stays; put it right and run it again"
        ) from error


def explain(text: str) -> str:
    """The line of a failure in Spark that says what went wrong: of ours or of Python, where it was there.

    >>> explain("Job aborted\\n  File x\\npipeline.shared.place.PlaceError: s3://a/b: denied\\n\\tat org.apache")
    's3://a/b: denied'
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    ours = [line for line in lines if re.match(r"pipeline\.[\w.]+Error: ", line)]
    python = [line for line in lines if re.match(r"(?:[\w.]+\.)?\w+(?:Error|Exception): ", line)]
    if ours:
        return ours[-1].partition(": ")[2][:500]
    return (python[-1] if python else lines[0] if lines else "it does not say why")[:500]


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:300]


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    found = (Path(home) / "bin" / "java").is_file() if home else shutil.which("java") is not None
    if not found:
        where = f"JAVA_HOME is '{home}', and no java is there" if home else "no java is on the path"
        raise SparkError(f"Spark needs Java 17 or newer, and {where}: install one (Debian: openjdk-17-jre-headless)")


def _name_python(master: str | None) -> None:
    """Have Spark's workers on this machine be this Python."""
    if master and _IS_LOCAL.fullmatch(master):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
