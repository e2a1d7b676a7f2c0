"""What calls made, from their responses."""

import json
from typing import Any

import pytest

from features.call.made import find_made_reader, name_made
from features.call.resource_field import FIELDS
from features.call.resource_text import MOST
from tests.records import ACCOUNT, Json, a_record, event_of

HERE = f"eu-west-1:{ACCOUNT}"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/teams/app"
INSTANCE = {
    "instanceId": "i-0a1b2c3d4e5f60718", "imageId": "ami-0a1b2c3d4e5f60718", "subnetId": "subnet-0a1b2c3d4e5f60718",
    "vpcId": "vpc-0a1b2c3d4e5f60718", "instanceState": {"code": 0, "name": "pending"}, "keyName": "k",
    "groupSet": {"items": [{"groupId": "sg-0a1b2c3d4e5f60718", "groupName": "web"}]}, "tagSet": {"items": [
        {"key": "instanceId", "value": "i-0000000000000000f"}]},
    "networkInterfaceSet": {"items": [{"networkInterfaceId": "eni-0a1b2c3d4e5f60718"}]},
}  # fmt: skip

CASES: list[tuple[str, Any, Any, list[str]]] = [
    ("ec2:RunInstances", {"instancesSet": {"items": [{"imageId": "ami-0a1b2c3d4e5f60718"}]}},
     {"reservationId": "r-0a1b2c3d4e5f60718", "groupSet": {}, "instancesSet": {"items": [INSTANCE]}},
     ["instance:i-0a1b2c3d4e5f60718"]),
    ("ec2:CreateSnapshot", {"volumeId": "vol-1"}, {"snapshotId": "snap-1", "volumeId": "vol-1"}, ["snapshot:snap-1"]),
    ("ec2:CopySnapshot", {"sourceSnapshotId": "snap-1"}, {"snapshotId": "snap-2"}, ["snapshot:snap-2"]),
    ("ec2:CreateSnapshots", {"CreateSnapshotsRequest": {"InstanceSpecification": {"InstanceId": "i-1"}}},
     {"CreateSnapshotsResponse": {"snapshotSet": {"item": [{"snapshotId": "snap-1", "volumeId": "vol-1"},
                                                            {"snapshotId": "snap-2", "volumeId": "vol-2"}]}}},
     ["snapshot:snap-1", "snapshot:snap-2"]),
    ("ec2:CreateImage", {"instanceId": "i-1", "name": "n"}, {"imageId": "ami-1"}, ["image:ami-1"]),
    ("ec2:CopyImage", {"sourceImageId": "ami-1"}, {"imageId": "ami-2"}, ["image:ami-2"]),
    ("ec2:RegisterImage", {"name": "n"}, {"imageId": "ami-1"}, ["image:ami-1"]),
    ("ec2:CreateVolume", {"snapshotId": "snap-1"}, {"volumeId": "vol-1", "snapshotId": "snap-1", "zone": "a"},
     ["volume:vol-1"]),
    ("ec2:CreateKeyPair", {"keyName": "k"}, {"keyName": "k", "keyPairId": "key-1", "keyMaterial": "redacted"},
     ["key_pair:key-1"]),
    ("ec2:ImportKeyPair", {"keyName": "k"}, {"keyName": "k", "keyPairId": "key-1"}, ["key_pair:key-1"]),
    ("ec2:CreateSecurityGroup", {"groupName": "g", "vpcId": "vpc-1"}, {"groupId": "sg-1", "_return": True},
     ["security_group:sg-1"]),
    ("ec2:CreateVpc", {"cidrBlock": "192.0.2.0/24"}, {"vpc": {"vpcId": "vpc-1", "dhcpOptionsId": "dopt-1"}},
     ["vpc:vpc-1"]),
    ("ec2:CreateSubnet", {"vpcId": "vpc-1"}, {"subnet": {"subnetId": "subnet-1", "vpcId": "vpc-2"}},
     ["subnet:subnet-1"]),
    ("ec2:CreateInternetGateway", {}, {"internetGateway": {"internetGatewayId": "igw-1"}}, ["internet_gateway:igw-1"]),
    ("ec2:CreateFlowLogs", {"CreateFlowLogsRequest": {"ResourceId": {"tag": 1, "content": "vpc-1"}}},
     {"CreateFlowLogsResponse": {"flowLogIdSet": {"item": "fl-1"}, "clientToken": "x"}}, ["flow_log:fl-1"]),
    ("ec2:CreateLaunchTemplate", {"CreateLaunchTemplateRequest": {"LaunchTemplateName": "t"}},
     {"CreateLaunchTemplateResponse": {"launchTemplate": {"launchTemplateId": "lt-1", "launchTemplateName": "t",
                                                          "createdBy": "x"}}}, ["launch_template:lt-1"]),
    ("ec2:CreateNatGateway", {"CreateNatGatewayRequest": {"SubnetId": "subnet-1"}},
     {"CreateNatGatewayResponse": {"natGateway": {"natGatewayId": "nat-1", "vpcId": "vpc-1"}}},
     ["nat_gateway:nat-1"]),
    ("ec2:RequestSpotInstances", {"launchSpecification": {"imageId": "ami-1"}},
     {"spotInstanceRequestSet": {"items": [{"spotInstanceRequestId": "sir-1", "launchSpecification": {
         "imageId": "ami-1", "networkInterfaceSet": {}}}]}}, ["spot_request:sir-1"]),
    ("ec2:CreateFleet", {"CreateFleetRequest": {"Type": "instant"}},
     {"CreateFleetResponse": {"fleetId": "fleet-1", "fleetInstanceSet": {"item": {
         "instanceIds": {"item": ["i-0a1b2c3d4e5f60718"]}, "instanceType": "p4d.24xlarge"}}}},
     ["fleet:fleet-1", "instance:i-0a1b2c3d4e5f60718"]),
    ("ec2:AllocateAddress", {"domain": "vpc"}, {"publicIp": "192.0.2.1", "allocationId": "eipalloc-1"},
     ["address:eipalloc-1"]),
    ("iam:CreateUser", {"userName": "eve"}, {"user": {"userName": "eve", "userId": "AIDA1", "path": "/",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/eve"}}, []),
    ("iam:CreateAccessKey", {"userName": "eve"}, {"accessKey": {"userName": "eve", "accessKeyId": "AKIA1",
        "status": "Active"}}, ["access_key:AKIA1"]),
    ("iam:CreateAccessKey", None, {"accessKey": {"accessKeyId": "AKIA1", "userName": "eve"}},
     ["access_key:AKIA1", "user:eve"]),
    ("iam:CreateRole", {"roleName": "app"}, {"role": {"roleName": "app", "roleId": "AROA1",
        "arn": f"arn:aws:iam::{ACCOUNT}:role/app"}}, []),
    ("iam:CreateServiceLinkedRole", {"aWSServiceName": "x.amazonaws.com"}, {"role": {"roleName": "ForX",
        "arn": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ForX"}}, ["role:ForX"]),
    ("iam:CreatePolicy", {"policyName": "app"}, {"policy": {"policyName": "app", "policyId": "ANPA1", "arn": POLICY}},
     [f"policy:{POLICY}"]),
    ("iam:CreateLoginProfile", {"userName": "eve"}, {"loginProfile": {"userName": "eve"}}, []),
    ("iam:CreateVirtualMFADevice", {"virtualMFADeviceName": "phone"}, {"virtualMFADevice": {
        "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/phone"}}, []),
    ("iam:CreateSAMLProvider", {"name": "idp"}, {"sAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"}, []),
    ("iam:CreateOpenIDConnectProvider", {"url": "https://idp.example.com"},
     {"openIDConnectProviderArn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example.com"}, []),
    ("kms:CreateKey", {"description": ""}, {"keyMetadata": {"keyId": "12-ab", "arn": f"arn:aws:kms:{HERE}:key/12-ab",
        "aWSAccountId": ACCOUNT}}, ["key:12-ab"]),
    ("secretsmanager:CreateSecret", {"name": "prod/db"},
     {"aRN": f"arn:aws:secretsmanager:{HERE}:secret:prod/db-a1B2c3", "name": "prod/db", "versionId": "v"}, []),
    ("lambda:CreateFunction20150331", {"functionName": "f"}, {"functionName": "f",
        "role": f"arn:aws:iam::{ACCOUNT}:role/x", "functionArn": f"arn:aws:lambda:{HERE}:function:f"}, []),
    ("sns:CreateTopic", {"name": "alarms"}, {"topicArn": f"arn:aws:sns:{HERE}:alarms"}, []),
    ("sqs:CreateQueue", {"queueName": "jobs"}, {"queueUrl": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/jobs"}, []),
    ("cloudformation:CreateStack", {"stackName": "shop"}, {"stackId": f"arn:aws:cloudformation:{HERE}:stack/shop/1"},
     []),
    ("rds:CreateDBInstance", {"dBInstanceIdentifier": "pay"}, {"dBInstanceIdentifier": "pay", "vpcSecurityGroups": [
        {"vpcSecurityGroupId": "sg-1"}], "dBInstanceArn": f"arn:aws:rds:{HERE}:db:pay"}, []),
    ("rds:CopyDBSnapshot", {"sourceDBSnapshotIdentifier": f"arn:aws:rds:{HERE}:snapshot:a"},
     {"dBSnapshotIdentifier": "b", "dBInstanceIdentifier": "pay"}, ["snapshot:b"]),
    ("cloudfront:CreateDistribution", {"distributionConfig": {}}, {"distribution": {"id": "E1", "distributionConfig": {
        "origins": {"items": [{"id": "origin"}]}}, "aRN": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"},
        "eTag": "x"}, ["distribution:E1"]),
    ("apigateway:CreateRestApi", {"createRestApiInput": {"name": "n"}}, {"id": "a1", "name": "n"}, ["api:a1"]),
    ("ecs:RunTask", {"cluster": "prod", "taskDefinition": "web:1"}, {"tasks": [{
        "taskArn": f"arn:aws:ecs:{HERE}:task/prod/0123", "clusterArn": f"arn:aws:ecs:{HERE}:cluster/prod",
        "taskDefinitionArn": f"arn:aws:ecs:{HERE}:task-definition/web:1"}], "failures": []}, ["task:0123"]),
    ("rolesanywhere:CreateTrustAnchor", {"name": "a"}, {"trustAnchor": {"trustAnchorId": "0f3c", "name": "a",
        "trustAnchorArn": f"arn:aws:rolesanywhere:{HERE}:trust-anchor/0f3c"}}, ["trust_anchor:0f3c"]),
    ("guardduty:CreateDetector", {"enable": True}, {"detectorId": "d1"}, ["detector:d1"]),
    ("organizations:CreatePolicy", {"name": "p"}, {"policy": {"policySummary": {"id": "p-1",
        "arn": "arn:aws:organizations::1:policy/o-1/service_control_policy/p-1"}}}, ["policy:p-1"]),
    ("acm:RequestCertificate", {"domainName": "example.com"},
     {"certificateArn": f"arn:aws:acm:{HERE}:certificate/12-ab"}, ["certificate:12-ab"]),
    ("novelty:CreateWidget", {"name": "w"}, {"widgetArn": f"arn:aws:novelty:{HERE}:widget/w-1"},
     ["novelty_widget:w-1"]),
    # nothing is made
    ("ec2:DescribeInstances", {}, {"instancesSet": {"items": [INSTANCE]}}, []),
    ("ec2:StartInstances", {"instancesSet": {"items": [{"instanceId": "i-1"}]}},
     {"instancesSet": {"items": [{"instanceId": "i-2"}]}}, []),
    ("ec2:CreateTags", {"resourcesSet": {"items": [{"resourceId": "i-1"}]}}, {"_return": True}, []),
    ("sts:AssumeRole", {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/app"}, {"credentials": {"accessKeyId": "ASIA1"}}, []),
    ("ec2:RunInstances", {}, None, []),
]  # fmt: skip


def event_of_call(action: str, request: Any, response: Any) -> Json:
    """The event of a successful call."""
    service, _, name = action.partition(":")
    call = {"eventSource": f"{service}.amazonaws.com", "eventName": name, "readOnly": False}
    return event_of(a_record(**call, requestParameters=request, responseElements=response))


@pytest.mark.parametrize(("action", "request_", "response", "made"), CASES)
def test_what_calls_made(action: str, request_: Any, response: Any, made: list[str]) -> None:
    event = event_of_call(action, request_, response)
    assert list(event["made"]) == made
    assert list(event["resources"][: len(made)]) == made, "what was made comes first"


def test_of_many_half_the_places_are_left_to_what_the_request_names() -> None:
    items = [{"instanceId": f"i-{number:017x}"} for number in range(200)]
    request = {"instancesSet": {"items": [{"imageId": "ami-1"}]}, "iamInstanceProfile": {"name": "admin"}}
    event = event_of_call("ec2:RunInstances", request, {"instancesSet": {"items": items}})
    assert len(event["resources"]) == MOST
    assert event["resources"][-2:] == ("instance_profile:admin", "image:ami-1")
    assert set(event["made"]) < set(event["resources"])


@pytest.mark.parametrize("response", [
    b"", b"null", b"{", b"[]", b"12345", b'{"instanceId": 7}', b'{"instanceId": null}', b'{"instancesSet": "x"}',
    b'{"instancesSet": {"items": {}}}', b"\xff\xff\xff\xff\xff",
])  # fmt: skip
def test_a_response_that_names_nothing(response: bytes) -> None:
    reader = find_made_reader("ec2", "RunInstances", FIELDS["ec2"])
    assert reader is not None
    assert name_made(reader, response, ()) == ()


def test_what_lies_too_deep_or_is_too_long_is_not_read() -> None:
    reader = find_made_reader("ec2", "RunInstances", FIELDS["ec2"])
    assert reader is not None
    deep: Any = {"instanceId": "i-1"}
    for _ in range(100):
        deep = {"x": deep}
    assert name_made(reader, json.dumps(deep).encode(), ()) == ()
    assert name_made(reader, json.dumps({"x": "x" * 200_000, "instanceId": "i-1"}).encode(), ()) == ()


def test_a_name_in_tags_is_no_instance() -> None:
    tags = {"tagSet": {"items": [{"key": "instanceId", "value": "i-0000000000000000f"}]}}
    assert event_of_call("ec2:RunInstances", {}, tags)["made"] == ()
