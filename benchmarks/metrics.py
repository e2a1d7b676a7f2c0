"""Recall at a budget, how many alerts it cost, and whether a difference between two detectors is one.

A campaign is the unit: it is found or missed. Accuracy says nothing here: a detector that never alerts is right on
99.9 % of principal-days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy.stats import chi2

from benchmarks.campaigns import DEGREES, Campaign

RESAMPLES = 10_000
LEAST_LEAD = 0.15
"""Recall by which a peer is to be beaten …"""
STRONG_PEER = 0.75
"""… unless it finds more than this; then half of what it misses is to be found."""


@dataclass(frozen=True, slots=True)
class Recall:
    """How many campaigns there were and how many were found."""

    found: int
    of: int

    @property
    def share(self) -> float:
        """Share found; NaN when there were none."""
        return self.found / self.of if self.of else float("nan")

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the figures ready for JSON."""
        return {"found": self.found, "of": self.of, "recall": round(self.share, 4) if self.of else None}


@dataclass(frozen=True, slots=True)
class Lead:
    """By how much one detector's recall exceeds another's on the same campaigns."""

    difference: float
    low: float
    """Lower end of the 95 % interval of the paired bootstrap."""
    high: float
    needed: float
    """Lead asked for: fifteen points, or half the peer's misses where it finds more than three quarters."""

    @property
    def won(self) -> bool:
        """The lead asked for is reached, and is no accident."""
        return self.difference >= self.needed and self.low > 0

    def to_dict(self) -> dict[str, float | bool]:
        """Return the figures and the verdict."""
        return {**{name: round(value, 4) for name, value in asdict(self).items()}, "won": self.won}


def recall(campaigns: Sequence[Campaign], found: set[str]) -> Recall:
    """Return the recall of a detector that found the campaigns of these ids."""
    return Recall(sum(campaign.id in found for campaign in campaigns), len(campaigns))


def recall_by(campaigns: Sequence[Campaign], found: set[str]) -> dict[str, Recall]:
    """Return the recall over all campaigns, by degree and by source."""
    parts: dict[str, Sequence[Campaign]] = {"all": campaigns}
    parts |= {degree: [c for c in campaigns if c.degree == degree] for degree in DEGREES}
    parts |= {source: [c for c in campaigns if c.source == source] for source in ("simulator", "recording")}
    return {name: recall(part, found) for name, part in parts.items()}


def lead(campaigns: Sequence[Campaign], ours: set[str], theirs: set[str], seed: int = 0) -> Lead:
    """Compare two detectors on the same campaigns, by a paired bootstrap over campaigns.

    Parameters
    ----------
    campaigns
        All campaigns, pooled over companies.
    ours, theirs
        Ids of the campaigns that each found.
    seed
        Seed of the resampling.

    References
    ----------
    Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentile interval).

    Examples
    --------
    >>> from datetime import datetime
    >>> at = datetime(2026, 3, 2)
    >>> planted = [Campaign(str(n), "simulator", "", "loud", at, at, (f"e{n}",)) for n in range(100)]
    >>> result = lead(planted, ours={str(n) for n in range(90)}, theirs={str(n) for n in range(60)})
    >>> round(result.difference, 2), result.needed, result.won
    (0.3, 0.15, True)
    """
    gains = np.array([(c.id in ours) - (c.id in theirs) for c in campaigns], dtype=float)
    if not len(gains):
        return Lead(float("nan"), float("nan"), float("nan"), LEAST_LEAD)
    draws = np.random.default_rng(seed).integers(len(gains), size=(RESAMPLES, len(gains)))
    low, high = np.quantile(gains[draws].mean(axis=1), [0.025, 0.975])
    peer = recall(campaigns, theirs).share
    needed = (1 - peer) / 2 if peer > STRONG_PEER else LEAST_LEAD
    return Lead(float(gains.mean()), float(low), float(high), needed)


def poisson_interval(count: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a Poisson mean of which `count` was seen.

    References
    ----------
    Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28, 1936.

    Examples
    --------
    >>> [round(end, 2) for end in poisson_interval(28)]
    [18.61, 40.47]
    >>> poisson_interval(0)[0]
    0.0
    """
    outside = (1 - level) / 2
    low = float(chi2.ppf(outside, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(1 - outside, 2 * (count + 1))) / 2


def to_dict(recalls: Mapping[str, Recall]) -> dict[str, dict[str, float | int | None]]:
    """Return recalls ready for JSON."""
    return {name: part.to_dict() for name, part in recalls.items()}
