"""What a baseline knows of a day's tokens: the principal's own past with each, and who else knows it."""

from dataclasses import dataclass

import numpy as np

from models.baseline import NOBODY, Baseline, Bools, Floats, Ints, TokenRows, find, pair_key
from models.circles import Circles
from models.declared import USUAL_HOURS


@dataclass(slots=True)
class Past:
    """A day's tokens with the past of each; arrays of one length."""

    rows: TokenRows
    dimension: Ints
    entry: Ints
    """Position of (principal, token) in the baseline's pairs; 0 where it is new."""
    mine: Bools
    """The principal did it before, or somebody declared it usual."""
    declared: Bools
    """It was declared usual and the principal never did it."""
    habit: Floats
    """Decayed active hours of the principal that held the token."""
    among: Ints
    """Dimension whose hours the token is judged among; 0 for all active hours."""
    hours: Floats
    """Decayed hours it is judged among."""
    circle: Ints
    """Smallest circle that knows the token."""
    unheard: Bools
    """An action that nobody of the deployment ever made."""


def look_back(baseline: Baseline, circles: Circles, rows: TokenRows, usual: Bools | None = None) -> Past:
    """Look up the past of a day's tokens in a baseline that ended before it.

    Parameters
    ----------
    usual
        Rows whose value was declared usual (`models.declared`); none where it is not given.
    """
    dimension = baseline.token_dimension[rows.token]
    entry, seen = find(baseline.pairs.key, pair_key(rows.principal, rows.token))
    habit, mine = np.where(seen, take(baseline.pairs.hours, entry), 0.0), seen
    if usual is not None:
        habit, mine = np.where(usual, np.maximum(habit, USUAL_HOURS), habit), seen | usual
    among = np.where(baseline.per_active_hour()[dimension], 0, dimension)
    circle = circles.of(rows.principal, rows.token)
    action = baseline.which(lambda d: d.attack == "action")[dimension]
    return Past(
        rows=rows,
        dimension=dimension,
        entry=entry,
        mine=mine,
        declared=mine & ~seen,
        habit=habit,
        among=among,
        hours=baseline.hours[rows.principal, among],
        circle=circle,
        unheard=action & ~mine & (circle == NOBODY),
    )


def take(values: Ints | Floats, position: Ints) -> Floats:
    """Values at positions; zeros where there is nothing to take from.

    >>> take(np.array([2.0, 5.0]), np.array([1, 1])).tolist(), take(np.empty(0), np.array([0])).tolist()
    ([5.0, 5.0], [0.0])
    """
    return values[position].astype(np.float64, copy=False) if len(values) else np.zeros(len(position))
