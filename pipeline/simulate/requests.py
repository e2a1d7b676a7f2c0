"""What calls carry: parameters by the kind of thing they touch, and of the calls whose parameters say more.

Templates of `str.format_map`: {name} is the resource, {account} and {region} where it is, {tag} eight random hex
digits, {other} another account of the company or, in an attack, the attacker's, {cidr} a range of addresses, {count} a
number, {set} what a setting becomes, {days} for how long something is kept and {prefix} which things of a bucket.
"""

from typing import Final

_NONE: Final = "null"


def _one(key: str, value: str = "{name}") -> str:
    return '{{"' + key + '":"' + value + '"}}'


KINDS: Final[dict[str, str]] = {
    "-": _NONE,
    "instance": '{{"instancesSet":{{"items":[{{"instanceId":"{name}"}}]}}}}',
    "snapshot": _one("snapshotId"),
    "vpc": _one("vpcId"),
    "image": _one("imageId"),
    "securitygroup": _one("groupId"),
    "volume": _one("volumeId"),
    "bucket": '{{"bucketName":"{name}","Host":"{name}.s3.{region}.amazonaws.com"}}',
    "object": '{{"bucketName":"{name}","Host":"{name}.s3.{region}.amazonaws.com","key":"{tag}/part-{count}.parquet"}}',
    "role": _one("roleName"),
    "user": _one("userName"),
    "policy": _one("policyArn", "arn:aws:iam::{account}:policy/{name}"),
    "function": _one("functionName"),
    "stack": _one("stackName"),
    "alarm": _one("alarmName"),
    "loggroup": _one("logGroupName"),
    "secret": _one("secretId"),
    "parameter": '{{"name":"{name}","withDecryption":true}}',
    "key": _one("keyId", "arn:aws:kms:{region}:{account}:key/{name}"),
    "dbinstance": _one("dBInstanceIdentifier"),
    "dbsnapshot": _one("dBSnapshotIdentifier"),
    "cluster": '{{"cluster":"{name}","services":["{name}-svc"]}}',
    "repository": _one("repositoryName"),
    "table": _one("tableName"),
    "queue": _one("queueUrl", "https://sqs.{region}.amazonaws.com/{account}/{name}"),
    "topic": _one("topicArn", "arn:aws:sns:{region}:{account}:{name}"),
    "loadbalancer": _one(
        "loadBalancerArn", "arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/50dc6c495c0c9188"
    ),
    "targetgroup": _one(
        "targetGroupArn", "arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{name}/6d0ecf831eec9f09"
    ),
    "group": _one("autoScalingGroupName"),
    "trail": _one("name", "arn:aws:cloudtrail:us-east-1:{account}:trail/{name}"),
    "hostedzone": _one("hostedZoneId"),
    "ekscluster": _one("name"),
    "statemachine": _one("stateMachineArn", "arn:aws:states:{region}:{account}:stateMachine:{name}"),
    "rule": _one("name"),
    "restapi": _one("restApiId"),
    "certificate": _one("certificateArn", "arn:aws:acm:{region}:{account}:certificate/{name}"),
    "distribution": _one("id"),
    "webacl": '{{"name":"{name}","scope":"REGIONAL"}}',
    "stream": _one("streamName"),
    "deliverystream": _one("deliveryStreamName"),
    "database": _one("databaseName"),
    "gluejob": _one("jobName"),
    "workgroup": _one("workGroup"),
    "redshiftcluster": _one("clusterIdentifier"),
    "notebook": _one("notebookInstanceName"),
    "model": _one("modelId"),
    "emrcluster": _one("clusterId"),
    "cache": _one("cacheClusterId"),
    "domain": _one("domainName"),
    "filesystem": _one("fileSystemId"),
    "vault": _one("backupVaultName"),
    "project": _one("projectName"),
    "pipeline": _one("name"),
    "userpool": _one("userPoolId"),
    "identity": _one("emailIdentity"),
    "detector": _one("detectorId"),
    "account": _one("accountId"),
}
"""Kind of thing to the parameters of an ordinary call that touches it."""

_INGRESS: Final = (
    '{{"groupId":"{name}","ipPermissions":{{"items":[{{"ipProtocol":"tcp","fromPort":{port},"toPort":{port},'
    '"groups":{{}},"ipRanges":{{"items":[{{"cidrIp":"{cidr}"}}]}},"ipv6Ranges":{{}},"prefixListIds":{{}}}}]}}}}'
)
_TRUST: Final = (
    '{{"roleName":"{name}","policyDocument":"{{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[{{\\"Effect\\":\\"Allow\\",'
    '\\"Principal\\":{{\\"AWS\\":\\"arn:aws:iam::{other}:root\\"}},\\"Action\\":\\"sts:AssumeRole\\"}}]}}"}}'
)
_BUCKET_POLICY: Final = (
    '{{"bucketName":"{name}","Host":"{name}.s3.{region}.amazonaws.com","bucketPolicy":{{"Version":"2012-10-17","Statement":'
    '[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{other}:root"}},"Action":["s3:GetObject"],'
    '"Resource":"arn:aws:s3:::{name}/*"}}]}},"policy":""}}'
)

SPECIAL: Final[dict[str, tuple[str, str]]] = {
    "sts:AssumeRole": (
        '{{"roleArn":"arn:aws:iam::{account}:role/{name}","roleSessionName":"session-{tag}","durationSeconds":3600}}',
        '{{"credentials":{{"accessKeyId":"ASIA{key}","sessionToken":"redacted"}}}}',
    ),
    "iam:AttachRolePolicy": ('{{"roleName":"{name}","policyArn":"arn:aws:iam::aws:policy/{managed}"}}', _NONE),
    "iam:AttachUserPolicy": ('{{"userName":"{name}","policyArn":"arn:aws:iam::aws:policy/{managed}"}}', _NONE),
    "iam:PutRolePolicy": ('{{"roleName":"{name}","policyName":"inline-{tag}","policyDocument":"{{}}"}}', _NONE),
    "iam:CreateUser": (
        '{{"userName":"{name}"}}',
        '{{"user":{{"path":"/","userName":"{name}","arn":"arn:aws:iam::{account}:user/{name}"}}}}',
    ),
    "iam:CreateAccessKey": (
        '{{"userName":"{name}"}}',
        '{{"accessKey":{{"userName":"{name}","accessKeyId":"AKIA{key}","status":"Active"}}}}',
    ),
    "iam:CreateLoginProfile": ('{{"userName":"{name}","passwordResetRequired":false}}', _NONE),
    "iam:UpdateLoginProfile": ('{{"userName":"{name}"}}', _NONE),
    "iam:UpdateAssumeRolePolicy": (_TRUST, _NONE),
    "iam:CreateOpenIDConnectProvider": (
        '{{"url":"https://{host}","clientIDList":["sts.amazonaws.com"]}}',
        '{{"openIDConnectProviderArn":"arn:aws:iam::{account}:oidc-provider/{host}"}}',
    ),
    "ec2:RunInstances": (
        '{{"instancesSet":{{"items":[{{"imageId":"ami-0{tag}","minCount":{count},"maxCount":{count}}}]}},'
        '"instanceType":"{size}","blockDeviceMapping":{{}},"monitoring":{{"enabled":false}}}}',
        '{{"instancesSet":{{"items":[{{"instanceId":"i-0{tag}","currentState":{{"code":0,"name":"pending"}}}}]}}}}',
    ),
    "ec2:AuthorizeSecurityGroupIngress": (_INGRESS, '{{"_return":true}}'),
    "ec2:RevokeSecurityGroupIngress": (_INGRESS, '{{"_return":true}}'),
    "ec2:ModifySnapshotAttribute": (
        '{{"snapshotId":"{name}","createVolumePermission":{{"add":{{"items":[{{"userId":"{other}"}}]}}}},'
        '"attributeType":"CREATE_VOLUME_PERMISSION"}}',
        '{{"_return":true}}',
    ),
    "ec2:ModifyImageAttribute": (
        '{{"imageId":"{name}","launchPermission":{{"add":{{"items":[{{"userId":"{other}"}}]}}}},'
        '"attributeType":"launchPermission"}}',
        '{{"_return":true}}',
    ),
    "rds:ModifyDBSnapshotAttribute": (
        '{{"dBSnapshotIdentifier":"{name}","attributeName":"restore","valuesToAdd":["{other}"]}}',
        _NONE,
    ),
    "s3:PutBucketPolicy": (_BUCKET_POLICY, _NONE),
    "s3:CreateBucket": ('{{"bucketName":"{name}-{tag}","Host":"s3.{region}.amazonaws.com"}}', _NONE),
    "s3:PutObject": (KINDS["object"], '{{"x-amz-server-side-encryption":"AES256"}}'),
    "lambda:AddPermission20150331v2": (
        '{{"functionName":"{name}","statementId":"{tag}","action":"lambda:InvokeFunction","principal":"{other}"}}',
        _NONE,
    ),
    "lambda:UpdateFunctionConfiguration20150331v2": (
        '{{"functionName":"{name}","layers":["arn:aws:lambda:{region}:{other}:layer:shared:{count}"]}}',
        _NONE,
    ),
    "lambda:UpdateFunctionCode20150331v2": (
        '{{"functionName":"{name}","s3Bucket":"deploy-{account}","s3Key":"{tag}.zip","publish":true,"dryRun":false}}',
        '{{"functionName":"{name}","runtime":"python3.12","codeSize":{count}}}',
    ),
    "cloudtrail:PutEventSelectors": (
        '{{"trailName":"{name}","eventSelectors":[{{"readWriteType":"{access}","includeManagementEvents":{switch},'
        '"dataResources":[]}}]}}',
        _NONE,
    ),
    "ssm:SendCommand": (
        '{{"documentName":"AWS-RunShellScript","instanceIds":["{name}"],"interactive":false,'
        '"parameters":"HIDDEN_DUE_TO_SECURITY_REASONS"}}',
        '{{"command":{{"commandId":"{uuid}","status":"Pending","targetCount":1}}}}',
    ),
    "ssm:StartSession": ('{{"target":"{name}"}}', '{{"sessionId":"session-{tag}","tokenValue":"redacted"}}'),
    "secretsmanager:BatchGetSecretValue": ('{{"secretIdList":["{name}"]}}', _NONE),
    "bedrock:InvokeModel": ('{{"modelId":"{name}"}}', _NONE),
    "organizations:LeaveOrganization": (_NONE, _NONE),
}
"""`service:Name` to request and response, for calls in which who is granted what matters."""


def _set_on_bucket(empty: str, member: str, setting: str) -> str:
    """Request that sets something on a bucket: S3's document of it, and an empty member that the address had."""
    document = '{{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/",' + setting + "}}"
    place = KINDS["bucket"].removesuffix("}}")
    return f'{place},"{empty}":"","{member}":{document}' + "}}"


SETTINGS: Final[dict[str, str]] = {
    "s3:PutBucketVersioning": _set_on_bucket("versioning", "VersioningConfiguration", '"Status":"{set}"'),
    "s3:PutBucketLogging": _set_on_bucket(
        "logging",
        "BucketLoggingStatus",
        '"LoggingEnabled":{{"TargetBucket":"access-logs-{account}","TargetPrefix":"{name}/"}}',
    ),
    "s3:PutBucketLifecycle": _set_on_bucket(
        "lifecycle",
        "LifecycleConfiguration",
        '"Rule":{{"ID":"expire-{tag}","Status":"Enabled","Filter":{{"Prefix":"{prefix}"}},"Expiration":{{"Days":{days}}}}}',
    ),
    "bedrock:PutModelInvocationLoggingConfiguration": '{{"loggingConfig":{{"cloudWatchConfig":{{"logGroupName":"calls",'
    '"roleArn":"arn:aws:iam::{account}:role/model-logs"}},"textDataDeliveryEnabled":true}}}}',
}
"""`service:Name` to request, for calls that switch something on or off, or say how long things are kept: without that a
record says the opposite of what nearly everybody does."""

SET: Final = {"set": "Enabled", "days": "90", "prefix": "tmp/"}
"""What nearly everybody sets."""

MANAGED: Final = (
    "ReadOnlyAccess",
    "AmazonS3ReadOnlyAccess",
    "CloudWatchLogsFullAccess",
    "AmazonSSMManagedInstanceCore",
)
"""Policies that people attach in the course of a day."""
