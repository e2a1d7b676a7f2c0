"""What a call touched, as tokens `type:name`.

The most used services by a table of which request field names which type of resource; everything else by the ARNs in
the record. Only the fields in the table are decoded. Names are exact, because the one bucket nobody reads is what
matters. Keys of objects are no tokens.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import msgspec

from features.record.repair import DECODE_ERRORS

MOST: Final = 20
"""Tokens of one call."""
LONGEST: Final = 256
"""Characters of a name."""
_MOST_BYTES: Final = 131_072

_TABLE: Final = """
s3 bucketName=bucket
s3express bucketName=bucket
s3-outposts bucketName=bucket
s3tables tableBucketARN=bucket
secretsmanager secretId=secret secretIdList=secret name=secret
ssm name=parameter names=parameter path=parameter instanceId=instance instanceIds=instance target=instance
    documentName=document
kms keyId=key targetKeyId=key destinationKeyId=key sourceKeyId=key
iam roleName=role userName=user groupName=group policyArn=policy policyName=policy accessKeyId=access_key
    instanceProfileName=instance_profile openIDConnectProviderArn=identity_provider sAMLProviderArn=identity_provider
    serialNumber=mfa_device serverCertificateName=certificate
sts roleArn=role
rolesanywhere trustAnchorId=trust_anchor profileId=profile
lambda functionName=function layerName=layer
ec2 instanceId=instance snapshotId=snapshot sourceSnapshotId=snapshot volumeId=volume imageId=image
    sourceImageId=image groupId=security_group groupName=security_group vpcId=vpc subnetId=subnet keyName=key_pair
    networkInterfaceId=interface launchTemplateId=launch_template allocationId=address natGatewayId=nat_gateway
    flowLogId=flow_log routeTableId=route_table networkAclId=network_acl vpcEndpointId=vpc_endpoint
    vpcPeeringConnectionId=peering transitGatewayId=transit_gateway
ec2-instance-connect instanceId=instance
ebs snapshotId=snapshot
rds dBInstanceIdentifier=database dBClusterIdentifier=database sourceDBInstanceIdentifier=database
    dBSnapshotIdentifier=snapshot dBClusterSnapshotIdentifier=snapshot sourceDBSnapshotIdentifier=snapshot
    targetDBSnapshotIdentifier=snapshot resourceArn=database
rds-data resourceArn=database secretArn=secret
redshift clusterIdentifier=database snapshotIdentifier=snapshot
redshift-data clusterIdentifier=database workgroupName=database
dynamodb tableName=table tableArn=table requestItems=table
sqs queueUrl=queue queueName=queue
sns topicArn=topic name=topic
cloudformation stackName=stack stackSetName=stack
ecr repositoryName=repository repositoryNames=repository
ecr-public repositoryName=repository
codecommit repositoryName=repository
codebuild projectName=project names=project
codepipeline name=pipeline pipelineName=pipeline
codedeploy applicationName=application
logs logGroupName=log_group logGroupIdentifier=log_group logGroupNames=log_group
cloudtrail name=trail trailName=trail eventDataStore=trail
guardduty detectorId=detector
config configurationRecorderName=recorder deliveryChannelName=recorder
securityhub productArn=product
states stateMachineArn=state_machine executionArn=state_machine
kinesis streamName=stream streamARN=stream
firehose deliveryStreamName=stream
kafka clusterArn=cluster
events name=rule rule=rule eventBusName=event_bus
scheduler name=schedule
ecs cluster=cluster service=service taskDefinition=task_definition
eks name=cluster clusterName=cluster
elasticache cacheClusterId=cluster replicationGroupId=cluster
elasticmapreduce jobFlowId=cluster clusterId=cluster
elasticloadbalancing loadBalancerArn=load_balancer loadBalancerName=load_balancer
autoscaling autoScalingGroupName=scaling_group launchConfigurationName=launch_configuration
apigateway restApiId=api apiId=api
appsync apiId=api
cognito-idp userPoolId=user_pool
cognito-identity identityPoolId=user_pool
route53 hostedZoneId=hosted_zone
route53domains domainName=domain
route53resolver resolverQueryLogConfigId=query_log
acm certificateArn=certificate
acm-pca certificateAuthorityArn=certificate
cloudfront id=distribution distributionId=distribution
wafv2 name=web_acl
glue databaseName=database jobName=job name=job
athena workGroup=workgroup
lakeformation resourceArn=data_location
es domainName=domain
opensearch domainName=domain
elasticfilesystem fileSystemId=file_system
fsx fileSystemId=file_system
backup backupVaultName=vault
bedrock modelId=model
bedrock-runtime modelId=model
sagemaker notebookInstanceName=notebook endpointName=endpoint
organizations accountId=account policyId=policy
ram resourceShareArn=share
sso permissionSetArn=permission_set
elasticbeanstalk applicationName=application environmentName=environment
lightsail instanceName=instance
transfer serverId=server
ses emailAddress=email_identity emailIdentity=email_identity
"""


def _fields() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = {}
    service = ""
    for line in _TABLE.strip().splitlines():
        words = line.split()
        if not line.startswith(" "):
            service = words.pop(0)
        table.setdefault(service, {}).update((word.partition("=")[0], word.partition("=")[2]) for word in words)
    return table


FIELDS: Final[Mapping[str, Mapping[str, str]]] = _fields()
"""Request fields that name a resource, by service, with the type of resource."""

_BY_ACTION: Final[Mapping[tuple[str, str], str]] = {("ssm", "Document"): "document", ("ec2", "KeyPair"): "key_pair"}
"""Type of the field `name` where the call is about something else than most of its service."""
_SETS: Final = ("instancesSet", "volumeSet", "snapshotSet", "imagesSet", "groupSet")
"""EC2's lists: `{"instancesSet": {"items": [{"instanceId": …}]}}`."""
_SURVEYS: Final = ("Describe", "List")
"""Calls whose lists are filters: asking about many instances is not touching each."""

_ARN_TYPES: Final[Mapping[str, str]] = {
    "acm:certificate": "certificate",
    "cloudformation:stack": "stack",
    "cloudtrail:trail": "trail",
    "dynamodb:table": "table",
    "ec2:image": "image",
    "ec2:instance": "instance",
    "ec2:security-group": "security_group",
    "ec2:snapshot": "snapshot",
    "ec2:volume": "volume",
    "ecr:repository": "repository",
    "ecs:cluster": "cluster",
    "eks:cluster": "cluster",
    "guardduty:detector": "detector",
    "iam:group": "group",
    "iam:policy": "policy",
    "iam:role": "role",
    "iam:user": "user",
    "kinesis:stream": "stream",
    "kms:alias": "key",
    "kms:key": "key",
    "lambda:function": "function",
    "logs:log-group": "log_group",
    "rds:cluster": "database",
    "rds:db": "database",
    "rds:snapshot": "snapshot",
    "rds:cluster-snapshot": "snapshot",
    "s3": "bucket",
    "secretsmanager:secret": "secret",
    "sns": "topic",
    "sqs": "queue",
    "ssm:parameter": "parameter",
    "states:stateMachine": "state_machine",
}
"""Type of resource by service and first part of an ARN's resource."""
_ARN = re.compile(r"arn:aws[a-z-]*:([a-z0-9-]+):[a-z0-9-]*:\d*:(.+)", re.DOTALL)
_SECRET_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}\Z")
_KIND = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True, eq=False, slots=True)
class Reader:
    """Reads what a service's requests name."""

    decode: Callable[[bytes | msgspec.Raw], Any]
    """To a struct of the fields in the table, or None."""
    names: tuple[str, ...]
    kinds: tuple[str | None, ...]
    """Type of resource that each field names; None for a set."""
    fields: Mapping[str, str]


class _Resource(msgspec.Struct, gc=False):
    ARN: str | None = None


@cache
def _reader(service: str, sets: tuple[str, ...], kind: str | None) -> Reader:
    """Reader of a service's requests; of a kind where they are about something else than most of the service."""
    fields = FIELDS[service]
    names = (*fields, *sets)
    struct = msgspec.defstruct(f"Request_{_KIND.sub('_', service)}", [(name, Any, None) for name in names], gc=False)
    kinds = (*(kind or usual for usual in fields.values()), *(None for _ in sets))
    return Reader(msgspec.json.Decoder(struct | None).decode, names, kinds, fields)


def reader_of(action: str) -> Reader | None:
    """Reader of what requests of an action name; None where only the record's own list tells.

    >>> reader_of("s3:GetObject").names, reader_of("novelty:GetThing")
    (('bucketName',), None)
    """
    service, _, name = action.partition(":")
    if service not in FIELDS:
        return None
    kind = next((other for (one, part), other in _BY_ACTION.items() if one == service and part in name), None)
    return _reader(service, _SETS if service == "ec2" and not name.startswith(_SURVEYS) else (), kind)


_decode_resources = msgspec.json.Decoder(list[_Resource] | None).decode


def named(reader: Reader, values: Iterable[Any]) -> tuple[str, ...]:
    """Tokens of the values that a reader found, at most `MOST`, in its order.

    >>> named(reader_of("ssm:GetParameters"), (None, ["/db/user", "/db/password"]))
    ('parameter:/db/user', 'parameter:/db/password')
    """
    found: dict[str, None] = {}
    for kind, value in zip(reader.kinds, values, strict=False):
        if value is None:
            continue
        if kind is None:
            for kind_of_item, text in _of_set(reader.fields, value):
                found[f"{kind_of_item}:{_plain(kind_of_item, text)}"] = None
        elif isinstance(value, str):
            if value:
                found[f"{kind}:{_plain(kind, value)}"] = None
        else:
            for text in _texts(value):
                found[f"{kind}:{_plain(kind, text)}"] = None
    return tuple(found)[:MOST]


def _texts(value: Any) -> Iterator[str]:
    """Texts in a list, or the keys of an object."""
    items = value if isinstance(value, list | dict) else []
    return (item for item in list(items)[:MOST] if isinstance(item, str) and item)


def _of_set(fields: Mapping[str, str], held: Any) -> Iterator[tuple[str, str]]:
    items = held.get("items") if isinstance(held, dict) else None
    for item in items[:MOST] if isinstance(items, list) else ():
        for field, value in item.items() if isinstance(item, dict) else ():
            if field in fields and isinstance(value, str) and value:
                yield fields[field], value


def _plain(kind: str, text: str) -> str:
    """The name of a resource that may be given by name, ARN or URL; a role's ARN stays, for it tells the account."""
    match = _ARN.fullmatch(text) if text.startswith("arn:") else None
    if match:
        if kind in ("role", "policy"):
            return text[:LONGEST]
        text = match[2]
        head = re.match(r"[A-Za-z-]+[:/]", text)
        if kind == "parameter":
            text = text.removeprefix("parameter")
        elif head:
            text = text[head.end() :]
        if kind == "log_group":
            text = text.removesuffix(":*")
        elif kind == "secret":
            text = _SECRET_SUFFIX.sub("", text)
        elif kind in ("function", "stack", "state_machine"):
            text = re.split(r"[:/]", text, maxsplit=1)[0]
    elif kind in ("queue", "hosted_zone"):
        text = text.rpartition("/")[2]
    elif kind == "key":
        text = text.removeprefix("alias/")
    return text[:LONGEST]


def from_list(listed: bytes | msgspec.Raw) -> tuple[str, ...]:
    """Tokens of the ARNs in a record's `resources`."""
    if not 4 < len(memoryview(listed)) <= _MOST_BYTES:
        return ()
    try:
        found = _decode_resources(listed) or []
    except DECODE_ERRORS:
        return ()
    tokens = dict.fromkeys(token_of(resource.ARN) for resource in found[: 5 * MOST] if resource.ARN)
    return tuple(token for token in tokens if token)[:MOST]


def token_of(arn: str) -> str:
    """Token of an ARN; "" for a text that is none.

    >>> token_of("arn:aws:s3:::pay/2026/03.csv"), token_of("arn:aws:iam::1:role/app/web"), token_of("nonsense")
    ('bucket:pay', 'role:arn:aws:iam::1:role/app/web', '')
    """
    match = _ARN.fullmatch(arn[: LONGEST * 4])
    if not match:
        return ""
    service, rest = match[1], match[2]
    head = re.split(r"[:/]", rest, maxsplit=1)[0]
    kind = _ARN_TYPES.get(f"{service}:{head}") or _ARN_TYPES.get(service)
    if kind == "bucket":
        return f"bucket:{head[:LONGEST]}"
    if kind:
        return f"{kind}:{_plain(kind, arn)}"
    return f"{_KIND.sub('_', f'{service}_{head}'.lower())[:40]}:{(rest[len(head) + 1 :] or rest)[:LONGEST]}"
