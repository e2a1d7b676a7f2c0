"""A few names stand for all, in the reader's language, and every level has a word of its own."""

from pipeline.reports.checks.finding import LEVELS, name_accounts, name_some
from tests.pipeline.alerts.korean import KOREAN, find_english


def test_few_names_are_all_told_and_many_are_counted() -> None:
    assert name_some(["1", "2", "3"]) == "1, 2, 3"
    assert name_some(["1", "2", "3", "4"], KOREAN) == "1, 2, 3 외 1개"
    assert name_accounts(["1", "2"]) == "2 accounts (1, 2)"
    assert name_accounts([str(n) for n in range(1_200)]) == "1,200 accounts (0, 1, 2 and 1,197 more)"
    assert name_accounts(["1"], KOREAN) == "계정 1"
    assert name_accounts(["1", "2", "3", "4"], KOREAN) == "계정 4개(1, 2, 3 외 1개)"


def test_every_level_is_told() -> None:
    assert [find_english(KOREAN.find(level)) for level in LEVELS] == [[], [], []]
    assert len({KOREAN.find(level) for level in LEVELS}) == len(LEVELS)
