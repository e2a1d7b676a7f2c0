"""p: how likely an active hour of this principal holds a token, by its own habit, its peers and its rate of firsts.

The back-off follows Teh, "A hierarchical Bayesian language model based on Pitman-Yor processes", ACL 2006. Formula and
reasons: docs/detection.md, "How likely for this principal".
"""

import numpy as np

from models.baseline import NOBODY, Baseline, Floats, find, pair_key
from models.circles import Circles
from models.past import Past, take
from models.rates import FirstRates
from models.traits import Traits

DISCOUNT = 0.6
"""Hours taken off each habit: the share kept for what was never seen. Set by hand on the prototype; not measured
alone."""
FADED = 0.15
"""Least share of a habit that counts: what was done once, long ago, is rarer than a habit and no longer a first. Set by
hand; not measured."""
STRENGTH = 2.0
"""Pseudo-hours of peers in a principal's own rate. Set by hand on the prototype; not measured alone."""
SPREAD_POWER = 0.5
"""Power of the usual active hours a day with which p grows: who is active all day shows any value sooner. Set by hand
on the prototype; +.012."""
RECENT_HALF = 0.5
"""Share of the novelty that follows what is new in the kind just now (a release, a new tool). Set by hand on the
prototype; +.05 at a large company; .25 to .5 works, .65 and more is worse."""
RECENT_PSEUDO_FIRSTS = 10.0
"""Firsts of the kind at which what is new in it has half of its say. Set by hand on the prototype; not measured
alone."""
UNHEARD_SENSITIVE, UNHEARD_OTHER = 0.01, 0.2
"""Share of the novelty left to an action nobody ever made: a sensitive one is rarer still among harmless firsts. Set by
hand on the prototype; not measured alone."""
LEAST_PROBABILITY = 1e-12
"""A probability; keeps the logarithm finite."""


def estimate_own(habit: Floats, hours: Floats) -> Floats:
    """Probability an hour by the own habit alone, discounted.

    Parameters
    ----------
    habit
        Decayed hours that held the value.
    hours
        Decayed hours it is judged among.

    Examples
    --------
    >>> estimate_own(np.array([0.0, 8.6]), np.array([18.0, 18.0])).tolist()
    [0.0, 0.4]
    """
    out: Floats = np.maximum(habit - DISCOUNT, FADED * habit) / (hours + STRENGTH)
    return out


def estimate_probability(baseline: Baseline, circles: Circles, rates: FirstRates, traits: Traits, past: Past) -> Floats:
    """p of each token, shape (n,), in (0, 1].

    Parameters
    ----------
    baseline, circles, rates
        Of the day the tokens belong to; all ended before it.
    traits
        Refreshed for the baseline's vocabulary.
    past
        Of the tokens.
    """
    rows, active_days = past.rows, baseline.active_days[past.rows.principal]
    peers = circles.peer_rate(rows.principal, rows.token, past.habit, past.among)
    novelty = _estimate_novelty(baseline, circles, rates, past)
    sensitive = traits.sensitive[traits.row(rows.token[past.unheard])]
    novelty[past.unheard] *= np.where(sensitive, UNHEARD_SENSITIVE, UNHEARD_OTHER)
    by_habit = estimate_own(past.habit, past.hours) + novelty + STRENGTH / (past.hours + STRENGTH) * peers
    busy = baseline.hours[rows.principal, 0] / np.maximum(active_days, 1e-9)
    spread = np.maximum(1.0, np.where(active_days > 0, busy, 1.0)) ** SPREAD_POWER
    return np.clip(by_habit * spread, LEAST_PROBABILITY, 1.0)


def _estimate_novelty(baseline: Baseline, circles: Circles, rates: FirstRates, past: Past) -> Floats:
    """Probability an hour that the token is a first of the principal; 0 for what it did before."""
    rows, circle = past.rows, past.circle
    rate = rates.rate[rows.principal, past.dimension]
    plain = (
        rate * rates.share(circle, rows.principal, past.dimension) * circles.share(circle, rows.principal, rows.token)
    )
    stratum = baseline.stratum[rows.principal]
    position, there = find(baseline.recent_key, pair_key(stratum, rows.token))
    recent = np.where(there, take(baseline.recent, position), 0.0)
    of_dimension = rates.recent[stratum, past.dimension]
    mixed = (1 - RECENT_HALF) * plain + RECENT_HALF * rate * recent / (of_dimension + RECENT_PSEUDO_FIRSTS)
    follows = baseline.which(lambda d: d.follows_kind)[past.dimension] & (circle != NOBODY)
    return np.where(past.mine, 0.0, np.where(follows, mixed, plain))
