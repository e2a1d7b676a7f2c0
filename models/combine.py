"""A day's evidence of one principal, summed by family so that padding buys nothing and one visit counts once.

Rules and what each was worth: reference page `evidence.md`, 4. Inserting evidence never lowers a sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Final

FAMILIES: Final = ("write", "read", "place", "tool", "resource", "error", "exposure", "count", "fact")
"""Families in the order they are reported."""
WEIGHT: Final = {"write": 1.5}
"""Weight of a family in the sum; 1 where not named."""
CONTAGION: Final = 0.1
"""r: firsts come in bunches, so the k-th of a family loses ln((r + k)/r)."""
PLACE_REST: Final = 0.25
"""Part of a correlated place that adds to the largest."""
NEWCOMER_DAYS: Final = 3
"""A principal younger than this is judged by its peers; its own families of habit give little."""
NEWCOMER_MOST_NATS: Final = 3.0
_NEWCOMER_FAMILIES = frozenset({"place", "tool", "resource", "read"})


@dataclass(frozen=True, slots=True)
class Piece:
    """One token's evidence on its way into the sum."""

    item: int
    """Index of the item it comes from."""
    family: str
    nats: float
    service: int = -1
    """Service of an action whose service is new to the principal; -1 otherwise."""
    visit: float = 0.0
    """Nats that further firsts of that service lose."""


def combine(pieces: Sequence[Piece], newcomer: bool = False) -> dict[int, float]:
    """Nats each piece contributes to the sum, by item; pieces that contribute nothing are left out.

    Parameters
    ----------
    pieces
        Evidence of one principal's day, in any order.
    newcomer
        The principal is younger than `NEWCOMER_DAYS`.

    Examples
    --------
    >>> combine([Piece(0, "fact", 5.0), Piece(1, "fact", 2.0)])
    {0: 5.0}
    """
    out: dict[int, float] = {}
    by_family: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_family.setdefault(piece.family, []).append(piece)
    for family, members in by_family.items():
        members.sort(key=lambda piece: (-piece.nats, piece.item))
        summed = _place(members) if family == "place" else _bunched(_visits(members))
        weight = WEIGHT.get(family, 1.0)
        if newcomer and family in _NEWCOMER_FAMILIES:
            total = sum(nats for _, nats in summed)
            weight *= min(1.0, NEWCOMER_MOST_NATS / total) if total > 0 else 1.0
        out.update((item, nats * weight) for item, nats in summed if nats > 0)
    return out


def _place(members: list[Piece]) -> list[tuple[int, float]]:
    return [(piece.item, piece.nats * (1.0 if k == 0 else PLACE_REST)) for k, piece in enumerate(members)]


def _visits(members: list[Piece]) -> list[tuple[int, float]]:
    seen: set[int] = set()
    out: list[tuple[int, float]] = []
    for piece in members:
        nats = piece.nats
        if piece.service >= 0:
            nats -= piece.visit if piece.service in seen else 0.0
            seen.add(piece.service)
        out.append((piece.item, nats))
    return sorted(out, key=lambda pair: (-pair[1], pair[0]))


def _bunched(members: list[tuple[int, float]]) -> list[tuple[int, float]]:
    return [
        (item, max(nats - log((CONTAGION + k) / CONTAGION), 0.0) / sqrt(k + 1))
        for k, (item, nats) in enumerate(members)
    ]
