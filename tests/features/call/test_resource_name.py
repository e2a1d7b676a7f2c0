"""One spelling for what is named by name, id, ARN or URL."""

import pytest

from features.call.resource_name import LONGEST, copied_token, ec2_token, make_token, token_of
from tests.records import ACCOUNT

HERE = f"eu-west-1:{ACCOUNT}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/teams/app"

ARNS = [
    ("arn:aws:s3:::pay/2025/03.csv", "bucket:pay"),
    ("arn:aws:s3:::pay", "bucket:pay"),
    (f"arn:aws:kms:{HERE}:key/1234-ab", "key:1234-ab"),
    (f"arn:aws:kms:{HERE}:alias/pay", "key:pay"),
    (ROLE, f"role:{ROLE}"),
    ("arn:aws:iam::aws:policy/ReadOnlyAccess", "policy:arn:aws:iam::aws:policy/ReadOnlyAccess"),
    (f"arn:aws:iam::{ACCOUNT}:user/teams/ana", "user:ana"),
    (f"arn:aws:iam::{ACCOUNT}:instance-profile/teams/admin", "instance_profile:admin"),
    (f"arn:aws:iam::{ACCOUNT}:saml-provider/idp", "identity_provider:idp"),
    (f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example.com/x", "identity_provider:idp.example.com/x"),
    (f"arn:aws:iam::{ACCOUNT}:mfa/ana", "mfa_device:ana"),
    (f"arn:aws:iam::{ACCOUNT}:root", "iam:root"),
    (f"arn:aws:dynamodb:{HERE}:table/orders", "table:orders"),
    (f"arn:aws:dynamodb:{HERE}:table/orders/index/by-day", "table:orders"),
    (f"arn:aws:dynamodb:{HERE}:table/orders/stream/2025-03-03T09:00:00.000", "table:orders"),
    (f"arn:aws:lambda:{HERE}:function:resize:3", "function:resize"),
    (f"arn:aws:lambda:{HERE}:layer:tools:3", "layer:tools"),
    (f"arn:aws:sqs:{HERE}:jobs", "queue:jobs"),
    (f"arn:aws:sns:{HERE}:alarms", "topic:alarms"),
    (f"arn:aws:sns:{HERE}:alarms:0f3c-1", "topic:alarms"),
    (f"arn:aws:codecommit:{HERE}:till", "repository:till"),
    (f"arn:aws:codepipeline:{HERE}:rel", "pipeline:rel"),
    (f"arn:aws:codepipeline:{HERE}:rel/Deploy/Prod", "pipeline:rel"),
    (f"arn:aws:codepipeline:{HERE}:webhook:on-push", "webhook:on-push"),
    (f"arn:aws:codebuild:{HERE}:build/till:0f3c-1", "project:till"),
    (f"arn:aws:codedeploy:{HERE}:deploymentgroup:till/blue", "application:till"),
    (f"arn:aws:execute-api:{HERE}:a1b2c3/prod/GET/x", "api:a1b2c3"),
    ("arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/prod", "api:a1b2c3"),
    (f"arn:aws:secretsmanager:{HERE}:secret:prod/db-a1B2c3", "secret:prod/db"),
    (f"arn:aws:secretsmanager:{HERE}:secret:prod/db-a1B2c3:password::", "secret:prod/db"),
    (f"arn:aws:ssm:{HERE}:parameter/db/user", "parameter:/db/user"),
    (f"arn:aws:ssm:{HERE}:parameter/user", "parameter:user"),
    (f"arn:aws:ssm:{HERE}:document/run", "document:run"),
    (f"arn:aws:logs:{HERE}:log-group:/aws/x:*", "log_group:/aws/x"),
    (f"arn:aws:logs:{HERE}:log-group:/aws/x:log-stream:y/z", "log_group:/aws/x"),
    (f"arn:aws:states:{HERE}:stateMachine:pay:4", "state_machine:pay"),
    (f"arn:aws:states:{HERE}:execution:pay:0f3c", "state_machine:pay"),
    (f"arn:aws:kinesis:{HERE}:stream/clicks/consumer/c:1", "stream:clicks"),
    (f"arn:aws:firehose:{HERE}:deliverystream/clicks", "stream:clicks"),
    (f"arn:aws:ecs:{HERE}:service/prod/web", "service:web"),
    (f"arn:aws:ecs:{HERE}:service/web", "service:web"),
    (f"arn:aws:ecs:{HERE}:task/prod/0123", "task:0123"),
    (f"arn:aws:ecs:{HERE}:task-definition/web:12", "task_definition:web"),
    (f"arn:aws:ecr:{HERE}:repository/team/app", "repository:team/app"),
    (f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/web/50dc6c49", "load_balancer:web"),
    (f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/web", "load_balancer:web"),
    (f"arn:aws:autoscaling:{HERE}:autoScalingGroup:0f3c:autoScalingGroupName/web", "scaling_group:web"),
    (f"arn:aws:elasticache:{HERE}:cluster:web-001", "cluster:web-001"),
    (f"arn:aws:kafka:{HERE}:cluster/clicks/0f3c-1", "cluster:clicks"),
    (f"arn:aws:rds:{HERE}:snapshot:rds:pay-2025-03-03", "snapshot:rds:pay-2025-03-03"),
    (f"arn:aws:rds:{HERE}:cluster:pay", "database:pay"),
    (f"arn:aws:redshift:{HERE}:snapshot:pay/daily", "snapshot:daily"),
    (f"arn:aws:cloudformation:{HERE}:stack/shop/1-2", "stack:shop"),
    (f"arn:aws:events:{HERE}:rule/bus/nightly", "rule:nightly"),
    (f"arn:aws:events:{HERE}:rule/nightly", "rule:nightly"),
    (f"arn:aws:wafv2:{HERE}:regional/webacl/front/0f3c", "web_acl:front"),
    ("arn:aws:organizations::1:policy/o-1/service_control_policy/p-1", "policy:p-1"),
    (f"arn:aws:guardduty:{HERE}:detector/d1/filter/f", "detector:d1"),
    ("arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-v2:1", "model:anthropic.claude-v2:1"),
    (f"arn:aws-cn:ec2:cn-north-1:{ACCOUNT}:instance/i-1", "instance:i-1"),
    ("arn:aws:ec2:eu-west-1::image/ami-1", "image:ami-1"),
    (f"arn:aws:ec2:{HERE}:natgateway/nat-1", "nat_gateway:nat-1"),
    (f"arn:aws:ec2:{HERE}:internet-gateway/igw-1", "internet_gateway:igw-1"),
    (f"arn:aws:s3:{HERE}:accesspoint/readers", "access_point:readers"),
    (f"arn:aws:s3:{HERE}:accesspoint/readers/object/x", "access_point:readers"),
    (f"arn:aws:s3:{HERE}:accesspoint:readers", "access_point:readers"),
    (f"arn:aws:s3::{ACCOUNT}:accesspoint/abc.mrap", "access_point:abc.mrap"),
    (f"arn:aws:s3-object-lambda:{HERE}:accesspoint/redact", "access_point:redact"),
    (f"arn:aws:s3-outposts:{HERE}:outpost/op-1/accesspoint/readers", "access_point:readers"),
    (f"arn:aws:s3-outposts:{HERE}:outpost/op-1/bucket/pay", "bucket:pay"),
    (f"arn:aws:s3express:{HERE}:bucket/pay--euw1-az1--x-s3", "bucket:pay--euw1-az1--x-s3"),
    (f"arn:aws:s3:{HERE}:job/0f3c", "s3_job:0f3c"),
    (f"arn:aws:wisdom:{HERE}:assistant/a-1", "wisdom_assistant:a-1"),
    ("arn:aws:odd:::x", "odd:x"),
    ("arn:aws:odd:::", ""),
    ("nonsense", ""),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("arn", "token"), ARNS)
def test_arns(arn: str, token: str) -> None:
    assert token_of(arn) == token


NAMES = [
    ("bucket", "pay", "bucket:pay"),
    ("bucket", "s3://pay/x", "bucket:pay"),
    ("bucket", "arn:aws:s3:::pay", "bucket:pay"),
    ("bucket", "readers-a1b2c3-s3alias", "access_point:readers-a1b2c3-s3alias"),
    ("bucket", "redact-a1b2c3--ol-s3", "access_point:redact-a1b2c3--ol-s3"),
    ("bucket", "readers-a1b2c3--op-s3", "access_point:readers-a1b2c3--op-s3"),
    ("bucket", "abc.mrap", "access_point:abc.mrap"),
    ("bucket", "pay--euw1-az1--x-s3", "bucket:pay--euw1-az1--x-s3"),
    ("queue", f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/jobs", "queue:jobs"),
    ("hosted_zone", "/hostedzone/Z1", "hosted_zone:Z1"),
    ("key", "alias/pay", "key:pay"),
    ("parameter", "/db/user:3", "parameter:/db/user"),
    ("task_definition", "web:12", "task_definition:web"),
    ("database", f"arn:aws:rds:{HERE}:snapshot:s", "snapshot:s"),
    ("role", ROLE, f"role:{ROLE}"),
    ("thing", f"arn:aws:odd:{HERE}:kind/x", "thing:x"),
    ("function", "::", "function:::"),
]


@pytest.mark.parametrize(("type_", "text", "token"), NAMES)
def test_names(type_: str, text: str, token: str) -> None:
    assert make_token(type_, text) == token


SOURCES = [
    ("pay/2026/03.csv", "bucket:pay"),
    ("/pay/2026/03.csv", "bucket:pay"),
    ("pay/x?versionId=1", "bucket:pay"),
    ("%2Fpay%2Fx%2Fy", "bucket:pay"),
    (f"arn:aws:s3:{HERE}:accesspoint/readers/object/x", "access_point:readers"),
    (f"arn%3Aaws%3As3%3A{HERE.replace(':', '%3A')}%3Aaccesspoint%2Freaders%2Fobject%2Fx", "access_point:readers"),
    ("readers-a1b2c3-s3alias/x", "access_point:readers-a1b2c3-s3alias"),
    ("", ""),
    ("/", ""),
]


@pytest.mark.parametrize(("source", "token"), SOURCES)
def test_sources_of_copies(source: str, token: str) -> None:
    assert copied_token(source) == token


IDS = [
    ("i-0a1b2c3d4e5f60718", "instance:i-0a1b2c3d4e5f60718"),
    ("vpce-svc-0aa1bb2cc3dd4ee5f", "vpc_endpoint_service:vpce-svc-0aa1bb2cc3dd4ee5f"),
    ("tgw-attach-0aa1bb2cc3dd4ee5f", "transit_gateway_attachment:tgw-attach-0aa1bb2cc3dd4ee5f"),
    ("i-name", ""),
    ("xyz-0a1b2c3d4e5f60718", ""),
]


@pytest.mark.parametrize(("text", "token"), IDS)
def test_ids_of_ec2(text: str, token: str) -> None:
    assert ec2_token(text) == token


def test_names_are_bounded() -> None:
    long = "x" * 100_000
    assert len(make_token("bucket", long)) == len("bucket:") + LONGEST
    assert len(make_token("role", f"arn:aws:iam::1:role/{long}")) == len("role:") + LONGEST
    assert len(token_of(f"arn:aws:{long}:{HERE}:{long}/x")) < 2 * LONGEST
    assert len(copied_token(long)) == len("bucket:") + LONGEST
