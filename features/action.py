"""What a call is: `service:EventName`, its access level, whether it changes anything, and the tactic it is known for.

The level comes from the IAM definition; CloudTrail's names are not always IAM's, so event sources and names have a
table of aliases; what neither knows goes by `readOnly`, then by the verb.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

WRITING: Final = frozenset({"write", "tagging", "permissions"})
LEVELS: Final = ("list", "read", "write", "tagging", "permissions")

SERVICES: Final[Mapping[str, str]] = {
    "monitoring": "cloudwatch",
    "email": "ses",
    "elasticfilesystem": "elasticfilesystem",
    "ec2-instance-connect": "ec2-instance-connect",
    "tagging": "tag",
    "states": "states",
    "ecr": "ecr",
    "ecr-public": "ecr-public",
    "cognito-idp": "cognito-idp",
    "models.lex": "lex",
    "runtime.lex": "lex",
    "catalog.marketplace": "aws-marketplace",
    "discovery-marketplace": "aws-marketplace",
    "agreement-marketplace": "aws-marketplace",
    "streams.dynamodb": "dynamodb",
    "dax": "dax",
    "autoscaling-plans": "autoscaling-plans",
    "application-autoscaling": "application-autoscaling",
    "application-insights": "applicationinsights",
    "entitlement.marketplace": "aws-marketplace",
    "metering.marketplace": "aws-marketplace",
    "data.iot": "iot",
    "controltower": "controltower",
    "cloudcontrolapi": "cloudformation",
    "logs-internal": "logs",
    "mgh": "mgh",
    "tnb": "tnb",
    "appregistry": "servicecatalog",
    "servicecatalog-appregistry": "servicecatalog",
    "elasticmapreduce": "elasticmapreduce",
    "kinesisanalytics": "kinesisanalytics",
    "firehose": "firehose",
    "opensearch": "es",
    "waf-regional": "waf-regional",
    "apigateway": "apigateway",
    "execute-api": "execute-api",
    "resource-explorer-2": "resource-explorer-2",
    "sso-directory": "sso-directory",
    "identitystore": "identitystore",
    "payments": "payments",
    "billingconsole": "billing",
    "monitoring-internal": "cloudwatch",
}
"""IAM prefix of event sources whose name differs."""

ALIASES: Final[Mapping[str, str]] = {
    "s3:HeadObject": "s3:GetObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "s3:ListParts": "s3:ListMultipartUploadParts",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:CopyObject": "s3:PutObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:UploadPartCopy": "s3:PutObject",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:GetBucketLifecycle": "s3:GetLifecycleConfiguration",
    "s3:PutBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:PutBucketCors": "s3:PutBucketCORS",
    "s3:DeleteBucketCors": "s3:PutBucketCORS",
    "s3:GetAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging",
    "s3:DeleteBucketReplication": "s3:PutReplicationConfiguration",
    "s3:RestoreObject": "s3:RestoreObject",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "lambda:Invoke": "lambda:InvokeFunction",
    "kms:ReEncrypt": "kms:ReEncryptFrom",
    "ec2-instance-connect:SendSSHPublicKey": "ec2-instance-connect:SendSSHPublicKey",
}
"""IAM action of CloudTrail names that are not IAM actions."""

KNOWN: Final[Mapping[str, str]] = {
    "signin:ConsoleLogin": "write",
    "signin:SwitchRole": "read",
    "signin:ExitRole": "read",
    "signin:RenewRole": "read",
    "signin:CheckMfa": "read",
    "signin:GetSigninToken": "read",
    "sts:GetCallerIdentity": "read",
    "sso:Authenticate": "read",
    "sso:Federate": "read",
    "signin:UserAuthentication": "read",
    "bedrock:Converse": "read",
    "bedrock:ConverseStream": "read",
}
"""Level of calls that IAM does not define."""

_VERSION = re.compile(r"(?:20\d{6}|_?20\d\d_?\d\d_?\d\d)(?:v\d)?$")
_READS = re.compile(
    r"^(?:Batch)?(?:Get|Describe|List|Head|Search|Lookup|Query|Scan|Select|View|Check|Test|Validate|Preview|Estimate|"
    r"Read|Download|Discover|Simulate|Decrypt|Verify|Count|Explain|Filter|Is|Has)(?=[A-Z_]|$)"
)
_GLOBAL = """
    account artifact billing billingconsole budgets ce cloudfront cur globalaccelerator health iam networkmanager
    organizations payments route53 route53domains shield signin sso-directory support tax trustedadvisor waf
"""
GLOBAL: Final = frozenset(_GLOBAL.split())
"""Services without regions: the region of their records means nothing."""
LONGEST = 128


class Action(NamedTuple):
    """A call as kept."""

    service: str
    action: str
    level: str
    write: bool
    level_source: str
    tactic: str
    known: bool
    """Found in the IAM definition or a table of ours."""
    without_region: bool


class ActionCatalogue:
    """Access levels and tactics of calls, built from the packaged data files.

    Parameters
    ----------
    levels
        `{"services": {prefix: {level: "Name Name …"}}}`, from the IAM definition.
    priors
        `{"actions": {"service:Name": {"tactic": …}}}`, from the attack priors.

    Examples
    --------
    >>> levels = {"services": {"iam": {"list": "ListUsers", "permissions": "CreateAccessKey"}}}
    >>> catalogue = ActionCatalogue(levels, {"actions": {}})
    >>> catalogue.action("iam.amazonaws.com", "CreateAccessKey", False).level
    'permissions'
    >>> catalogue.action("new.amazonaws.com", "DescribeThings20150331v2", None)[:5]
    ('new', 'new:DescribeThings', 'read', False, 'verb')
    """

    def __init__(self, levels: Mapping[str, Any], priors: Mapping[str, Any]) -> None:
        self._levels: dict[str, str] = {
            f"{service}:{name}": level
            for service, by_level in levels["services"].items()
            for level in LEVELS
            for name in by_level.get(level, "").split()
        }
        self._tactics: dict[str, str] = {name: entry.get("tactic", "") for name, entry in priors["actions"].items()}

    def action(self, source: str, name: str, read_only: bool | None) -> Action:
        """A call by its event source, event name and `readOnly`, whatever they hold."""
        service = (
            source.removesuffix(".cn").removesuffix(".amazonaws.com").removesuffix(".amazon.com").lower()[:LONGEST]
        )
        plain = _VERSION.sub("", name)[:LONGEST] or name[:LONGEST]
        action = f"{service}:{plain}"
        level, where = self._level(service, plain, action, read_only)
        tactic = self._tactics.get(action) or self._tactics.get(f"{SERVICES.get(service, service)}:{plain}", "")
        return Action(
            service,
            action,
            level,
            level in WRITING,
            where,
            tactic,
            where in ("iam", "alias"),
            service in GLOBAL,
        )

    def _level(self, service: str, plain: str, action: str, read_only: bool | None) -> tuple[str, str]:
        level = self._levels.get(action)
        if level:
            return level, "iam"
        alias = ALIASES.get(action) or f"{SERVICES.get(service, service)}:{plain}"
        level = self._levels.get(alias) or KNOWN.get(action)
        if level:
            return level, "alias"
        if read_only is not None:
            return ("read" if read_only else "write"), "read_only"
        return ("read" if _READS.match(plain) else "write"), "verb"
