"""What a call touched, as tokens `type:name`.

The most used services by a table of which request field holds which type; everything else by the ARNs in the record.
Names are exact: the one bucket nobody reads is what matters. Object keys are no tokens.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

MOST: Final = 20
LONGEST: Final = 256
_MOST_BYTES = 131_072

FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "s3": {"bucketName": "bucket"},
    "s3-object-lambda": {"bucketName": "bucket"},
    "secretsmanager": {"secretId": "secret", "secretIdList": "secret", "name": "secret"},
    "ssm": {"name": "parameter", "names": "parameter", "instanceId": "instance", "instanceIds": "instance",
            "target": "instance", "documentName": "document", "path": "parameter"},
    "kms": {"keyId": "key", "targetKeyId": "key"},
    "iam": {"roleName": "role", "userName": "user", "groupName": "group", "policyArn": "policy", "policyName": "policy",
            "instanceProfileName": "instance_profile", "openIDConnectProviderArn": "identity_provider",
            "sAMLProviderArn": "identity_provider", "serialNumber": "mfa_device", "accessKeyId": "access_key"},
    "sts": {"roleArn": "role"},
    "lambda": {"functionName": "function", "layerName": "layer"},
    "ec2": {"instanceId": "instance", "snapshotId": "snapshot", "volumeId": "volume", "imageId": "image",
            "groupId": "security_group", "vpcId": "vpc", "subnetId": "subnet", "keyName": "key_pair",
            "networkInterfaceId": "interface", "launchTemplateId": "launch_template", "sourceSnapshotId": "snapshot",
            "sourceImageId": "image", "allocationId": "address", "natGatewayId": "nat_gateway"},
    "ec2-instance-connect": {"instanceId": "instance"},
    "ebs": {"snapshotId": "snapshot"},
    "rds": {"dBInstanceIdentifier": "database", "dBClusterIdentifier": "database", "dBSnapshotIdentifier": "snapshot",
            "dBClusterSnapshotIdentifier": "snapshot", "sourceDBSnapshotIdentifier": "snapshot"},
    "redshift": {"clusterIdentifier": "database", "snapshotIdentifier": "snapshot"},
    "redshift-data": {"clusterIdentifier": "database", "workgroupName": "database"},
    "dynamodb": {"tableName": "table"},
    "sqs": {"queueUrl": "queue", "queueName": "queue"},
    "sns": {"topicArn": "topic", "name": "topic"},
    "cloudformation": {"stackName": "stack", "stackSetName": "stack"},
    "ecr": {"repositoryName": "repository", "repositoryNames": "repository"},
    "codecommit": {"repositoryName": "repository"},
    "codebuild": {"projectName": "project", "names": "project"},
    "codepipeline": {"name": "pipeline", "pipelineName": "pipeline"},
    "logs": {"logGroupName": "log_group"},
    "cloudtrail": {"name": "trail", "trailName": "trail", "eventDataStore": "trail"},
    "states": {"stateMachineArn": "state_machine", "executionArn": "state_machine"},
    "kinesis": {"streamName": "stream", "streamARN": "stream"},
    "firehose": {"deliveryStreamName": "stream"},
    "events": {"name": "rule", "rule": "rule"},
    "scheduler": {"name": "schedule"},
    "ecs": {"cluster": "cluster", "service": "service", "taskDefinition": "task_definition"},
    "eks": {"name": "cluster", "clusterName": "cluster"},
    "elasticache": {"cacheClusterId": "cache", "replicationGroupId": "cache"},
    "elasticloadbalancing": {"loadBalancerArn": "load_balancer", "loadBalancerName": "load_balancer"},
    "autoscaling": {"autoScalingGroupName": "scaling_group"},
    "apigateway": {"restApiId": "api", "apiId": "api"},
    "cognito-idp": {"userPoolId": "user_pool"},
    "cognito-identity": {"identityPoolId": "user_pool"},
    "route53": {"hostedZoneId": "hosted_zone", "id": "hosted_zone"},
    "route53domains": {"domainName": "domain"},
    "acm": {"certificateArn": "certificate"},
    "acm-pca": {"certificateAuthorityArn": "certificate"},
    "glue": {"databaseName": "database", "name": "glue", "jobName": "job"},
    "athena": {"workGroup": "workgroup"},
    "es": {"domainName": "domain"},
    "elasticfilesystem": {"fileSystemId": "file_system"},
    "backup": {"backupVaultName": "vault"},
    "guardduty": {"detectorId": "detector"},
    "bedrock": {"modelId": "model"},
    "sagemaker": {"notebookInstanceName": "notebook", "endpointName": "endpoint"},
    "organizations": {"accountId": "account", "policyId": "policy"},
    "sso": {"permissionSetArn": "permission_set"},
    "rolesanywhere": {"trustAnchorId": "trust_anchor", "profileId": "profile"},
}  # fmt: skip
"""Request fields that name a resource, by service, with the type of resource."""

_CREATES: Final[Mapping[str, str]] = {"route53resolver": "id"}
_NESTED: Final = ("instancesSet", "volumeSet", "snapshotSet", "imagesSet", "groupSet", "instanceSet")
"""EC2's lists: `{"instancesSet": {"items": [{"instanceId": …}]}}`."""
_DESCRIBES = ("Describe", "List")

_ARN_TYPES: Final[Mapping[str, str]] = {
    "s3": "bucket",
    "iam:role": "role",
    "iam:user": "user",
    "iam:group": "group",
    "iam:policy": "policy",
    "kms:key": "key",
    "kms:alias": "key",
    "secretsmanager:secret": "secret",
    "ssm:parameter": "parameter",
    "lambda:function": "function",
    "ec2:instance": "instance",
    "ec2:snapshot": "snapshot",
    "ec2:volume": "volume",
    "ec2:image": "image",
    "ec2:security-group": "security_group",
    "rds:db": "database",
    "rds:cluster": "database",
    "rds:snapshot": "snapshot",
    "dynamodb:table": "table",
    "sqs": "queue",
    "sns": "topic",
    "logs:log-group": "log_group",
    "cloudtrail:trail": "trail",
    "ecr:repository": "repository",
    "states:stateMachine": "state_machine",
    "kinesis:stream": "stream",
}
_ARN = re.compile(r"arn:aws[a-z-]*:([a-z0-9-]+):[a-z0-9-]*:\d*:(.+)", re.DOTALL)


class _Resource(msgspec.Struct, gc=False):
    ARN: str = ""


_decode_resources = msgspec.json.Decoder(list[_Resource]).decode


def has_fields(service: str) -> bool:
    """Whether the table knows fields of a service's requests."""
    return service in FIELDS


def resources(action: str, request: bytes, listed: bytes) -> list[str]:
    """Tokens of what a call touched, at most `MOST`, in a stable order.

    Parameters
    ----------
    action
        `service:EventName`.
    request
        JSON of requestParameters; empty when absent.
    listed
        JSON of the record's `resources`.

    Examples
    --------
    >>> resources("s3:GetObject", b'{"bucketName": "pay", "key": "a/b"}', b"")
    ['bucket:pay']
    >>> resources("kms:Decrypt", b"null", b'[{"ARN": "arn:aws:kms:eu-west-1:1:key/ab-12"}]')
    ['key:ab-12']
    """
    found: dict[str, None] = {}
    service, _, event_name = action.partition(":")
    fields = FIELDS.get(service)
    if fields is not None and 4 < len(request) <= _MOST_BYTES:
        try:
            document = msgspec.json.decode(request)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            document = None
        if isinstance(document, dict):
            for kind, name in _named(fields, document, event_name):
                found[f"{kind}:{_plain(kind, name)}"] = None
                if len(found) >= MOST:
                    return list(found)
    if not found and 4 < len(listed) <= _MOST_BYTES:
        for arn in _arns(listed):
            token = token_of(arn)
            if token:
                found[token] = None
    return list(found)[:MOST]


def _named(fields: Mapping[str, str], document: dict[str, Any], event_name: str) -> Iterator[tuple[str, str]]:
    for field, kind in fields.items():
        value = document.get(field)
        if isinstance(value, str):
            if value:
                yield kind, value
        elif isinstance(value, list):
            for one in value[:MOST]:
                if isinstance(one, str) and one:
                    yield kind, one
    for field in _NESTED:
        held = document.get(field)
        items = held.get("items") if isinstance(held, dict) else None
        for item in items[:MOST] if isinstance(items, list) and not event_name.startswith(_DESCRIBES) else ():
            if isinstance(item, dict):
                for name, kind in fields.items():
                    value = item.get(name)
                    if isinstance(value, str) and value:
                        yield kind, value


def _plain(kind: str, name: str) -> str:
    """The name of a resource that may be given by name, ARN or URL."""
    if kind == "role" and name.startswith("arn:"):
        return name[:LONGEST]
    match = _ARN.fullmatch(name)
    if match:
        rest = match[2]
        last = rest.rpartition("/")[2] if kind != "parameter" else rest.removeprefix("parameter")
        return (last.partition(":")[2] or last if ":" in last else last)[:LONGEST]
    if kind == "queue":
        return name.rpartition("/")[2][:LONGEST]
    if kind == "key":
        return name.removeprefix("alias/")[:LONGEST]
    return name[:LONGEST]


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
    if kind in ("queue", "topic"):
        return f"{kind}:{rest[:LONGEST]}"
    if kind == "role":
        return f"role:{arn[:LONGEST]}"
    name = rest[len(head) + 1 :] if len(rest) > len(head) else rest
    if kind == "secret":
        name = re.sub(r"-[A-Za-z0-9]{6}$", "", name)
    return f"{kind or service + '_' + head}:{name[:LONGEST]}"


def _arns(listed: bytes) -> list[str]:
    try:
        return [resource.ARN for resource in _decode_resources(listed)]
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return []
