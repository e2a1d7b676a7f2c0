"""What requests carry says what a company means by its calls, and what an attacker means by the same ones."""

from random import Random

import pytest

from features.call.action_alias import IAM_PREFIXES
from features.call.silencing import SWITCHES, may_switch_off, switches_off
from pipeline.simulate.calls import Call, call, services
from pipeline.simulate.resources import Resources
from pipeline.simulate.techniques import TECHNIQUES

ACCOUNT = "111111111111"
DEPENDING = [
    one
    for calls in services().values()
    for one in calls
    if may_switch_off(f"{one.service}:{one.name}")
    and SWITCHES[f"{IAM_PREFIXES.get(one.service, one.service)}:{one.name}".lower()]
]
"""Calls that switch a safeguard off with some requests only."""


def request_of(one: Call, given: dict[str, str] | None = None) -> bytes:
    request, _ = Resources(1, [ACCOUNT]).request(Random(1), one, ACCOUNT, "eu-west-1", 3, given)
    return request.encode()


def test_there_are_calls_that_depend_on_their_requests() -> None:
    assert {"PutBucketLogging", "PutBucketVersioning", "PutBucketLifecycle", "PutMetricAlarm"} <= {
        one.name for one in DEPENDING
    }


@pytest.mark.parametrize("one", DEPENDING, ids=lambda one: f"{one.service}:{one.name}")
def test_a_company_at_work_switches_no_safeguard_off(one: Call) -> None:
    assert not switches_off(f"{one.service}:{one.name}", request_of(one))


@pytest.mark.parametrize("action", ["s3:PutBucketVersioning", "s3:PutBucketLifecycle"])
def test_who_holds_a_bucket_to_ransom_lets_nothing_be_brought_back(action: str) -> None:
    (ransom,) = (each for each in TECHNIQUES if each.name == "bucket-ransom")
    assert action in ransom.core
    assert switches_off(action, request_of(call(action), ransom.given))
