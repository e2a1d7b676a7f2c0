"""What attackers do once they have somebody's credentials, step by step, as incident reports tell it."""

from dataclasses import dataclass, field
from typing import Final, Literal

Via = Literal["any", "person", "user", "machine", "console", "instance"]
"""Whose credentials can be stolen this way."""


@dataclass(frozen=True, slots=True)
class Technique:
    """An attack: what is looked at first, what is done, and what comes after.

    A step is an action, `*n` after it how often it is repeated when loud; elsewhere less.
    """

    name: str
    via: Via
    look: str
    do: str
    after: str = ""
    given: dict[str, str] = field(default_factory=dict)
    """What of the requests the attacker decides, besides its own account."""
    abroad: bool = False
    """Whether it goes to regions that nobody uses, unless stealthy."""
    days: int = 1
    """Over how many days a stealthy one is spread."""
    chain: bool = False
    """Whether it goes on as a role of another account."""

    @property
    def core(self) -> frozenset[str]:
        """The actions without which it would not be this attack."""
        return frozenset(word.partition("*")[0] for word in self.do.split())


_LOOK: Final = "sts:GetCallerIdentity iam:ListUsers iam:ListRoles iam:ListAttachedUserPolicies iam:GetAccountSummary"
_OPEN: Final = {"cidr": "0.0.0.0/0", "port": "22"}

TECHNIQUES: Final = (
    Technique(
        "leaked-key-new-administrator",
        "user",
        f"{_LOOK} s3:ListBuckets ec2:DescribeInstances*6 iam:GetAccountAuthorizationDetails",
        "iam:CreateUser iam:CreateAccessKey iam:AttachUserPolicy",
        "sts:GetCallerIdentity iam:ListAccessKeys*4 iam:CreateLoginProfile",
        {"managed": "AdministratorAccess"},
    ),
    Technique(
        "instance-credentials-off-host",
        "machine",
        "sts:GetCallerIdentity s3:ListBuckets iam:ListRoles ec2:DescribeInstances*4 iam:GetRole",
        "secretsmanager:ListSecrets secretsmanager:GetSecretValue*8 s3:ListObjects*12",
        "s3:GetObject*30",
    ),
    Technique(
        "secrets-sweep",
        "any",
        "sts:GetCallerIdentity secretsmanager:ListSecrets*3 ssm:DescribeParameters*3",
        "secretsmanager:GetSecretValue*40 ssm:GetParameters*20",
        "kms:Decrypt*10",
    ),
    Technique(
        "command-on-instances",
        "any",
        "ec2:DescribeInstances*4 ssm:DescribeInstanceInformation*6 iam:ListInstanceProfiles",
        "ssm:SendCommand*15",
        "ssm:GetCommandInvocation*15 ssm:ListCommands",
    ),
    Technique(
        "snapshot-shared",
        "any",
        "ec2:DescribeSnapshots*4 ec2:DescribeVolumes*4 ec2:DescribeInstances*3",
        "ec2:CreateSnapshot*2 ec2:ModifySnapshotAttribute*6",
        "ec2:DescribeSnapshotAttribute*3",
    ),
    Technique(
        "database-snapshot-public",
        "any",
        "rds:DescribeDBInstances*3 rds:DescribeDBSnapshots*3 rds:DescribeDBClusters",
        "rds:CreateDBSnapshot rds:ModifyDBSnapshotAttribute*3",
        "rds:DescribeDBSnapshotAttributes*2",
        {"other": "all"},
    ),
    Technique(
        "trail-stopped",
        "any",
        "cloudtrail:DescribeTrails*2 cloudtrail:GetTrailStatus*2 cloudtrail:GetEventSelectors guardduty:ListDetectors",
        "cloudtrail:StopLogging cloudtrail:DeleteTrail",
        "iam:ListUsers*3 iam:CreateUser iam:CreateAccessKey s3:ListBuckets*4",
    ),
    Technique(
        "trail-blinded",
        "any",
        "cloudtrail:DescribeTrails*2 cloudtrail:GetEventSelectors*2 cloudtrail:ListTrails",
        "cloudtrail:PutEventSelectors*2",
        "s3:ListBuckets*4 secretsmanager:ListSecrets*2",
        {"access": "WriteOnly", "switch": "false"},
    ),
    Technique(
        "bucket-exfiltration",
        "any",
        "s3:ListBuckets*3 s3:GetBucketLocation*10 s3:GetBucketAcl*10 s3:GetBucketPolicy*6",
        "s3:ListObjects*20 s3:GetObject*120",
        "s3:GetBucketVersioning*3",
    ),
    Technique(
        "bucket-ransom",
        "any",
        "s3:ListBuckets*2 s3:GetBucketVersioning*6 s3:GetBucketEncryption*4",
        "s3:PutBucketVersioning*2 s3:GetObject*30 s3:DeleteObject*60 s3:PutBucketLifecycle*3",
        "s3:PutObject*3",
        {"set": "Suspended", "days": "1", "prefix": ""},
    ),
    Technique(
        "mining",
        "any",
        "sts:GetCallerIdentity ec2:DescribeRegions servicequotas:ListServiceQuotas*6 ec2:DescribeInstanceTypes*4",
        "ec2:CreateKeyPair*3 ec2:CreateSecurityGroup*3 ec2:AuthorizeSecurityGroupIngress*3 ec2:RunInstances*24",
        "ec2:DescribeInstances*10",
        {"size": "g5.48xlarge", "count": "20", **_OPEN},
        abroad=True,
    ),
    Technique(
        "model-abuse",
        "any",
        "bedrock:ListFoundationModels*3 bedrock:GetFoundationModelAvailability*6 "
        "bedrock:GetModelInvocationLoggingConfiguration",
        "bedrock:PutUseCaseForModelAccess bedrock:CreateFoundationModelAgreement*2 bedrock:InvokeModel*80",
        "bedrock:GetFoundationModelAvailability*4",
        abroad=True,
    ),
    Technique(
        "role-trust-backdoor",
        "any",
        "iam:ListRoles*3 iam:GetRole*8 iam:ListAttachedRolePolicies*8",
        "iam:UpdateAssumeRolePolicy*2 iam:AttachRolePolicy",
        "iam:GetRole*2",
        {"managed": "AdministratorAccess"},
    ),
    Technique(
        "function-backdoor",
        "any",
        "lambda:ListFunctions20150331*4 lambda:GetFunction20150331v2*10 iam:ListRoles",
        "lambda:UpdateFunctionCode20150331v2*2 lambda:UpdateFunctionConfiguration20150331v2*2 "
        "lambda:AddPermission20150331v2",
        "lambda:GetFunctionConfiguration20150331v2*2",
    ),
    Technique(
        "login-profile-taken",
        "user",
        "iam:ListUsers*2 iam:GetLoginProfile*6 iam:ListGroupsForUser*4 iam:ListMFADevices*3",
        "iam:UpdateLoginProfile iam:DeactivateMFADevice",
        "iam:CreateLoginProfile iam:ListUsers",
    ),
    Technique(
        "console-session-theft",
        "person",
        "iam:ListUsers ec2:DescribeInstances*6 s3:ListBuckets*4 rds:DescribeDBInstances*3 "
        "lambda:ListFunctions20150331*2",
        "secretsmanager:ListSecrets secretsmanager:GetSecretValue*12 cloudshell:CreateEnvironment "
        "cloudshell:CreateSession",
        "iam:CreateAccessKey ec2:GetPasswordData*4",
    ),
    Technique(
        "role-chain",
        "any",
        "sts:GetCallerIdentity iam:ListRoles*3 organizations:ListAccounts*2 iam:GetRole*4",
        "sts:AssumeRole*6 iam:ListUsers secretsmanager:ListSecrets s3:ListBuckets iam:AttachRolePolicy",
        "iam:ListRoles*4 secretsmanager:GetSecretValue*10",
        {"managed": "AdministratorAccess"},
        chain=True,
    ),
    Technique(
        "security-group-opened",
        "any",
        "ec2:DescribeSecurityGroups*4 ec2:DescribeInstances*4 ec2:DescribeNetworkInterfaces*2",
        "ec2:AuthorizeSecurityGroupIngress*5",
        "ec2:DescribeSecurityGroupRules*2",
        _OPEN,
    ),
    Technique(
        "mail-abuse",
        "any",
        "ses:GetAccount*3 ses:ListIdentities*2 ses:GetSendQuota*3 ses:GetAccountSendingEnabled",
        "ses:VerifyEmailIdentity*4 ses:UpdateAccountSendingEnabled ses:SendEmail*60",
        "servicequotas:RequestServiceQuotaIncrease",
        abroad=True,
    ),
    Technique(
        "foreign-identity-provider",
        "any",
        "iam:ListOpenIDConnectProviders iam:ListSAMLProviders iam:ListRoles*3",
        "iam:CreateOpenIDConnectProvider iam:CreateRole iam:AttachRolePolicy",
        "iam:GetRole*2",
        {"managed": "AdministratorAccess", "host": "login.idp-sync.example.net"},
    ),
    Technique(
        "trust-anchor",
        "any",
        "rolesanywhere:ListTrustAnchors rolesanywhere:ListProfiles iam:ListRoles*3",
        "rolesanywhere:CreateTrustAnchor rolesanywhere:CreateProfile iam:UpdateAssumeRolePolicy",
        "iam:GetRole*2",
    ),
    Technique(
        "slow-secret-reads",
        "person",
        "secretsmanager:ListSecrets*2",
        "secretsmanager:GetSecretValue*25 ssm:GetParameter*15",
        days=4,
    ),
)
