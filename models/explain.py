"""Why a standing is odd: reasons in plain words, with typical and actual, whose nats add up to its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from features.activity.closed import MEANINGS, SINGULARS
from features.activity.dimensions import Dimension, find_dimension
from features.activity.hourly import MEASURES
from features.call.fact import split_fact
from models.baseline import Baseline
from models.facts import FACTS
from models.openings import name_opening
from models.standing import Count, Entry, Standing

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
        """The dimension of its value; none for a count. `denied` is the name of both, told apart by who speaks."""
        return None if self.counts else find_dimension(self.dimension)


def told_with(reason: Reason, errors: Sequence[str]) -> str:
    """The reason in full, with how many events hold its value now, and how they ended.

    Parameters
    ----------
    errors
        Error family of each event that holds the value; "" is a success.

    Examples
    --------
    >>> first = Reason("surprise", "read", "s3:ListBuckets", 0.0, 1.0, 2.0, "first call s3:ListBuckets: …", 1)
    >>> told_with(first, [""]), told_with(first, ["denied", "denied"])
    ('first call s3:ListBuckets: …; now 1 call', 'first call s3:ListBuckets: …; now 2 attempts, denied')
    """
    if reason.counts:
        return reason.text
    tried = not reason.dimension.startswith("denied") and bool(errors) and all(errors)
    ended = f", {'denied' if 'denied' in errors else 'failed'}" if tried else ""
    noun = f"{'attempt' if tried else 'call'}{'s' * (len(errors) != 1)}"
    return f"{reason.text}; now {len(errors):,} {noun}{ended}"


def word_number(number: float) -> str:
    """A count as an analyst reads it: whole where it is large, one decimal where it is small.

    >>> [word_number(number) for number in (0.0, 0.004, 1.38, 3.0, 99.6, 1234.5)]
    ['0', 'less than 0.1', '1.4', '3', '100', '1,234']
    """
    if 0 < number < 0.1:
        return "less than 0.1"
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")


def word_count(measure: str, actual: float) -> str:
    """How often an hour held what a measure counts; one that is no more, of a score that was kept, stands as it is.

    >>> word_count("denied", 214), word_count("regions", 1), word_count("writes", 1), word_count("gone", 2)
    ('214 denied calls', '1 region', '1 call that changes something', '2 gone')
    """
    return f"{actual:,.0f} {(SINGULARS if round(actual) == 1 else MEANINGS).get(measure, measure)}"


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
    active = max(float(baseline.total[items.principal[row], 0]), held)
    fact = dimension.attack == "fact"
    return Reason(
        feature=find_detector(dimension.family),
        dimension=name,
        value=value,
        typical=held / hours if hours else 0.0,
        actual=1.0,
        nats=nats,
        text=_word_fact(value, held, active) if fact else _word_token(entry, dimension, value, held, active),
        hour=int(items.hour[row]),
    )


def _word_fact(value: str, held: float, hours: float) -> str:
    name, action = split_fact(value)
    return f"{FACTS[name].phrase}{f' ({action})' if action else ''}: {_word_own(held, hours)}"


def _word_token(entry: Entry, dimension: Dimension, value: str, held: float, hours: float) -> str:
    opens = dimension.attack == "exposure" and ":" in value
    what = name_opening(value) if opens else f"{dimension.noun} {dimension.wording.format(value)}"
    seen = "first" if entry.evidence.items.first[entry.row] else "rare"
    return f"{seen} {what}: {_word_own(held, hours)}, {_word_circle(entry)}"


def _word_own(held: float, hours: float) -> str:
    """Its own past with a value, among all hours in which it was active.

    >>> _word_own(0, 202), _word_own(17, 17), _word_own(0, 0)
    ('never in 202 active hours', 'in 17 of 17 active hours', 'no history of its own yet')
    >>> _word_own(0, 1), _word_own(1, 1)
    ('never in 1 active hour', 'in its only active hour')
    """
    if not hours:
        return NO_HISTORY
    if held and round(hours) == 1:
        return "in its only active hour"
    past = f"in {held:,.0f} of" if held else "never in"
    return f"{past} {hours:,.0f} active hour{'s' * (round(hours) != 1)}"


def _word_circle(entry: Entry) -> str:
    """Who else did it: peers, or where none did, the deployment."""
    items, row = entry.evidence.items, entry.row
    peers, peers_with = max(int(items.peers[row]) - 1, 0), int(items.peers_with[row])
    if peers_with:
        return _word_peers(peers_with, max(peers, peers_with))
    circle = f"none of {peers:,} peers" if peers > 1 else "not its one peer" if peers else "no peers to compare with"
    others = int(items.others_with[row])
    return f"{circle}, {others:,} elsewhere in the deployment" if others else f"{circle}, nobody in the deployment"


def _word_peers(did: int, peers: int) -> str:
    return f"{did:,} of {peers:,} peers did" if peers > 1 else "its one peer did"


def _count_reason(count: Count, feature: str) -> Reason:
    volumes, row = count.evidence.volumes, count.row
    measure = list(MEASURES.values())[int(volumes.measure[row])]
    actual, typical = float(volumes.actual[row]), float(volumes.typical[row])
    against = "typical of its peers" if feature == "population" else "typical"
    return Reason(
        feature=feature,
        dimension=measure.name,
        value=measure.name,
        typical=typical,
        actual=actual,
        nats=count.nats,
        text=f"{word_count(measure.name, actual)} in an hour, where {word_number(typical)} is {against}",
        hour=int(volumes.hour[row]),
    )
