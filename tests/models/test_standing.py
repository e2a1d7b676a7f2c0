"""What a day adds up to, and the ledger it is of."""

from dataclasses import replace

import pytest

from models.standing import Key, is_open
from tests.models.desks import standing


@pytest.mark.parametrize(
    ("key", "open_"),
    [((8, 1), True), ((7, 1), True), ((6, 1), False), ((3, 1, 8), True), ((3, 1, 7), False), ((7, 1, 8), True)],
)
def test_a_ledger_is_open_today_and_yesterday_and_of_late_things_on_the_day_they_came(key: Key, open_: bool) -> None:
    assert is_open(key, 8) is open_


def test_what_came_late_is_of_a_ledger_of_its_own() -> None:
    day = standing(1, 9.0, day=14)
    assert (day.key, replace(day, late=17).key) == ((14, 1), (14, 1, 17))


def test_the_prior_of_the_kind_is_no_evidence_and_a_week_speaks_of_its_first_day() -> None:
    day = standing(1, 9.0, day=14)
    assert (replace(day, prior=-2.0).evidence, day.first_day, replace(day, since=9).first_day) == (11.0, 14, 9)
