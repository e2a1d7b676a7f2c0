"""What CloudTrail calls differently than IAM does."""

import json
from pathlib import Path

import pytest

from features.call.action_alias import IAM_ACTIONS, IAM_METHODS, IAM_PREFIXES, OWN_LEVELS

IAM = json.loads((Path(__file__).parents[3] / "pipeline" / "data" / "iam_actions.json").read_bytes())["services"]
DEFINED = {f"{prefix}:{name}".lower() for prefix, levels in IAM.items() for text in levels.values()
           for name in text.split()}  # fmt: skip


def test_every_alias_of_an_action_leads_to_what_iam_defines() -> None:
    assert not [alias for alias, action in IAM_ACTIONS.items() if action.lower() not in DEFINED]


def test_every_alias_of_an_event_source_leads_to_a_prefix_of_iam() -> None:
    assert not [alias for alias, prefix in IAM_PREFIXES.items() if prefix not in IAM]


def test_no_alias_hides_what_iam_calls_the_same() -> None:
    assert not [alias for alias in IAM_ACTIONS if alias.lower() in DEFINED]
    assert not [alias for alias in IAM_PREFIXES if alias in IAM]


@pytest.mark.parametrize(("service", "methods"), IAM_METHODS.items())
def test_methods_are_actions_of_their_service(service: str, methods: dict[str, str]) -> None:
    assert {f"{service}:{method}".lower() for method in methods.values()} <= DEFINED


def test_levels_of_ours_are_for_single_actions() -> None:
    assert set(OWN_LEVELS.values()) <= {"read", "write"}
    assert all(action.count(":") == 1 for action in OWN_LEVELS)
    assert (OWN_LEVELS["kms:Decrypt"], OWN_LEVELS["signin:ConsoleLogin"]) == ("read", "write")
