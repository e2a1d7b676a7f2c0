"""What an accuracy says depends on how rare the bad is."""

import pytest

from benchmarks.accuracy import BAD, CALLS, of_an_alarm, tell_accuracy


def test_of_a_fair_coin_an_alarm_is_as_right_as_the_detector() -> None:
    assert of_an_alarm(0.99, 0.5) == pytest.approx(0.99)


def test_the_rarer_the_bad_the_less_an_alarm_says() -> None:
    assert [round(of_an_alarm(0.99, bad), 4) for bad in (1e-2, 1e-4, 1e-6)] == [0.5, 0.0098, 0.0001]


def test_the_figures_of_the_section_are_those_of_a_day_counted_out() -> None:
    bad = round(BAD * CALLS)
    right, wrong = 0.99 * bad, 0.01 * (CALLS - bad)
    told = tell_accuracy([])
    assert f"{bad} of {CALLS:,} a day" in told
    assert f"one of its alarms in {round((right + wrong) / right):,} is right" in told
    assert f"right on {100 * (CALLS - bad) / CALLS:.4f} %" in told
    assert "|" not in told
