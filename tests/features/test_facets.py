"""The parts of a record that repeat."""

import pytest

from features import facets
from features.facets import Calls
from tests.records import ACCOUNT, a_catalogue


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


@pytest.mark.parametrize(("text", "kept"), [(ACCOUNT, ACCOUNT), ("", "unknown"), ("..", "__"), ("a/b\\c", "a_b_c"),
                                            ("١١١١١١١١١١١١", "_" * 12), ("x" * 500, "x" * 64)])  # fmt: skip
def test_accounts_are_safe_names_of_folders(text: str, kept: str) -> None:
    assert facets.account(text) == kept
