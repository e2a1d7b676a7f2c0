"""Desks that saw fourteen quiet days, and standings to show them."""

from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np

from models.desk import Decision, Desk
from models.hands import FindHands, Hands
from models.history import DayRecord, History
from models.standing import Standing


def a_history() -> History:
    """Fourteen days of a hundred principals whose sums fall off exponentially."""
    rng, made = np.random.default_rng(5), History()
    for day in range(14):
        total = rng.exponential(2.0, 100)
        made.add(DayRecord(day, 100, total, total / 2, np.zeros(100, dtype=bool), {}, np.zeros(100), total))
    return made


def standing(principal: int, total: float, day: int = 14, tick: int = 0, write: float | None = None) -> Standing:
    """So much evidence of writes."""
    families = {"write": total if write is None else write}
    return Standing(day, principal, tick, total, families, [], None, None, 0.0, frozenset())


def seen_in(principal: int, total: float, *traces: int, day: int = 14, sharing: Collection[int] = ()) -> Standing:
    """So much evidence, with marks of whose hands it was."""
    return replace(standing(principal, total, day=day), traces=frozenset(traces), sharing=frozenset(sharing))


def a_desk(history: History, budget: float | None = 2.0) -> Desk:
    """One that has begun a day."""
    desk = Desk(budget)
    desk.start_day(history, history.calibration(), history.calibration("week"))
    return desk


def review(desk: Desk, *standings: Standing, tactics: Collection[str] = ()) -> list[Decision]:
    """What a desk decides of standings of one tick."""
    return desk.review(list(standings), lambda _: frozenset(tactics))


def chained(*links: tuple[int, int]) -> FindHands:
    """Principal n uses key Kn; each pair says whose key handed out whose."""

    def find_hands(standing: Standing, others: frozenset[str]) -> Hands:
        key = f"K{standing.principal}"
        handed_by = {f"K{to}": frozenset({f"K{by}"}) for by, to in links}
        return Hands(frozenset({key}), {one: by for one, by in handed_by.items() if one in others | {key}})

    return find_hands


def review_chain(desk: Desk, *standings: Standing, links: Collection[tuple[int, int]]) -> list[Decision]:
    """The same, where keys were handed out."""
    return desk.review(list(standings), lambda _: frozenset(), find_hands=chained(*links))


def opened(by_opener: Standing, links: Collection[tuple[int, int]] = ()) -> FindHands:
    """Every session was opened by people by whose habits a standing adds up to less."""
    find_hands = chained(*links)

    def find(standing: Standing, others: frozenset[str]) -> Hands:
        return replace(find_hands(standing, others), by_opener=by_opener)

    return find


def slow(total: float) -> Callable[[Standing, float], Standing | None]:
    """Adds up a week to a total."""
    return lambda day, least: replace(day, total=total, since=day.day - 4) if total >= least else None
