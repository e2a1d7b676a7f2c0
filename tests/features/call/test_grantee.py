"""Who requests name."""

from typing import Any

import pytest

from features.call.grantee import account_of, as_text, is_everybody, name_grantee, organization_of, read_grantee


def test_accounts() -> None:
    assert account_of("arn:aws-cn:logs:cn-north-1:222222222222:destination:d") == "222222222222"
    assert [account_of(text) for text in ("", "12", "arn:aws:s3:::b", "x222222222222")] == [""] * 4


@pytest.mark.parametrize(
    ("text", "organization"),
    [
        ("o-exampleorg", "o-exampleorg"),
        ("arn:aws:organizations::222222222222:organization/o-exampleorg", "o-exampleorg"),
        ("arn:aws-us-gov:organizations::222222222222:ou/o-exampleorg/ou-ab12-cdef3456", "o-exampleorg"),
        ("o-exampleorg/r-ab12/", "o-exampleorg"),
        ("ou-ab12-cdef3456", "ou-ab12-cdef3456"),
        ("r-ab12", "r-ab12"),
        ("o-*", ""),
        ("222222222222", ""),
    ],
)
def test_organizations(text: str, organization: str) -> None:
    assert organization_of(text) == organization


@pytest.mark.parametrize(
    ("text", "everybody"),
    [
        ("*", True),
        ("ALL", True),
        ("arn:aws:iam::*:root", True),
        ("arn:aws:iam::2222222222??:role/x", True),
        ("http://acs.amazonaws.com/groups/global/AuthenticatedUsers", True),
        ("arn:aws:quicksight:::publicAnonymousUser/*", True),
        ("arn:aws:iam::222222222222:role/*", False),
        ("arn:aws:s3:::*", False),
        ("http://acs.amazonaws.com/groups/s3/LogDelivery", False),
        ("", False),
    ],
)
def test_everybody(text: str, everybody: bool) -> None:
    assert is_everybody(text) is everybody


@pytest.mark.parametrize(
    ("value", "tokens"),
    [
        ("111111111111, '*'", ["account:111111111111", "principal:*"]),
        (22222222222, ["account:022222222222"]),
        ("ou-ab12-cdef3456", ["org:ou-ab12-cdef3456"]),
        ("lambda.amazonaws.com", []),
        (None, []),
        (True, []),
    ],
)
def test_grantees(value: Any, tokens: list[str]) -> None:
    assert list(read_grantee(value)) == tokens


def test_names_are_bounded() -> None:
    assert len(list(read_grantee(",".join(["222222222222"] * 9_000)))) == 100
    assert name_grantee("x" * 9_000) == "grantee:" + "x" * 128
    assert as_text({"a": 1}) == as_text([1]) == ""
