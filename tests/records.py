"""Makers of CloudTrail records as delivered: name only what matters."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from features.call.action import ActionCatalogue
from features.normalise.normalised import Normalised
from features.normalise.normaliser import Normaliser
from features.times.instant import micros

Json = dict[str, Any]

ACCOUNT = "111111111111"
OTHER = "222222222222"
NOW = datetime(2025, 3, 4, tzinfo=UTC)
"""The day after the records were made."""
NINE = micros(datetime(2025, 3, 3, 9, tzinfo=UTC))
"""When they were made, as events hold it."""
SSO_ROLE = "AWSReservedSSO_Developer_0123456789abcdef"
SSO_ARN = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/{SSO_ROLE}"
_count = iter(range(10**9))


def an_iam_user(name: str = "ana", **overrides: Any) -> Json:
    """A user with long-lived keys."""
    return {
        "type": "IAMUser", "principalId": f"AIDA{name.upper()}", "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT, "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": name,
    } | overrides  # fmt: skip


def a_root(**overrides: Any) -> Json:
    """The root user of the account."""
    return {
        "type": "Root",
        "principalId": ACCOUNT,
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "accountId": ACCOUNT,
    } | overrides


def an_assumed_role(
    role: str = "app", session: str = "i-0123456789abcdef0", *, arn: str = "", account: str = ACCOUNT, **context: Any
) -> Json:
    """A session of a role; `context` goes to its sessionContext."""
    role_id = f"AROA{role.upper()[:16]}"
    return {
        "type": "AssumedRole", "principalId": f"{role_id}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}", "accountId": account,
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role", "principalId": role_id, "arn": arn or f"arn:aws:iam::{account}:role/{role}",
                "accountId": account, "userName": role,
            },
            "webIdFederationData": {},
            "attributes": {"creationDate": "2025-03-03T08:00:00Z", "mfaAuthenticated": "false"},
        } | context,
    }  # fmt: skip


def an_sso_person(name: str = "ana@example.com", *, account: str = ACCOUNT, role: str = SSO_ROLE) -> Json:
    """A person behind Identity Center."""
    return an_assumed_role(
        role, name, account=account, arn=f"arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/eu-west-1/{role}"
    )


def a_service(host: str = "ec2.amazonaws.com") -> Json:
    """An AWS service that acts for itself."""
    return {"type": "AWSService", "invokedBy": host}


def a_record(identity: Json | None = None, /, **overrides: Any) -> Json:
    """An ordinary read of an ordinary user, but for what is named; `...` leaves a field out."""
    record = {
        "eventVersion": "1.11", "userIdentity": an_iam_user() if identity is None else identity,
        "eventTime": "2025-03-03T09:00:00Z", "eventSource": "ec2.amazonaws.com", "eventName": "DescribeInstances",
        "awsRegion": "eu-west-1", "sourceIPAddress": "192.0.2.7", "userAgent": "aws-cli/2.15.0 Python/3.11",
        "requestParameters": {}, "responseElements": None, "requestID": "3f1c1b8e-0000-4000-8000-000000000000",
        "eventID": f"00000000-0000-4000-8000-{next(_count):012x}", "readOnly": True, "eventType": "AwsApiCall",
        "managementEvent": True, "recipientAccountId": ACCOUNT, "eventCategory": "Management",
    } | overrides  # fmt: skip
    return {key: value for key, value in record.items() if value is not ...}


def an_aggregate(dimension: str = "eventName", name: str = "GetObject", **details: dict[str, int]) -> Json:
    """A summary of five minutes of data events, as CloudTrail's user guide shows them: it has no time and no caller."""

    def counted(of: str, counts: dict[str, int]) -> Json:
        statistics = [{"name": value, "value": count} for value, count in counts.items()]
        return {"dimension": of, "statistics": statistics, "aggregationType": "Count"}

    return {
        "eventVersion": "1.0", "accountId": ACCOUNT, "eventId": f"00000000-0000-4000-8000-{next(_count):012x}",
        "eventCategory": "Aggregated", "eventType": "AwsAggregatedEvent", "awsRegion": "eu-west-1",
        "eventSource": "s3.amazonaws.com",
        "timeWindow": {
            "windowStart": "2026-03-02T09:00:00Z", "windowEnd": "2026-03-02T09:05:00Z", "windowSize": "PT5M"
        },
        "summary": {
            "primaryDimension": counted(dimension, {name: sum(next(iter(details.values())).values())}),
            "details": [counted(of, counts) for of, counts in details.items()],
        },
    }  # fmt: skip


def raw(record: Json) -> bytes:
    """A record's bytes as CloudTrail writes them."""
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


LEVELS = {
    "services": {
        "ec2": {"list": "DescribeInstances", "write": "RunInstances StopInstances"},
        "iam": {"list": "ListUsers", "permissions": "AttachUserPolicy CreateAccessKey"},
        "s3": {"read": "GetObject", "list": "ListBucket ListAllMyBuckets", "write": "PutObject"},
        "sts": {"write": "AssumeRole", "read": "GetCallerIdentity"},
        "lambda": {"write": "InvokeFunction UpdateFunctionCode"},
        "kms": {"write": "Decrypt GenerateDataKey CreateKey"},
        "cloudwatch": {"read": "DescribeAlarms"},
    }
}
PRIORS = {"actions": {"iam:CreateAccessKey": {"tactic": "Persistence"}, "lambda:Invoke": {"tactic": "Execution"}}}


def a_catalogue() -> ActionCatalogue:
    """A small catalogue of actions."""
    return ActionCatalogue(LEVELS, PRIORS)


def normalised(
    records: Iterable[Json | bytes], now: datetime = NOW, delivered_at: datetime | None = None
) -> Normalised:
    """What the normaliser makes of some records."""
    raws = [record if isinstance(record, bytes) else raw(record) for record in records]
    return Normaliser(a_catalogue()).normalise(raws, delivered_at=delivered_at, now=now)


def event_of(record: Json | bytes, now: datetime = NOW) -> Json:
    """The one row a record becomes."""
    done = normalised([record], now)
    assert not done.set_aside, done.set_aside
    assert not done.other, done.other
    return {name: values[0] for name, values in done.columns.items()}
