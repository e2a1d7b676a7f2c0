"""Access keys that a call hands out."""

import pytest

from features.call.issued_key import may_issue_key, read_issued_key
from tests.records import a_record, event_of, raw

KEY = "ASIAABCDEFGHIJKLMNOP"


@pytest.mark.parametrize(
    ("action", "issues"),
    [
        ("sts:AssumeRole", True),
        ("sts:AssumeRoleWithWebIdentity", True),
        ("sts:GetSessionToken", True),
        ("sts:GetFederationToken", True),
        ("iam:CreateAccessKey", True),
        ("sso:GetRoleCredentials", True),
        ("redshift:GetClusterCredentialsWithIAM", True),
        ("sts:GetCallerIdentity", False),
        ("iam:CreateAccessKeys", False),
        ("iam:ListAccessKeys", False),
        ("", False),
    ],
)
def test_calls_that_hand_out_a_key(action: str, issues: bool) -> None:
    assert may_issue_key(action) is issues


@pytest.mark.parametrize(
    ("response", "key"),
    [
        (raw({"credentials": {"accessKeyId": KEY, "sessionToken": "t"}}), KEY),
        (raw({"accessKey": {"accessKeyId": KEY, "status": "Active"}}), KEY),
        (b'{"accessKeyId" : "%s"}' % KEY.encode(), KEY),
        (b'{"accessKeyId":"short"}', ""),
        (b'{"accessKeyId":"asiaabcdefghijklmnop"}', ""),
        (b"null", ""),
        (b"", ""),
    ],
)
def test_the_key_in_a_response(response: bytes, key: str) -> None:
    assert read_issued_key(response) == key


def test_a_response_of_another_call_hands_out_nothing() -> None:
    shown = {"eventSource": "iam.amazonaws.com", "eventName": "UpdateAccessKey", "readOnly": False}
    assert event_of(a_record(**shown, responseElements={"accessKeyId": KEY}))["issued_key"] == ""
