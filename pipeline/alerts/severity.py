"""How soon somebody should look: by how rare the day is and by how much harm its calls do.

A rare day that does no harm can wait, and so can harm that is usual here. Levels and what they ask for are those of
GuardDuty and Security Hub (critical: at once; high: as a priority; medium: not urgently; low: no action of its own);
Elastic's rules and Sentinel's use the same words. docs/detection.md has the table.
"""

from collections.abc import Sequence
from typing import Final

from pipeline.stores.alert import AlertHarm, Severity
from pipeline.stores.harm import NONE, weigh_harm

LEVELS: Final[tuple[tuple[float, tuple[Severity, Severity, Severity]], ...]] = (
    (90.0, ("medium", "high", "critical")),
    (75.0, ("low", "medium", "high")),
    (50.0, ("low", "low", "medium")),
    (0.0, ("low", "low", "low")),
)
"""Least record score of each band, and the severity by harm: none, serious, grave. A definition."""


def severity_of(score: float, harms: Sequence[AlertHarm], *, enough: bool = True) -> Severity:
    """Severity of an alert.

    Parameters
    ----------
    score
        Record score, 0 to 100, higher is stranger.
    harms
        What its calls do.
    enough
        Whether there is as much evidence as an alert needs; without, it is low.

    Examples
    --------
    >>> trail = AlertHarm(kind="logging_off", tried=False, calls=1)
    >>> severity_of(99, [trail]), severity_of(80, [trail]), severity_of(99, []), severity_of(99, [trail], enough=False)
    ('critical', 'high', 'medium', 'low')
    """
    if not enough:
        return "low"
    harm = max(map(weigh_harm, harms), default=NONE)
    return next(levels[harm] for least, levels in LEVELS if score >= least)
