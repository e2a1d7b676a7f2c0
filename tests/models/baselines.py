"""Makers of small baselines: who did what on which day, named and nothing else."""

import numpy as np

from models.baseline import ActiveRows, Baseline, Ints, TokenRows
from models.circles import Circles
from models.past import Past, look_back
from models.priors import AttackPriors
from models.traits import Traits
from pipeline.datafiles import read_attack_priors

PRIORS = AttackPriors.from_dict(read_attack_priors())
DAY = 40
"""The day that `settled` is the baseline of."""
ANN, BOB, CAT, DAN = range(4)
Seen = tuple[int, str, str, int]
"""Principal, dimension, value, hours."""


def four_people(day: int) -> Baseline:
    """Ann and her peer Bob, Cat in their account, Dan elsewhere; nothing is known of them yet."""
    baseline = Baseline(day)
    for name, group, account in [("ann", "dev", "1"), ("bob", "dev", "1"), ("cat", "ops", "1"), ("dan", "far", "2")]:
        baseline.enrol(name, "person", group, account)
    return baseline


def learn(baseline: Baseline, day: int, *seen: Seen) -> Ints:
    """Fold in a day; return the tokens' codes."""
    token = baseline.token_codes([s[1] for s in seen], [s[2] for s in seen], [""] * len(seen))
    principal, hours = np.array([s[0] for s in seen]), np.array([s[3] for s in seen])
    days, zero = np.full(len(seen), day), np.zeros(len(seen), dtype=np.int64)
    rows = TokenRows(principal, token, days, hours, zero, zero, zero)
    cells: dict[tuple[int, int], int] = {}
    for p, d, h in zip(principal.tolist(), baseline.token_dimension[token].tolist(), hours.tolist(), strict=True):
        for dimension in (0, d):
            cells[p, dimension] = max(cells.get((p, dimension), 0), h)
    at = np.array(list(cells))
    active = ActiveRows(at[:, 0], at[:, 1], np.full(len(cells), day), np.array(list(cells.values())))
    baseline.learn(day + 1, rows, active, Circles(baseline).of(principal, token))
    return token


def settled() -> Baseline:
    """The four people after a month of habits, up to `DAY`."""
    baseline = four_people(day=10)
    for day in range(10, DAY):
        mine = [(ANN, "read", "s3:ListBuckets", 6), (ANN, "write", "ecs:UpdateService", 2), (ANN, "country", "DE", 6)]
        mine += [
            (ANN, "resource:bucket", "pay", 3),
            (ANN, "prefix", "198.51.100.0/24", 6),
            (ANN, "agent", "console", 6),
        ]
        others = [(p, "read", "s3:ListBuckets", 6) for p in (BOB, CAT, DAN)]
        others += [(BOB, "write", "lambda:CreateFunction", 1), (DAN, "write", "sqs:CreateQueue", 1)]
        others += [(CAT, "country", "FR", 6), (BOB, "resource:bucket", "logs", 3), (BOB, "resource:bucket", "web", 2)]
        new = [(ANN, "read", f"ec2:DescribeThing{day}", 1)] if day % 9 == 0 else []
        learn(baseline, day, *mine, *others, *new)
    return baseline


def rows_of(baseline: Baseline, *tokens: tuple[str, str, str], who: int = ANN) -> TokenRows:
    """Tokens (dimension, value, level) of one principal's day, in one hour."""
    code = baseline.token_codes(*(list(part) for part in zip(*tokens, strict=True)))
    zero = np.zeros(len(code), dtype=np.int64)
    return TokenRows(zero + who, code, zero + DAY, zero + 1, zero, zero + DAY * 24, zero)


def past_of(baseline: Baseline, *tokens: tuple[str, str, str], who: int = ANN) -> Past:
    """The past of such tokens."""
    return look_back(baseline, Circles(baseline), rows_of(baseline, *tokens, who=who))


def traits_of(baseline: Baseline) -> Traits:
    """The shipped priors' view of a baseline's tokens."""
    traits = Traits(PRIORS)
    traits.refresh(baseline)
    return traits
