"""Kinds of harm: what is recognised has words and a weight, and an attempt weighs less than the deed."""

import pytest

from pipeline.alerts.harms import HARMS
from pipeline.stores.alert import AlertHarm
from pipeline.stores.harm import BULK, GRAVE, KINDS, SERIOUS, weigh_harm


def test_what_is_recognised_is_what_has_words_in_the_same_order() -> None:
    assert list(KINDS) == [harm.name for harm in HARMS]


def test_deleting_much_is_grave_and_little_is_serious() -> None:
    few, many = (AlertHarm(kind="deleted", tried=False, calls=calls) for calls in (BULK - 1, BULK))
    assert (weigh_harm(few), weigh_harm(many)) == (SERIOUS, GRAVE)
    assert weigh_harm(AlertHarm(kind="compute", tried=False, calls=500)) == SERIOUS


@pytest.mark.parametrize("name", KINDS)
def test_an_attempt_is_a_step_less_than_the_deed(name: str) -> None:
    done, tried = (weigh_harm(AlertHarm(kind=name, tried=tried, calls=1)) for tried in (False, True))
    assert done == (GRAVE if KINDS[name].grave else SERIOUS)
    assert tried == done - 1


def test_a_kind_of_another_version_is_serious() -> None:
    assert weigh_harm(AlertHarm(kind="sold", tried=False, calls=1)) == SERIOUS
