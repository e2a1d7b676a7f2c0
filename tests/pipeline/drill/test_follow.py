"""When a drill was taken in, judged and told, and in words why it was not raised."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.detect.drilled import Fared
from pipeline.detect.worker import score
from pipeline.drill.engine import AlertsIndex
from pipeline.drill.follow import Followed, Following
from pipeline.drill.play import Order
from pipeline.drill.put import take_in
from pipeline.search.engine import Answer
from pipeline.stores.jsonl.drills import Drill
from tests.pipeline.alerts.korean import KOREAN, find_english
from tests.pipeline.drill.conftest import at, begin

FARED = Fared(day="2026-03-14", judged_at="", events=9, of=9, evidence=6.0, total=3.2, score=61.0, rank=4.0, needed=5.5)


class Clock:
    def __init__(self) -> None:
        self.now = at(1)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Scripted:
    """An engine in which an alert is found at the third look."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ask(self, method, path, body):
        self.asked.append(body["query"]["term"]["alert_id"])
        hits = [{"_id": "x"}] if len(self.asked) > 2 else []
        return Answer(404, None) if len(self.asked) == 1 else Answer(200, {"hits": {"hits": hits}})


def test_each_step_has_its_time(store, settings, tmp_path):
    (logs := tmp_path / "trail").mkdir()
    [drill] = begin(store, settings, Order(("trail-stopped",), "loud", into=str(logs)), at(1))
    clock, engine = Clock(), Scripted()
    following = Following(store, [drill], AlertsIndex(engine), clock=clock)
    [one] = following.followed
    assert not following.look()
    assert "is what it was put into watched" in one.say_why()
    clock.now = at(2)
    take_in([logs], store, settings, at(2))
    assert not following.look()
    assert "not judged yet" in one.say_why()
    clock.now = at(3)
    score(store, settings, at(3))
    following.wait(at(9), clock.sleep)
    assert (one.written, one.taken_in, one.judged, one.alerted) == (at(1), at(2), at(3), at(3))
    assert one.indexed == at(3) + timedelta(seconds=2)
    assert one.found
    document = one.as_dict()
    assert document["seconds"] == {"written": 0, "taken_in": 60, "judged": 120, "alerted": 120, "indexed": 122}
    assert set(engine.asked) == {document["fared"]["alert_id"]}


def test_nobody_waits_longer_than_asked(store, settings, tmp_path):
    (logs := tmp_path / "trail").mkdir()
    drills = begin(store, settings, Order(("trail-stopped",), "loud", into=str(logs)), at(1))
    clock = Clock()
    [one] = Following(store, drills, clock=clock).wait(at(2), clock.sleep)
    assert not one.found
    assert at(1.9) < clock.now <= at(2)


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ({"raised": True, "rank": 0.02, "score": 94.0}, "record score 94: as strange a day comes by chance once in 50"),
        ({"held": "others", "budget": 7}, "it has 3.2 nats, and 5.5 are needed; a budget of 7 alerts a day raises"),
        ({"held": "budget"}, "the budget was used up"),
        ({"held": "score"}, "its record score is below 75"),
        ({"held": "evidence"}, "its evidence is 6.0 nats, too little"),
        ({"unjudged": "the model has learnt 3 days, too few"}, "it was not judged: the model has learnt 3 days"),
    ],
)
def test_it_says_why_it_was_held_and_what_would_be_needed(named, says):
    now = datetime(2026, 3, 14, tzinfo=UTC)
    drill = Drill(
        id="1", at=now, technique="mining", degree="loud", principal_key="idc/ann", principal_name="ann", events=(),
        first=now, last=now, expires=now,
    )  # fmt: skip
    followed = Followed(drill, now, taken_in=now, fared=replace(FARED, **named))
    assert says in followed.say_why()
    assert find_english(followed.say_why(KOREAN)) == []
