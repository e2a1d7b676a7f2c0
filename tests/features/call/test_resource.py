"""What calls touch, in the request shapes CloudTrail writes."""

import json
from typing import Any

import pytest
from msgspec.structs import astuple

from features.call.resource import find_reader, name_listed, name_requested, name_wrapped
from features.call.resource_name import LONGEST
from features.call.resource_text import MOST
from features.record.repair import DECODE_ERRORS
from tests.records import ACCOUNT, Json, a_record, event_of

ROLE = f"arn:aws:iam::{ACCOUNT}:role/teams/app"

CASES: list[tuple[str, Any, list[str]]] = [
    ("s3:GetObject", {"bucketName": "pay", "key": "2025/03.csv"}, ["bucket:pay"]),
    ("s3:ListBuckets", {"Host": "s3.amazonaws.com"}, []),
    ("secretsmanager:GetSecretValue", {"secretId": "prod/db"}, ["secret:prod/db"]),
    ("secretsmanager:GetSecretValue", {"secretId": f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:prod/db-a1B2c3"},
     ["secret:prod/db"]),
    ("secretsmanager:BatchGetSecretValue", {"secretIdList": ["a", "b"]}, ["secret:a", "secret:b"]),
    ("ssm:GetParameters", {"names": ["/db/user", "/db/password"]}, ["parameter:/db/user", "parameter:/db/password"]),
    ("ssm:GetParameter", {"name": f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/db/user"}, ["parameter:/db/user"]),
    ("ssm:SendCommand", {"instanceIds": ["i-1", "i-2"], "documentName": "AWS-RunShellScript"},
     ["instance:i-1", "instance:i-2", "document:AWS-RunShellScript"]),
    ("ssm:StartSession", {"target": "i-1"}, ["instance:i-1"]),
    ("ssm:DescribeDocument", {"name": "AWS-RunShellScript"}, ["document:AWS-RunShellScript"]),
    ("kms:ScheduleKeyDeletion", {"keyId": "1234-ab"}, ["key:1234-ab"]),
    ("kms:Encrypt", {"keyId": "alias/app"}, ["key:app"]),
    ("kms:DescribeKey", {"keyId": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234-ab"}, ["key:1234-ab"]),
    ("iam:CreateAccessKey", {"userName": "ana"}, ["user:ana"]),
    ("iam:AttachRolePolicy", {"roleName": "app", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
     ["role:app", "policy:arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    ("iam:AddUserToGroup", {"userName": "ana", "groupName": "admins"}, ["user:ana", "group:admins"]),
    ("iam:DeleteAccessKey", {"accessKeyId": "AKIA1"}, ["access_key:AKIA1"]),
    ("sts:AssumeRole", {"roleArn": ROLE, "roleSessionName": "x"}, [f"role:{ROLE}"]),
    ("lambda:Invoke", {"functionName": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:resize:live"},
        ["function:resize"]),
    ("lambda:UpdateFunctionCode", {"functionName": "resize"}, ["function:resize"]),
    ("ec2:StopInstances", {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}},
     ["instance:i-1", "instance:i-2"]),
    ("ec2:DescribeInstances", {"instancesSet": {"items": [{"instanceId": "i-1"}]}}, []),
    ("ec2:DescribeInstanceAttribute", {"instanceId": "i-1", "attribute": "userData"}, ["instance:i-1"]),
    ("ec2:RunInstances", {"instancesSet": {"items": [{"imageId": "ami-1", "minCount": 1, "keyName": "k"}]},
                          "subnetId": "subnet-1"}, ["subnet:subnet-1", "image:ami-1", "key_pair:k"]),
    ("ec2:ModifySnapshotAttribute", {"snapshotId": "snap-1"}, ["snapshot:snap-1"]),
    ("ec2:CreateSnapshot", {"volumeId": "vol-1"}, ["volume:vol-1"]),
    ("ec2:AuthorizeSecurityGroupIngress", {"groupId": "sg-1"}, ["security_group:sg-1"]),
    ("ec2-instance-connect:SendSSHPublicKey", {"instanceId": "i-1"}, ["instance:i-1"]),
    ("rds:ModifyDBInstance", {"dBInstanceIdentifier": "pay"}, ["database:pay"]),
    ("rds:CreateDBSnapshot", {"dBInstanceIdentifier": "pay", "dBSnapshotIdentifier": "copy"},
     ["database:pay", "snapshot:copy"]),
    ("dynamodb:Query", {"tableName": "orders"}, ["table:orders"]),
    ("dynamodb:BatchGetItem", {"requestItems": {"orders": {}, "users": {}}}, ["table:orders", "table:users"]),
    ("sqs:ReceiveMessage", {"queueUrl": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/jobs"}, ["queue:jobs"]),
    ("sns:Publish", {"topicArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms"}, ["topic:alarms"]),
    ("sns:CreateTopic", {"name": "alarms"}, ["topic:alarms"]),
    ("cloudformation:UpdateStack", {"stackName": f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/shop/1-2"},
     ["stack:shop"]),
    ("ecr:BatchGetImage", {"repositoryName": "shop"}, ["repository:shop"]),
    ("logs:CreateLogStream", {"logGroupName": "/aws/lambda/resize"}, ["log_group:/aws/lambda/resize"]),
    ("cloudtrail:StopLogging", {"name": f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/main"}, ["trail:main"]),
    ("states:StartExecution", {"stateMachineArn": f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:pay"},
     ["state_machine:pay"]),
    ("kinesis:GetRecords", {"streamName": "clicks"}, ["stream:clicks"]),
    ("eks:DescribeCluster", {"name": "prod"}, ["cluster:prod"]),
    ("ecs:ExecuteCommand", {"cluster": "prod", "task": "t"}, ["cluster:prod"]),
    ("acm:ExportCertificate", {"certificateArn": f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/12-ab"},
     ["certificate:12-ab"]),
    ("route53:ChangeResourceRecordSets", {"hostedZoneId": "/hostedzone/Z1"}, ["hosted_zone:Z1"]),
    ("route53domains:TransferDomain", {"domainName": "example.com"}, ["domain:example.com"]),
    ("apigateway:GetRestApi", {"restApiId": "a1"}, ["api:a1"]),
    ("guardduty:DeleteDetector", {"detectorId": "d1"}, ["detector:d1"]),
    ("bedrock:InvokeModel", {"modelId": "anthropic.claude"}, ["model:anthropic.claude"]),
]  # fmt: skip


def touched(action: str, request: bytes, listed: bytes = b"") -> tuple[str, ...]:
    """What a call touched: what its request names, else what the record lists."""
    reader = find_reader(action)
    if reader is not None and request:
        try:
            read = reader.decode(request)
        except DECODE_ERRORS:
            read = None
        if read is not None and (found := name_requested(reader, astuple(read))):
            return found
    return name_listed(listed)


@pytest.mark.parametrize(("action", "request_", "tokens"), CASES)
def test_requests(action: str, request_: Any, tokens: list[str]) -> None:
    assert list(touched(action, json.dumps(request_).encode())) == tokens


def test_the_list_of_a_record_counts_where_its_request_names_nothing() -> None:
    listed = [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/12-ab"}]
    call = {"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "resources": listed}
    assert event_of(a_record(**call, requestParameters={"encryptionContext": {}}))["resources"] == ("key:12-ab",)
    assert event_of(a_record(**call, requestParameters=None))["resources"] == ("key:12-ab",)
    assert event_of(a_record(**call, requestParameters={"keyId": "alias/x"}))["resources"] == ("key:x",)
    new = {"eventSource": "novelty.amazonaws.com", "eventName": "FrobThing", "resources": listed}
    assert event_of(a_record(**new))["resources"] == ("key:12-ab",)


def event_of_call(action: str, request: Any, **more: Any) -> Json:
    """The event of a successful call."""
    service, _, name = action.partition(":")
    call = {"eventSource": f"{service}.amazonaws.com", "eventName": name, "readOnly": False}
    return event_of(a_record(**call, requestParameters=request, **more))


def wrapped(name: str, **fields: Any) -> Json:
    """A request as EC2's newer calls are written down."""
    return {f"{name}Request": fields}


WRAPPED: list[tuple[str, Json, list[str]]] = [
    ("DeleteFlowLogs", {"FlowLogId": {"tag": 1, "content": "fl-0aa1bb2cc3dd4ee5f"}},
     ["flow_log:fl-0aa1bb2cc3dd4ee5f"]),
    ("DeleteFlowLogs", {"FlowLogId": [{"tag": 1, "content": "fl-1"}, {"tag": 2, "content": "fl-2"}]},
     ["flow_log:fl-1", "flow_log:fl-2"]),
    ("DeleteNatGateway", {"NatGatewayId": "nat-1"}, ["nat_gateway:nat-1"]),
    ("DeleteVpcEndpoints", {"VpcEndpointId": {"tag": 1, "content": "vpce-0aa1bb2cc3dd4ee5f"}},
     ["vpc_endpoint:vpce-0aa1bb2cc3dd4ee5f"]),
    ("CreateSnapshots", {"InstanceSpecification": {"InstanceId": "i-1", "ExcludeBootVolume": False}}, ["instance:i-1"]),
    ("CreateLaunchTemplateVersion", {"LaunchTemplateId": "lt-1", "LaunchTemplateData": {
        "ImageId": "ami-1", "UserData": "<sensitiveDataRemoved>", "IamInstanceProfile": {"Name": "admin"},
        "SecurityGroupId": {"tag": 1, "content": "sg-1"}}},
     ["launch_template:lt-1", "image:ami-1", "instance_profile:admin", "security_group:sg-1"]),
    ("ModifySecurityGroupRules", {"GroupId": "sg-1", "SecurityGroupRule": {"tag": 1, "SecurityGroupRuleId": "sgr-1",
        "SecurityGroupRule": {"CidrIpv4": "192.0.2.0/24"}}}, ["security_group:sg-1"]),
    ("CreateTransitGatewayPeeringAttachment", {"TransitGatewayId": "tgw-0aa1bb2cc3dd4ee5f",
        "PeerTransitGatewayId": "tgw-0ff1ee2dd3cc4bb5a"},
     ["transit_gateway:tgw-0aa1bb2cc3dd4ee5f", "transit_gateway:tgw-0ff1ee2dd3cc4bb5a"]),
    ("AssociateIamInstanceProfile", {"InstanceId": "i-1", "IamInstanceProfile": {
        "Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/teams/admin"}}, ["instance:i-1", "instance_profile:admin"]),
    ("CreateFlowLogs", {"ResourceId": {"tag": 1, "content": "vpc-0aa1bb2cc3dd4ee5f"}, "ResourceType": "VPC",
        "LogDestination": "arn:aws:s3:::flows/x"}, ["vpc:vpc-0aa1bb2cc3dd4ee5f", "bucket:flows"]),
    ("CreateFleet", {"LaunchTemplateConfigs": {"tag": 1, "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1"},
        "Overrides": [{"tag": 1, "SubnetId": "subnet-1"}]}}, ["launch_template:lt-1", "subnet:subnet-1"]),
    ("ModifyInstanceMetadataOptions", {"InstanceId": "i-1", "HttpTokens": "optional"}, ["instance:i-1"]),
    ("CreateStoreImageTask", {"ImageId": "ami-1", "Bucket": "outside"}, ["image:ami-1", "bucket:outside"]),
    ("EnableFastSnapshotRestores", {"SourceSnapshotId": {"tag": 1, "content": "snap-0aa1bb2cc3dd4ee5f"}},
     ["snapshot:snap-0aa1bb2cc3dd4ee5f"]),
    ("CreateInstanceConnectEndpoint", {"SubnetId": "subnet-1", "ClientToken": "x"}, ["subnet:subnet-1"]),
    ("DescribeLaunchTemplateVersions", {"LaunchTemplateId": "lt-1"}, ["launch_template:lt-1"]),
    ("DescribeFlowLogs", {"FlowLogId": {"tag": 1, "content": "fl-0aa1bb2cc3dd4ee5f"}}, []),
    ("DescribeVpcEndpoints", {"Filter": {"tag": 1, "Name": "vpc-id", "Value": {"tag": 1, "content": "vpc-1"}}}, []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fields", "tokens"), WRAPPED)
def test_wrapped_requests(name: str, fields: Json, tokens: list[str]) -> None:
    assert list(event_of_call(f"ec2:{name}", wrapped(name, **fields))["resources"]) == tokens


SENT: list[tuple[str, Any, list[str]]] = [
    # EC2 as it was written before: lists with a name of their own, and what lies deeper
    ("ec2:CreateTags", {"resourcesSet": {"items": [{"resourceId": "ami-0a1b2c3d4e5f60718"}]},
        "tagSet": {"items": [{"key": "resourceId", "value": "i-0a1b2c3d4e5f60718"}]}}, ["image:ami-0a1b2c3d4e5f60718"]),
    ("ec2:DeleteInternetGateway", {"internetGatewayId": "igw-1"}, ["internet_gateway:igw-1"]),
    ("ec2:CancelSpotInstanceRequests", {"spotInstanceRequestIdSet": {"items": [{"spotInstanceRequestId": "sir-1"}]}},
     ["spot_request:sir-1"]),
    ("ec2:CreateRoute", {"routeTableId": "rtb-1", "gatewayId": "igw-0a1b2c3d4e5f60718"},
     ["route_table:rtb-1", "internet_gateway:igw-0a1b2c3d4e5f60718"]),
    ("ec2:CopySnapshot", {"sourceSnapshotId": "snap-1", "sourceRegion": "eu-west-1",
        "kmsKeyId": "arn:aws:kms:eu-west-1:222222222222:key/k1"}, ["snapshot:snap-1", "key:k1"]),
    ("ec2:DescribeInstances", {"filterSet": {"items": [{"name": "instance-id", "valueSet": {"items": [
        {"value": "i-0a1b2c3d4e5f60718"}]}}]}, "instancesSet": {}}, []),
    # headers
    ("s3:CopyObject", {"bucketName": "out", "key": "x", "x-amz-copy-source": "pay/2026/ledger"},
     ["bucket:pay", "bucket:out"]),
    ("s3:CopyObject", {"bucketName": "out", "x-amz-copy-source": "/pay/ledger?versionId=3sL4"},
     ["bucket:pay", "bucket:out"]),
    ("s3:UploadPartCopy", {"bucketName": "out", "x-amz-copy-source": "pay%2Fa%20b"}, ["bucket:pay", "bucket:out"]),
    ("s3:CopyObject", {"bucketName": "out", "x-amz-copy-source":
        f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/readers/object/x"}, ["access_point:readers", "bucket:out"]),
    ("s3:PutObject", {"bucketName": "out", "x-amz-server-side-encryption-aws-kms-key-id":
        "arn:aws:kms:eu-west-1:222222222222:key/k1"}, ["bucket:out", "key:k1"]),
    ("s3:PutBucketReplication", {"bucketName": "pay", "ReplicationConfiguration": {
        "Role": ROLE, "Rule": {"Destination": {"Bucket": "arn:aws:s3:::out"}}}},
     ["bucket:pay", f"role:{ROLE}", "bucket:out"]),
    ("s3:PutBucketEncryption", {"bucketName": "pay", "ServerSideEncryptionConfiguration": {"Rule": {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k1"}}}},
     ["bucket:pay", "key:k1"]),
    # access points
    ("s3:GetObject", {"bucketName": f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/readers"}, ["access_point:readers"]),
    ("s3:GetObject", {"bucketName": "readers-a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7-s3alias"},
     ["access_point:readers-a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7-s3alias"]),
    ("s3:CreateAccessPoint", {"name": "readers", "CreateAccessPointRequest": {"Bucket": "pay"}},
     ["access_point:readers", "bucket:pay"]),
    ("s3:DeleteAccessPoint", {"name": "readers", "accountId": ACCOUNT}, ["access_point:readers"]),
    # targets
    ("ssm:SendCommand", {"documentName": "d", "targets": [{"key": "InstanceIds", "values": ["i-1", "i-2"]}]},
     ["instance:i-1", "instance:i-2", "document:d"]),
    ("ssm:SendCommand", {"documentName": "d", "targets": [{"Key": "InstanceIds", "Values": ["i-1"]}]},
     ["instance:i-1", "document:d"]),
    ("ssm:SendCommand", {"documentName": "d", "targets": [{"key": "tag:Env", "values": ["prod"]}]}, ["document:d"]),
    ("ssm:SendCommand", {"documentName": "d", "targets": [{"key": "tag-key", "values": ["i-0a1b2c3d4e5f60718"]}]},
     ["document:d"]),
    ("ssm:SendCommand", {"documentName": "d", "targets": [{"key": "resource-groups:Name", "values": ["web"]}]},
     ["resource_group:web", "document:d"]),
    ("ssm:StartAutomationExecution", {"documentName": "d", "targetParameterName": "InstanceId", "targets": [
        {"key": "ParameterValues", "values": ["i-0a1b2c3d4e5f60718"]}]},
     ["instance:i-0a1b2c3d4e5f60718", "document:d"]),
    ("ssm:StartSession", {"target": "ecs:prod_0123456789abcdef_0123456789abcdef-1"}, ["task:0123456789abcdef"]),
    ("elasticloadbalancing:RegisterTargets", {"targets": [{"id": "i-0a1b2c3d4e5f60718", "port": 80}]},
     ["instance:i-0a1b2c3d4e5f60718"]),
    ("events:PutTargets", {"rule": "r", "targets": [
        {"id": "1", "arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:resize"}]}, ["rule:r", "function:resize"]),
    # what else the request is about
    ("ec2:RunInstances", {"instancesSet": {"items": [{"imageId": "ami-1", "minCount": 1}]},
        "iamInstanceProfile": {"name": "admin"}}, ["instance_profile:admin", "image:ami-1"]),
    ("rolesanywhere:CreateTrustAnchor", {"name": "anchor", "enabled": True}, ["trust_anchor:anchor"]),
    ("rolesanywhere:CreateProfile", {"name": "p", "roleArns": [ROLE]}, ["profile:p", f"role:{ROLE}"]),
    ("iam:CreateSAMLProvider", {"name": "idp", "sAMLMetadataDocument": "<x/>"}, ["identity_provider:idp"]),
    ("iam:CreateOpenIDConnectProvider", {"url": "https://idp.example.com", "clientIDList": ["x"]},
     ["identity_provider:idp.example.com"]),
    ("rds:StartExportTask", {"exportTaskIdentifier": "x", "s3BucketName": "out",
        "sourceArn": f"arn:aws:rds:eu-west-1:{ACCOUNT}:snapshot:s"}, ["snapshot:s", "bucket:out"]),
    ("lambda:CreateFunction", {"functionName": "resize", "role": ROLE}, ["function:resize", f"role:{ROLE}"]),
    ("lambda:CreateEventSourceMapping", {"functionName": "f",
        "eventSourceArn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"}, ["function:f", "queue:jobs"]),
    ("glue:GetTable", {"databaseName": "pay", "name": "ledger"}, ["glue_table:ledger", "database:pay"]),
]  # fmt: skip


@pytest.mark.parametrize(("action", "request_", "tokens"), SENT)
def test_requests_as_services_send_them(action: str, request_: Any, tokens: list[str]) -> None:
    assert list(event_of_call(action, request_)["resources"]) == tokens


def test_a_record_tells_the_bucket_behind_an_access_point() -> None:
    listed = [
        {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::pay/x"},
        {"type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::pay"},
    ]
    request = {"bucketName": f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/readers", "key": "x"}
    event = event_of_call("s3:GetObject", request, resources=listed)
    assert event["resources"] == ("access_point:readers", "bucket:pay")


@pytest.mark.parametrize("request_", [b"", b"{", b"[]", b"null", b"12", b'{"XRequest": null}', b'{"XRequest": [[[]]]}'])
def test_a_wrapping_that_holds_nothing(request_: bytes) -> None:
    reader = find_reader("ec2:DeleteFlowLogs")
    assert reader is not None
    assert name_wrapped(reader, request_) == ()


def test_what_lies_too_deep_or_is_too_long_is_not_read() -> None:
    reader = find_reader("ec2:DeleteFlowLogs")
    assert reader is not None
    deep: Any = {"FlowLogId": "fl-1"}
    for _ in range(100):
        deep = {"X": deep}
    assert name_wrapped(reader, json.dumps(deep).encode()) == ()
    long = {"Padding": "x" * 200_000, "FlowLogId": "fl-1"}
    assert name_wrapped(reader, json.dumps(long).encode()) == ()


def test_a_name_by_any_writing_is_one_token() -> None:
    arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:resize"
    names = ["resize", arn, f"{arn}:$LATEST", f"{ACCOUNT}:function:resize:live", "resize:3", "function:resize"]
    assert len({touched("lambda:Invoke", json.dumps({"functionName": name}).encode()) for name in names}) == 1


def test_tokens_are_bounded() -> None:
    many = json.dumps({"names": [f"/p/{number}" for number in range(500)]}).encode()
    assert len(touched("ssm:GetParameters", many)) == MOST
    (token,) = touched("s3:GetObject", json.dumps({"bucketName": "x" * 100_000}).encode())
    assert len(token) == len("bucket:") + LONGEST
    assert len(name_listed(json.dumps([{"ARN": f"arn:aws:s3:::b{number}"} for number in range(500)]).encode())) == MOST


@pytest.mark.parametrize("request_", [b"", b"null", b"[]", b'"x"', b"12", b"{", b'{"bucketName":1}',
    b'{"bucketName":{}}',
                                      b'{"bucketName":[1,null,{}]}', b'{"bucketName":""}', b"\xff"])  # fmt: skip
def test_a_request_that_names_nothing_touches_nothing(request_: bytes) -> None:
    assert touched("s3:GetObject", request_) == ()
    assert touched("s3:GetObject", request_, b'[{"ARN": "arn:aws:s3:::pay/2025/03.csv"}]') == ("bucket:pay",)


@pytest.mark.parametrize("listed", [b"", b"null", b"{}", b"[1]", b'[{"ARN":1}]', b'[{"ARN":null}]', b"[{}]", b"\xff"])
def test_a_list_that_names_nothing_touches_nothing(listed: bytes) -> None:
    assert name_listed(listed) == ()


@pytest.mark.parametrize("value", [7, True, "text", [], {}, [7], [[]], {"items": 7}, {"content": {"content": {}}}, ""])
@pytest.mark.parametrize(("action", "fields"), [
    ("dynamodb:BatchGetItem", ["requestItems"]),
    ("ssm:SendCommand", ["targets"]),
    ("ec2:RunInstances", ["instancesSet", "iamInstanceProfile", "gatewayId", "logDestination"]),
    ("s3:CopyObject", ["x-amz-copy-source"]),
    ("s3:PutBucketReplication", ["ReplicationConfiguration"]),
])  # fmt: skip
def test_a_value_of_any_shape_is_read_or_passed_over(action: str, fields: list[str], value: Any) -> None:
    for field in fields:
        for request in ({field: value}, {field: [{"key": value, "values": value, "id": value, "arn": value}]}):
            assert all(":" in token for token in event_of_call(action, request)["resources"])
