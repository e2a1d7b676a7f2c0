"""Tactics are those of what was done, not of where it came from."""

import pytest

from models.tactics import LEAST_NATS, find_actions, tactics_of
from tests.models.baselines import PRIORS
from tests.models.worlds import Judged, a_theft_judged


@pytest.fixture(scope="module")
def judged() -> Judged:
    return a_theft_judged()


def test_actions_are_told_by_their_weight_and_places_are_none(judged: Judged) -> None:
    found = find_actions(judged.standing("idc/person3"), judged.model.baseline)
    assert {"iam:CreateUser", "iam:CreateAccessKey", "iam:AttachUserPolicy"} <= {action for action, _ in found}
    assert all(":" in action and not action.startswith("policy:") for action, _ in found)
    assert [nats for _, nats in found] == sorted((nats for _, nats in found), reverse=True)
    assert all(nats >= LEAST_NATS for _, nats in found)


def test_tactics_are_those_the_priors_know_the_actions_for(judged: Judged) -> None:
    standing = judged.standing("idc/person3")
    actions = [action for action, _ in find_actions(standing, judged.model.baseline)]
    assert tactics_of(standing, judged.model.baseline, PRIORS) == {PRIORS.tactic(action) for action in actions} - {""}
    assert "Persistence" in tactics_of(standing, judged.model.baseline, PRIORS)


def test_a_quiet_day_points_to_no_tactic(judged: Judged) -> None:
    quiet = judged.standing("idc/person3")
    empty = type(quiet)(quiet.day, quiet.principal, quiet.tick, 0.0, {}, [], None, None, 0.0, frozenset())
    assert tactics_of(empty, judged.model.baseline, PRIORS) == frozenset()
