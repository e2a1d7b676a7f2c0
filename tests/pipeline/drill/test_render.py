"""What a drill's records say: of a principal, what its own say; of themselves, to people, that nobody made them."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from features.times.instant import micros
from pipeline.drill.render import KEY_MARK, MARK, Rendered, render
from pipeline.drill.victim import Victim
from pipeline.simulate.techniques import TECHNIQUES
from pipeline.simulate.truth import Degree
from tests.records import a_record, an_assumed_role, event_of

UNTIL = datetime(2026, 3, 14, 10, 0, tzinfo=UTC)
SINCE = UNTIL - timedelta(hours=10)
OWN: dict[str, Any] = a_record(an_assumed_role(), sourceIPAddress="198.51.100.7", userAgent="Boto3/1.36.14")
VICTIM = Victim("role/1/A", "app", "workload", OWN)
BY_NAME = {technique.name: technique for technique in TECHNIQUES}


def played(name: str = "trail-stopped", degree: Degree = "medium", **named: Any) -> list[Rendered]:
    return render(BY_NAME[name], degree, VICTIM, Random(3), **{"since": SINCE, "until": UNTIL} | named)


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("degree", ["loud", "medium", "stealthy"])
def test_every_technique_becomes_events_of_the_principal(name: str, degree: Degree) -> None:
    own = event_of(OWN, now=UNTIL)
    records = played(name, degree)
    events = [event_of(record.raw, now=UNTIL) for record in records]
    core = {re.sub(r"\d{8}(v\d)?$", "", action) for action in BY_NAME[name].core}
    assert {event["action"] for event in events} >= core if degree == "loud" else events
    for event, record in zip(events, records, strict=True):
        assert (event["principal"], event["account"], event["flags"]) == (own["principal"], own["account"], ())
        assert event["event_id"] == record.event_id
        assert event["event_time"] == micros(record.time)
        assert (event["prefix"] == own["prefix"]) is (degree == "stealthy")
        assert event["agent"] == own["agent"] or degree == "loud"


def test_people_see_that_nobody_made_them() -> None:
    for record in map(json.loads, (one.raw for one in played())):
        assert record["eventID"].startswith(f"{MARK}-")
        assert record["requestID"].startswith(f"{MARK}-")
        key = record["userIdentity"]["accessKeyId"]
        assert (key[:4], key[4:9], len(key)) == (OWN["userIdentity"]["accessKeyId"][:4], KEY_MARK, 20)


def test_a_record_is_known_by_the_hash_of_its_bytes() -> None:
    [first, *_] = records = played()
    assert first.event.digest == hashlib.sha256(first.raw).hexdigest()
    assert len({record.event_id for record in records}) == len(records)


@pytest.mark.parametrize("minutes", [1, 30, 600])
def test_calls_are_made_in_time_in_order_and_before_they_are_delivered(minutes: int) -> None:
    since = UNTIL - timedelta(minutes=minutes)
    times = [record.time for record in played("bucket-ransom", "loud", since=since)]
    assert times == sorted(times)
    assert since <= times[0] and times[-1] < UNTIL  # noqa: PT018
    assert times[0] >= UNTIL - timedelta(minutes=51)


def test_what_the_victims_own_record_holds_besides_is_left_out() -> None:
    victim = Victim("role/1/A", "app", "workload", OWN | {"vpcEndpointId": "vpce-1", "errorCode": "x", "additional": 1})
    stealthy, loud = (
        json.loads(render(BY_NAME["mining"], degree, victim, Random(3), since=SINCE, until=UNTIL)[0].raw)
        for degree in ("stealthy", "loud")
    )
    assert (stealthy["vpcEndpointId"], "vpcEndpointId" in loud) == ("vpce-1", False)
    assert "additional" not in stealthy | loud
    assert VICTIM.record["userIdentity"] == OWN["userIdentity"], "the victim's record stays as it is"
