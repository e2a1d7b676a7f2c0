"""ATT&CK tactics and techniques that a standing's evidence points to."""

from features.activity.dimensions import find_dimension
from models.baseline import Baseline
from models.priors import AttackPriors
from models.standing import Entry, Standing

LEAST_NATS = 0.5
"""Nats an action must contribute for its tactic to count. Set by hand; not measured."""


def find_actions(standing: Standing, baseline: Baseline) -> list[tuple[str, float]]:
    """Actions that contribute to a standing, with their nats, the weightiest first."""
    named = [(baseline.token(_token(entry)), nats) for entry, nats in standing.contributions if nats >= LEAST_NATS]
    actions = [(value, nats) for (dimension, value), nats in named if find_dimension(dimension).names_action]
    return sorted(actions, key=lambda pair: -pair[1])


def tactics_of(standing: Standing, baseline: Baseline, priors: AttackPriors) -> frozenset[str]:
    """Tactics of the actions that contribute; empty names are left out."""
    return frozenset(tactic for action, _ in find_actions(standing, baseline) if (tactic := priors.tactic(action)))


def _token(entry: Entry) -> int:
    return int(entry.evidence.items.token[entry.row])
