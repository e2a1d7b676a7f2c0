"""What docs/deploy.md says is true: parameters, outputs, alarms, commands and paths exist."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.documents.document import Naming
from pipeline.documents.roles import make_opensearch_roles
from tests.deploy.template import NAMES, SOURCES, STACKS, a_stack, read_template
from tests.pipeline.cli.commands import COMMANDS, run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
PARAMETERS = {name: read_template(name)["Parameters"] for name in NAMES}


def shell() -> Iterator[str]:
    """Commands of the page, a line each, without comments."""
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            yield re.sub(r"\s+#.*", "", line).strip()


DEPLOYS = [line for line in shell() if "cloudformation deploy" in line or "create-stack-set" in line]


@pytest.mark.parametrize("line", DEPLOYS, ids=range(len(DEPLOYS)))
def test_a_deployment_that_is_shown_is_one_that_the_template_takes(line: str) -> None:
    [name] = re.findall(r"deploy/cloudformation/([\w-]+)\.yaml", line)
    pairs = re.findall(r"ParameterKey=(\w+),ParameterValue=(\S+)", line) or [
        tuple(word.split("=", 1)) for word in shlex.split(line.partition("--parameter-overrides")[2]) if "=" in word
    ]
    assert pairs
    for parameter, value in pairs:
        body = PARAMETERS[name][parameter]
        given = value.split(",") if body["Type"] == "CommaDelimitedList" else [value]
        for each in given:
            assert "$" in each or re.fullmatch(body.get("AllowedPattern", ".*"), each), f"{parameter}={each}"
            assert each in body.get("AllowedValues", [each])
    needed = {parameter for parameter, body in PARAMETERS[name].items() if "Default" not in body}
    assert needed <= {parameter for parameter, _ in pairs}


def test_every_parameter_output_and_resource_that_is_named_exists() -> None:
    outputs = {key for name in NAMES for key in read_template(name)["Outputs"]}
    assert set(re.findall(r"\$\(show (\w+)\)", PAGE)) <= outputs
    known = outputs | {key for name in NAMES for key in (*PARAMETERS[name], *read_template(name)["Resources"])}
    named = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][A-Za-z]+)+)(?:=[^`]*)?`", PAGE))
    assert len(named) > 25
    assert sorted(named - known) == []


def test_every_alarm_has_its_row() -> None:
    alarms = {name for each, about in STACKS for name in a_stack(each, about).of_type("AWS::CloudWatch::Alarm")}
    rows = re.findall(r"^\| ((?:`\w+Alarm`(?:, )?)+)", PAGE, re.MULTILINE)
    assert sorted(re.findall(r"\w+Alarm", " ".join(rows))) == sorted(alarms)


def test_every_command_of_ours_and_its_options_exist() -> None:
    shown = [line for line in shell() if ".venv/bin/oddtrail " in line]
    assert len(shown) >= 5
    for line in shown:
        words = shlex.split(line.partition(".venv/bin/oddtrail ")[2])
        command = next(words[:length] for length in (2, 1) if tuple(words[:length]) in COMMANDS)
        told = run(*command, "--help").output
        assert [word for word in words if word.startswith("--") and word not in told] == []


def test_the_role_that_the_writer_is_given_is_one_that_setup_makes() -> None:
    [named] = re.findall(r"rolesmapping/([\w-]+)", PAGE)
    assert named in {role.name for role in make_opensearch_roles(Naming())}


def test_the_python_that_is_shown_compiles_and_finds_what_it_imports() -> None:
    [code] = re.findall(r"<<'PYTHON'\n(.*?)\nPYTHON", PAGE, re.DOTALL)
    compile(code, "docs/deploy.md", "exec")
    exec("\n".join(line for line in code.splitlines() if line.startswith("from pipeline")), {})


def test_every_path_that_is_named_exists() -> None:
    named = set(re.findall(r"(?:docs|deploy/cloudformation)/[\w-]+\.(?:md|yaml)", PAGE))
    assert len(named) >= 3
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_the_policy_of_a_key_is_json_and_lets_in_who_notifies() -> None:
    [text] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    statements = json.loads(text)
    allowed = {name for one in statements for name in _names(one["Principal"]["Service"])}
    senders = {
        one.body["Principal"]["Service"]
        for about in SOURCES
        for one in a_stack("source-account", about).statements()
        if one.resource == "ObjectQueuePolicy" and one.body["Effect"] == "Allow"
    }
    assert senders < allowed
    assert all(one["Condition"] for one in statements)


def _names(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def test_what_the_stand_in_only_pretends_is_said() -> None:
    said = " ".join(PAGE.partition("## What was tried")[2].split())
    for what in (
        "subscriptions",
        "alarms",
        "destinations on failure",
        "policies of queues and buckets",
        "domains",
        "StackSets",
    ):
        assert what in said
