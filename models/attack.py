"""q: how likely an hour of an attacker holds a token, from the attack priors and from what the deployment knows.

Formula and reasons: docs/detection.md, "How likely for an attacker".
"""

import numpy as np

from features.activity.dimensions import Dimension, find_dimension
from models.baseline import ANY, NOBODY, Baseline, Floats
from models.circles import Circles
from models.own_accounts import count_own_accounts, is_inside
from models.past import Past
from models.priors import AttackPriors
from models.traits import Traits

UNHEARD_TIMES, UNHEARD_MOST = 10.0, 0.2
"""Times that an action which nobody ever made is likelier of an attacker than its prior says; and the probability that
it has at most. Set by hand on the prototype; not measured alone."""
OPENED_INSIDE = 0.25
"""How likely an attacker opens something to an account of the deployment, whichever, by how likely to the outside: he
opens to what is his. Set by hand; not measured."""
RESOURCE_NEW, RESOURCE_KNOWN = 0.3, 0.7
"""Where an attacker's hour touches a type of resource: probability of one new to all, and of the known ones together.
Set by hand on the prototype; +.02 with the cap."""


def estimate_attack(baseline: Baseline, circles: Circles, traits: Traits, past: Past, probability: Floats) -> Floats:
    """q of each token, shape (n,); 0 for denials and facts, whose evidence is found otherwise.

    Parameters
    ----------
    baseline, circles
        Of the day the tokens belong to.
    traits
        Refreshed for the baseline's vocabulary.
    past
        Of the tokens.
    probability
        p of each: an hour of an attacker that touches no such resource looks like the principal's own.
    """
    attack = traits.attack[traits.row(past.rows.token)]
    attack[past.unheard] = np.minimum(UNHEARD_MOST, UNHEARD_TIMES * attack[past.unheard])
    attack[baseline.which(lambda d: d.attack == "exposure")[past.dimension]] = traits.priors.exposure
    inside = is_inside(baseline, circles, past.rows.token)
    attack[inside] *= OPENED_INSIDE / count_own_accounts(baseline, circles)
    touches, new, known = _choices(baseline, circles, traits.priors)[:, past.dimension]
    chosen = np.where(past.circle == NOBODY, new, known)
    return np.where(touches > 0, touches * chosen + (1 - touches) * probability, attack)


def _choices(baseline: Baseline, circles: Circles, priors: AttackPriors) -> Floats:
    """By dimension: chance that an attacker's hour chooses a value at all, then of a new one, and of each known one.

    Shape (3, dimensions); 0 for dimensions that are no choice.
    """
    values = circles.known_values()
    out = np.zeros((3, len(baseline.dimensions)))
    for code, name in enumerate(baseline.dimensions.values):
        if name != ANY:
            touches, new, known = _choice(find_dimension(name), priors)
            out[:, code] = touches, new, known / max(values[code], 1)
    return out


def _choice(dimension: Dimension, priors: AttackPriors) -> tuple[float, float, float]:
    if dimension.attack == "place":
        place = priors.place(dimension.prior)
        return 1.0, place.new, place.known
    if dimension.attack == "resource":
        return priors.q_resource(dimension.prior), RESOURCE_NEW, RESOURCE_KNOWN
    return 0.0, 0.0, 0.0
