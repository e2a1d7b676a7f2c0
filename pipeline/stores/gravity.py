"""How grave an alert is: its severity says how soon to act, where the record score says how rare its day is."""

from typing import Final

LEVELS: Final = ("low", "medium", "high", "critical")
"""Severities, the least first."""
_RANK: Final = {level: rank for rank, level in enumerate(LEVELS)} | {"warning": 0, "minor": 0, "major": 2}
"""Also those of version 1."""


def rank(severity: str) -> int:
    """How grave a severity is, the gravest the highest."""
    return _RANK.get(severity, 0)


def reaches(severity: str, least: str) -> bool:
    """Whether a severity is as high as another; nothing reaches `none`.

    >>> reaches("high", "medium"), reaches("low", "medium"), reaches("critical", "none")
    (True, False, False)
    """
    return least in _RANK and rank(severity) >= rank(least)
