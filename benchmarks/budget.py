"""Which principal-days a peer raises: a causal threshold that spends the same budget as oddtrail's."""

from collections.abc import Sequence

import pandas as pd

TRAILING_DAYS = 14
MOST = 1.25
"""Alerts realised may reach this many times those asked over the period, as for oddtrail."""


def within(scores: pd.DataFrame, days: Sequence[int], budget: float) -> set[tuple[str, int]]:
    """Return the (principal, day) pairs raised on the days, each day's threshold from the fourteen before it.

    The threshold is the score that those days would have passed `budget` times a day. What quiet days leave over is
    spent on the highest scores below it, so that no peer loses for want of alerts.

    Parameters
    ----------
    scores
        principal, day, score; one row a principal-day, higher is stranger.
    days
        The days to raise on, ascending.
    budget
        Alerts a day.

    Examples
    --------
    >>> past = [("past", day, 1.0 + day / 100) for day in range(14)]
    >>> today = [("a", 14, 9.0), ("b", 14, 0.5)]
    >>> within(pd.DataFrame([*past, *today], columns=["principal", "day", "score"]), days=[14], budget=1)
    {('a', 14)}
    """
    positive = scores[scores["score"] > 0]
    raised: set[tuple[str, int]] = set()
    for number, day in enumerate(days, start=1):
        past = positive.loc[positive["day"].between(day - TRAILING_DAYS, day - 1), "score"].nlargest(
            round(budget * TRAILING_DAYS)
        )
        threshold = past.iloc[-1] if len(past) == round(budget * TRAILING_DAYS) else 0.0
        today = positive[positive["day"] == day].sort_values(["score", "principal"], ascending=[False, True])
        above = int((today["score"] > threshold).sum())
        spare = int(budget * number) - len(raised)
        most = int(MOST * budget * number) - len(raised)
        raised |= {(principal, day) for principal in today["principal"].head(min(max(above, spare), most))}
    return raised
