"""Facts of a record itself: worth fixed evidence, less where they are usual."""

from math import log

import numpy as np

from models.baseline import Baseline, TokenRows, find, pair_key
from models.circles import Circles
from models.items import Items

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


def score_facts(baseline: Baseline, circles: Circles, rows: TokenRows) -> Items:
    """Items of facts among a day's tokens; rows of other dimensions are passed over."""
    code = baseline.dimensions.get("fact")
    rows = rows.where(baseline.token_dimension[rows.token] == code)
    position, mine = find(baseline.pairs.key, pair_key(rows.principal, rows.token))
    own = np.where(mine, baseline.pairs.total[position], 0.0) if len(baseline.pairs.key) else np.zeros(len(rows))
    by_token = np.bincount(baseline.pairs.token, weights=baseline.pairs.total, minlength=len(baseline.tokens))
    mfa_token = np.full(len(rows), baseline.tokens.get("fact\x1flogin_mfa"), dtype=np.int64)
    mfa_position, with_mfa = find(baseline.pairs.key, pair_key(rows.principal, mfa_token))
    mfa = (
        np.where(with_mfa, baseline.pairs.total[mfa_position], 0.0) if len(baseline.pairs.key) else np.zeros(len(rows))
    )
    nats = np.array(
        [
            fact_nats(baseline.token(int(token))[1], own_hours, by_token[token], mfa_hours)
            for token, own_hours, mfa_hours in zip(rows.token, own, mfa, strict=True)
        ],
        dtype=float,
    )
    return Items(
        principal=rows.principal,
        token=rows.token,
        day=rows.day,
        tick=rows.tick,
        hour=rows.hour,
        account=rows.account,
        nats=nats,
        first=~mine,
        circle=circles.of(rows.principal, rows.token),
        hours_with=own,
        hours=baseline.total[rows.principal, 0],
        peers_with=circles.knowing(0, rows.principal, rows.token),
        peers=circles.members[baseline.group[rows.principal]],
        others_with=circles.knowing(2, rows.principal, rows.token),
        calls=rows.calls,
    ).where(nats > 0)
