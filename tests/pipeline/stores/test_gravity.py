"""Severities have an order, those of version 1 among them."""

from itertools import pairwise

from pipeline.stores.gravity import LEVELS, rank, reaches


def test_each_level_is_graver_than_the_one_before() -> None:
    assert all(rank(less) < rank(more) for less, more in pairwise(LEVELS))
    assert all(reaches(level, level) and reaches(level, "low") for level in LEVELS)
    assert not reaches("high", "critical")


def test_levels_of_version_1_stand_where_they_belong() -> None:
    assert [rank(level) for level in ("warning", "minor", "major")] == [rank(level) for level in ("low", "low", "high")]
    assert reaches("major", "high")
    assert not reaches("minor", "medium")


def test_what_is_no_level_is_the_least_and_reaches_none() -> None:
    assert rank("loud") == rank("low")
    assert not reaches("critical", "loud")
