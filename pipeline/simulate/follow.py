"""What services do on a caller's behalf after a call: records of the caller, made by the service."""

from dataclasses import replace
from random import Random
from typing import Final

from pipeline.simulate.calls import Call, call
from pipeline.simulate.resources import Resources
from pipeline.simulate.trail import Caller, Trail

_STACK: Final = (
    "iam:PutRolePolicy", "lambda:UpdateFunctionConfiguration20150331v2", "iam:GetRole", "ec2:DescribeSecurityGroups",
    "ec2:AuthorizeSecurityGroupIngress", "dynamodb:DescribeTable", "sqs:CreateQueue", "logs:PutRetentionPolicy",
    "events:PutRule", "ecs:UpdateService", "sns:Subscribe", "iam:TagRole", "monitoring:PutMetricAlarm",
    "lambda:UpdateFunctionCode20150331v2", "elasticloadbalancing:ModifyListener", "s3:CreateBucket",
)  # fmt: skip
_QUERY: Final = ("glue:GetTable", "glue:GetDatabase", "glue:GetPartitions", "s3:GetBucketLocation")
FOLLOWS: Final = {
    "ExecuteChangeSet": ("cloudformation", _STACK),
    "UpdateStack": ("cloudformation", _STACK),
    "CreateStack": ("cloudformation", _STACK),
    "StartQueryExecution": ("athena", _QUERY),
    "RunInstances": ("ec2", ("kms:GenerateDataKey", "kms:CreateGrant")),
    "CreateDBInstance": ("rds", ("kms:CreateGrant", "kms:DescribeKey", "ec2:DescribeSecurityGroups")),
    "StartBackupJob": ("backup", ("ec2:CreateSnapshot", "ec2:CreateTags")),
    "UpdateFunctionCode20150331v2": ("lambda", ("kms:Decrypt",)),
}
"""Name of a call to the service that goes on, and what it may call."""


def follow(
    choice: Random, at: int, caller: Caller, made: Call, region: str, number: int, trail: Trail, things: Resources
) -> None:
    """Record what follows a call that succeeded, when something does.

    Parameters
    ----------
    number
        Of the thing that the call touched.
    """
    service, actions = FOLLOWS.get(made.name, ("", ()))
    if not service:
        return
    host = f"{service}.amazonaws.com"
    behalf = replace(
        caller, identity=f'{caller.identity[:-1]},"invokedBy":"{host}"}}', address=host, agent=host, extra="", tls=False
    )
    taste = Random(f"{caller.account} {made.name} {number}")
    for action in taste.sample(actions, min(len(actions), taste.randint(1, 5))):
        at += choice.randrange(4)
        followed = call(action)
        asked, answered = things.request(choice, followed, caller.account, region, number)
        trail.add(choice, at, behalf, followed, region, asked, answered)
