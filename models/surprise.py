"""Surprise, the workhorse: how much likelier an attacker than this principal made its day hold each token.

For every token the evidence is ln(q / p): p from the principal's own past and who else knows the value, q from the
attack priors. Formulas, constants and what each was worth: docs/detection.md.
"""

import numpy as np

from models.attack import estimate_attack
from models.baseline import DEPLOYMENT, PEERS, Baseline, Bools, Floats, TokenRows
from models.circles import Circles
from models.denial import estimate_denial
from models.facts import score_facts
from models.habit import estimate_probability
from models.items import Items, no_items
from models.kin import NAMED
from models.past import Past, look_back, take
from models.rates import FirstRates
from models.traits import Traits

MOST_NATS = 12.0
"""Nats a token can give at most: rarer than e⁻¹² is not known that well. Set by hand on the prototype; not measured
alone."""
RESOURCE_MOST_NATS = 4.0
"""The same for a resource: which one is touched says less than what is done. Set by hand on the prototype; +.02 with
the rule."""
AT_ONCE = 1 << 15
"""Rows that are judged together, where there are many: most give no evidence, and nothing is kept of those."""
LEAST_ATTACK = 1e-12
"""A probability; keeps the logarithm finite."""


def surprise(probability: Floats, attack: Floats, most: Floats | float = MOST_NATS) -> Floats:
    """Evidence, in nats, that an attacker rather than the principal made the hour hold a value; higher is stranger.

    Parameters
    ----------
    probability
        That an active hour of the principal holds the value, in (0, 1].
    attack
        That an hour of an attacker does.
    most
        Nats it gives at most.

    Returns
    -------
    Floats
        Within [0, most], shape of the arguments.

    Examples
    --------
    >>> surprise(np.array([1e-5, 0.5]), np.array([2e-3, 2e-3])).round(1).tolist()
    [5.3, 0.0]
    """
    return np.clip(np.log(np.maximum(attack, LEAST_ATTACK) / probability), 0.0, most)


def score_tokens(
    baseline: Baseline,
    circles: Circles,
    rates: FirstRates,
    traits: Traits,
    rows: TokenRows,
    usual: Bools | None = None,
) -> Items:
    """Items with positive evidence among a day's tokens, in the order of the rows; and first touches of a role or user,
    whatever they are worth, for they tell whose hands made it.

    Parameters
    ----------
    baseline, circles, rates
        Of the day the rows belong to; all ended before it.
    traits
        Refreshed for the baseline's vocabulary.
    rows
        One row a (principal, token), coded with the baseline's vocabularies.
    usual
        Rows whose value was declared usual (`models.declared`).
    """
    apart = _score_apart(baseline, circles, traits, rows, usual)
    most = np.where(baseline.which(lambda d: d.attack == "resource"), RESOURCE_MOST_NATS, MOST_NATS)
    parts = [no_items()]
    for begin in range(0, len(rows), AT_ONCE):
        at = slice(begin, begin + AT_ONCE)
        past = look_back(baseline, circles, rows.where(at), None if usual is None else usual[at])
        probability = estimate_probability(baseline, circles, rates, traits, past)
        attack = estimate_attack(baseline, circles, traits, past, probability)
        nats = surprise(probability, attack, most[past.dimension])
        parts.append(_make_items(baseline, circles, past, np.where(np.isnan(apart[at]), nats, apart[at])))
    return Items.concatenated(parts)


def _score_apart(baseline: Baseline, circles: Circles, traits: Traits, rows: TokenRows, usual: Bools | None) -> Floats:
    """Nats of what is not judged by how likely it is: denials and facts; NaN elsewhere, shape (n,)."""
    nats, dimension = np.full(len(rows), np.nan), baseline.token_dimension[rows.token]
    for denied in np.flatnonzero(baseline.which(lambda d: d.attack == "denied")):
        at = np.flatnonzero(dimension == denied)
        past = look_back(baseline, circles, rows.where(at), None if usual is None else usual[at])
        probability = estimate_denial(baseline, past, np.arange(len(at)))
        nats[at] = surprise(probability, np.full(len(at), traits.priors.denied))
    facts = np.flatnonzero(baseline.which(lambda d: d.attack == "fact")[dimension])
    nats[facts] = score_facts(baseline, circles, rows.where(facts))
    return nats


def _make_items(baseline: Baseline, circles: Circles, past: Past, nats: Floats) -> Items:
    named = baseline.which(lambda d: d.name in NAMED)[past.dimension]
    keep = np.flatnonzero((nats > 0) | (named & ~past.mine))
    rows, mine, among = past.rows.where(keep), past.mine[keep], past.among[keep]
    return Items(
        principal=rows.principal,
        token=rows.token,
        day=rows.day,
        tick=rows.tick,
        hour=rows.hour,
        account=rows.account,
        nats=nats[keep],
        first=~mine,
        circle=past.circle[keep],
        hours_with=np.where(mine & ~past.declared[keep], take(baseline.pairs.total, past.entry[keep]), 0.0),
        hours=baseline.total[rows.principal, among],
        peers_with=circles.knowing(PEERS, rows.principal, rows.token),
        peers=circles.members[baseline.group[rows.principal]],
        others_with=circles.knowing(DEPLOYMENT, rows.principal, rows.token),
    )
