"""Facts of a record itself: worth fixed evidence, less where they are usual."""

from math import log

import numpy as np

from models.baseline import SEPARATOR, Baseline, Floats, TokenRows, find, pair_key

ROOT_NATS = 5.0
LOGIN_NATS, LOGIN_MOST_NATS = 5.0, 8.0
LOGGING_OFF_NATS = 4.0
OFF_HOST_NATS = 5.0


def fact_nats(fact: str, own_hours: float, anyone_hours: float, mfa_hours: float) -> float:
    """Evidence of a fact, in nats; higher is stranger, 0 for facts that only describe.

    Parameters
    ----------
    fact
        `root`, `login_no_mfa`, `logging_off` or `off_host`; others give nothing.
    own_hours, anyone_hours
        Earlier active hours in which the fact held: the principal's, the deployment's.
    mfa_hours
        The principal's earlier hours with a sign-in with MFA.

    Examples
    --------
    >>> fact_nats("root", own_hours=0, anyone_hours=0, mfa_hours=0)
    5.0
    >>> round(fact_nats("login_no_mfa", own_hours=0, anyone_hours=9, mfa_hours=40), 1)
    8.0
    """
    if fact == "root":
        return max(0.0, ROOT_NATS - log(1 + own_hours))
    if fact == "login_no_mfa":
        return (
            min(LOGIN_MOST_NATS, LOGIN_NATS + log((mfa_hours + 1) / (own_hours + 1))) if mfa_hours > own_hours else 0.0
        )
    if fact == "logging_off":
        return max(0.0, LOGGING_OFF_NATS - log(1 + anyone_hours))
    if fact == "off_host":
        return max(0.0, OFF_HOST_NATS - 2 * log(1 + own_hours))
    return 0.0


def score_facts(baseline: Baseline, rows: TokenRows) -> Floats:
    """Evidence of rows of the dimension `fact`, nats, shape (n,)."""
    if not len(rows) or not len(baseline.pairs.key):
        own, by_row, mfa = (np.zeros(len(rows)) for _ in range(3))
    else:
        pairs = baseline.pairs
        position, there = find(pairs.key, pair_key(rows.principal, rows.token))
        own = np.where(there, pairs.total[position], 0.0)
        by_token = np.bincount(pairs.token, weights=pairs.total, minlength=len(baseline.tokens))
        by_row = by_token[rows.token].astype(np.float64)
        mfa_token = np.full(len(rows), baseline.tokens.get(f"fact{SEPARATOR}login_mfa"), dtype=np.int64)
        position, there = find(pairs.key, pair_key(rows.principal, mfa_token))
        mfa = np.where(there, pairs.total[position], 0.0)
    facts = [baseline.token(int(token))[1] for token in rows.token]
    return np.array([fact_nats(*known) for known in zip(facts, own, by_row, mfa, strict=True)], dtype=float)
