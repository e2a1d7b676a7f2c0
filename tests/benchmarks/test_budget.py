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


def test_a_quiet_day_raises_less_than_the_budget() -> None:
    raised = within(scores(*steady(14), ("p1", 14, 1.0), ("p2", 14, 2.0)), days=[14], budget=2)
    assert raised == set()


def test_a_flood_is_cut_at_a_quarter_over_the_budget() -> None:
    flood = [(f"p{n}", 14, 100.0 + n) for n in range(50)]
    raised = within(scores(*steady(14), *flood), days=[14], budget=4)
    assert raised == {(f"p{n}", 14) for n in range(45, 50)}


def test_quiet_days_leave_room_for_busy_ones() -> None:
    flood = [(f"p{n}", 15, 100.0 + n) for n in range(50)]
    raised = within(scores(*steady(14), *flood), days=[14, 15], budget=4)
    assert len(raised) == 10


def test_with_little_history_everything_that_scores_may_be_raised() -> None:
    raised = within(scores(("a", 1, 5.0), ("b", 1, 0.0)), days=[1], budget=5)
    assert raised == {("a", 1)}


def test_the_future_does_not_move_the_threshold() -> None:
    later = [(f"q{n}", 20, 1000.0) for n in range(100)]
    assert within(scores(*steady(15), *later), days=[14], budget=2) == within(scores(*steady(15)), days=[14], budget=2)
