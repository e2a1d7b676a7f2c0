"""What "99 % accuracy" says where one call in a million is bad."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from benchmarks.report import OURS

CALLS: Final = 8_000_000
"""A day, of an organisation of some thousand principals."""
BAD: Final = 1e-6
"""Share of calls that are an attacker's."""


def of_an_alarm(accuracy: float, bad: float) -> float:
    """Return the probability that an alarm is right, of a detector as accurate on bad calls as on good ones.

    Parameters
    ----------
    accuracy
        Share of calls, of either kind, that it calls by the right name.
    bad
        Share of calls that are bad.

    Examples
    --------
    >>> f"{of_an_alarm(0.99, 1e-6):.1e}"
    '9.9e-05'
    """
    right, wrong = accuracy * bad, (1 - accuracy) * (1 - bad)
    return right / (right + wrong)


def tell_accuracy(results: Iterable[Mapping[str, Any]]) -> str:
    """Return the section, with what an alert was worth in the runs given."""
    wrong = round(0.01 * CALLS)
    one_in = round(1 / of_an_alarm(0.99, BAD))
    lines = [
        '## What "99 % accuracy" says',
        "",
        f"Nothing that helps. Say one call in a million is an attacker's, {CALLS * BAD:.0f} of {CALLS:,} a day. "
        f"A detector that is right on "
        f"99 % of calls, bad ones and good ones alike, gives {wrong:,} false alarms that day, and one of its "
        f"alarms in {one_in:,} is right. "
        f"A detector that never alarms is right on {100 * (1 - BAD):.4f} % of them, and beats it. The share of "
        f"attackers is so small that "
        "any accuracy is the accuracy on harmless calls. What can be asked is: with so many alerts a day as "
        "somebody reads, how many attacks "
        "are among them, and how many are missed. That is recall at a budget, above; and this is how many of the "
        "alerts were right:",
        "",
        "| | alerts a day | alerts in the test | attacks found | one alert in so many finds one |",
        "|---|---|---|---|---|",
    ]
    rows = [
        _row(f"{result['name']}, {name}", budget, by[OURS], company["test_days"])
        for result in results
        for name, company in result["companies"].items()
        for budget, by in company["budgets"].items()
    ]
    if not rows:
        return "\n".join(lines[:3]).replace(", above; and this is how many of the alerts were right:", ".") + "\n"
    note = (
        "The companies hold far more attacks than real ones do: one or two a day instead of a few a year. At "
        "five alerts a day and one "
        "attack a month, no detector can be right more often than once in 150 alerts; the rest are rare and "
        "harmless, and have to be "
        "explained well enough to be closed in a minute."
    )
    return "\n".join([*lines, *rows, "", note, ""])


def _row(name: str, budget: str, ours: Mapping[str, Any], days: int) -> str:
    alerts, found = round(ours["alerts_per_day"] * days), ours["recall"]["found"]
    return f"| {name} | {budget} | {alerts} | {found} | {alerts / found:.1f} |" if found else (
        f"| {name} | {budget} | {alerts} | 0 | – |"
    )  # fmt: skip
