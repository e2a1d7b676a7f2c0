"""What the attack priors say of each token of a vocabulary, as arrays that grow with it."""

import numpy as np

from features.activity.dimensions import find_dimension
from models.baseline import Baseline, Bools, Floats, Ints
from models.priors import AttackPriors
from models.vocabulary import Vocabulary

SENSITIVE_FROM = 0.01
"""Probability from which a write in an attacker's hour is the point of an attack, not a way to work. Set by hand; not
measured."""


class Traits:
    """Attack-side view of a baseline's tokens; `refresh` after new tokens were coded.

    Attributes
    ----------
    attack
        Chance that an hour of an attacker holds the action, for action tokens; 0 for others. Shape (tokens,).
    service
        Code of the action's service, -1 for tokens that are not actions. Shape (tokens,).
    sensitive
        Writes that are the point of an attack. Shape (tokens,).
    """

    def __init__(self, priors: AttackPriors) -> None:
        self.priors = priors
        self.services = Vocabulary()
        self.attack: Floats = np.empty(0)
        self.service: Ints = np.empty(0, dtype=np.int64)
        self.sensitive: Bools = np.empty(0, dtype=bool)

    def refresh(self, baseline: Baseline) -> None:
        """Catch up with tokens that were added to the baseline's vocabulary."""
        attack, service, sensitive = [], [], []
        for code in range(len(self.attack), len(baseline.tokens)):
            name, value = baseline.token(code)
            dimension = find_dimension(name)
            if dimension.attack != "action":
                attack.append(0.0)
                service.append(-1)
                sensitive.append(False)
                continue
            writes = dimension.family == "write"
            attack.append(self.priors.q_action(value, baseline.token_level[code], writes))
            service.append(int(self.services.codes([value.partition(":")[0]])[0]))
            sensitive.append(writes and attack[-1] >= SENSITIVE_FROM)
        self.attack = np.concatenate([self.attack, np.array(attack, dtype=float)])
        self.service = np.concatenate([self.service, np.array(service, dtype=np.int64)])
        self.sensitive = np.concatenate([self.sensitive, np.array(sensitive, dtype=bool)])
