"""Further firsts of a service that is new to a principal are one visit."""

from typing import Any

import numpy as np
import pytest

from models.baseline import Baseline, find, pair_key
from models.items import Items
from models.traits import Traits
from models.visits import Visits, find_visits
from tests.models import baselines
from tests.models.baselines import ANN, BOB, DAY, learn, traits_of


@pytest.fixture
def settled() -> Baseline:
    return baselines.settled()


def visits(baseline: Baseline, *tokens: tuple[str, str], who: int = ANN) -> tuple[Visits, Traits]:
    code = baseline.token_codes([d for d, _ in tokens], [v for _, v in tokens], [""] * len(tokens))
    principal, none = np.full(len(tokens), who), np.zeros(len(tokens))
    _, mine = find(baseline.pairs.key, pair_key(principal, code))
    named: dict[str, Any] = dict.fromkeys(Items.__slots__, none) | {"principal": principal, "token": code}
    traits = traits_of(baseline)
    return find_visits(baseline, traits, Items(**named | {"first": ~mine})), traits


def test_firsts_of_a_new_service_belong_to_one_visit(settled: Baseline) -> None:
    found, traits = visits(settled, ("read", "glue:GetTables"), ("write", "glue:CreateJob"), ("read", "iam:ListUsers"))
    assert [traits.services.values[code] for code in found.service] == ["glue", "glue", "iam"]
    assert found.lost[0] == found.lost[1] > 0


def test_a_first_of_a_service_it_uses_is_no_visit(settled: Baseline) -> None:
    found, _ = visits(settled, ("write", "ecs:DeleteService"), ("read", "s3:GetObject"))
    assert found.service.tolist() == [-1, -1]
    assert found.lost.tolist() == [0.0, 0.0]


def test_a_habit_or_a_place_is_no_visit(settled: Baseline) -> None:
    found, _ = visits(settled, ("read", "s3:ListBuckets"), ("country", "KP"))
    assert found.service.tolist() == [-1, -1]


def test_what_a_peer_uses_is_still_new_to_the_principal(settled: Baseline) -> None:
    mine, _ = visits(settled, ("read", "lambda:ListFunctions"))
    peers, _ = visits(settled, ("read", "lambda:ListFunctions"), who=BOB)
    assert mine.service[0] >= 0 > peers.service[0]


def test_a_service_in_which_everybody_tries_things_explains_less(settled: Baseline) -> None:
    rare, _ = visits(settled, ("read", "glue:GetTables"))
    for day in range(DAY, DAY + 4):
        learn(settled, day, *[(BOB, "read", f"glue:Get{day}{n}", 1) for n in range(30)])
    common, _ = visits(settled, ("read", "glue:GetTables"))
    assert rare.lost[0] > common.lost[0] >= 0


def test_a_share_of_all_firsts_explains_nothing(settled: Baseline) -> None:
    """ln(.8/1 + .2) = 0: where every first is of the service, one more tells of no visit."""
    settled.recent[:] = 0.0
    learn(settled, DAY, *[(BOB, "read", f"glue:Get{n}", 1) for n in range(3)])
    settled.recent[:] *= 1e9
    found, _ = visits(settled, ("read", "glue:GetTables"))
    assert found.lost[0] == pytest.approx(0.0, abs=1e-6)
