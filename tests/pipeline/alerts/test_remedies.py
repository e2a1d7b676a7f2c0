"""Each remedy's commands are of the AWS CLI, and their places are what an alert can name."""

import re
import shlex
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from features.call.resource_field import BY_CALL, FIELDS
from pipeline.alerts.harms import HARMS
from pipeline.alerts.remedies import REMEDIES, Remedy

TABLES = (*FIELDS.values(), *(fields for _, _, fields in BY_CALL))
KNOWN = {kind for fields in TABLES for kind in fields.values()}
OF_THE_ALERT = {"issued", "grantee", "host", "alarm", "account", "region", "partition", "domain"}
"""Places that are no type of resource; alarms are, once requests that name them are read."""


def test_every_kind_of_harm_has_one() -> None:
    assert set(REMEDIES) == {harm.name for harm in HARMS}


@pytest.mark.parametrize("name", REMEDIES)
def test_it_says_what_to_do_in_sentences(name: str) -> None:
    remedy = REMEDIES[name]
    for text in (remedy.done, remedy.tried):
        assert re.fullmatch(r"[A-Z].+\.", text)
        assert "{" not in text


COMMANDS = [(remedy, pattern, command) for remedy in REMEDIES.values() for pattern, command in remedy.commands]


@pytest.mark.parametrize(("remedy", "pattern", "command"), COMMANDS, ids=[command[:60] for _, _, command in COMMANDS])
def test_a_command_can_be_filled_and_takes_nothing_that_is_evidence(remedy: Remedy, pattern: str, command: str) -> None:
    re.compile(pattern)
    assert command.startswith("aws ")
    assert set(re.findall(r"\{(\w+)\}", command)) <= KNOWN | OF_THE_ALERT
    assert not re.search(r" (delete|terminate|remove)-(?!login-profile|function-url|user-from-group)", command)


OF_THE_CLI = {"region", "query", "output", "max-items"}
NAMED_OTHERWISE = {"s3api": "s3", "configservice": "config"}


@cache
def operations_of(service: str) -> dict[str, Any]:
    """A service's operations, by their names in the AWS CLI."""
    model = botocore.session.get_session().get_service_model(NAMED_OTHERWISE.get(service, service))
    return {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}


@pytest.mark.parametrize("command", sorted({command for _, _, command in COMMANDS}), ids=lambda command: command[:60])
def test_a_command_is_one_that_aws_knows_with_all_that_it_needs(command: str) -> None:
    _, service, name, *rest = shlex.split(re.sub(r"\{(\w+)\}", r"\1", command))
    shape = operations_of(service)[name].input_shape
    known = {xform_name(member, "-") for member in shape.members} if shape else set()
    given = {word[2:] for word in rest if word.startswith("--")}
    given = {word.removeprefix("no-") if word not in known else word for word in given}
    assert given - OF_THE_CLI <= known
    assert {xform_name(member, "-") for member in shape.required_members} <= given if shape else True
