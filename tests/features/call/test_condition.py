"""Conditions that narrow everybody to somebody, and those that do not."""

from typing import Any

import pytest

from features.call.condition import Narrowed, narrow, spare
from tests.records import OTHER

NOBODY_NAMED = Narrowed(())
THE_OTHER = Narrowed((OTHER,))


@pytest.mark.parametrize(
    "condition",
    [
        None,
        [],
        {},
        1,
        {"StringEquals": "aws:SourceAccount"},
        # one wide value is enough
        {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "0.0.0.0/0"]}},
        {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
        {"IpAddress": {"aws:SourceIp": [f"{first}.0.0.0/8" for first in range(256)]}},
        {"IpAddress": {"aws:SourceIp": ["::/1", "8000::/1"]}},
        {"StringLike": {"aws:PrincipalOrgID": ["o-exampleorg", "o-*"]}},
        {"StringLike": {"aws:SourceIp": "*"}},
        # wildcards where the owner stands
        {"StringLike": {"aws:PrincipalArn": "*"}},
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}},
        {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::*"}},
        {"StringLike": {"aws:SourceArn": "arn:aws:s3:::backup-*"}},
        {"StringLike": {"aws:SourceAccount": "2222*"}},
        {"StringLike": {"aws:SourceVpce": "vpce-*"}},
        {"StringLike": {"aws:userid": "*:deploy"}},
        {"StringLike": {"aws:PrincipalOrgPaths": "o-*/r-ab12/*"}},
        {"StringLike": {"sns:Endpoint": "https://*"}},
        # what excludes a few, and what also holds where the key is absent
        {"StringNotEquals": {"aws:SourceAccount": OTHER}},
        {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/x"}},
        {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
        {"StringEqualsIfExists": {"aws:SourceAccount": OTHER}},
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"}},
        {"Null": {"aws:PrincipalOrgID": "true"}},
        {"Null": {"aws:PrincipalOrgID": True}},
        {"Null": {"aws:PrincipalOrgID": "false"}},
        {"StringNotLike": {"aws:PrincipalOrgID": "*"}},
        # what the caller chooses, or does not tell callers apart
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringEquals": {"aws:PrincipalTag/team": "pay"}},
        {"StringEquals": {"aws:Referer": "https://example.com"}},
        {"StringEquals": {"sts:ExternalId": "x"}},
        {"StringEquals": {"aws:ResourceAccount": OTHER}},
        {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
        {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}},
        {"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalOrgID}"}},
        {"Bool": {"aws:PrincipalIsAWSService": "false"}},
        {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
    ],
)
def test_anybody_can_meet(condition: Any) -> None:
    assert narrow(condition) is None


@pytest.mark.parametrize(
    ("condition", "narrowed"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"}}, NOBODY_NAMED),
        ({"StringEquals": {"aws:VpceOrgID": "o-exampleorg"}}, NOBODY_NAMED),
        ({"StringEquals": {"aws:SourceOrgID": ["o-1", "o-2"]}}, NOBODY_NAMED),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-exampleorg/*"}}, NOBODY_NAMED),
        ({"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}, NOBODY_NAMED),
        ({"StringEquals": {"AWS:SourceVpce": ["vpce-1", "vpce-2"]}}, NOBODY_NAMED),
        ({"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "198.51.100.7"]}}, NOBODY_NAMED),
        ({"StringLike": {"aws:SourceIp": "203.0.113.*"}}, NOBODY_NAMED),
        ({"StringEquals": {"aws:SourceAccount": OTHER}}, THE_OTHER),
        ({"StringEquals": {"aws:PrincipalAccount": 222222222222}}, THE_OTHER),
        ({"StringEqualsIgnoreCase": {"kms:CallerAccount": OTHER}}, THE_OTHER),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{OTHER}:*"}}, THE_OTHER),
        ({"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/*"}}, THE_OTHER),
        ({"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}*"}}, THE_OTHER),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:bucket"}}, NOBODY_NAMED),
        ({"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}, NOBODY_NAMED),
        ({"StringLike": {"sns:Endpoint": "*@example.com"}}, NOBODY_NAMED),
        ({"Bool": {"aws:PrincipalIsAWSService": True}}, NOBODY_NAMED),
        # a wildcard is a character of its own to these operators, and no account holds it
        ({"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}, NOBODY_NAMED),
        # all tests must hold
        ({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceAccount": OTHER}}, THE_OTHER),
        ({"StringLike": {"aws:PrincipalArn": "*"}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, NOBODY_NAMED),
        (
            {
                "ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"},
                "Null": {"aws:PrincipalOrgID": "false"},
            },
            NOBODY_NAMED,
        ),
        (
            {"StringEqualsIfExists": {"aws:SourceAccount": OTHER}, "Null": {"aws:SourceAccount": False}},
            THE_OTHER,
        ),
    ],
)
def test_only_somebody_can_meet(condition: Any, narrowed: Narrowed) -> None:
    assert narrow(condition) == narrowed


@pytest.mark.parametrize(
    ("condition", "spared"),
    [
        (None, NOBODY_NAMED),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, NOBODY_NAMED),
        ({"StringNotEqualsIfExists": {"aws:PrincipalAccount": OTHER}}, THE_OTHER),
        ({"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}, "Bool": {"aws:ViaAWSService": "false"}}, NOBODY_NAMED),
        ({"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, None),
        ({"StringNotLike": {"aws:PrincipalOrgID": "o-*"}}, None),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, None),
        ({"Bool": {"aws:SecureTransport": "false"}}, None),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1", "aws:PrincipalTag/team": "pay"}}, None),
        ({"Null": {"aws:SourceVpce": "true"}}, None),
    ],
)
def test_denials_spare_somebody_or_others_too(condition: Any, spared: Narrowed | None) -> None:
    assert spare(condition) == spared
