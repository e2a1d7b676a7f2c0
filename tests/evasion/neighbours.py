"""Those of the company whom its simulator does not know: people of a provider's role, a federating broker, stacks.

They work like everybody, each weekday, so that whoever borrows their names, their role or their services has something
to hide in.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from tests.evasion.attack import Record, a_call, as_role, as_user

OKTA: Final = "okta-engineers"
PEOPLE: Final = ("ana@corp.example", "bo@corp.example", "cy@corp.example", "di@corp.example", "ed@corp.example",
                 "flo@corp.example")  # fmt: skip
BROKER: Final = "portal-broker"
STACKS: Final = "stack-deployer"
OFFICE: Final = "26.3.9.20"
_READS: Final = ("ec2:DescribeInstances", "s3:ListBuckets", "logs:GetLogEvents", "ecs:DescribeServices",
                 "iam:ListRoles", "rds:DescribeDBInstances", "cloudwatch:DescribeAlarms",
                 "lambda:ListFunctions")  # fmt: skip
_WRITES: Final = ("ecs:UpdateService", "logs:PutRetentionPolicy", "lambda:UpdateFunctionConfiguration",
                  "ec2:CreateTags")  # fmt: skip


def at_the_office(account: str) -> Record:
    """What a call from the company's office looks like, whoever makes it."""
    return {
        "sourceIPAddress": OFFICE, "userAgent": "aws-cli/2.15.0 Python/3.11.6 Darwin/23.1.0", "awsRegion": "eu-west-1",
        "recipientAccountId": account, "eventVersion": "1.11", "eventTime": "2026-02-19T08:00:00Z",
    }  # fmt: skip


def someone(account: str, name: str, *, issuer: str = "", key: str = "") -> Record:
    """A person at the office in a session of the provider's role, by the source identity that the provider set.

    Parameters
    ----------
    issuer
        OpenID provider whose token opened the session; SAML where empty.
    """
    letters = "".join(letter for letter in name.upper() if letter.isalpha())
    like = as_role(
        at_the_office(account), f"arn:aws:iam::{account}:role/{OKTA}", name, role_id="AROAOKTAENGINEERS0001",
        key=key or f"ASIA{letters:X<12.12}", source=name,
    )  # fmt: skip
    if issuer:
        context = like["userIdentity"]["sessionContext"]
        context["webIdFederationData"] = {
            "federatedProvider": f"arn:aws:iam::{account}:oidc-provider/{issuer}", "attributes": {},
        }  # fmt: skip
    return like


def the_broker(account: str) -> Record:
    """The user that federates others, at the office."""
    return as_user(at_the_office(account), BROKER, user_id="AIDAPORTALBROKER00001", key="AKIAPORTALBROKER0001")


def federated(account: str, name: str, key: str) -> Record:
    """A session that the broker federated under a name."""
    like = at_the_office(account)
    like["userIdentity"] = {
        "type": "FederatedUser", "principalId": f"{account}:{name}",
        "arn": f"arn:aws:sts::{account}:federated-user/{name}", "accountId": account, "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "IAMUser", "principalId": "AIDAPORTALBROKER00001",
                "arn": f"arn:aws:iam::{account}:user/{BROKER}", "accountId": account, "userName": BROKER,
            },
            "attributes": {"creationDate": "2026-02-19T08:00:00Z", "mfaAuthenticated": "false"},
        },
    }  # fmt: skip
    return like


def the_deployer(account: str) -> Record:
    """The role that changes things by stacks only."""
    return as_role(
        at_the_office(account), f"arn:aws:iam::{account}:role/{STACKS}", "deploy", role_id="AROASTACKDEPLOYER0001",
        key="ASIASTACKDEPLOYER001",
    )  # fmt: skip


def by_service(like: Record, host: str) -> Record:
    """What a service calls for somebody."""
    like = {**like, "userIdentity": {**like["userIdentity"], "invokedBy": host}}
    return like | {"sourceIPAddress": host, "userAgent": host}


def write_days(folder: Path, account: str, first: datetime, days: int) -> None:
    """Write what they do on so many days as files of the account below a folder, an hour a file."""
    choice = Random("neighbours")
    for number in range(days):
        day = first + timedelta(days=number)
        if day.weekday() >= 5:
            continue
        for hour in range(8, 18):
            records = list(_hour(account, day.replace(hour=hour, tzinfo=UTC), choice))
            delivered = day + timedelta(hours=hour + 1, minutes=4)
            name = f"{account}_CloudTrail_eu-west-1_{delivered:%Y%m%dT%H%MZ}_{number:08d}{hour:08d}.json.gz"
            (folder / name).write_bytes(gzip.compress(json.dumps({"Records": records}).encode(), 1))


def _hour(account: str, hour: datetime, choice: Random) -> Iterator[Record]:
    def when() -> str:
        return f"{hour + timedelta(seconds=choice.randrange(3600)):%Y-%m-%dT%H:%M:%SZ}"

    for name in PEOPLE:
        for _ in range(choice.choice((0, 0, 2, 3))):
            action = choice.choice(_WRITES if choice.random() < 0.2 else _READS)
            yield _call(choice, someone(account, name), action, when())
    yield _call(choice, the_broker(account), "sts:GetFederationToken", when())
    for number in range(2):
        yield _call(
            choice, federated(account, f"worker-{number}", f"ASIAFEDERATED{number:07d}"), "s3:ListBuckets", when()
        )
    if hour.hour in (10, 14):
        yield _call(choice, the_deployer(account), "cloudformation:UpdateStack", when())
        through = by_service(the_deployer(account), "cloudformation.amazonaws.com")
        for action in ("ecs:UpdateService", "ecs:DescribeServices", "lambda:UpdateFunctionCode20150331v2"):
            yield _call(choice, through, action, when())


def _call(choice: Random, like: Record, action: str, time: str) -> Record:
    return a_call(
        like, action, time, eventID=f"{choice.getrandbits(32):08x}-0000-4000-8000-{choice.getrandbits(48):012x}"
    )
