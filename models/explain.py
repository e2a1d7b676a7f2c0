"""Why a standing is odd: reasons in plain words, with typical and actual, whose nats add up to its evidence."""

from dataclasses import dataclass
from typing import Final

from features.activity.hourly import MEASURES
from models.baseline import Baseline
from models.ledger import Count, Entry, Standing

LEAST_NATS: Final = 0.05
"""Contributions below this are told together, as `other`."""
MOST_REASONS: Final = 12

_NOUN: Final = {
    "write": "call",
    "read": "call",
    "write_by_service": "call through an AWS service",
    "read_by_service": "call through an AWS service",
    "account": "account",
    "region": "region",
    "country": "country",
    "asn": "network operator",
    "prefix": "network",
    "agent": "tool",
    "denied": "denied call",
    "exposure": "grant or opening of",
    "fact": "fact",
}
_FACTS: Final = {
    "root": "the root user was used",
    "login_no_mfa": "signed in without the usual MFA",
    "logging_off": "logging was switched off",
    "off_host": "a workload's credential was used from another network than the one it began in",
}


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


def told_with(reason: Reason, events: int) -> str:
    """The reason in full, with how many events hold its value now.

    >>> told_with(Reason("surprise", "read", "s3:ListBuckets", 0.0, 1.0, 2.0, "first call s3:ListBuckets: …", 1), 1)
    'first call s3:ListBuckets: …; now 1 call'
    """
    if reason.feature in ("own_past", "population"):
        return reason.text
    return f"{reason.text}; now {events:,} {'call' if events == 1 else 'calls'}"


def detector_of(family: str) -> str:
    """Detector behind a family.

    >>> detector_of("write"), detector_of("fact")
    ('surprise', 'facts')
    """
    return {"exposure": "exposure", "fact": "facts", "count": "counts"}.get(family, "surprise")


def reasons(standing: Standing, baseline: Baseline) -> tuple[list[Reason], float]:
    """Reasons of a standing, the weightiest first, and the nats that are left to tell: `other`.

    The reasons' nats and `other` add up to `standing.total`; `other` holds the kind's prior.
    """
    told = [_token_reason(entry, nats, baseline) for entry, nats in standing.contributions]
    count = _largest(standing.own_past, standing.population)
    if count is not None:
        told.append(_count_reason(count, "population" if count is standing.population else "own_past"))
    told.sort(key=lambda reason: -reason.nats)
    told = [reason for reason in told if reason.nats >= LEAST_NATS][:MOST_REASONS]
    return told, standing.total - sum(reason.nats for reason in told)


def _largest(*counts: Count | None) -> Count | None:
    return max((c for c in counts if c is not None and c.nats > 0), key=lambda c: c.nats, default=None)


def _token_reason(entry: Entry, nats: float, baseline: Baseline) -> Reason:
    items, row = entry.evidence.items, entry.row
    dimension, value = baseline.token(int(items.token[row]))
    hours, held = float(items.hours[row]), float(items.hours_with[row])
    return Reason(
        feature=detector_of(entry.piece.family),
        dimension=dimension,
        value=value,
        typical=held / hours if hours else 0.0,
        actual=1.0,
        nats=nats,
        text=_token_text(entry, dimension, value, held, hours),
        hour=int(items.hour[row]),
    )


def _token_text(entry: Entry, dimension: str, value: str, held: float, hours: float) -> str:
    items, row = entry.evidence.items, entry.row
    if dimension == "fact":
        before = f"in {held:,.0f} of {hours:,.0f} active hours before" if hours else "no history of its own yet"
        return f"{_FACTS.get(value, value)}: {before}"
    peers = max(int(items.peers[row]) - 1, 0)
    circle = f"{int(items.peers_with[row]):,} of {peers:,} peers" if peers else "no peers to compare with"
    if not items.peers_with[row]:
        others = int(items.others_with[row])
        circle += f", {others:,} elsewhere in the deployment" if others else ", nobody in the deployment"
    noun = _NOUN.get(dimension) or dimension.partition(":")[2].replace("_", " ")
    what = f"first {noun}" if items.first[row] else f"rare {noun}"
    named = f"AS{value}" if dimension == "asn" else value
    own = f"in {held:,.0f} of {hours:,.0f} active hours" if hours else "no history of its own yet"
    return f"{what} {named}: {own}, {circle}"


def _count_reason(count: Count, feature: str) -> Reason:
    volumes, row = count.evidence.volumes, count.row
    measure = list(MEASURES)[int(volumes.measure[row])]
    actual, typical = float(volumes.actual[row]), float(volumes.typical[row])
    against = "its peers make in an hour" if feature == "population" else "it makes in an active hour"
    return Reason(
        feature=feature,
        dimension=measure,
        value=measure,
        typical=typical,
        actual=actual,
        nats=count.nats,
        text=f"{MEASURES[measure]}: {actual:,.0f} in an hour, where {typical:,.1f} is typical of what {against}",
        hour=int(volumes.hour[row]),
    )
