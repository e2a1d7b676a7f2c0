"""Roles whose sessions' names are verified."""

import pickle

import pytest

from features.call.verified import NONE_VERIFIED, VerifiedNames

ARN = "arn:aws:iam::111111111111:role/people/okta-admin"


@pytest.mark.parametrize(
    ("pattern", "vouched"),
    [
        ("okta-admin", True), ("okta-*", True), ("okta-admi?", True), (ARN, True), ("arn:*:role/people/*", True),
        ("OKTA-admin", False), ("okta", False), ("okta.admin", False), ("[o]kta-admin", False),
        ("(", False), ("", False),
    ],
)  # fmt: skip
def test_a_pattern_is_for_a_name_or_an_arn_as_a_whole(pattern: str, vouched: bool) -> None:
    assert VerifiedNames([pattern]).vouch_for(ARN, "okta-admin") == vouched


def test_any_of_several_patterns_will_do_and_of_none_nobody() -> None:
    assert VerifiedNames(["adfs-*", "okta-*"]).vouch_for(ARN, "okta-admin")
    assert not NONE_VERIFIED.vouch_for(ARN, "okta-admin")
    assert not NONE_VERIFIED.vouch_for("", "")


def test_patterns_go_along_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(VerifiedNames(["okta-*"]))).vouch_for(ARN, "okta-admin")
