"""What calls touch, in the request shapes CloudTrail writes."""

import json
from typing import Any

import pytest
from msgspec.structs import astuple

from features.call.resource import LONGEST, MOST, find_reader, name_listed, name_requested, token_of
from features.record.repair import DECODE_ERRORS
from tests.records import ACCOUNT, a_record, event_of

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


ARNS = [
    ("arn:aws:s3:::pay/2025/03.csv", "bucket:pay"),
    (f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234-ab", "key:1234-ab"),
    (ROLE, f"role:{ROLE}"),
    (f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders", "table:orders"),
    (f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:resize:3", "function:resize"),
    (f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs", "queue:jobs"),
    (f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:prod/db-a1B2c3", "secret:prod/db"),
    (f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/x:*", "log_group:/aws/x"),
    (f"arn:aws:wisdom:eu-west-1:{ACCOUNT}:assistant/a-1", "wisdom_assistant:a-1"),
    (f"arn:aws-cn:ec2:cn-north-1:{ACCOUNT}:instance/i-1", "instance:i-1"),
    ("arn:aws:odd:::x", "odd_x:x"),
    ("nonsense", ""),
    ("", ""),
]


@pytest.mark.parametrize(("arn", "token"), ARNS)
def test_arns(arn: str, token: str) -> None:
    assert token_of(arn) == token


def test_the_list_of_a_record_counts_where_its_request_names_nothing() -> None:
    listed = [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/12-ab"}]
    call = {"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "resources": listed}
    assert event_of(a_record(**call, requestParameters={"encryptionContext": {}}))["resources"] == ("key:12-ab",)
    assert event_of(a_record(**call, requestParameters=None))["resources"] == ("key:12-ab",)
    assert event_of(a_record(**call, requestParameters={"keyId": "alias/x"}))["resources"] == ("key:x",)
    new = {"eventSource": "novelty.amazonaws.com", "eventName": "FrobThing", "resources": listed}
    assert event_of(a_record(**new))["resources"] == ("key:12-ab",)


def test_a_name_by_any_writing_is_one_token() -> None:
    arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:resize"
    names = ["resize", arn, f"{arn}:$LATEST"]
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
