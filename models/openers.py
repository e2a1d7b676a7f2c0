"""A session that a person opened is judged by that person's habits as well.

Who takes a machine's role at their desk, to look after what is broken, brings their own network, tool and calls; for
the role they are all new. For the person they are not, and the record of the role being taken tells who it was. So of
each value the smaller evidence counts, the role's or the opener's: either would explain it. A thief gains nothing by
it: where a session shows a place or tool that its opener never used, these are other hands; what is new to both
stays; a credential that nobody here opened is judged as ever, and so is one whose opener's own day was raised, for
both are then one break-in (`models.hands`). Of what sessions of several people showed, all of them have to explain it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from models.baseline import TokenRows
from models.combine import FAMILIES, combine
from models.items import Items
from models.standing import Entry, Standing

OWN_HANDS: Final = ("place", "tool")
"""Families whose values tell whose hands they are: of these nothing may be new to the opener."""


def judge_by_openers(
    standing: Standing, shown: Mapping[int, Collection[int]], judge: Callable[[TokenRows], Items]
) -> Standing | None:
    """A standing as it would be were each value as strange as to whom it is least so, its principal or the opener.

    Counts are the principal's own; what its sum had no room for stays out.

    Parameters
    ----------
    shown
        By code of the person who opened sessions of its principal, those of its values that these sessions showed and
        none that nobody is known to have opened; the others are the principal's own.
    judge
        Gives what tokens of a principal are worth (`models.surprise.score_tokens`).

    Returns
    -------
    Standing or None
        Its sum is never above the one that was given. None where openers explain nothing.
    """
    entries = [entry for entry, _ in standing.contributions]
    theirs = dict[int, float]()
    for opener, tokens in sorted(shown.items()):
        of_opener = [entry for entry in entries if entry.token in tokens]
        if not of_opener:
            continue
        items = judge(_list_rows(of_opener, opener))
        new = set(items.token[items.first].tolist())
        if any(entry.piece.family in OWN_HANDS and entry.token in new for entry in of_opener):
            return None
        worth = dict(zip(items.token.tolist(), items.nats.tolist(), strict=True))
        theirs |= {entry.token: max(worth.get(entry.token, 0.0), theirs.get(entry.token, 0.0)) for entry in of_opener}
    if not theirs:
        return None
    least = {entry.token: min(entry.piece.nats, theirs.get(entry.token, entry.piece.nats)) for entry in entries}
    pieces = [replace(entry.piece, nats=least[entry.token]) for entry in entries]
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
