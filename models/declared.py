"""Values that people declared usual: judged as a habit of hours, never hidden, and learnt no differently.

What is declared is told to a model at the beginning of a day (`models.model.Model.usual`) and is no part of what it
learns: where nothing is declared any more, the day is judged by what was seen alone.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from features.activity.dimensions import find_dimension, is_dimension
from models.baseline import SEPARATOR, Baseline, Bools, TokenRows

USUAL_HOURS: Final = 8.0
"""Active hours of habit that a declared value counts as, at least: a working day that held it in every hour. Enough
for a person's sum to pass over it, and little enough that a value which attackers love still shows. Set by hand; not
measured."""
DECLARABLE: Final = frozenset({"read", "write", "place", "tool", "resource"})
"""Families of dimensions whose values can be declared: a denial, an exposure and a fact are told as ever."""

Scope = Literal["principal", "group", "deployment"]


@dataclass(frozen=True, slots=True, order=True)
class Usual:
    """One value that is usual for somebody."""

    scope: Scope
    principal: str
    """Key of the principal, or of one of the group; empty for the deployment."""
    dimension: str
    value: str


def can_declare(dimension: str) -> bool:
    """Whether values of a dimension can be declared usual.

    >>> can_declare("write"), can_declare("resource:bucket"), can_declare("fact"), can_declare("colour")
    (True, True, False, False)
    """
    return is_dimension(dimension) and find_dimension(dimension).family in DECLARABLE


def find_declared(baseline: Baseline, usual: Collection[Usual], rows: TokenRows) -> Bools:
    """Which rows hold a value that was declared usual for their principal, shape (n,).

    A group is what it is on the day: who has left the group of the principal that was named is out of scope.
    """
    out = np.zeros(len(rows), dtype=bool)
    for one in usual:
        token = baseline.tokens.get(f"{one.dimension}{SEPARATOR}{one.value}")
        at = np.flatnonzero(rows.token == token)  # -1, of what nobody ever held, is no row's
        if one.scope == "deployment":
            out[at] = True
            continue
        principal, of = baseline.principals.get(one.principal), rows.principal[at]
        if one.scope == "principal" or principal < 0:
            out[at] |= of == principal
        else:
            out[at] |= baseline.group[of] == baseline.group[principal]
    return out
