"""The parts of a record that repeat."""

from features.normalise.repeated import Calls
from tests.records import a_catalogue


def test_calls_tell_what_else_to_look_at() -> None:
    calls = Calls(a_catalogue())
    assume = calls(("sts.amazonaws.com", "AssumeRole", False))
    assert (assume.issues, assume.is_sts, assume.answers, assume.known) == (True, True, True, True)
    assert calls(("iam.amazonaws.com", "AttachUserPolicy", False)).exposes
    assert calls(("cloudtrail.amazonaws.com", "StopLogging", False)).states
    read = calls(("ec2.amazonaws.com", "DescribeInstances", True))
    assert (read.exposes, read.states, read.answers, read.issues, read.cut) == (False,) * 5
    assert calls(("new.amazonaws.com", "X", None)).reader is None
    assert calls(("ec2.amazonaws.com", "x" * 200, None)).cut
