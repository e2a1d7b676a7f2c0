"""Calls that let nobody in."""

from features.call.exposure import find_exposures, may_expose
from features.call.no_opening import NO_OPENINGS

EVERYTHING = b"""{
    "policy": {"Statement": {"Effect": "Allow", "Principal": "*"}}, "publiclyAccessible": true, "cidrIp": "0.0.0.0/0"
}"""


def test_they_are_not_looked_into() -> None:
    assert not any(may_expose(f"{service}:{call}") for service, call in NO_OPENINGS)
    assert {find_exposures(f"{service}:{call}", EVERYTHING, "111111111111") for service, call in NO_OPENINGS} == {()}


def test_each_has_a_reason() -> None:
    assert NO_OPENINGS["ec2", "createvpcendpoint"] == "limits what a policy elsewhere has to allow"
    assert all(len(reason) > 10 for reason in NO_OPENINGS.values())
