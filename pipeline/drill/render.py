"""The records of a drill: a technique of the simulator's, in the name of a principal of the deployment.

They are what CloudTrail would have written, and anybody who reads them sees that nobody made them: event ids and
request ids begin with `0dd7d211`, access keys have `DRILL` in them, and what is touched does not exist. These marks are
for people. Which records are a drill's is told by the home alone (`pipeline.stores.jsonl.drills`).
"""

import hashlib
import json
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from features.record.as_json import as_json
from pipeline.drill.victim import Victim
from pipeline.simulate.agents import foreign
from pipeline.simulate.calls import GLOBAL, call
from pipeline.simulate.campaigns import choose_steps
from pipeline.simulate.networks import FAR, of
from pipeline.simulate.resources import Resources
from pipeline.simulate.techniques import Technique
from pipeline.simulate.truth import Degree
from pipeline.stores.jsonl.drills import DrillEvent

MARK: Final = "0dd7d211"
"""What event ids of drills begin with. For people: nothing is decided by it."""
KEY_MARK: Final = "DRILL"
"""What stands in access keys of drills, behind the four letters of their kind. For people, too."""
_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAUSE: Final[dict[Degree, int]] = {"loud": 5, "medium": 20, "stealthy": 60}
"""Seconds between calls on average; a drill is played within the hour."""
_LONGEST: Final = timedelta(minutes=50)
_REFUSED: Final = 4
"""One call in so many of a loud attack is denied."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One record."""

    event_id: str
    time: datetime
    account: str
    region: str
    raw: bytes

    @property
    def event(self) -> DrillEvent:
        """By what it is known."""
        return DrillEvent(self.event_id, hashlib.sha256(self.raw).hexdigest())


def render(
    technique: Technique, degree: Degree, victim: Victim, choice: Random, *, since: datetime, until: datetime
) -> list[Rendered]:
    """Records of an attack, in order of time.

    Parameters
    ----------
    choice
        Random numbers; ids are made of them, so let nobody guess them.
    since, until
        Between which the calls are made; the last one just before `until`.
    """
    steps = choose_steps(technique, degree, choice)
    caller = _make_caller(victim, degree, technique, choice)
    things = Resources(choice.getrandbits(32))
    given = {"other": f"{choice.randrange(100_000_000_000, 999_999_999_999)}", **technique.given}
    out = []
    for number, (action, at) in enumerate(
        zip(steps, _choose_times(len(steps), degree, choice, since, until), strict=True)
    ):
        made = call(action)
        region = "us-east-1" if made.service in GLOBAL else caller["awsRegion"]
        request, response = things.request(choice, made, caller["recipientAccountId"], region, number, given)
        event_id = _make_id(choice)
        refused = degree == "loud" and number % _REFUSED == _REFUSED - 1
        record = caller | {
            "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": f"{made.service}.amazonaws.com",
            "eventName": made.name,
            "awsRegion": region,
            "requestParameters": json.loads(request),
            "responseElements": None if refused else json.loads(response),
            "requestID": _make_id(choice),
            "eventID": event_id,
            "readOnly": made.read_only,
            "eventType": "AwsApiCall",
            "managementEvent": not made.data,
            "eventCategory": "Data" if made.data else "Management",
        }
        if refused:
            record |= {
                "errorCode": "AccessDenied",
                "errorMessage": f"not authorized to perform: {made.service}:{made.name}",
            }
        raw = as_json(record)
        out.append(Rendered(event_id, at, caller["recipientAccountId"], region, raw))
    return out


_OF_CALLER: Final = ("eventVersion", "userIdentity", "awsRegion", "sourceIPAddress", "userAgent", "recipientAccountId")
_OF_PLACE: Final = ("vpcEndpointId", "vpcEndpointAccountId")


def _make_caller(victim: Victim, degree: Degree, technique: Technique, choice: Random) -> dict[str, Any]:
    """What a record says of who calls: as the victim's own say it, but for what the degree takes from elsewhere."""
    caller: dict[str, Any] = {name: deepcopy(victim.record[name]) for name in _OF_CALLER if name in victim.record}
    identity = caller["userIdentity"]
    if isinstance(identity.get("accessKeyId"), str) and identity["accessKeyId"]:
        tail = "".join(choice.choices(_BASE32, k=16 - len(KEY_MARK)))
        identity["accessKeyId"] = f"{identity['accessKeyId'][:4]}{KEY_MARK}{tail}"
    if degree == "stealthy":
        return caller | {name: victim.record[name] for name in _OF_PLACE if name in victim.record}
    networks = [one for one in of("hosting") if (one.country in FAR) == (degree == "loud")]
    caller["sourceIPAddress"] = choice.choice(networks).address(choice)
    if degree == "loud":
        caller["userAgent"] = foreign(choice)
        caller["awsRegion"] = "af-south-1" if technique.abroad else caller["awsRegion"]
    return caller


def _choose_times(number: int, degree: Degree, choice: Random, since: datetime, until: datetime) -> list[datetime]:
    """Times of so many calls, ascending, to the second; the last one is just before `until`."""
    pauses = [1 + choice.expovariate(1 / _PAUSE[degree]) for _ in range(number)]
    most = min(_LONGEST, until - since).total_seconds()
    shrink = min(1.0, most / sum(pauses))
    back, out = timedelta(), []
    for pause in reversed(pauses):
        out.append((until - timedelta(seconds=1) - back).astimezone(UTC).replace(microsecond=0))
        back += timedelta(seconds=pause * shrink)
    return sorted(max(at, since.astimezone(UTC)) for at in out)


def _make_id(choice: Random) -> str:
    """An id of the shape of eventID, with the mark."""
    bits = f"{choice.getrandbits(96):024x}"
    return f"{MARK}-{bits[:4]}-4{bits[5:8]}-a{bits[9:12]}-{bits[12:]}"
