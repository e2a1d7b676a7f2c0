"""A peer spends the budget by a threshold from the past, and never more than a quarter over it."""

import pandas as pd

from benchmarks.budget import within


def scores(*rows: tuple[str, int, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["principal", "day", "score"])


def steady(until: int, per_day: int = 10) -> list[tuple[str, int, float]]:
    return [(f"p{n}", day, float(n)) for day in range(until) for n in range(1, per_day + 1)]


def test_the_threshold_is_the_score_the_past_would_have_passed_at_the_budget() -> None:
    raised = within(scores(*steady(15)), days=[14], budget=2)
    assert raised == {("p10", 14), ("p9", 14)}


def test_what_a_quiet_day_leaves_over_is_spent_below_the_threshold() -> None:
    quiet = [("p1", 14, 1.0)]
    busier = [("p1", 15, 1.0), ("p2", 15, 2.0), ("p3", 15, 3.0), ("p4", 15, 4.0)]
    raised = within(scores(*steady(14), *quiet, *busier), days=[14, 15], budget=2)
    assert raised == {("p1", 14), ("p4", 15), ("p3", 15), ("p2", 15)}


def test_a_day_may_pass_its_share_only_above_the_threshold() -> None:
    raised = within(scores(*steady(14), *[(f"p{n}", 14, 5.0 + n / 10) for n in range(9)]), days=[14], budget=2)
    assert len(raised) == 2


def test_a_flood_is_cut_at_a_quarter_over_the_budget() -> None:
    flood = [(f"p{n}", 14, 100.0 + n) for n in range(50)]
    raised = within(scores(*steady(14), *flood), days=[14], budget=4)
    assert raised == {(f"p{n}", 14) for n in range(45, 50)}


def test_with_little_history_everything_that_scores_may_be_raised() -> None:
    raised = within(scores(("a", 1, 5.0), ("b", 1, 0.0)), days=[1], budget=5)
    assert raised == {("a", 1)}


def test_the_future_does_not_move_the_threshold() -> None:
    later = [(f"q{n}", 20, 1000.0) for n in range(100)]
    assert within(scores(*steady(15), *later), days=[14], budget=2) == within(scores(*steady(15)), days=[14], budget=2)
