"""Denials: how often an action is denied to anybody, and how often a first of this principal is a denial.

Who is denied does not know what it may do. Formula and reasons: docs/detection.md, "How likely for an attacker".
"""

import numpy as np

from features.activity.dimensions import DIMENSIONS
from models.baseline import PART, SEPARATOR, Baseline, Floats, Ints
from models.habit import estimate_own
from models.past import Past
from models.room import cut

PSEUDO_CALLS = 2.0
"""Hours of an action, and firsts of a principal, in which denials are as usual in the deployment. Set by hand; not
measured."""
USUAL_PSEUDO_CALLS, USUAL_PSEUDO_FIRSTS = 200.0, 50.0
"""Hours of actions, and firsts, one of them denied, that the deployment's shares of denials start with. Set by hand;
not measured."""


def estimate_denial(baseline: Baseline, past: Past, at: Ints) -> Floats:
    """Probability that a call is denied, by the likeliest of three explanations; shape (len(at),).

    The action is often denied, a first of this principal often is, or this principal is often denied this action.

    Parameters
    ----------
    past
        Of a day's tokens.
    at
        Which of them are denials, all of one dimension.
    """
    if not len(at):
        return np.empty(0)
    token, principal, denied = past.rows.token[at], past.rows.principal[at], int(past.dimension[at[0]])
    codes = [baseline.dimensions.get(entry.name) for entry in DIMENSIONS.values() if entry.attack == "action"]
    actions = [code for code in codes if code >= 0]
    hours = baseline.pairs.sum_by_token("hours", len(baseline.tokens), baseline.room)
    own = estimate_own(past.habit[at], past.hours[at])
    of_action = _share_of_action(baseline, hours, token, denied, actions)
    return np.maximum(np.maximum(of_action, _share_of_firsts(baseline, principal, denied, actions)), own)


def _share_of_action(baseline: Baseline, hours: Floats, token: Ints, denied: int, actions: list[int]) -> Floats:
    """Denied hours of each token's action among all hours of the action, by anybody."""
    all_calls = _hours_in(baseline, hours, actions).sum()
    usual = (_hours_in(baseline, hours, [denied]).sum() + 1) / (all_calls + USUAL_PSEUDO_CALLS)
    distinct, place = np.unique(token, return_inverse=True)
    called = np.array([_hours_called(baseline, hours, baseline.token(int(code))[1]) for code in distinct])[place]
    out: Floats = (hours[token] + PSEUDO_CALLS * usual) / (called + PSEUDO_CALLS)
    return out


def _hours_in(baseline: Baseline, hours: Floats, dimensions: list[int]) -> Floats:
    """Hours of each token of some dimensions, which are few of all."""
    parts = [hours[part][np.isin(baseline.token_dimension[part], dimensions)] for part in cut(len(hours), PART)]
    return np.concatenate([np.empty(0), *parts])


def _hours_called(baseline: Baseline, hours: Floats, action: str) -> float:
    names = [entry.name for entry in DIMENSIONS.values() if entry.attack == "action"]
    codes = [baseline.tokens.get(f"{name}{SEPARATOR}{action}") for name in names]
    return float(sum(hours[code] for code in codes if code >= 0))


def _share_of_firsts(baseline: Baseline, principal: Ints, denied: int, actions: list[int]) -> Floats:
    """Denials among the firsts of each principal."""
    firsts = baseline.firsts.sum(axis=0)
    denials, all_firsts = firsts[:, denied], firsts[:, actions].sum(axis=1)
    usual = (denials.sum() + 1) / (all_firsts.sum() + USUAL_PSEUDO_FIRSTS)
    out: Floats = (denials[principal] + PSEUDO_CALLS * usual) / (all_firsts[principal] + PSEUDO_CALLS)
    return out
