"""What kind of harm an alert's calls do, or would have done: one table, by what AWS lets a call do.

How grave each is, and its words, are in `pipeline.stores.harm`; the playbook says what to do about it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from features.activity.hourly import MEASURES
from features.call.fact import split_fact
from models.explain import Reason
from models.facts import FACTS
from models.tactics import LEAST_NATS
from pipeline.stores.alert import AlertHarm

MOST: Final = 20
"""Values of a kind that a harm names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """One kind of harm, and how it is recognised: by a call, a fact or an opening."""

    name: str
    calls: str = ""
    """Pattern of actions, `service:Name`."""
    facts: frozenset[str] = frozenset()
    exposures: str = ""
    """Pattern of what is opened."""


_SWITCHING_OFF: Final = (
    r"(cloudtrail|config|guardduty|securityhub|securitylake|macie2?|inspector2?|detective|access-analyzer)"
    r":(Stop|Delete|Disable|Disassociate)\w*|ec2:DeleteFlowLogs|monitoring:(DeleteAlarms|DisableAlarmActions)|"
    r"logs:Delete(LogGroup|LogStream|SubscriptionFilter|Delivery\w*|Destination)|bedrock:DeleteModelInvocationLogging\w*|"
    r"s3:DeleteBucketLogging|waf[\w-]*:DeleteLoggingConfiguration|route53(resolver)?:\w*QueryLog\w*Config\w*"
)
_DESTROYING: Final = (
    r"kms:(ScheduleKeyDeletion|DisableKey|DeleteImportedKeyMaterial)|backup(-gateway)?:(Delete|Stop)\w+|"
    r"[\w-]+:Delete\w*(Snapshot|Backup|RecoveryPoint)\w*|s3:(DeleteObjects|DeleteBucket|DeleteObjectVersion|"
    r"PutBucketVersioning|(Put|Delete)\w*Lifecycle\w*)|rds:DeleteDB(Instance|Cluster)|redshift:DeleteCluster|"
    r"dynamodb:DeleteTable|elasticfilesystem:DeleteFileSystem|fsx:Delete\w+|glacier:Delete\w+|es:Delete\w*Domain|"
    r"ec2:DeleteVolume|rds:ModifyDB(Instance|Cluster)BackupRetention\w*"
)
_STAYING: Final = (
    r"iam:(CreateUser|CreateAccessKey|(Create|Update)LoginProfile|UpdateAssumeRolePolicy|UpdateAccessKey|"
    r"(Create|Update)SAMLProvider|CreateOpenIDConnectProvider|\w*OpenIDConnectProvider(Thumbprint)?|"
    r"CreateServiceSpecificCredential|UploadS\w+|(Deactivate|Delete)\w*MFADevice)|sts:GetFederationToken|"
    r"rolesanywhere:Create(TrustAnchor|Profile)|identitystore:Create\w+|sso:Create\w*|sso-directory:CreateUser"
)

HARMS: Final = (
    Harm(name="logging_off", calls=_SWITCHING_OFF, facts=frozenset({"logging_off"})),
    Harm(
        name="organization_left",
        calls=r"organizations:(LeaveOrganization|RemoveAccountFromOrganization|DeleteOrganization|CloseAccount|"
        r"DetachPolicy|DisablePolicyType|DeletePolicy)|account:CloseAccount",
    ),
    Harm(name="destroyed", calls=_DESTROYING),
    Harm(name="exposed", facts=frozenset({"port_opened"}), exposures=r"(?!policy:).+"),
    Harm(name="persistence", calls=_STAYING, facts=frozenset({"credential_given"})),
    Harm(name="off_host", facts=frozenset({"off_host"})),
    Harm(
        name="rights",
        calls=r"iam:(Attach|Put)(User|Role|Group)Policy|iam:(AddUserToGroup|CreatePolicyVersion|SetDefaultPolicyVersion|"
        r"CreateRole|Delete\w*PermissionsBoundary)|sso:(Attach|Put)\w*Policy\w*",
    ),
    Harm(name="admin", exposures=r"policy:.+"),
    Harm(
        name="deleted",
        calls=r"s3:DeleteObject(Tagging)?|secretsmanager:DeleteSecret|ec2:TerminateInstances|ec2:StopInstances|"
        r"lambda:DeleteFunction\w*|iam:Delete(User|Role)|cloudformation:DeleteStack\w*|ecr:\w*Delete\w+|eks:DeleteCluster",
    ),
    Harm(
        name="compute",
        calls=r"ec2:(RunInstances|RequestSpot\w+|CreateFleet)|ecs:(RunTask|CreateService|CreateCluster)|batch:SubmitJob|"
        r"sagemaker:Create(TrainingJob|ProcessingJob|NotebookInstance)|lightsail:CreateInstances\w*|"
        r"autoscaling:CreateAutoScalingGroup|servicequotas:RequestServiceQuotaIncrease|apprunner:CreateService",
    ),
    Harm(
        name="mail",
        calls=r"ses:(Verify\w+|CreateEmailIdentity|PutAccount\w+|UpdateAccountSendingEnabled|Send\w+|CreateTemplate|"
        r"PutEmailIdentity\w*)|sns:(SetSMSAttributes|Publish)|(sms-voice|pinpoint)\w*:\w+",
    ),
    Harm(
        name="models",
        calls=r"bedrock:(Invoke\w+|Converse\w*|PutUseCaseForModelAccess|CreateFoundationModelAgreement|"
        r"PutFoundationModelEntitlement|CreateModelInvocationJob)",
    ),
    Harm(
        name="secrets",
        calls=r"secretsmanager:(Batch)?GetSecretValue|ssm:GetParameter\w*|ec2:GetPasswordData|sso:GetRoleCredentials",
    ),
    Harm(
        name="data",
        calls=r"s3:(GetObject|CopyObject|SelectObjectContent)|dynamodb:(Scan|Query|BatchGetItem|ExportTable\w*)|"
        r"rds:(Create|Copy|Restore)\w*Snapshot\w*|rds:StartExportTask|ec2:(Create|Copy)(Snapshots?|Image)|"
        r"ebs:GetSnapshotBlock|athena:GetQueryResults|ecr:(BatchGetImage|GetDownloadUrlForLayer)|codecommit:GitPull",
    ),
    Harm(
        name="commands",
        calls=r"ssm:(SendCommand|StartSession|StartAutomationExecution|ResumeSession)|ecs:ExecuteCommand|"
        r"lambda:(UpdateFunctionCode\w*|CreateFunction\w*)|ec2-instance-connect:\w+|ec2:(ModifyInstanceAttribute|"
        r"CreateKeyPair|ImportKeyPair)|glue:Create(Job|DevEndpoint)|codebuild:(StartBuild|UpdateProject)\w*",
    ),
    Harm(name="no_mfa", facts=frozenset({"login_no_mfa"})),
    Harm(name="root", facts=frozenset({"root"})),
)
"""The kinds of harm, what cannot wait first."""
_CALLS: Final = {harm.name: re.compile(harm.calls) for harm in HARMS if harm.calls}
_EXPOSURES: Final = {harm.name: re.compile(harm.exposures) for harm in HARMS if harm.exposures}


def find_harms(
    reasons: Sequence[Reason], rows: Iterable[Mapping[str, Any]], inside: Collection[str] = frozenset()
) -> tuple[AlertHarm, ...]:
    """Kinds of harm that odd events show, what cannot wait first; what was done before what was only tried.

    Parameters
    ----------
    reasons
        Why they are odd; facts speak for themselves.
    rows
        The events that are odd themselves (`tells`), as a story has them.
    inside
        Openings that are to an account of the deployment: they share within a company.
    """
    said = {
        split_fact(reason.value)[0] for reason in reasons if reason.entry is not None and reason.entry.attack == "fact"
    }
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        for name in _kinds_of(row, inside):
            found.setdefault(name, []).append(row)
    made = []
    for harm in HARMS:
        held = found.get(harm.name, [])
        if held or harm.facts & said:
            made.append(_describe(harm.name, held))
    return tuple(sorted(made, key=lambda harm: harm.tried))


def tells(reason: Reason) -> bool:
    """Whether an event that holds the reason's value may be what does harm: it is odd itself, and enough so.

    A fact is a harm however little it weighs, so its events are named; but of root's, which are all its calls, not.
    """
    entry = reason.entry
    enough = reason.nats >= LEAST_NATS
    if entry is None:
        return enough and MEASURES[reason.dimension].sensitive
    if entry.attack == "fact":
        name, _ = split_fact(reason.value)
        return FACTS[name].events is None and (enough or name != "root")
    return enough


def _kinds_of(row: Mapping[str, Any], inside: Collection[str]) -> tuple[str, ...]:
    outside = tuple(opening for opening in row["exposures"] if opening not in inside)
    return _find_kinds(row["action"], outside, tuple(row["facts"]))


@lru_cache(4096)
def _find_kinds(action: str, exposures: tuple[str, ...], facts: tuple[str, ...]) -> tuple[str, ...]:
    by_call = [name for name, pattern in _CALLS.items() if pattern.fullmatch(action)]
    opened = [name for name, pattern in _EXPOSURES.items() if any(pattern.fullmatch(token) for token in exposures)]
    stated = [harm.name for harm in HARMS if any(fact in harm.facts for fact in facts)]
    return tuple(dict.fromkeys([*by_call, *opened, *stated]))


def _describe(name: str, rows: Sequence[Mapping[str, Any]]) -> AlertHarm:
    done = [row for row in rows if not row["error"]]
    told = done or rows

    def distinct(values: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for value in values if value))[:MOST]

    return AlertHarm(
        kind=name,
        tried=bool(rows) and not done,
        calls=len(told),
        actions=distinct(row["action"] for row in told),
        resources=distinct(token for row in told for token in row["resources"]),
        exposures=distinct(token for row in told for token in row["exposures"]),
        issued_keys=distinct(row["issued_key"] for row in told),
        regions=distinct(row["region"] for row in told),
    )
