"""The template and the function know each other: handler, variables and their values, and what its log says."""

import ast
import importlib.util
import inspect
from pathlib import Path

import pytest

from pipeline.delivery import telemetry
from pipeline.delivery.lambda_settings import VARIABLES, read_settings, variable_of
from pipeline.delivery.package import ARCHITECTURES, HANDLER, PYTHON, PYTHONS
from pipeline.search.url import parse_url
from tests.deploy.template import ACCOUNT, REGION, SOURCES, Stack, a_stack


def variables(about: str) -> dict[str, str]:
    """Variables of the function in a deployment."""
    return a_stack("source-account", about).variables


def test_the_function_calls_what_the_package_has_with_the_python_it_is_made_for() -> None:
    stack = a_stack("source-account", "logs")
    function, parameters = stack.resources["Function"], stack.template["Parameters"]
    assert function["Handler"] == HANDLER
    name, _, called = HANDLER.rpartition(".")
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.origin is not None
    tree = ast.parse(Path(found.origin).read_text(encoding="utf-8"))
    assert called in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert function["Runtime"] == f"python{PYTHON}"
    assert parameters["PythonVersion"]["AllowedValues"] == list(PYTHONS)
    assert parameters["Architecture"]["AllowedValues"] == list(ARCHITECTURES)


@pytest.mark.parametrize("about", SOURCES)
def test_the_function_takes_every_variable_that_the_template_gives(about: str) -> None:
    given = variables(about)
    settings = read_settings(given)
    assert settings.url == parse_url(given["ODDTRAIL_URL"])
    assert settings.spill
    assert (settings.spill.queue, settings.spill.bucket, settings.spill.prefix) == (
        f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/SpillQueue", "box", "spill/",
    )  # fmt: skip
    assert (settings.dead_letters.queue, settings.dead_letters.bucket, settings.dead_letters.prefix) == (
        "", "box", "dead-letters/",
    )  # fmt: skip


def test_every_variable_is_one_that_the_function_knows() -> None:
    known = {variable_of(name) for name in VARIABLES}
    assert {name for about in SOURCES for name in variables(about)} <= known


def test_the_function_reads_the_trails_bucket_and_what_its_accounts_send_only() -> None:
    allowed = read_settings(variables("another's bucket")).allowed
    assert allowed.accounts == {ACCOUNT, "444455556666"}
    assert allowed.refuse_object("the-trail", f"AWSLogs/{ACCOUNT}/CloudTrail/x.json.gz", REGION) == ""
    assert allowed.refuse_object("the-trail", "elsewhere/x.json.gz", REGION)
    assert allowed.refuse_object("another", f"AWSLogs/{ACCOUNT}/CloudTrail/x.json.gz", REGION)
    assert allowed.refuse_object("the-trail", f"AWSLogs/{ACCOUNT}/CloudTrail/x.json.gz", "us-east-1")
    assert read_settings(variables("logs")).allowed.accounts == {ACCOUNT}


def test_names_and_days_of_indices_are_as_told() -> None:
    stack = Stack("source-account", **SOURCES["logs"], IndexPrefix="trails", RetentionDays="90")
    settings = read_settings(stack.variables)
    assert (settings.prefix, settings.retention.days) == ("trails", 90)


def test_the_templates_metrics_are_of_what_the_function_says_when_it_is_done() -> None:
    said = set(telemetry.METRICS.values())
    filters = a_stack("source-account", "logs").of_type("AWS::Logs::MetricFilter").values()
    read = {}
    for each in filters:
        [transformation] = each["MetricTransformations"]
        value = transformation["MetricValue"]
        assert each["FilterPattern"] == f'{{ $.message = "done" && {value} = * }}'
        assert each["LogGroupName"] == "FunctionLogs"
        read[transformation["MetricName"]] = value.removeprefix("$.")
    assert read == {"In": "records", "DeadLetters": "dead_lettered"}
    assert set(read.values()) <= said
    assert '.info("done"' in inspect.getsource(telemetry.Telemetry.done)
