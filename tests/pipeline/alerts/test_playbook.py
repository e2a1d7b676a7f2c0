"""What to do first is known for every tactic and every kind, and the urgent comes first."""

import json
from pathlib import Path

import pytest

import pipeline
from pipeline.alerts.playbook import CONTAIN, ORDER, STEPS, advise

PRIORS = json.loads((Path(pipeline.__file__).parent / "data/attack_priors.json").read_text())


def test_every_tactic_of_the_priors_has_a_step() -> None:
    tactics = {action["tactic"] for action in PRIORS["actions"].values()}
    assert len(tactics) > 8
    assert tactics <= set(STEPS)
    assert set(ORDER) == set(STEPS)


@pytest.mark.parametrize("kind", ["human", "workload", "ci", "aws_service", "external", "root", "anonymous"])
def test_every_kind_of_principal_has_a_way_to_be_contained(kind: str) -> None:
    assert kind in CONTAIN
    assert advise(kind, "jane", [])


def test_what_blinds_comes_before_what_looks_and_only_two_tactics_are_told() -> None:
    steps = advise("human", "jane", ["Discovery", "Persistence", "Defense Evasion"])
    assert steps[1:] == [STEPS["Defense Evasion"], STEPS["Persistence"]]
    assert "Ask jane" in steps[0]


def test_a_name_with_braces_is_a_name() -> None:
    assert "{0.__class__}" in advise("human", "{0.__class__}", ["No such tactic"])[0]
