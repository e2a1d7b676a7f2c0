"""One spelling for what is named by name, id, ARN or URL: tokens `type:name`.

The same thing gets the same token however it was written, so that whoever asks for a bucket or a function finds every
call: versions, aliases and paths that only qualify it are cut. Roles and policies keep an ARN of IAM, which tells the
account.
"""

import re
from collections.abc import Mapping
from typing import Final

LONGEST: Final = 256
"""Characters of a name."""
_LONGEST_ARN: Final = 4 * LONGEST

_TABLE: Final = """
acm certificate=certificate
acm-pca certificate-authority=certificate
apigateway apis=api restapis=api
athena workgroup=workgroup
autoscaling autoScalingGroup=scaling_group launchConfiguration=launch_configuration
backup backup-vault=vault
bedrock custom-model=model foundation-model=model imported-model=model inference-profile=model provisioned-model=model
cloudformation stack=stack stackset=stack changeSet=stack
cloudfront distribution=distribution
cloudtrail eventdatastore=trail trail=trail
codebuild build=project project=project
codecommit =repository
codedeploy application=application deploymentgroup=application
codepipeline =pipeline actiontype=action_type webhook=webhook
cognito-identity identitypool=user_pool
cognito-idp userpool=user_pool
config config-recorder=recorder
dynamodb table=table
ec2 elastic-ip=address natgateway=nat_gateway network-interface=interface vpc-flow-log=flow_log
    vpc-peering-connection=peering dedicated-host=host spot-instances-request=spot_request
ecr repository=repository
ecr-public repository=repository
ecs cluster=cluster container-instance=container_instance service=service task=task task-definition=task_definition
eks cluster=cluster
elasticache cluster=cluster replicationgroup=cluster serverlesscache=cluster snapshot=snapshot
elasticbeanstalk application=application environment=environment
elasticfilesystem access-point=file_system_access_point file-system=file_system
elasticloadbalancing listener=load_balancer listener-rule=load_balancer loadbalancer=load_balancer
    targetgroup=target_group
elasticmapreduce cluster=cluster
es domain=domain
events event-bus=event_bus rule=rule
execute-api =api
firehose deliverystream=stream
fsx backup=snapshot file-system=file_system
glue database=database job=job table=glue_table
guardduty detector=detector
iam group=group instance-profile=instance_profile mfa=mfa_device oidc-provider=identity_provider policy=policy role=role
    saml-provider=identity_provider server-certificate=certificate user=user
kafka cluster=cluster
kinesis stream=stream
kms alias=key key=key
lambda function=function layer=layer
logs log-group=log_group
organizations account=account policy=policy
ram resource-share=share
rds cluster=database cluster-snapshot=snapshot db=database global-cluster=database snapshot=snapshot
redshift cluster=database snapshot=snapshot
redshift-serverless snapshot=snapshot workgroup=database
rolesanywhere profile=profile trust-anchor=trust_anchor
route53 hostedzone=hosted_zone
route53resolver resolver-query-log-config=query_log
s3 accesspoint=access_point
s3express accesspoint=access_point bucket=bucket
s3-object-lambda accesspoint=access_point
s3-outposts accesspoint=access_point bucket=bucket outpost=outpost
s3tables bucket=bucket
sagemaker endpoint=endpoint notebook-instance=notebook
scheduler schedule=schedule
secretsmanager secret=secret
ses identity=email_identity
sns =topic
sqs =queue
ssm document=document managed-instance=instance parameter=parameter
sso permissionSet=permission_set
states execution=state_machine express=state_machine stateMachine=state_machine
transfer server=server
wafv2 ipset=ip_set rulegroup=rule_group webacl=web_acl
"""

_TYPES: Final[Mapping[tuple[str, str], str]] = {
    (line.split()[0], head): type_
    for line in _TABLE.strip().replace("\n    ", " ").splitlines()
    for head, _, type_ in (word.partition("=") for word in line.split()[1:])
}
"""Type by service and first part of an ARN's resource; by service and "" where ARNs have a name and no type."""
_FIRST: Final = frozenset({
    "access_point", "api", "application", "bucket", "cluster", "detector", "distribution", "file_system", "flow_log",
    "function", "layer", "pipeline", "project", "queue", "server", "stack", "state_machine", "stream", "table",
    "target_group", "task_definition", "topic", "trail", "user_pool", "web_acl",
})  # fmt: skip
"""Types whose name ends at the first `:` or `/`: what follows is a version, an alias or a part."""
_LAST: Final = frozenset({
    "account", "certificate", "container_instance", "environment", "glue_table", "group", "instance_profile",
    "launch_configuration", "mfa_device", "policy", "rule", "scaling_group", "schedule", "service", "snapshot", "task",
    "user",
})  # fmt: skip
"""Types whose name follows the last `/`: what stands before is a path or what they belong to."""
_ARN: Final = re.compile(r"arn:aws[a-z-]*:([a-z0-9-]+):([a-z0-9-]*):(\d*|aws[a-z-]*):(.+)", re.DOTALL)
_PREFIX: Final = re.compile(r"outpost/[^/]+/(?=(?:accesspoint|bucket)/)|(?:regional|global)/(?=[a-z]+/)|/")
"""What may stand before the type in an ARN's resource."""
_ALIAS: Final = re.compile(r".+(?:-s3alias|--ol-s3|--op-s3|--xa-s3|\.mrap)(?:\.accesspoint\..*)?", re.DOTALL)
"""Ends that S3 keeps for access points where a bucket's name would stand."""
_SECRET_SUFFIX: Final = re.compile(r"-[A-Za-z0-9]{6}\Z")
_FUNCTION: Final = re.compile(r"(?:\d{12}:)?(?:function:)?([^:/]+)", re.DOTALL)
_ESCAPED: Final = re.compile(r"%([0-7][0-9A-Fa-f])")
"""A character of ASCII in a URL; names of buckets and access points have no others."""
_ODD: Final = re.compile(r"[^a-z0-9_]+")

_PARTING: Final = re.compile("[:/]")
_SPELT: Final = frozenset({
    "bucket", "function", "hosted_zone", "identity_provider", "instance", "key", "log_group", "parameter", "queue",
    "task_definition",
})  # fmt: skip
"""Types of which a name that is no ARN may be written in more than one way."""

_EC2_PREFIXES: Final[Mapping[str, str]] = {
    "acl": "network_acl", "ami": "image", "cagw": "carrier_gateway", "cgw": "customer_gateway",
    "cr": "capacity_reservation", "cvpn-endpoint": "client_vpn_endpoint", "dopt": "dhcp_options",
    "eice": "instance_connect_endpoint", "eigw": "egress_only_internet_gateway", "eipalloc": "address",
    "eni": "interface", "fl": "flow_log", "fleet": "fleet", "h": "host", "i": "instance", "igw": "internet_gateway",
    "ipam": "ipam", "key": "key_pair", "lt": "launch_template", "nat": "nat_gateway", "pcx": "peering",
    "pg": "placement_group", "pl": "prefix_list", "rtb": "route_table", "sfr": "spot_fleet_request",
    "sg": "security_group", "sir": "spot_request", "snap": "snapshot", "subnet": "subnet", "tgw": "transit_gateway",
    "tgw-attach": "transit_gateway_attachment", "tgw-rtb": "transit_gateway_route_table",
    "tmf": "traffic_mirror_filter", "tms": "traffic_mirror_session", "tmt": "traffic_mirror_target",
    "vgw": "vpn_gateway", "vol": "volume", "vpc": "vpc", "vpce": "vpc_endpoint", "vpce-svc": "vpc_endpoint_service",
    "vpn": "vpn_connection",
}  # fmt: skip
"""Types by what EC2's ids begin with. Source: EC2 user guide, "Resource IDs", and the API reference."""
_EC2_ID: Final = re.compile(r"([a-z]+(?:-[a-z]+)*)-[0-9a-f]{8,17}")


def token_of(arn: str) -> str:
    """Make the token of an ARN; "" for a text that is none.

    >>> token_of("arn:aws:s3:::pay/2026/03.csv"), token_of("arn:aws:iam::1:role/app/web"), token_of("nonsense")
    ('bucket:pay', 'role:arn:aws:iam::1:role/app/web', '')
    >>> token_of("arn:aws:codecommit:eu-west-1:1:till"), token_of("arn:aws:odd::1:x"), token_of("arn:aws:odd::1:y/x")
    ('repository:till', 'odd:x', 'odd_y:x')
    """
    return _of_arn(arn, "")


def make_token(type_: str, text: str) -> str:
    """Make the token of a text that stands where a type of resource is named; an ARN may tell another type.

    >>> make_token("function", "123456789012:function:resize:live"), make_token("key", "alias/pay")
    ('function:resize', 'key:pay')
    >>> make_token("bucket", "arn:aws:s3:eu-west-1:1:accesspoint/readers"), make_token("bucket", "pay")
    ('access_point:readers', 'bucket:pay')
    """
    if text.startswith("arn:") and (token := _of_arn(text, type_)):
        return token
    if type_ not in _SPELT:
        return f"{type_}:{text[:LONGEST]}"
    name = text
    match type_:
        case "bucket":
            name = text.removeprefix("s3://").partition("/")[0]
            type_ = "access_point" if _ALIAS.fullmatch(name) else type_
        case "queue" | "hosted_zone":
            name = text.rpartition("/")[2]
        case "key":
            name = text.removeprefix("alias/")
        case "identity_provider":
            name = text.removeprefix("https://").rstrip("/")
        case "function":
            match_ = _FUNCTION.match(text)
            name = match_[1] if match_ else text
        case "parameter" | "task_definition" | "log_group":
            name = text.partition(":")[0]
        case "instance" if text.startswith("ecs:"):  # a session with a container: ecs:cluster_task_runtime
            type_, name = "task", text.split("_")[1] if "_" in text else text
    return f"{type_}:{(name or text)[:LONGEST]}"


def ec2_token(text: str) -> str:
    """Make the token of an id of EC2, by what it begins with; "" for another text.

    >>> ec2_token("igw-0a1b2c3d4e5f60718"), ec2_token("r-0a1b2c3d4e5f60718")
    ('internet_gateway:igw-0a1b2c3d4e5f60718', '')
    """
    found = _EC2_ID.fullmatch(text[:LONGEST])
    type_ = _EC2_PREFIXES.get(found[1]) if found else None
    return f"{type_}:{text}" if type_ else ""


def copied_token(source: str) -> str:
    """Make the token of the bucket or access point in an `x-amz-copy-source` header.

    >>> copied_token("/pay/2026/03.csv?versionId=1"), copied_token("pay%2F2026%2F03.csv")
    ('bucket:pay', 'bucket:pay')
    """
    text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), source[:_LONGEST_ARN]).lstrip("/")
    return make_token("bucket", text) if text else ""


def _of_arn(arn: str, expected: str) -> str:
    """Make the token of an ARN, of the expected type where the ARN tells none that we know; "" for no ARN."""
    match = _ARN.fullmatch(arn[:_LONGEST_ARN])
    if not match:
        return ""
    service, region, account, rest = match.groups()
    if service == "s3" and not region and not account:
        return make_token("bucket", rest)
    if found := _PREFIX.match(rest):
        rest = rest[found.end() :] or rest
    head, separator, name = _split(rest)
    type_ = _TYPES.get((service, head)) if separator else None
    if type_ is None:
        type_ = _TYPES.get((service, ""))
        if type_:
            name = rest
        elif separator and service == "ec2":
            type_ = _ODD.sub("_", head.lower())[:40]
        elif separator:
            type_ = expected or _ODD.sub("_", f"{service}_{head}".lower())[:40]
        else:
            type_, name = expected or _ODD.sub("_", service)[:40], rest
    if service == "iam" and type_ in ("role", "policy"):
        return f"{type_}:{arn[:LONGEST]}"
    return f"{type_}:{_cut(type_, name or rest)[:LONGEST]}"


def _split(rest: str) -> tuple[str, str, str]:
    """Split an ARN's resource at the first `:` or `/`."""
    found = _PARTING.search(rest)
    return (rest[: found.start()], found[0], rest[found.end() :]) if found else (rest, "", "")


def _cut(type_: str, name: str) -> str:
    """Cut what qualifies a name in an ARN."""
    match type_:
        case "load_balancer":  # app/name/id, or the name alone
            parts = name.split("/")
            return parts[1] if len(parts) > 1 and parts[0] in ("app", "net", "gwy", "gateway") else parts[0]
        case "secret":
            return _SECRET_SUFFIX.sub("", name.partition(":")[0])
        case "log_group":
            return name.partition(":")[0]
        case "parameter":  # a path begins with a slash, which an ARN does not repeat
            name = name.partition(":")[0]
            return f"/{name}" if "/" in name else name
    if type_ in _LAST:
        return name.rpartition("/")[2] or name
    return _split(name)[0] or name if type_ in _FIRST else name
