"""One session of Spark for all tests of this folder; starting it takes longer than most of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.spark.session import spark_session


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Spark on this machine, with two of its cores."""
    conf = {
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # quick to start, not to run
    }
    with spark_session("local[2]", conf) as session:
        yield session
