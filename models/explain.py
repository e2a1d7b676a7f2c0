"""Why a standing is odd: reasons in plain words, with typical and actual, whose nats add up to its evidence."""

from dataclasses import dataclass
from typing import Final

from features.activity.dimensions import DIMENSIONS, Dimension, find_dimension
from features.activity.hourly import MEASURES
from models.baseline import Baseline
from models.facts import FACTS
from models.ledger import Count, Entry, Standing

LEAST_NATS: Final = 0.05
"""Nats below which contributions are told together, as `other`; says nothing of the sum."""
MOST_REASONS: Final = 12
"""Reasons an alert tells; what is left is `other`, and the sum stays."""
NO_HISTORY: Final = "no history of its own yet"

COUNTED: Final = ("own_past", "population")
"""Detectors that speak of counts; all others speak of tokens."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One contribution to a standing's sum."""

    feature: str
    """Detector that speaks: surprise, exposure, facts, own_past or population."""
    dimension: str
    value: str
    typical: float
    """Share of active hours that held the value; for counts, the count expected in the hour."""
    actual: float
    nats: float
    text: str
    """What is usual; `told_with` adds what is there now."""
    hour: int
    """Hour since 1970 in which it was first seen; for counts, the hour counted."""

    @property
    def counts(self) -> bool:
        """It speaks of a count of an hour, not of a value."""
        return self.feature in COUNTED

    @property
    def entry(self) -> Dimension | None:
        """The dimension of its value; none for a count. `denied` is both: there the dimension is meant, always."""
        if self.dimension in MEASURES and self.dimension not in DIMENSIONS:
            return None
        return find_dimension(self.dimension)


def told_with(reason: Reason, events: int) -> str:
    """The reason in full, with how many events hold its value now.

    >>> told_with(Reason("surprise", "read", "s3:ListBuckets", 0.0, 1.0, 2.0, "first call s3:ListBuckets: …", 1), 1)
    'first call s3:ListBuckets: …; now 1 call'
    """
    if reason.counts:
        return reason.text
    return f"{reason.text}; now {events:,} {'call' if events == 1 else 'calls'}"


def find_detector(family: str) -> str:
    """Detector behind a family.

    >>> find_detector("write"), find_detector("fact")
    ('surprise', 'facts')
    """
    return {"exposure": "exposure", "fact": "facts", "count": "counts"}.get(family, "surprise")


def reasons(standing: Standing, baseline: Baseline) -> tuple[list[Reason], float]:
    """Reasons of a standing, the weightiest first, and the nats that are left to tell: `other`.

    The reasons' nats and `other` add up to `standing.total`; `other` holds the kind's prior.
    """
    found = [_token_reason(entry, nats, baseline) for entry, nats in standing.contributions]
    count = _largest(standing.own_past, standing.population)
    if count is not None:
        found.append(_count_reason(count, "population" if count is standing.population else "own_past"))
    found.sort(key=lambda reason: -reason.nats)
    found = [reason for reason in found if reason.nats >= LEAST_NATS][:MOST_REASONS]
    return found, standing.total - sum(reason.nats for reason in found)


def _largest(*counts: Count | None) -> Count | None:
    return max((c for c in counts if c is not None and c.nats > 0), key=lambda c: c.nats, default=None)


def _token_reason(entry: Entry, nats: float, baseline: Baseline) -> Reason:
    items, row = entry.evidence.items, entry.row
    name, value = baseline.token(int(items.token[row]))
    hours, held = float(items.hours[row]), float(items.hours_with[row])
    dimension = find_dimension(name)
    fact = dimension.attack == "fact"
    return Reason(
        feature=find_detector(dimension.family),
        dimension=name,
        value=value,
        typical=held / hours if hours else 0.0,
        actual=1.0,
        nats=nats,
        text=_word_fact(value, held, hours) if fact else _word_token(entry, dimension, value, held, hours),
        hour=int(items.hour[row]),
    )


def _word_fact(value: str, held: float, hours: float) -> str:
    before = f"in {held:,.0f} of {hours:,.0f} active hours before" if hours else NO_HISTORY
    return f"{FACTS[value].phrase}: {before}"


def _word_token(entry: Entry, dimension: Dimension, value: str, held: float, hours: float) -> str:
    what = f"{'first' if entry.evidence.items.first[entry.row] else 'rare'} {dimension.noun}"
    own = f"in {held:,.0f} of {hours:,.0f} active hours" if hours else NO_HISTORY
    return f"{what} {dimension.wording.format(value)}: {own}, {_word_circle(entry)}"


def _word_circle(entry: Entry) -> str:
    """Who else did it: peers, or where none did, the deployment."""
    items, row = entry.evidence.items, entry.row
    peers, peers_with = max(int(items.peers[row]) - 1, 0), int(items.peers_with[row])
    circle = f"{peers_with:,} of {peers:,} peers" if peers else "no peers to compare with"
    if peers_with:
        return circle
    others = int(items.others_with[row])
    return f"{circle}, {others:,} elsewhere in the deployment" if others else f"{circle}, nobody in the deployment"


def _count_reason(count: Count, feature: str) -> Reason:
    volumes, row = count.evidence.volumes, count.row
    measure = list(MEASURES.values())[int(volumes.measure[row])]
    actual, typical = float(volumes.actual[row]), float(volumes.typical[row])
    against = "its peers make in an hour" if feature == "population" else "it makes in an active hour"
    return Reason(
        feature=feature,
        dimension=measure.name,
        value=measure.name,
        typical=typical,
        actual=actual,
        nats=count.nats,
        text=f"{measure.meaning}: {actual:,.0f} in an hour, where {typical:,.1f} is typical of what {against}",
        hour=int(volumes.hour[row]),
    )
