"""Openings to an account of the deployment itself, which share within a company.

An account is the deployment's own once somebody was seen at work in it, on a day before. IAM Access Analyzer calls the
same a zone of trust, and finds only what is opened beyond it.
"""

from collections.abc import Collection

import numpy as np

from models.baseline import DEPLOYMENT, SEPARATOR, Baseline, Bools, Ints
from models.circles import Circles

_ACCOUNT = "account"
"""The dimension of where somebody works, and the kind of opening that names an account."""


def is_inside(baseline: Baseline, circles: Circles, token: Ints) -> Bools:
    """Which of some tokens open something to an account of the deployment, shape (n,)."""
    opens = baseline.which(lambda d: d.attack == "exposure")[baseline.token_dimension[token]]
    named = {code: baseline.token(code)[1] for code in np.unique(token[opens]).tolist()}
    found = list_inside(baseline, circles, named.values())
    inside = np.zeros(len(token), dtype=bool)
    inside[opens] = np.isin(token[opens], [code for code, opening in named.items() if opening in found])
    return inside


def list_inside(baseline: Baseline, circles: Circles, openings: Collection[str]) -> frozenset[str]:
    """Those of some openings that are to an account of the deployment.

    Parameters
    ----------
    openings
        As tokens have them: `account:111122223333`, `cidr:0.0.0.0/0`.
    """
    own = {opening: code for opening in openings if (code := _find_account(baseline, opening)) >= 0}
    accounts = np.array(list(own.values()), dtype=np.int64)
    knowing = circles.knowing(DEPLOYMENT, np.zeros_like(accounts), accounts)
    return frozenset(opening for opening, known in zip(own, knowing.tolist(), strict=True) if known)


def count_own_accounts(baseline: Baseline, circles: Circles) -> int:
    """Accounts of the deployment; 1 where none is known yet."""
    dimensions = baseline.dimensions.values
    known = circles.known_values()[dimensions.index(_ACCOUNT)] if _ACCOUNT in dimensions else 0
    return max(int(known), 1)


def _find_account(baseline: Baseline, opening: str) -> int:
    """The token of working in the account that an opening names, -1 where there is none."""
    kind, _, account = opening.partition(":")
    return baseline.tokens.get(f"{_ACCOUNT}{SEPARATOR}{account}") if kind == _ACCOUNT else -1
