"""An alert's title: who did what, what was only tried, and what made it odd, in one line."""

from collections.abc import Sequence
from typing import Final

from features.call.fact import split_fact
from models.explain import Reason, word_count, word_number
from models.facts import FACTS
from models.openings import word_opening
from pipeline.alerts.outcome import Shown
from pipeline.stores.harm_title import name_resource

_USED: Final = {"actions": "used", "services": "called"}
_OF_RESOURCES: Final = frozenset({"secrets", "buckets", "instances", "parameters"})
_PLACED: Final = {"agent": "with", "region": "in", "account": "in"}
"""Preposition of a place's dimension; `from` for the others."""
_NAMED: Final = frozenset({"country", "region", "agent"})
"""Dimensions whose values are short and known to everybody, so that a title can name them."""
LEAST_TRIED: Final = 1.0
"""Nats from which an attempt is told beside what was done."""


def write_title(name: str, shown: Sequence[Shown]) -> str:
    """One line: who did what, what was only tried, and from where.

    Parameters
    ----------
    name
        The principal's.
    shown
        The reasons, the weightiest first, each with how its events ended.

    Examples
    --------
    >>> write_title("ann", [])
    'ann had an unusual day'
    """
    parts = [*_word_calls(shown), *_word_openings(shown), *_word_facts(shown)]
    if not parts or shown[0].reason.counts:
        parts += _word_counts(shown)
    if not parts and any(_is_fact(one.reason, "root") for one in shown):
        parts = ["was used"]
    parts += _word_places(shown)
    return f"{name} {', '.join(parts)}" if parts else f"{name} had an unusual day"


def _word_calls(shown: Sequence[Shown]) -> list[str]:
    """What was called, and what was only tried; an action counts once, however many reasons speak of it."""
    done: dict[str, None] = {}
    tried: dict[str, Shown] = {}
    for one in shown:
        if one.reason.entry is not None and one.reason.entry.names_action:
            if one.done and one.reason.dimension != "denied":
                done[one.reason.value] = None
            else:
                tried.setdefault(one.reason.value, one)
    least = LEAST_TRIED if done else 0.0
    tried = {action: one for action, one in tried.items() if action not in done and one.reason.nats >= least}
    parts = []
    if done:
        parts.append(f"called {_count_more(list(done), 'unusual call')}")
    if tried:
        first = next(iter(tried.values()))
        parts.append(f"tried {_count_more(list(tried), 'call')}, {first.ended or 'denied'}")
        if next(one.reason.value for one in shown if one.reason.value in done or one.reason.value in tried) in tried:
            parts.reverse()
    return parts


def _count_more(actions: list[str], what: str) -> str:
    others = len(actions) - 1
    return f"{actions[0]} and {others} more {what}{'s' * (others > 1)}" if others else actions[0]


def _word_openings(shown: Sequence[Shown]) -> list[str]:
    opened = [one for one in shown if one.reason.entry is not None and one.reason.entry.attack == "exposure"]
    if not opened:
        return []
    one = next((one for one in opened if one.done), opened[0])
    what = name_resource(one.resource)
    if one.done:
        return [word_opening(one.reason.value, what)]
    return [f"tried to {word_opening(one.reason.value, what, tried=True)}, {one.ended}"]


def _word_facts(shown: Sequence[Shown]) -> list[str]:
    facts = [one.reason.value for one in shown if one.reason.entry is not None and one.reason.entry.attack == "fact"]
    deeds = [FACTS[split_fact(fact)[0]].deed for fact in facts]
    return [deed for deed in dict.fromkeys(deeds) if deed]


def _is_fact(reason: Reason, fact: str) -> bool:
    return reason.entry is not None and reason.entry.attack == "fact" and reason.value == fact


def _word_counts(shown: Sequence[Shown]) -> list[str]:
    counted = [one.reason for one in shown if one.reason.counts]
    if not counted:
        return []
    reason = counted[0]
    verb = "touched" if reason.dimension in _OF_RESOURCES else _USED.get(reason.dimension, "made")
    typical = "typical of its peers" if reason.feature == "population" else "typical"
    return [f"{verb} {word_count(reason.dimension, reason.actual)} in an hour, {typical} {word_number(reason.typical)}"]


def _word_places(shown: Sequence[Shown]) -> list[str]:
    """The weightiest place, and how new it is; an account only where there is no other."""
    for one in sorted(shown, key=lambda one: one.reason.dimension == "account"):
        entry = one.reason.entry
        if entry is not None and entry.attack == "place":
            new = "new" if not one.reason.typical else "rarely used" if entry.name == "agent" else "rare"
            named = f" ({entry.wording.format(one.reason.value)})" if entry.name in _NAMED else ""
            return [f"{_PLACED.get(entry.name, 'from')} a {new} {entry.noun}{named}"]
    return []
