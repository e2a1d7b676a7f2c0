"""Records of an attack, shaped by those of the company they are put into."""

import copy
import uuid
from datetime import UTC, datetime
from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]
"""A CloudTrail record."""


def at(hour: int, minute: int = 0, day: int = 19, second: int = 0) -> str:
    """A time in February 2026, as records write it.

    >>> at(14, 5)
    '2026-02-19T14:05:00Z'
    """
    return f"{datetime(2026, 2, day, hour, minute, second, tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}"


def a_call(like: Record, action: str, time: str, **fields: Any) -> Record:
    """A call by whoever made another one, from the same place with the same tool; `...` leaves a field out.

    Parameters
    ----------
    like
        Whose identity, address, agent, account and region it has.
    action
        `service:EventName`.
    time
        Of the event.
    fields
        Of the record, as CloudTrail names them.
    """
    service, _, name = action.partition(":")
    kept = ("userIdentity", "sourceIPAddress", "userAgent", "awsRegion", "recipientAccountId", "eventVersion",
            "vpcEndpointId", "tlsDetails")  # fmt: skip
    record = {key: copy.deepcopy(like[key]) for key in kept if key in like}
    record |= {
        "eventSource": f"{service}.amazonaws.com", "eventName": name, "eventTime": time, "eventID": str(uuid.uuid4()),
        "requestID": str(uuid.uuid4()), "requestParameters": None, "responseElements": None, "eventType": "AwsApiCall",
        "readOnly": name.startswith(("Get", "List", "Describe", "Head", "BatchGet", "Lookup")),
        "managementEvent": True, "eventCategory": "Management",
    } | fields  # fmt: skip
    return {key: value for key, value in record.items() if value is not ...}


def as_role(like: Record, role_arn: str, session: str, *, role_id: str, key: str, source: str = "") -> Record:
    """The same place and tool with a session of a role, opened at 08:00 of the day.

    Parameters
    ----------
    role_arn, role_id
        Of the role.
    session
        Name of the session.
    key
        Its access key.
    source
        Its source identity; none where empty.
    """
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    context: Record = {
        "sessionIssuer": {
            "type": "Role", "principalId": role_id, "arn": role_arn, "accountId": account, "userName": name,
        },
        "attributes": {"creationDate": like["eventTime"][:10] + "T08:00:00Z", "mfaAuthenticated": "false"},
    }  # fmt: skip
    if source:
        context["sourceIdentity"] = source
    identity = {
        "type": "AssumedRole", "principalId": f"{role_id}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}", "accountId": account, "accessKeyId": key,
        "sessionContext": context,
    }  # fmt: skip
    return copy.deepcopy(like) | {"userIdentity": identity, "recipientAccountId": account}


def as_user(like: Record, name: str, *, user_id: str, key: str) -> Record:
    """The same place and tool with a user's access key."""
    account = like["recipientAccountId"]
    identity = {
        "type": "IAMUser", "principalId": user_id, "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account, "accessKeyId": key, "userName": name,
    }  # fmt: skip
    return copy.deepcopy(like) | {"userIdentity": identity}


def from_hosting(like: Record, address: str = "29.40.7.7") -> Record:
    """The same, from a hosting provider that nobody of the company uses."""
    moved = {key: value for key, value in copy.deepcopy(like).items() if key != "vpcEndpointId"}
    return moved | {"sourceIPAddress": address, "userAgent": "Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux"}
