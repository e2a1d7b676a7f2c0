"""A value that was declared usual is a habit of its scope, and of nobody else."""

import numpy as np
import pytest

from models.baseline import Baseline
from models.circles import Circles
from models.declared import USUAL_HOURS, Scope, Usual, can_declare, find_declared
from models.past import look_back
from models.rates import FirstRates
from models.surprise import score_tokens
from tests.models import baselines
from tests.models.baselines import ANN, BOB, CAT, DAN, rows_of, traits_of

STOP = ("write", "cloudtrail:StopLogging", "write")


@pytest.fixture
def settled() -> Baseline:
    return baselines.settled()


def nats(baseline: Baseline, *usual: Usual, who: int = ANN, token: tuple[str, str, str] = STOP) -> float:
    rows = rows_of(baseline, token, who=who)
    told = find_declared(baseline, usual, rows)
    items = score_tokens(baseline, Circles(baseline), FirstRates(baseline), traits_of(baseline), rows, told)
    return float(items.nats.sum())


@pytest.mark.parametrize(
    ("scope", "principal", "of"),
    [
        ("principal", "ann", {ANN}),
        ("group", "ann", {ANN, BOB}),
        ("group", "dan", {DAN}),
        ("deployment", "", {ANN, BOB, CAT, DAN}),
        ("principal", "nobody", set()),
        ("group", "nobody", set()),
    ],
)
def test_it_lowers_the_evidence_for_its_scope_only(settled, scope: Scope, principal: str, of: set[int]) -> None:
    told = Usual(scope, principal, *STOP[:2])
    for who in (ANN, BOB, CAT, DAN):
        before, after = nats(settled, who=who), nats(settled, told, who=who)
        assert before > 5
        assert after < before - 4 if who in of else after == before


def test_another_value_is_as_odd_as_ever(settled) -> None:
    told = Usual("deployment", "", *STOP[:2])
    other = ("write", "cloudtrail:DeleteTrail", "write")
    assert nats(settled, told, token=other) == nats(settled, token=other) > 5


def test_it_counts_as_so_many_hours_and_never_as_fewer_than_were_seen(settled) -> None:
    rows = rows_of(settled, STOP, ("read", "s3:ListBuckets", ""))
    past = look_back(settled, Circles(settled), rows, np.array([True, True]))
    seen = look_back(settled, Circles(settled), rows)
    assert past.habit.tolist() == [USUAL_HOURS, seen.habit[1]]
    assert seen.habit[1] > USUAL_HOURS
    assert (past.mine.tolist(), past.declared.tolist()) == ([True, True], [True, False])


def test_what_was_never_seen_is_no_hour_that_an_analyst_reads(settled) -> None:
    rows = rows_of(settled, STOP)
    told = np.array([True])
    items = score_tokens(settled, Circles(settled), FirstRates(settled), traits_of(settled), rows, told)
    assert (items.hours_with.tolist(), items.first.tolist()) in [([0.0], [False]), ([], [])]


def test_what_is_told_is_not_learnt(settled) -> None:
    before = settled.pairs.key.tolist(), settled.pairs.hours.tolist()
    nats(settled, Usual("deployment", "", *STOP[:2]))
    assert (settled.pairs.key.tolist(), settled.pairs.hours.tolist()) == before


def test_denials_exposures_and_facts_cannot_be_declared() -> None:
    assert not any(map(can_declare, ("denied", "exposure", "fact", "")))
    assert all(map(can_declare, ("read", "write_by_service", "prefix", "country", "asn", "agent", "resource:secret")))
