"""The page about the function names every variable and every metric, and none that is not there."""

import re
from pathlib import Path

from pipeline.delivery.lambda_settings import VARIABLES, variable_of
from pipeline.delivery.package import HANDLER
from pipeline.delivery.telemetry import METRICS, NAMESPACE

PAGE = (Path(__file__).parents[3] / "docs/lambda.md").read_text()


def test_it_names_every_variable_and_no_other():
    rows = re.findall(r"^\| `(ODDTRAIL_[A-Z_]+)` \|", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(map(variable_of, VARIABLES))
    assert set(re.findall(r"`(ODDTRAIL_[A-Z_]*[A-Z])`", PAGE)) == set(rows)


def test_it_names_every_metric_and_no_other():
    table = PAGE.partition("| Metric | Counts |")[2]
    named = {name for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert named == {*METRICS, "NoEvents", "Again", "Troubles", "Bytes", "Events", "Lag"}
    assert f"`{NAMESPACE}`" in PAGE


def test_it_names_the_handler():
    assert f"`{HANDLER}`" in PAGE
