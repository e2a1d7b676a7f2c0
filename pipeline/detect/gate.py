"""The gate: whether a new model may serve, decided by measured figures beside those of the one in service.

Only what is worse than the one in service keeps a model out, for the one in service judges the same days if it stays.
Where there is none in service yet, nothing but a number that is none keeps a model out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Any, Final

from models.budget import BURST_DAYS, RAISE_FROM
from models.desk import RISE
from pipeline.detect.figures import Alone

MOST_REACH: Final = 10**0.5
"""Principal-days a day of the last week that may score 75: the score promises one, and at this rate it is as near to
what 50 promises (ten), on the scale of the score. A definition."""
MOST_ALERTS: Final = float(BURST_DAYS)
"""Alerts a day that are predicted, at most, as days of budget: the desk's own limit for one day, which a model must not
need on every day."""
LEAST_ACTIVE: Final = 0.5
"""Share of the principals that were active in the last four weeks, of those that the one in service knew: fewer mean
that logs are missing, for no deployment loses half of its callers in a night. Set by hand; not measured."""
CHANCE: Final = 2.33
"""Standard errors above 0 that the rank agreement must have: one in a hundred models that order principals by chance
does. A convention; an order without ties has 1/√(n − 1) as its standard error."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was asked."""

    name: str
    now: Any
    """Of the new model; None where it could not be asked."""
    was: Any
    """Of the one in service; None where there is none, or it could not be asked."""
    bound: str
    """What is right, in words."""
    passed: bool
    says: str
    """What was found, in words; empty where all is well."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"name": self.name, "now": self.now, "was": self.was, "bound": self.bound, "passed": self.passed}


@dataclass(frozen=True, slots=True)
class Together:
    """What two models say of the same deliveries."""

    agreement: tuple[float, int] | None = None
    """How alike they order the principals of the newest day (`figures.rank_agreement`)."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Record score that the new model gives each planted attack."""
    scores_were: Mapping[str, float] = field(default_factory=dict)
    """The same of the one in service."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a model may serve, and why."""

    figures: tuple[Figure, ...]

    @property
    def passed(self) -> bool:
        """Whether it may serve."""
        return all(figure.passed for figure in self.figures)

    @property
    def why(self) -> str:
        """What keeps it out, in words; empty where nothing does."""
        return "; ".join(figure.says for figure in self.figures if not figure.passed)

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"passed": self.passed, "why": self.why, "figures": [figure.as_dict() for figure in self.figures]}


def decide(new: Alone, old: Alone | None, together: Together, budget: float | None) -> Verdict:
    """Hold a new model's figures against those of the one in service; `old` is None where none is.

    >>> decide(Alone("", 5, 1.0, 2.0), None, Together(), 5.0).passed
    True
    >>> decide(Alone("", 2, None, None), Alone("", 5, None, None), Together(), 5.0).why
    'of principals that were active in the last four weeks it knows 2, and the one in service knew 5'
    """
    if new.unsound:
        return Verdict((Figure("numbers", new.unsound, None, "all finite", False, new.unsound),))
    return Verdict(
        (
            Figure("numbers", "", old.unsound if old else None, "all finite", True, ""),
            _active(new, old),
            _reach(new, old),
            _alerts(new, old, budget),
            _agreement(together),
            _planted(together),
        )
    )


def _active(new: Alone, old: Alone | None) -> Figure:
    was = old.active if old else None
    passed = was is None or new.active >= LEAST_ACTIVE * was
    says = (
        f"of principals that were active in the last four weeks it knows {new.active:,}, and the one in service knew "
    )
    says += f"{was or 0:,}"
    bound = f"at least {LEAST_ACTIVE:.0%} of the one in service"
    return Figure("active_principals", new.active, was, bound, passed, "" if passed else says)


def _reach(new: Alone, old: Alone | None) -> Figure:
    was = old.reach if old else None
    passed = _within(new.reach, was, MOST_REACH, old)
    says = (
        f"in the last week {_number(new.reach)} principal-days a day scored {RAISE_FROM:g} by the calibration of the "
        f"week before, where one is promised, and with the one in service {_number(was)}"
    )
    return Figure("calibration", new.reach, was, f"at most {MOST_REACH:.1f} a day", passed, "" if passed else says)


def _alerts(new: Alone, old: Alone | None, budget: float | None) -> Figure:
    most, was = MOST_ALERTS * (budget or 1.0), old.alerts if old else None
    passed = _within(new.alerts, was, most, old)
    says = (
        f"it would have raised {_number(new.alerts)} alerts a day in the last week, where the budget is "
        f"{budget or 1.0:g}, and the one in service {_number(was)}"
    )
    return Figure("alerts_a_day", new.alerts, was, f"at most {most:g} a day", passed, "" if passed else says)


def _within(now: float | None, was: float | None, most: float, old: Alone | None) -> bool:
    """Whether a rate is within its bound, or no worse than that of the one in service."""
    return now is None or old is None or now <= most or (was is not None and now <= was)


def _agreement(together: Together) -> Figure:
    found = together.agreement
    least = CHANCE / sqrt(found[1] - 1) if found else 0.0
    passed = found is None or found[0] > least
    says = (
        f"it orders the {found[1]:,} principals of the newest day as chance would beside the one in service (rank "
        f"agreement {found[0]:.2f}, where {least:.2f} is the least)"
        if found
        else ""
    )
    now = round(found[0], 3) if found else None
    return Figure("rank_agreement", now, None, f"above {least:.2f}", passed, "" if passed else says)


def _planted(together: Together) -> Figure:
    now, was = together.scores, together.scores_were
    names = sorted(now.keys() & was.keys())
    lost = [name for name in names if was[name] >= RAISE_FROM > now[name] and now[name] < was[name] - RISE]
    gained = [name for name in names if now[name] >= RAISE_FROM > was[name] and was[name] < now[name] - RISE]
    fell = sum(was[name] - now[name] for name in names) / len(names) if names else 0.0
    passed = len(lost) <= len(gained) and fell <= RISE
    says = (
        f"planted attacks: of {len(names)} it misses {len(lost)} that the one in service scores {RAISE_FROM:g} or "
        f"more, it finds {len(gained)} that the other does not, and their scores fall by {fell:.1f} on average"
    ) + (f": {', '.join(lost[:3])}" if lost else "")
    found = [sum(scores[name] >= RAISE_FROM for name in names) if names else None for scores in (now, was)]
    return Figure(
        "planted_attacks", found[0], found[1], f"no fewer, by scores within {RISE:g}", passed, "" if passed else says
    )


def _number(value: float | None) -> str:
    return "an unknown number" if value is None else f"{value:.1f}"
