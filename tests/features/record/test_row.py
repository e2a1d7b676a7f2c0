"""Rows of Athena, Lake and Logs Insights become the records that they were."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from features.record.row import AmbiguousRowError, Table, read_columns

USER = {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/paula", "accountId": "111122223333"}
RECORD = {
    "userIdentity": USER,
    "eventTime": "2026-03-01T09:00:00Z",
    "eventSource": "iam.amazonaws.com",
    "eventName": "ListUsers",
}
PRINTED = "{type=IAMUser, arn=arn:aws:iam::111122223333:user/paula, accountid=111122223333, sessioncontext=null}"


def record_of(row: dict[str, Any]) -> dict[str, Any]:
    made = json.loads(read_columns(list(row)).record(row))
    assert isinstance(made, dict)
    return made


def a_row(**given: Any) -> dict[str, Any]:
    row = {"eventname": "ListUsers", "eventsource": "iam.amazonaws.com", "eventtime": "2026-03-01T09:00:00Z"}
    return {**row, "useridentity": PRINTED, **given}


SPELLINGS: dict[str, dict[str, Any]] = {
    "Athena's text": a_row(),
    "JSON": a_row(useridentity=json.dumps(USER)),
    "JSON in small letters": a_row(useridentity=json.dumps({key.lower(): value for key, value in USER.items()})),
    "a structure": a_row(useridentity=USER),
    "a structure in small letters": a_row(useridentity={key.lower(): value for key, value in USER.items()}),
    "CloudTrail's names": {
        "eventName": "ListUsers", "eventSource": "iam.amazonaws.com", "eventTime": "2026-03-01T09:00:00Z",
        "userIdentity": PRINTED,
    },
    "names with underscores": {
        "event_name": "ListUsers", "event_source": "iam.amazonaws.com", "event_time": "2026-03-01T09:00:00Z",
        "user_identity": PRINTED,
    },
    "dotted names": {
        "eventName": "ListUsers", "eventSource": "iam.amazonaws.com", "eventTime": "2026-03-01T09:00:00Z",
        **{f"userIdentity.{key}": value for key, value in USER.items()},
    },
    "a time": a_row(eventtime=datetime(2026, 3, 1, 9, tzinfo=ZoneInfo("UTC"))),
    "a time elsewhere": a_row(eventtime=datetime(2026, 3, 1, 18, tzinfo=ZoneInfo("Asia/Seoul"))),
    "a time without a zone": a_row(eventtime=datetime(2026, 3, 1, 9)),
    "what has no value": a_row(errorcode="", requestparameters="null", responseelements=None, useragent="-"),
    "other columns": a_row(account="1", region="eu", partition_0="x"),
}  # fmt: skip


@pytest.mark.parametrize("row", SPELLINGS.values(), ids=SPELLINGS)
def test_a_row_is_the_record_it_was(row: dict[str, Any]) -> None:
    assert record_of(row) == RECORD


MEMBERS: dict[str, tuple[str, Any, str, Any]] = {
    "a truth": ("readonly", "true", "readOnly", True),
    "another": ("managementevent", False, "managementEvent", False),
    "JSON": ("requestparameters", '{"bucketName": "b"}', "requestParameters", {"bucketName": "b"}),
    "a map": ("requestParameters", [("bucketName", "b")], "requestParameters", {"bucketName": "b"}),
    "a printed map": (
        "requestParameters", '{bucketName=b, policy={"a": "b, c=d"}, none=null}', "requestParameters",
        {"bucketName": "b", "policy": {"a": "b, c=d"}, "none": None},
    ),
    "text": ("responseelements", "some text", "responseElements", "some text"),
    "resources": (
        "resources", "[{arn=arn:aws:s3:::b, accountid=1, type=z}, {arn=x, accountid=null, type=y}]",
        "resources", [{"ARN": "arn:aws:s3:::b", "accountId": "1", "type": "z"}, {"ARN": "x", "type": "y"}],
    ),
    "resources as structures": ("resources", [{"arn": "x", "accountid": None}], "resources", [{"ARN": "x"}]),
    "TLS": ("tlsdetails", "{tlsversion=TLSv1.3, ciphersuite=x}", "tlsDetails",
            {"tlsVersion": "TLSv1.3", "cipherSuite": "x"}),
    "an id": ("eventid", "3f1c1b8e-0000-4000-8000-00000000000a", "eventID", "3f1c1b8e-0000-4000-8000-00000000000a"),
}  # fmt: skip


@pytest.mark.parametrize(("column", "value", "member", "made"), MEMBERS.values(), ids=MEMBERS)
def test_each_member_has_its_own_form(column: str, value: Any, member: str, made: Any) -> None:
    assert record_of(a_row(**{column: value})) == RECORD | {member: made}


def test_a_session_is_read_at_every_depth() -> None:
    session = (
        "{attributes={mfaauthenticated=false, creationdate=2026-03-01T08:00:00Z}, sessionissuer={type=Role, "
        "principalid=AROA, arn=arn:aws:iam::1:role/r, accountid=1, username=r}, ec2roledelivery=null, "
        "webidfederationdata={federatedprovider=arn:x, attributes={sub=a, aud=b}}}"
    )
    printed = f"{{type=AssumedRole, principalid=AROA:s, sessioncontext={session}, username=null}}"
    assert record_of(a_row(useridentity=printed))["userIdentity"] == {
        "type": "AssumedRole",
        "principalId": "AROA:s",
        "sessionContext": {
            "attributes": {"mfaAuthenticated": "false", "creationDate": "2026-03-01T08:00:00Z"},
            "sessionIssuer": {"type": "Role", "principalId": "AROA", "arn": "arn:aws:iam::1:role/r",
                              "accountId": "1", "userName": "r"},
            "webIdFederationData": {"federatedProvider": "arn:x", "attributes": {"sub": "a", "aud": "b"}},
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["x, arn=arn:aws:iam::111122223333:root", "x}", "{x", "x, sessioncontext={sessionissuer={}}", "x, type=Root"],
)
def test_a_name_that_looks_like_a_field_makes_nobody_somebody_else(name: str) -> None:
    with pytest.raises(AmbiguousRowError):
        record_of(a_row(useridentity=f"{{type=IAMUser, arn=a, username={name}, sessioncontext=null}}"))


def test_a_column_may_hold_the_record_as_text() -> None:
    for name in ("eventJson", "@message", "CloudTrailEvent"):
        assert record_of({"@timestamp": "x", name: json.dumps(RECORD)}) == RECORD


def test_a_table_that_is_none_or_too_narrow_says_so() -> None:
    assert read_columns(["a", "b"]) == Table()
    assert read_columns(["User name", "Event time", "Event name"]).problem.endswith("download it as JSON instead")
    assert "without userIdentity: select" in read_columns(["eventname", "eventsource", "eventtime"]).problem
    assert read_columns(["srcaddr", "dstaddr"]).foreign == "VPC flow logs"
