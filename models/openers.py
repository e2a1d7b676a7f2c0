"""A session that a person opened is judged by that person's habits as well.

Who takes a machine's role at their desk, to look after what is broken, brings their own network, tool and calls; for
the role they are all new. For the person they are not, and the record of the role being taken tells who it was. So of
each value the smaller evidence counts, the role's or the opener's: either would explain it. A thief gains nothing by
it: where the session shows a place or tool that its opener never used, these are other hands; what is new to both
stays; a credential that nobody here opened is judged as ever, and so is one whose opener's own day was raised, for
both are then one break-in (`models.hands`).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from models.baseline import TokenRows
from models.combine import FAMILIES, combine
from models.items import Items
from models.ledger import Entry, Standing

OWN_HANDS: Final = ("place", "tool")
"""Families whose values tell whose hands they are: of these nothing may be new to the opener."""


def judge_by_opener(
    standing: Standing, opener: int, tokens: Collection[int], judge: Callable[[TokenRows], Items]
) -> Standing | None:
    """A standing as it would be were each value as strange as to whom it is least so, its principal or the opener.

    Counts are the principal's own; what its sum had no room for stays out.

    Parameters
    ----------
    opener
        Code of the person who opened sessions of its principal.
    tokens
        Those of its values that only these sessions showed; the others are the principal's own.
    judge
        Gives what tokens of a principal are worth (`models.surprise.score_tokens`).

    Returns
    -------
    Standing or None
        Its sum is never above the one that was given. None where the opener explains nothing.
    """
    entries = [entry for entry, _ in standing.contributions]
    shown = [entry for entry in entries if entry.token in tokens]
    if not shown:
        return None
    items = judge(_list_rows(shown, opener))
    new = set(items.token[items.first].tolist())
    if any(entry.piece.family in OWN_HANDS and entry.token in new for entry in shown):
        return None
    theirs = dict(zip(items.token.tolist(), items.nats.tolist(), strict=True))
    least = {entry.token: min(entry.piece.nats, theirs.get(entry.token, 0.0)) for entry in shown}
    pieces = [replace(entry.piece, nats=least.get(entry.token, entry.piece.nats)) for entry in entries]
    summed = combine(pieces, any(standing.principal in entry.evidence.newcomers for entry in entries))
    families = dict.fromkeys(FAMILIES, 0.0)
    for piece, nats in zip(pieces, summed, strict=True):
        families[piece.family] += nats
    families["count"] = standing.families["count"]
    total = min(standing.total, sum(families.values()) + standing.prior)
    kept = [(entry, nats) for entry, nats in zip(entries, summed, strict=True) if nats > 0]
    acts = sum(nats for entry, nats in kept if entry.row in entry.evidence.acts)
    return replace(standing, total=total, families=families, contributions=kept, acts=acts)


def _list_rows(entries: Sequence[Entry], principal: int) -> TokenRows:
    """The values of some entries as if a principal had shown them."""

    def take(name: str) -> list[int]:
        return [int(getattr(entry.evidence.items, name)[entry.row]) for entry in entries]

    columns = {name: np.array(take(name), dtype=np.int64) for name in ("token", "day", "tick", "hour", "account")}
    of = np.full(len(entries), principal, dtype=np.int64)
    return TokenRows(principal=of, hours=np.ones(len(entries), dtype=np.int64), **columns)
