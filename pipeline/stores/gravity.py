"""How grave an alert is, and the order of lists: the gravest first, of one severity the strongest.

Severity says how soon to act, so what is to be looked at at once stands above what is rarer and can wait.
"""

from typing import Final

from pipeline.stores.alert import Alert

LEVELS: Final = ("low", "medium", "high", "critical")
"""Severities, the least first."""
_RANK: Final = {level: rank for rank, level in enumerate(LEVELS)} | {"warning": 0, "minor": 0, "major": 2}
"""Also those of version 1."""
_MOST_SCORE: Final = 100.0


def rank(severity: str) -> int:
    """How grave a severity is, the gravest the highest."""
    return _RANK.get(severity, 0)


def reaches(severity: str, least: str) -> bool:
    """Whether a severity is as high as another; nothing reaches `none`.

    >>> reaches("high", "medium"), reaches("low", "medium"), reaches("critical", "none")
    (True, False, False)
    """
    return least in _RANK and rank(severity) >= rank(least)


def weigh(severity: str, score: float) -> float:
    """A number that is higher for what is graver, and of one severity for what is stronger.

    Parameters
    ----------
    score
        Record score, 0 to 100.

    Examples
    --------
    >>> weigh("critical", 91.0) > weigh("medium", 98.0) > weigh("medium", 97.5)
    True
    """
    return rank(severity) * 2 * _MOST_SCORE + score


def sort_alerts(alerts: list[Alert]) -> list[Alert]:
    """Alerts, the gravest first, of one severity the strongest first."""
    return sorted(alerts, key=lambda alert: (-weigh(alert.severity, alert.record_score), alert.alert_id))
