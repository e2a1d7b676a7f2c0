"""What is expected is told to the model: then the same is usual, of this principal alone; what else is odd is found.

And what it costs is told before: what of the past it would have hidden, and which attacks would be missed.
"""

import shutil
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipeline.feedback import price as price_module
from pipeline.feedback.choose import Asked, make_mark
from pipeline.feedback.price import Weaker, find_price
from pipeline.stores.alert import Alert
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.marks import Mark
from tests.pipeline.feedback.conftest import FIRST, WHO, World, an_errand
from tests.worlds import START

KEY, OTHER = f"idc/{WHO}", "idc/person2"
NEXT = FIRST + 1
MORE = (("cloudtrail:StopLogging", "write"), ("kms:ScheduleKeyDeletion", "write"), ("rds:DeleteDBCluster", "write"))
"""What an attacker does who has the same hands in the same hour."""


def said(world: World, **asked: Any):
    """The mark of the first errand, said in the evening of its day."""
    now = START + timedelta(days=FIRST, hours=22)
    with open_store(world.home) as store:
        day = (START + timedelta(days=FIRST)).date()
        [alert] = [alert for alert in store.alerts.latest() if (alert.principal_key, alert.day) == (KEY, day)]
    return make_mark(alert, Asked(**{"verdict": "expected", "by": "ana"} | asked), "0123456789ab", now, ZoneInfo("UTC"))


def next_day(world: World, *errands: list[dict[str, Any]], mark=None) -> dict[str, Any]:
    """Alerts of the next day, by principal."""
    with open_store(world.home) as store:
        if mark is not None:
            store.marks.add(mark)
        world.land(store, NEXT, *errands)
        return world.judge(store, NEXT)


def find_again(world: World, alert: Alert, **asked: Any) -> Weaker:
    """What the price of a mark of the first errand says of another alert."""
    with open_store(world.home) as store:
        price = find_price(store, world.settings, said(world, **asked), alert.window_start, store.alerts.latest)
    return next(one for one in price.past if one.alert.alert_id == alert.alert_id)


def test_the_same_is_usual_for_this_principal_then_and_for_nobody_else(
    world: World, tmp_path, past_alone: None
) -> None:
    control = World(shutil.copytree(world.home, tmp_path / "control"), world.company)
    errands = an_errand(NEXT, WHO), an_errand(NEXT, "person2")
    unmarked = next_day(control, *errands)
    marked = next_day(world, *errands, mark=said(world))
    hides, hides_not = (find_again(control, unmarked[KEY], wanted=wanted) for wanted in ((), ("tool",)))
    assert (hides.hidden, hides_not.hidden) == (True, False), "the price of the day after says what comes of it"
    assert unmarked[KEY].raised
    assert unmarked[OTHER].raised
    assert KEY not in marked or not marked[KEY].raised
    assert KEY not in marked or marked[KEY].evidence < unmarked[KEY].evidence / 2
    assert marked[OTHER].raised
    assert marked[OTHER].evidence == pytest.approx(unmarked[OTHER].evidence), "nothing of it is told about others"


def test_what_else_is_odd_in_the_same_hour_is_raised_as_ever(world: World) -> None:
    found = next_day(world, an_errand(NEXT, WHO, *MORE), mark=said(world))[KEY]
    assert found.raised
    assert {reason.value for reason in found.reasons} >= {action for action, _ in MORE}


def test_only_what_was_chosen_is_usual(world: World) -> None:
    found = next_day(world, an_errand(NEXT, WHO), mark=said(world, wanted=("tool",)))[KEY]
    assert found.raised
    reasons = {reason.value: reason.nats for reason in found.reasons}
    assert "terraform" not in reasons or reasons["terraform"] < 1
    assert "iam:CreateUser" in reasons


def test_a_group_may_be_meant(world: World) -> None:
    marked = next_day(world, an_errand(NEXT, "person2"), mark=said(world, scope="group"))
    assert OTHER not in marked or not marked[OTHER].raised


@pytest.fixture
def past_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices without planted attacks, which take their time."""
    monkeypatch.setattr(price_module, "_try", lambda *given: [])


# -- the price ---------------------------------------------------------------------------------------------------


def price_of(world: World, **asked: Any):
    noon = datetime.fromisoformat("2026-03-02T12:00:00Z") + timedelta(days=FIRST)
    mark = said(world, **asked)
    with open_store(world.home) as store:
        return find_price(store, world.settings, mark, noon, store.alerts.latest)


def test_the_past_is_judged_again_by_the_model_of_then(world: World, past_alone: None) -> None:
    price = price_of(world)
    [whole] = price.past
    assert (whole.alert.principal_key, whole.hidden, whole.unjudged) == (KEY, True, "")
    [narrow] = price_of(world, wanted=("tool",)).past
    assert (narrow.hidden, narrow.weaker) == (False, True)
    assert whole.left < narrow.left < narrow.alert.evidence
    assert whole.score < narrow.score < narrow.alert.record_score
    assert whole.left > find_most(whole, said(world)), "it is told exactly, and not at most"
    assert price.as_counts()["judged"] == 1


def find_most(one: Weaker, mark: Mark) -> float:
    """What would be left if all that is expected weighed nothing."""
    named = {(value.dimension, value.value) for value in mark.values}
    return one.alert.evidence - sum(r.nats for r in one.alert.reasons if (r.dimension, r.value) in named)


def test_attacks_of_the_same_hands_are_tried_and_counted(world: World) -> None:
    price = price_of(world)
    counts = price.as_counts()
    assert counts["planted"] == len(price.tried) > 40
    assert counts["found"] > counts["planted"] / 2
    assert 0 < counts["missed"] < counts["found"]
    assert {one.as_expected for one in price.missed} >= {True}, "whoever comes from what is expected is missed first"
    assert len(price_of(world, wanted=("tool",)).missed) <= len(price.missed)
    assert not price.untried


def test_what_is_expected_already_is_no_part_of_the_price(world: World) -> None:
    mark = said(world)
    with open_store(world.home) as store:
        store.marks.add(mark)
    assert price_of(world).missed == []


def test_where_nothing_can_be_tried_it_says_why(world: World) -> None:
    with open_store(world.home) as store:
        far = START + timedelta(days=400)
        price = find_price(store, world.settings, said(world), far, store.alerts.latest)
    assert price.as_counts()["planted"] is None
    assert "nothing is kept of how" in price.untried
    shutil.rmtree(world.home / "models")
    assert price_of(world).untried == "there is no model in service"
    assert price_of(world).past
