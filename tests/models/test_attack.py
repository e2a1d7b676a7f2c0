"""q: what an attacker's hour holds, by the priors and by what the deployment knows."""

import numpy as np
import pytest

from models.attack import OPENED_INSIDE, RESOURCE_KNOWN, RESOURCE_NEW, UNHEARD_MOST, UNHEARD_TIMES, estimate_attack
from models.baseline import SEPARATOR, Baseline
from models.circles import Circles
from tests.models import baselines
from tests.models.baselines import PRIORS, learn, past_of, traits_of


@pytest.fixture
def settled() -> Baseline:
    return baselines.settled()


def attack(baseline: Baseline, *tokens: tuple[str, str, str], probability: float = 0.001) -> list[float]:
    past = past_of(baseline, *tokens)
    p = np.full(len(tokens), probability)
    return [float(q) for q in estimate_attack(baseline, Circles(baseline), traits_of(baseline), past, p)]


def test_a_known_action_has_its_prior(settled: Baseline) -> None:
    [q] = attack(settled, ("write", "ecs:UpdateService", "write"))
    assert q == PRIORS.q_action("ecs:UpdateService", "write", True)


def test_an_action_nobody_ever_made_is_likelier_of_an_attacker_up_to_a_bound(settled: Baseline) -> None:
    loud, quiet = attack(settled, ("write", "cloudtrail:StopLogging", "write"), ("read", "glue:GetDatabases", "list"))
    assert loud == UNHEARD_MOST < UNHEARD_TIMES * PRIORS.q_action("cloudtrail:StopLogging", "write", True)
    assert quiet == pytest.approx(UNHEARD_TIMES * PRIORS.q_action("glue:GetDatabases", "list", False))


def test_a_new_place_has_its_own_chance_and_known_ones_share_theirs(settled: Baseline) -> None:
    new, known = attack(settled, ("country", "KP", ""), ("country", "FR", ""))
    assert new == PRIORS.place("country").new
    assert known == PRIORS.place("country").known / 2  # DE and FR
    learn(settled, 40, (2, "country", "US", 1), (2, "country", "GB", 1))
    assert attack(settled, ("country", "FR", "")) == [PRIORS.place("country").known / 4]


@pytest.mark.parametrize("kind", ["bucket", "gizmo"])
def test_a_resource_is_touched_sometimes_and_else_the_hour_looks_like_the_principals(
    settled: Baseline, kind: str
) -> None:
    touches = PRIORS.q_resource(kind)
    [q] = attack(settled, (f"resource:{kind}", "crown-jewels", ""), probability=0.5)
    assert q == pytest.approx(touches * RESOURCE_NEW + (1 - touches) * 0.5)


def test_known_resources_share_what_is_not_new(settled: Baseline) -> None:
    touches = PRIORS.q_resource("bucket")
    [q] = attack(settled, ("resource:bucket", "logs", ""), probability=0.0)
    assert q == pytest.approx(touches * RESOURCE_KNOWN / 3)  # pay, logs and web


def test_an_exposure_is_one_chance_whoever_knows_it(settled: Baseline) -> None:
    learn(settled, 40, (0, "exposure", "cidr:0.0.0.0/0", 1))
    assert attack(settled, ("exposure", "cidr:0.0.0.0/0", ""), ("exposure", "principal:*", "")) == [PRIORS.exposure] * 2


def test_an_opening_to_an_account_of_the_deployment_is_a_small_share_over_all_of_them(settled: Baseline) -> None:
    names = [("exposure", f"account:{account}", "") for account in ("111122223333", "777788889999")]
    assert attack(settled, *names) == [PRIORS.exposure] * 2, "nobody worked in any account yet"
    learn(settled, 40, (0, "account", "111122223333", 1), (1, "account", "444455556666", 1))
    inside, outside = attack(settled, *names)
    assert inside == pytest.approx(PRIORS.exposure * OPENED_INSIDE / 2)
    assert outside == PRIORS.exposure


def test_an_account_that_was_flagged_is_not_the_deployments_own(settled: Baseline) -> None:
    learn(settled, 40, (0, "account", "111122223333", 1), (1, "account", "444455556666", 1))
    token = settled.tokens.get(f"account{SEPARATOR}111122223333")
    settled.flag(np.array([0]), np.array([token]))
    assert attack(settled, ("exposure", "account:111122223333", "")) == [PRIORS.exposure]


def test_denials_and_facts_are_judged_elsewhere(settled: Baseline) -> None:
    assert attack(settled, ("denied", "s3:ListBuckets", ""), ("fact", "root", "")) == [0.0, 0.0]
