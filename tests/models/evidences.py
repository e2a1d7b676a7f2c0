"""Evidence of a day, by hand."""

import numpy as np

from models.baseline import NOBODY
from models.combine import Piece
from models.counts import Volumes
from models.items import Items
from models.standing import Evidence

DAY = 100


def evidence(*entries, day=DAY, prior=None, volumes=(), newcomers=()):
    """Evidence of (principal, token, tick, nats, circle), in order of tick."""
    count = len(entries)
    principal, token, tick, nats, circle = (list(c) for c in zip(*entries, strict=True)) if entries else ([],) * 5
    zero = np.zeros(count, dtype=np.int64)
    items = Items(
        np.array(principal, dtype=np.int64), np.array(token, dtype=np.int64), np.full(count, day),
        np.array(tick, dtype=np.int64), zero + day * 24, zero, np.array(nats, dtype=float), zero == 0, zero,
        zero.astype(float), zero.astype(float), zero, zero, zero,
    )  # fmt: skip
    measured = [np.array(list(c)) for c in zip(*volumes, strict=True)] if volumes else [np.empty(0, dtype=np.int64)] * 4
    zeros = np.zeros(len(volumes), dtype=np.int64)
    counts = Volumes(
        measured[0], zeros + day, measured[1], zeros, measured[2].astype(float), zeros, measured[3], zeros + 1.0,
        zeros + 1.0,
    )  # fmt: skip
    pieces = [Piece("fact", n) for n in nats]
    return Evidence(day, items, pieces, list(circle), counts, prior or {}, frozenset(newcomers))


def run(ledger, *ticks):
    return [standing for tick in ticks for standing in ledger.advance(tick)]


def moving(*entries, known=(), **more):
    """Evidence of places, new to everybody but the tokens that are `known`; tokens of 100 and more are acts."""
    shown = evidence(*entries, **more)
    shown.pieces[:] = [
        Piece("fact" if token >= 100 else "place", piece.nats)
        for token, piece in zip(shown.items.token.tolist(), shown.pieces, strict=True)
    ]
    shown.items.circle[:] = [0 if token >= 100 or token in known else NOBODY for token in shown.items.token.tolist()]
    return shown
