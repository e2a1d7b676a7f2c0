"""A day's evidence of one principal, summed by family so that padding buys nothing and one visit counts once.

Inserting evidence never lowers a sum. Formula and reasons: docs/detection.md, "Adding up a day".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Any, Final

import numpy as np

FAMILIES: Final = ("write", "read", "place", "tool", "resource", "error", "exposure", "count", "fact")
"""Families in the order they are reported."""
WEIGHT: Final = {"write": 1.5}
"""Weight of a family in the sum; 1 where not named. Set by hand on the prototype; +.024, and without the family recall
falls .14."""
SENSITIVE_READ: Final = 1.5
"""Weight of a read that is the point of an attack, as of a change. Set by hand; not measured."""
CONTAGION: Final = 0.1
"""r, in firsts: they come in bunches, so the k-th of a family loses ln((r + k)/r). Set by hand on the prototype; +.04
to +.07."""
PLACE_REST: Final = 0.25
"""Share of a correlated place that adds to the largest. Set by hand on the prototype; not measured alone."""
NEWCOMER_DAYS: Final = 3
"""Days: a principal younger than this is judged by its peers, its own families of habit give little. Set by hand on the
prototype; not measured alone."""
NEWCOMER_MOST_NATS: Final = 3.0
"""Nats that each of those families gives at most. Set by hand on the prototype; not measured alone."""
_NEWCOMER_FAMILIES = frozenset({"place", "tool", "resource", "read"})


@dataclass(frozen=True, slots=True)
class Piece:
    """One token's evidence on its way into the sum."""

    family: str
    nats: float
    service: int = -1
    """Service of an action whose service is new to the principal; -1 otherwise."""
    visit: float = 0.0
    """Nats that further firsts of that service lose."""
    weight: float = 1.0
    """Beside that of its family."""


def combine(pieces: Sequence[Piece], newcomer: bool = False) -> list[float]:
    """Nats each piece contributes to the sum, in the order of the pieces.

    Parameters
    ----------
    pieces
        Evidence of one principal's day, in any order; ties keep their order.
    newcomer
        The principal is younger than `NEWCOMER_DAYS`.

    Examples
    --------
    >>> combine([Piece("fact", 5.0), Piece("fact", 2.0)])
    [5.0, 0.0]
    """
    out = [0.0] * len(pieces)
    by_family: dict[str, list[int]] = {}
    for index, piece in enumerate(pieces):
        by_family.setdefault(piece.family, []).append(index)
    for family, members in by_family.items():
        members.sort(key=lambda index: -pieces[index].nats)
        if family == "place":
            summed = [(index, pieces[index].nats * (1.0 if k == 0 else PLACE_REST)) for k, index in enumerate(members)]
        else:
            summed = _bunched(_visits(pieces, members))
        weight = WEIGHT.get(family, 1.0)
        if newcomer and family in _NEWCOMER_FAMILIES:
            total = sum(nats for _, nats in summed)
            weight *= min(1.0, NEWCOMER_MOST_NATS / total) if total > 0 else 1.0
        for index, nats in summed:
            out[index] = nats * weight * pieces[index].weight
    return out


def pieces_to_columns(pieces: Sequence[Piece]) -> dict[str, Any]:
    """Columns of pieces, for a table of items.

    >>> pieces_from_columns(pieces_to_columns([Piece("read", 2.0, weight=1.5)]))
    [Piece(family='read', nats=2.0, service=-1, visit=0.0, weight=1.5)]
    """
    types = {"nats": np.float64, "service": np.int64, "visit": np.float64, "weight": np.float64}
    columns = {
        f"piece_{name}": np.array([getattr(piece, name) for piece in pieces], dtype) for name, dtype in types.items()
    }
    return {"piece_family": [piece.family for piece in pieces], **columns}


def pieces_from_columns(columns: Mapping[str, Any]) -> list[Piece]:
    """The pieces whose columns these are; bundles of before weights have none.

    Raises
    ------
    KeyError
        A column is not there.
    """
    told = [columns["piece_family"], *(columns[f"piece_{name}"].tolist() for name in ("nats", "service", "visit"))]
    weight = columns.get("piece_weight")
    told.append([1.0] * len(told[0]) if weight is None else weight.tolist())
    return [Piece(*piece) for piece in zip(*told, strict=True)]


def _visits(pieces: Sequence[Piece], members: list[int]) -> list[tuple[int, float]]:
    """Members of a family, strongest first, further firsts of a new service having lost what the visit explains."""
    seen: set[int] = set()
    out: list[tuple[int, float]] = []
    for index in members:
        piece = pieces[index]
        nats = piece.nats
        if piece.service >= 0:
            nats -= piece.visit if piece.service in seen else 0.0
            seen.add(piece.service)
        out.append((index, nats))
    return sorted(out, key=lambda pair: -pair[1])


def _bunched(members: list[tuple[int, float]]) -> list[tuple[int, float]]:
    return [
        (index, max(nats - log((CONTAGION + k) / CONTAGION), 0.0) / sqrt(k + 1))
        for k, (index, nats) in enumerate(members)
    ]
