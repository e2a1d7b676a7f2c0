"""What requests open, in the shapes CloudTrail writes them."""

import json
import time
from typing import Any

import pytest

from features.call.exposure import LONGEST, MOST, find_exposures, may_expose
from tests.records import ACCOUNT, OTHER, a_record, event_of

ROOT = f"arn:aws:iam::{OTHER}:root"


def opened(action: str, request: Any) -> tuple[str, ...]:
    assert may_expose(action)
    return find_exposures(action, json.dumps(request).encode(), ACCOUNT)


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(**named: Any) -> dict[str, Any]:
    return {"Effect": "Allow"} | named


def ingress(**source: Any) -> dict[str, Any]:
    return {"groupId": "sg-1", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
            "groups": {}, "ipRanges": {"items": []}, "ipv6Ranges": {}} | source]}}  # fmt: skip


def trust(**principal: Any) -> dict[str, str]:
    return {"roleName": "r", "policyDocument": json.dumps(policy(allow(Principal=principal, Action="sts:AssumeRole")))}


CASES = [
    # other accounts
    ("iam:UpdateAssumeRolePolicy", trust(AWS=ROOT), [f"account:{OTHER}"]),
    ("iam:UpdateAssumeRolePolicy", trust(AWS=[OTHER, f"arn:aws:iam::{ACCOUNT}:root"]), [f"account:{OTHER}"]),
    ("iam:UpdateAssumeRolePolicy", trust(Service="ec2.amazonaws.com"), []),
    ("iam:CreateRole", {"roleName": "r", "assumeRolePolicyDocument":
                        json.dumps(policy(allow(Principal={"AWS": ROOT}, Action="sts:AssumeRole")))},
     [f"account:{OTHER}"]),
    ("ec2:ModifySnapshotAttribute", {"snapshotId": "snap-1", "attributeType": "CREATE_VOLUME_PERMISSION",
     "createVolumePermission": {"add": {"items": [{"userId": OTHER}]}}}, [f"account:{OTHER}"]),
    ("ec2:ModifySnapshotAttribute", {"createVolumePermission": {"remove": {"items": [{"userId": OTHER}]}}}, []),
    ("ec2:ModifySnapshotAttribute", {"createVolumePermission": {"add": {"items": [{"group": "all"}]}}},
     ["principal:*"]),
    ("ec2:ModifyImageAttribute", {"imageId": "ami-1", "launchPermission": {"add": {"items": [{"userId": OTHER}]}}},
     [f"account:{OTHER}"]),
    ("rds:ModifyDBSnapshotAttribute", {"attributeName": "restore", "valuesToAdd": [OTHER]}, [f"account:{OTHER}"]),
    ("rds:ModifyDBSnapshotAttribute", {"attributeName": "restore", "valuesToAdd": ["all"]}, ["principal:*"]),
    ("rds:ModifyDBSnapshotAttribute", {"attributeName": "restore", "valuesToRemove": [OTHER]}, []),
    ("lambda:AddPermission", {"functionName": "f", "principal": OTHER, "action": "lambda:InvokeFunction"},
     [f"account:{OTHER}"]),
    ("lambda:AddPermission", {"functionName": "f", "principal": "*"}, ["principal:*"]),
    ("lambda:AddPermission", {"functionName": "f", "principal": "s3.amazonaws.com",
                              "sourceArn": "arn:aws:s3:::b", "sourceAccount": ACCOUNT}, []),
    ("lambda:AddLayerVersionPermission", {"layerName": "l", "principal": OTHER}, [f"account:{OTHER}"]),
    ("ram:CreateResourceShare", {"name": "s", "principals": [OTHER], "allowExternalPrincipals": True},
     [f"account:{OTHER}"]),
    ("ram:AssociateResourceShare", {"principals": [ROOT]}, [f"account:{OTHER}"]),
    ("sqs:AddPermission", {"queueUrl": "q", "awsAccountIds": [OTHER]}, [f"account:{OTHER}"]),
    ("kms:CreateGrant", {"keyId": "k", "granteePrincipal": f"arn:aws:iam::{OTHER}:role/x"}, [f"account:{OTHER}"]),
    ("kms:PutKeyPolicy", {"policy": json.dumps(policy(allow(Principal={"AWS": [ROOT]}, Action="kms:*", Resource="*")))},
     [f"account:{OTHER}"]),
    ("ec2:CreateVpcPeeringConnection", {"vpcId": "v", "peerOwnerId": OTHER}, [f"account:{OTHER}"]),
    ("organizations:InviteAccountToOrganization", {"target": {"id": OTHER, "type": "ACCOUNT"}}, [f"account:{OTHER}"]),
    ("logs:PutSubscriptionFilter", {"destinationArn": f"arn:aws:logs:eu-west-1:{OTHER}:destination:d"},
     [f"account:{OTHER}"]),
    ("s3:PutBucketReplication", {"ReplicationConfiguration": {"Rule": {"Destination": {"Account": OTHER}}}},
     [f"account:{OTHER}"]),
    # everybody
    ("s3:PutBucketPolicy", {"bucketPolicy": policy(allow(Principal="*", Action="s3:GetObject", Resource="b/*"))},
     ["principal:*"]),
    ("s3:PutBucketPolicy", {"bucketPolicy": policy({"Effect": "Deny", "Principal": "*", "Action": "s3:*"})}, []),
    ("s3:PutBucketPolicy", {"bucketPolicy": policy(allow(Principal="*", Condition={"StringEquals":
     {"aws:PrincipalOrgID": "o-1"}}))}, []),
    ("s3:PutBucketPolicy", {"bucketPolicy": policy(allow(Principal="*", Condition={"StringEquals":
     {"aws:PrincipalAccount": OTHER}}))}, [f"account:{OTHER}"]),
    ("s3:PutBucketPolicy", {"bucketPolicy": policy(allow(Principal="*", Condition={"Bool":
     {"aws:SecureTransport": "true"}}))}, ["principal:*"]),
    ("s3:PutBucketPolicy", {"bucketPolicy": policy(allow(Principal="*", Condition={"IpAddress":
     {"aws:SourceIp": "0.0.0.0/0"}}))}, ["principal:*"]),
    ("s3:PutBucketPolicy", {"bucketPolicy": policy(allow(NotPrincipal={"AWS": ROOT}, Action="*"))}, ["principal:*"]),
    ("s3:PutBucketPolicy", {"bucketPolicy": {"Statement": allow(Principal={"AWS": ["*"]}, Action="*")}},
     ["principal:*"]),
    ("s3:PutBucketAcl", {"bucketName": "b", "AccessControlPolicy": {"AccessControlList": {"Grant": [{"Grantee":
     {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}}]}}}, ["principal:*"]),
    ("s3:PutBucketAcl", {"bucketName": "b", "x-amz-acl": ["public-read"]}, ["principal:*"]),
    ("sns:SetTopicAttributes", {"attributeName": "Policy", "attributeValue":
     json.dumps(policy(allow(Principal={"AWS": "*"}, Action="SNS:Publish")))}, ["principal:*"]),
    # the internet
    ("ec2:AuthorizeSecurityGroupIngress", ingress(ipRanges={"items": [{"cidrIp": "0.0.0.0/0"}]}), ["cidr:0.0.0.0/0"]),
    ("ec2:AuthorizeSecurityGroupIngress", ingress(ipv6Ranges={"items": [{"cidrIpv6": "::/0"}]}), ["cidr:::/0"]),
    ("ec2:AuthorizeSecurityGroupIngress", ingress(ipRanges={"items": [{"cidrIp": "1.2.3.4/0"}]}), ["cidr:0.0.0.0/0"]),
    ("ec2:AuthorizeSecurityGroupIngress", ingress(ipRanges={"items": [{"cidrIp": "128.0.0.0/1"}]}),
     ["cidr:128.0.0.0/1"]),
    ("ec2:AuthorizeSecurityGroupIngress", ingress(ipRanges={"items": [{"cidrIp": "10.0.0.0/8"}]}), []),
    ("rds:AuthorizeDBSecurityGroupIngress", {"cIDRIP": "0.0.0.0/0"}, ["cidr:0.0.0.0/0"]),
    ("rds:ModifyDBInstance", {"publiclyAccessible": True}, ["public:database"]),
    ("rds:ModifyDBInstance", {"publiclyAccessible": False}, []),
    ("lambda:CreateFunctionUrlConfig", {"authType": "NONE"}, ["function_url:NONE"]),
    ("lambda:CreateFunctionUrlConfig", {"authType": "AWS_IAM"}, []),
    ("s3:PutBucketPublicAccessBlock", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": False}},
     ["public_access_block:off"]),
    ("s3:PutBucketPublicAccessBlock", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}, []),
    ("s3:DeleteBucketPublicAccessBlock", {"bucketName": "b"}, ["public_access_block:off"]),
    ("ec2:DisableSnapshotBlockPublicAccess", {}, ["public_access_block:off"]),
    # administrators
    ("iam:AttachRolePolicy", {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
     ["policy:AdministratorAccess"]),
    ("iam:AttachGroupPolicy", {"policyArn": "arn:aws-cn:iam::aws:policy/IAMFullAccess"}, ["policy:IAMFullAccess"]),
    ("iam:AttachUserPolicy", {"policyArn": "arn:aws:iam::aws:policy/PowerUserAccess"}, ["policy:PowerUserAccess"]),
    ("iam:AttachUserPolicy", {"policyArn": f"arn:aws:iam::{ACCOUNT}:policy/AdministratorAccess"}, []),
    ("iam:AttachUserPolicy", {"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, []),
    ("iam:PutUserPolicy", {"policyDocument": json.dumps(policy(allow(Action="*", Resource="*")))}, ["policy:*"]),
    ("iam:CreatePolicyVersion", {"policyDocument": json.dumps(policy(allow(Action=["*"], Resource=["*"])))},
     ["policy:*"]),
    ("iam:PutUserPolicy", {"policyDocument": json.dumps(policy(allow(NotAction="iam:*", Resource="*")))}, ["policy:*"]),
    ("iam:PutUserPolicy", {"policyDocument": json.dumps(policy(allow(Action="s3:*", Resource="*")))}, []),
    ("iam:PutUserPolicy", {"policyDocument": json.dumps(policy({"Effect": "Deny", "Action": "*", "Resource": "*"}))},
     []),
    ("iam:PutUserPolicy", {"policyDocument": json.dumps(policy(allow(Action="sts:AssumeRole",
     Resource=f"arn:aws:iam::{OTHER}:role/x")))}, []),
]  # fmt: skip


@pytest.mark.parametrize(("action", "request_", "tokens"), CASES)
def test_requests(action: str, request_: Any, tokens: list[str]) -> None:
    assert list(opened(action, request_)) == tokens


@pytest.mark.parametrize("action", ["ec2:DescribeSnapshotAttribute", "s3:GetBucketPolicy", "iam:DetachUserPolicy",
                                    "ec2:RevokeSecurityGroupIngress", "s3:GetObject", "kms:Decrypt"])  # fmt: skip
def test_calls_that_open_nothing_are_not_searched(action: str) -> None:
    assert not may_expose(action)


def test_policies_are_found_however_they_are_written() -> None:
    text = json.dumps(policy(allow(Principal={"AWS": "*"}, Action="s3:*")))
    hidden = text.replace('"*"', '"\\u002a"').replace("Allow", "\\u0041llow")
    deep: Any = json.loads(text)
    for _ in range(40):
        deep = {"x": [deep]}
    for document in (text, hidden, json.dumps(json.loads(text), indent=8), json.dumps(text), json.dumps(deep)):
        assert opened("s3:PutBucketPolicy", {"bucketPolicy": document}) == ("principal:*",)


def test_odd_neighbours_hide_nothing() -> None:
    request = b'{"a": NaN, "b": "\\ud800", "deep": %s, "principal": "%s"}' % (b"[" * 2000 + b"]" * 2000, OTHER.encode())
    assert find_exposures("lambda:AddPermission", request, ACCOUNT) == (f"account:{OTHER}",)


def test_tokens_are_bounded_and_stable() -> None:
    many = {"principals": [f"{number:012d}" for number in range(1000)]}
    assert opened("ram:AssociateResourceShare", many) == opened("ram:AssociateResourceShare", many)
    assert len(opened("ram:AssociateResourceShare", many)) == MOST


@pytest.mark.parametrize(
    "document", [b"", b"null", b"[]", b'"x"', b"{", b"\xff", b'{"a":' * 50_000, b" " * LONGEST * 2]
)
def test_nothing_is_read_from_what_is_no_request(document: bytes) -> None:
    start = time.process_time()
    assert find_exposures("s3:PutBucketPolicy", document, ACCOUNT) == ()
    assert time.process_time() - start < 2


def test_the_row_holds_them() -> None:
    call = {"eventSource": "iam.amazonaws.com", "eventName": "UpdateAssumeRolePolicy", "readOnly": False}
    assert event_of(a_record(**call, requestParameters=trust(AWS=ROOT)))["exposures"] == (f"account:{OTHER}",)
