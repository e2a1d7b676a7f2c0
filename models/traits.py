"""What the attack priors say of the actions among a baseline's tokens, as arrays that grow with them."""

import numpy as np

from features.activity.dimensions import find_dimension
from models.baseline import PART, Baseline, Bools, Floats, Ints, find
from models.priors import AttackPriors
from models.room import cut
from models.vocabulary import Vocabulary

SENSITIVE_FROM = 0.01
"""Probability from which an action in an attacker's hour is the point of an attack, not a way to work. Set by hand; not
measured."""


class Traits:
    """Attack-side view of a baseline's tokens; `refresh` after new tokens were coded.

    Actions are few of many tokens. Row 0 stands for tokens that are none, so that arrays are asked as
    `traits.attack[traits.row(token)]`.

    Attributes
    ----------
    token
        Token of each action, ascending; -1 in row 0. Shape (actions + 1,), as are the others.
    attack
        Chance that an hour of an attacker holds the action; 0 in row 0.
    service
        Code of the action's service; -1 in row 0.
    sensitive
        Actions that are the point of an attack: changes, and reads that hand out what is worth stealing.
    """

    def __init__(self, priors: AttackPriors) -> None:
        self.priors = priors
        self.services = Vocabulary()
        self.token: Ints = np.array([-1])
        self.attack: Floats = np.zeros(1)
        self.service: Ints = np.array([-1])
        self.sensitive: Bools = np.zeros(1, dtype=bool)
        self._known = 0

    def refresh(self, baseline: Baseline) -> None:
        """Catch up with tokens that were added to the baseline's vocabulary."""
        known, self._known = self._known, len(baseline.tokens)
        actions, dimension = baseline.which(lambda of: of.attack == "action"), baseline.token_dimension[known:]
        found = [known + part.start + np.flatnonzero(actions[dimension[part]]) for part in cut(len(dimension), PART)]
        token = np.concatenate(found) if found else np.empty(0, dtype=np.int64)
        told = [baseline.token(code) for code in token.tolist()]
        writes = np.array([find_dimension(name).family == "write" for name, _ in told], dtype=bool)
        levels = [baseline.level(code) for code in token.tolist()]
        attack = np.array(
            [
                self.priors.q_action(value, level, write)
                for (_, value), level, write in zip(told, levels, writes.tolist(), strict=True)
            ]
        )
        service = self.services.codes([value.partition(":")[0] for _, value in told])
        self.token, self.attack = np.append(self.token, token), np.append(self.attack, attack)
        self.service = np.append(self.service, service)
        self.sensitive = np.append(self.sensitive, attack >= SENSITIVE_FROM)

    def row(self, token: Ints) -> Ints:
        """Row of each token in the arrays; 0 for what is no action."""
        return find(self.token, token)[0]
