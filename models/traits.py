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
        known, tokens = len(self.attack), len(baseline.tokens)
        attack, service = np.zeros(tokens - known), np.full(tokens - known, -1, dtype=np.int64)
        sensitive = np.zeros(tokens - known, dtype=bool)
        actions = baseline.which(lambda dimension: dimension.attack == "action")[baseline.token_dimension[known:]]
        for row in np.flatnonzero(actions).tolist():  # few of many: most tokens are resources
            name, value = baseline.token(known + row)
            writes = find_dimension(name).family == "write"
            attack[row] = self.priors.q_action(value, baseline.token_level[known + row], writes)
            service[row] = self.services.codes([value.partition(":")[0]])[0]
            sensitive[row] = writes and attack[row] >= SENSITIVE_FROM
        self.attack = np.concatenate([self.attack, attack])
        self.service = np.concatenate([self.service, service])
        self.sensitive = np.concatenate([self.sensitive, sensitive])
