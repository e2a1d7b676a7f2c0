"""An alert is judged again by the model of then where that is kept, in bounded time; else it is said why not."""

import time
from datetime import timedelta

import pytest
from msgspec.structs import replace

from models.declared import Usual
from pipeline.feedback import again
from pipeline.feedback.again import NO_EVENTS, NO_MODEL, NO_TIME, Judged, judge_again
from pipeline.stores.alert import Alert
from pipeline.stores.home import Store, open_store
from tests.pipeline.feedback.conftest import FIRST, WHO, World
from tests.worlds import START

KEY = f"idc/{WHO}"


def the_alert(store: Store) -> Alert:
    day = (START + timedelta(days=FIRST)).date()
    [alert] = [one for one in store.alerts.latest() if (one.principal_key, one.day) == (KEY, day)]
    return alert


def the_tool(alert: Alert, principal: str = KEY) -> Usual:
    """The tool that the alert names, usual for somebody."""
    [value] = {one.value for one in alert.reasons if one.dimension == "agent"}
    return Usual("principal", principal, "agent", value)


def judge(world: World, principal: str = KEY, **named):
    with open_store(world.home) as store:
        alert = the_alert(store)
        new = [the_tool(alert, principal)] if principal else []
        [(_, found)] = judge_again(store, world.settings, [alert], new, **named)
        return alert, found


def test_the_model_of_then_says_what_it_said_then(marked_world: World) -> None:
    alert, found = judge(marked_world, "")
    assert isinstance(found, Judged)
    assert found.before == found.after
    assert 0.8 * alert.evidence < found.before <= alert.evidence, "less what is usual for its kind"
    assert found.score == pytest.approx(alert.record_score, abs=3)
    _, weaker = judge(marked_world)
    assert 0 < weaker.before - weaker.after < found.before


def test_another_principals_value_changes_nothing(marked_world: World) -> None:
    _, found = judge(marked_world, "idc/person2")
    assert found.before == found.after


def test_what_cannot_be_judged_says_why(marked_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judge(marked_world, seconds=0.0)[1] == NO_TIME
    ticks = iter([0.0, 1.0])
    assert judge(marked_world, clock=lambda: next(ticks, 99.0))[1] == NO_TIME
    with monkeypatch.context() as patched:
        patched.setattr(again, "_open", lambda *given: None)
        assert judge(marked_world)[1] == NO_MODEL
    with open_store(marked_world.home) as store:
        alert = the_alert(store)
        other = replace(alert, principal_key="idc/nobody' OR 1=1 --")
        old = replace(alert, day=(START - timedelta(days=90)).date())
        found = [said for _, said in judge_again(store, marked_world.settings, [other, old], [the_tool(alert)])]
    assert found == [NO_EVENTS, NO_MODEL]


def test_it_is_soon_done(marked_world: World) -> None:
    with open_store(marked_world.home) as store:
        alert, began = the_alert(store), time.monotonic()
        assert len([*judge_again(store, marked_world.settings, [alert] * 3, [the_tool(alert)])]) == 3
    assert time.monotonic() - began < again.SECONDS
