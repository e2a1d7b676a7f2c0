"""The priors' view of tokens grows with the vocabulary."""

import numpy as np

from models.baseline import Baseline
from models.traits import Traits
from tests.models.baselines import PRIORS


def test_only_actions_have_a_service_and_a_chance() -> None:
    baseline, traits = Baseline(day=1), Traits(PRIORS)
    baseline.token_codes(
        ["write", "country", "read_by_service", "denied"],
        ["iam:CreateUser", "DE", "s3:GetObject", "iam:CreateUser"],
        ["write", "", "read", ""],
    )
    traits.refresh(baseline)
    row = traits.row(np.arange(4))
    assert traits.service[row].tolist() == [0, -1, 1, -1]
    assert traits.services.values == ["iam", "s3"]
    assert traits.attack[row[0]] == PRIORS.q_action("iam:CreateUser", "write", True)
    assert traits.attack[row[1]] == traits.attack[row[3]] == 0.0
    assert len(traits.token) == len(traits.attack) == len(traits.service) == len(traits.sensitive) == 3


def test_changes_and_reads_that_are_the_point_of_an_attack_are_sensitive() -> None:
    baseline, traits = Baseline(day=1), Traits(PRIORS)
    calls = [("write", "cloudtrail:StopLogging", "write"), ("write", "ecs:UpdateService", "write")]
    calls += [
        ("write_by_service", "cloudtrail:StopLogging", "write"),
        ("read", "secretsmanager:GetSecretValue", "read"),
        ("read", "iam:ListUsers", "list"),
    ]
    baseline.token_codes(*(list(part) for part in zip(*calls, strict=True)))
    traits.refresh(baseline)
    assert traits.sensitive[traits.row(np.arange(5))].tolist() == [True, False, True, True, False]


def test_to_refresh_adds_what_is_new_and_changes_nothing_else() -> None:
    baseline, traits = Baseline(day=1), Traits(PRIORS)
    baseline.token_codes(["country", "write"], ["DE", "iam:CreateUser"], ["", "write"])
    traits.refresh(baseline)
    first = traits.attack.copy()
    baseline.token_codes(["write", "read"], ["iam:CreateUser", "iam:ListUsers"], ["permissions", "list"])
    traits.refresh(baseline)
    assert traits.attack[:2].tolist() == first.tolist()
    assert traits.token.tolist() == [-1, 1, 2]
    assert traits.row(np.array([0, 1, 2, 3])).tolist() == [0, 1, 2, 0]
