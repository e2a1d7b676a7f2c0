"""Influencers of an alert: field values without whose events a good part of its evidence would not be there."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from models.baseline import Bools
from models.explain import Reason
from pipeline.stores.alert import Influencer

MOST_VALUES: Final = 5
"""Values of a field that are named."""
LEAST_SHARE: Final = 0.1
"""Part of the reasons' nats that a value must carry to be named."""
_FIELDS: Final = {
    "event.action": "action",
    "source.address": "address",
    "cloud.region": "region",
    "user_agent.name": "agent",
    "cloud.account.id": "account",
}
"""Field of the Elastic Common Schema → an event's column."""


def find_influencers(events: pd.DataFrame, reasons: Sequence[Reason], masks: Sequence[Bools]) -> tuple[Influencer, ...]:
    """Influencers of some reasons, the strongest first.

    Parameters
    ----------
    events
        The principal's, with the columns of `_FIELDS`.
    reasons
        Why they are odd.
    masks
        Which events hold the value of each reason, shape (len(events),).
    """
    total = sum(reason.nats for reason in reasons)
    if not total or events.empty:
        return ()
    weighed = [(reason.nats, mask) for reason, mask in zip(reasons, masks, strict=True)]
    found = []
    for field, column in _FIELDS.items():
        shares = _shares(events, column, weighed, total)
        if shares:
            values = sorted(shares, key=lambda value: (-shares[value], value))[:MOST_VALUES]
            found.append(Influencer(field=field, values=tuple(values), share=shares[values[0]]))
    return tuple(sorted(found, key=lambda influencer: -influencer.share))


def _shares(events: pd.DataFrame, column: str, weighed: list[tuple[float, Bools]], total: float) -> dict[str, float]:
    """Of each value that carries enough, the part of the nats whose events all have it."""
    shares = {}
    codes, values = pd.factorize(events[column], sort=True)
    for code, value in enumerate(values):
        of_value = codes == code
        lost = sum(nats for nats, mask in weighed if mask.any() and not (mask & ~of_value).any())
        if value and lost / total >= LEAST_SHARE:
            shares[str(value)] = lost / total
    return shares
