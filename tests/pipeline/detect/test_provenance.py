"""What a model was made of: code, settings, days and alerts; each difference has its words."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from features.times.day import day_number
from pipeline.detect import provenance
from pipeline.detect.known import KnownActivity
from pipeline.detect.provenance import trace_back
from pipeline.settings import Settings
from pipeline.stores.fetched import Fetched

DAY = date(2026, 3, 9)
KNOWN = KnownActivity({("1", date(2026, 3, 2)): {"joint": {"2026-03-03": [1, 5], "2026-03-10": [1, 7]}}})
SETTINGS = {"home": Path("home")}


def traced(day=DAY, first=date(2026, 3, 2), known=KNOWN, raised=(), **settings):
    return trace_back(day, first, known, raised, Settings(**SETTINGS | settings))


def on(day: date, name: str = "ana") -> set[tuple[int, str]]:
    return {(day_number(day), name)}


def test_what_does_not_touch_the_days_that_were_learnt_makes_no_difference():
    later = KnownActivity({("1", date(2026, 3, 2)): {"joint": {"2026-03-03": [1, 5], "2026-03-10": [9, 9]}}})
    for other in (traced(known=later), traced(raised=on(DAY)), traced(budget=9.0), traced(threads=1)):
        assert traced().say_difference(other.as_dict()) == ""


def test_where_activity_came_from_is_said_and_makes_no_difference():
    fetched = {("1", day): Fetched({}, "/mnt/shared", {}, stands=True) for day in (date(2026, 3, 3), DAY)}
    told = trace_back(DAY, date(2026, 3, 2), KNOWN, (), Settings(**SETTINGS), fetched=fetched)
    assert told.fetched == {"/mnt/shared": {"1": ["2026-03-03/2026-03-03"]}}
    assert traced().say_difference(told.as_dict()) == told.say_difference(traced().as_dict()) == ""


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"seed": 9}, "other settings"),
        ({"timezone": "Asia/Seoul"}, "other settings"),
        ({"lateness": timedelta(hours=1)}, "other settings"),
        ({"first": date(2026, 3, 3)}, "history began on 2026-03-03 and begins on 2026-03-02"),
        ({"known": KnownActivity({})}, "activity"),
        ({"raised": on(DAY - timedelta(days=1))}, "alerts"),
    ],
)
def test_what_does_is_told(other, why):
    assert why in traced().say_difference(traced(**other).as_dict())


def test_other_code_and_other_priors_are_told(monkeypatch):
    before = traced().as_dict()
    with monkeypatch.context() as patch:
        patch.setattr(provenance, "read_attack_priors", lambda: {"version": "9"})
        assert traced().say_difference(before)
    with monkeypatch.context() as patch:
        patch.setattr(provenance, "_CODE", ("models",))
        provenance._hash_code.cache_clear()
        assert traced().say_difference(before)
    provenance._hash_code.cache_clear()
    assert traced().say_difference(before) == ""


@pytest.mark.parametrize("noted", [None, "text", [], {}, {"making": "m"}, {**traced().as_dict(), "more": 1}])
def test_a_model_that_says_nothing_of_it_or_something_else_does_not_hold(noted):
    assert traced().say_difference(noted) == "it does not say what it was made of"
