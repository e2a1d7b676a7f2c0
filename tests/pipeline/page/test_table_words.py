"""Words of tables are told in Korean wherever a report says them, and names that are data stay as they are."""

import pytest

from features.activity.dimensions import DIMENSIONS
from models.learnt import Learnt
from pipeline.page.table_words import CHANGES, LEARNT, tell_credential, tell_learnt, tell_model
from pipeline.reports import models_kept, principal_sums
from pipeline.words.catalogue import find_words

KOREAN = find_words("ko")


def test_every_number_of_a_model_has_its_words() -> None:
    learnt = Learnt(1, 1, 1, 1, 1, 1, {"human": 1}, {"g": 1}, dict.fromkeys(DIMENSIONS, 1), 1, 1, (), "")
    told = [*models_kept._numbers(learnt)]
    assert {what for what in told if ":" not in what} == set(LEARNT)
    assert all(tell_learnt(what, KOREAN) != what for what in told)


def test_every_kind_of_change_has_its_words() -> None:
    assert {what for what, *_ in principal_sums.VALUES} == set(CHANGES)
    assert all(KOREAN.find(what) != what for what in CHANGES)


@pytest.mark.parametrize("name", ["AKIAEXAMPLE", "sdk", "values", "<b>", ""])
def test_a_name_is_no_word_of_ours(name: str) -> None:
    assert tell_credential(name, KOREAN) == name
    assert tell_learnt(f"values: {name}x", KOREAN) == f"값: {name}x"
    assert tell_model(f"pyod:{name}x", KOREAN) == f"{name}x"
