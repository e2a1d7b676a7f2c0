"""The stacks made, changed and taken away against a stand-in for AWS; what is looked at is what they leave there.

The stand-in says CREATE_COMPLETE also of what it does not know: subscriptions, alarms, policies of queues and buckets,
failed invocations, domains. Of these, the other tests here ask the templates' own text.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import moto.events.models  # noqa: F401, the stand-in knows rules in templates only where they were loaded before
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from pipeline.search.url import parse_url
from tests.deploy.template import ACCOUNT, CENTRES, REGION, SOURCES, Stack, a_stack, path_of

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse")
NAME = "a-stack"


class Cloud:
    """An account with a bucket of code."""

    def __init__(self) -> None:
        self.session = boto3.Session("x", "x", region_name=REGION)
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("lambda_ingest/handler.py", "")
        bucket = self.client("s3")
        bucket.create_bucket(Bucket="our-code", CreateBucketConfiguration={"LocationConstraint": REGION})
        for key in ("oddtrail/abc.zip", "oddtrail/next.zip"):
            bucket.put_object(Bucket="our-code", Key=key, Body=code.getvalue() + key.encode())

    def client(self, service: str) -> Any:
        """A client of the stand-in."""
        return self.session.client(service)

    def deploy(self, template: str, given: dict[str, str], *, again: bool = False) -> dict[str, str]:
        """Make a stack, or change it; return its outputs."""
        formation = self.client("cloudformation")
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
        (formation.update_stack if again else formation.create_stack)(
            StackName=NAME, TemplateBody=path_of(template).read_text(encoding="utf-8"), Parameters=parameters,
            Capabilities=["CAPABILITY_IAM"],
        )  # fmt: skip
        [stack] = formation.describe_stacks(StackName=NAME)["Stacks"]
        assert stack["StackStatus"] == ("UPDATE_COMPLETE" if again else "CREATE_COMPLETE")
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    def take_away(self) -> None:
        """Delete the stack."""
        self.client("cloudformation").delete_stack(StackName=NAME)

    def queue(self, url: str) -> dict[str, str]:
        """Attributes of a queue."""
        found: dict[str, str] = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])[
            "Attributes"
        ]
        return found

    def function(self, name: str) -> Any:
        """Configuration of a function."""
        return self.client("lambda").get_function_configuration(FunctionName=name)

    def mappings(self) -> dict[str, Any]:
        """Event source mappings, by queue."""
        found = self.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        return {each["EventSourceArn"]: each for each in found}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    with mock_aws():
        yield Cloud()


def box_of(outputs: dict[str, str]) -> str:
    return outputs["DeadLetters"].removeprefix("s3://").partition("/")[0]


@pytest.mark.parametrize("about", [about for about in SOURCES if about != "everything"])
def test_a_function_comes_with_its_role_its_queues_and_its_box(cloud: Cloud, about: str) -> None:
    outputs = cloud.deploy("source-account", SOURCES[about])
    function = cloud.function(outputs["FunctionName"])
    assert function["Role"] == outputs["FunctionRoleArn"]
    assert (function["Handler"], function["Timeout"]) == ("lambda_ingest.handler.handler", 300)
    variables = function["Environment"]["Variables"]
    assert variables["ODDTRAIL_SPILL"] == f"{outputs['SpillQueueUrl']} s3://{box_of(outputs)}/spill/"
    assert variables["ODDTRAIL_DEAD_LETTERS"] == outputs["DeadLetters"]
    assert cloud.queue(outputs["SpillQueueUrl"])["QueueArn"] == outputs["SpillQueueArn"]
    sources = {outputs["SpillQueueArn"], outputs.get("ObjectQueueArn", outputs["SpillQueueArn"])}
    assert cloud.mappings().keys() == sources
    for mapping in cloud.mappings().values():
        assert mapping["FunctionArn"].endswith(f":function:{outputs['FunctionName']}")
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_everything_at_once_can_be_made(cloud: Cloud) -> None:
    bucket = cloud.client("s3")
    bucket.create_bucket(Bucket=f"our-code-{REGION}", CreateBucketConfiguration={"LocationConstraint": REGION})
    bucket.put_bucket_versioning(Bucket=f"our-code-{REGION}", VersioningConfiguration={"Status": "Enabled"})
    version = bucket.put_object(Bucket=f"our-code-{REGION}", Key="oddtrail/abc.zip", Body=b"")["VersionId"]
    outputs = cloud.deploy("source-account", {**SOURCES["everything"], "CodeVersion": version})
    function = cloud.function(outputs["FunctionName"])
    assert (function["Timeout"], function["VpcConfig"]["SubnetIds"]) == (900, ["subnet-1", "subnet-2"])
    key = SOURCES["everything"]["KeyArn"]
    assert cloud.queue(outputs["ObjectQueueUrl"])["KmsMasterKeyId"] == key
    assert cloud.queue(outputs["ObjectQueueUrl"])["VisibilityTimeout"] == "5400"
    [group] = cloud.client("logs").describe_log_groups(logGroupNamePrefix=outputs["FunctionLogGroup"])["logGroups"]
    assert group["retentionInDays"] == 30


def test_queues_hide_keep_and_give_up_messages(cloud: Cloud) -> None:
    outputs = cloud.deploy("source-account", {**SOURCES["both"], "MaxReceives": "5"})
    for name in ("ObjectQueueUrl", "SpillQueueUrl"):
        queue = cloud.queue(outputs[name])
        assert (queue["VisibilityTimeout"], queue["MessageRetentionPeriod"]) == ("1800", "1209600")
        assert json.loads(queue["RedrivePolicy"]) == {
            "deadLetterTargetArn": outputs["GivenUpQueueArn"], "maxReceiveCount": 5,
        }  # fmt: skip
    assert cloud.queue(outputs["GivenUpQueueUrl"])["MessageRetentionPeriod"] == "1209600"


def test_a_message_that_nobody_gets_done_ends_in_the_queue_of_what_was_given_up(cloud: Cloud) -> None:
    outputs = cloud.deploy("source-account", {**SOURCES["both"], "MaxReceives": "5"})
    queues = cloud.client("sqs")
    queues.send_message(QueueUrl=outputs["ObjectQueueUrl"], MessageBody="a notice")
    receives = 0
    while queues.receive_message(QueueUrl=outputs["ObjectQueueUrl"], VisibilityTimeout=0, WaitTimeSeconds=0).get(
        "Messages"
    ):
        receives += 1
        assert receives <= 5
    [given_up] = queues.receive_message(QueueUrl=outputs["GivenUpQueueUrl"])["Messages"]
    assert given_up["Body"] == "a notice"


@pytest.mark.parametrize(("about", "algorithm"), [("logs", "AES256"), ("everything", "aws:kms")])
def test_the_box_is_encrypted(cloud: Cloud, about: str, algorithm: str) -> None:
    given = {**SOURCES[about], "CodeBucketOfRegion": "no", "CodeVersion": ""}
    box = box_of(cloud.deploy("source-account", given))
    [rule] = cloud.client("s3").get_bucket_encryption(Bucket=box)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == algorithm
    assert rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID") == SOURCES[about].get("KeyArn")


@pytest.mark.parametrize(("about", "group"), [("logs", "CloudTrail/DefaultLogGroup"), ("a new log group", "")])
def test_the_log_group_alone_may_invoke_the_function(cloud: Cloud, about: str, group: str) -> None:
    outputs = cloud.deploy("source-account", SOURCES[about])
    policy = json.loads(cloud.client("lambda").get_policy(FunctionName=outputs["FunctionName"])["Policy"])
    [statement] = policy["Statement"]
    here = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group"
    expected = f"{here}:{group}:*" if group else outputs["TrailLogGroupArn"].removesuffix(":*") + ":*"
    assert statement["Condition"]["ArnLike"] == {"AWS:SourceArn": expected}
    assert statement["Condition"]["StringEquals"] == {"AWS:SourceAccount": ACCOUNT}
    assert statement["Principal"] == {"Service": "logs.amazonaws.com"}


def test_objects_of_the_trail_come_by_the_bus(cloud: Cloud) -> None:
    outputs = cloud.deploy("source-account", SOURCES["a bus"])
    events = cloud.client("events")
    [rule] = events.list_rules()["Rules"]
    [target] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"] == outputs["ObjectQueueArn"]
    detail = {"bucket": {"name": "the-trail"}, "object": {"key": "AWSLogs/1/CloudTrail/a.json.gz"}}
    other = {"bucket": {"name": "the-trail"}, "object": {"key": "elsewhere/a.json.gz"}}
    for each in (other, detail):
        entry = {"Source": "aws.s3", "DetailType": "Object Created", "Detail": json.dumps(each)}
        events.put_events(Entries=[entry])
    messages = cloud.client("sqs").receive_message(QueueUrl=outputs["ObjectQueueUrl"], MaxNumberOfMessages=10)[
        "Messages"
    ]
    assert [json.loads(message["Body"])["detail"] for message in messages] == [detail]


def test_an_update_changes_the_function_and_how_long_its_queues_hide_messages(cloud: Cloud) -> None:
    before = cloud.deploy("source-account", SOURCES["both"])
    sizes = {cloud.function(before["FunctionName"])["CodeSize"]}
    changed = {**SOURCES["both"], "CodeKey": "oddtrail/next.zip", "TimeoutSeconds": "600", "MemoryMB": "2048"}
    after = cloud.deploy("source-account", changed, again=True)
    function = cloud.function(after["FunctionName"])
    assert (function["Timeout"], function["MemorySize"]) == (600, 2048)
    assert function["CodeSize"] not in sizes
    for name in ("ObjectQueueUrl", "SpillQueueUrl"):
        assert cloud.queue(after[name])["VisibilityTimeout"] == "3600"
    assert (after["DeadLetters"], after["SpillQueueUrl"]) == (before["DeadLetters"], before["SpillQueueUrl"])


def test_what_holds_events_stays_when_the_rest_is_taken_away(cloud: Cloud) -> None:
    outputs = cloud.deploy("source-account", {**SOURCES["both"], "LogGroup": "new"})
    box, role = box_of(outputs), outputs["FunctionRoleArn"].rpartition("/")[2]
    cloud.client("s3").put_object(Bucket=box, Key="dead-letters/one.json", Body=b"{}")
    cloud.client("sqs").send_message(QueueUrl=outputs["SpillQueueUrl"], MessageBody="not done yet")
    cloud.take_away()
    assert cloud.client("s3").get_object(Bucket=box, Key="dead-letters/one.json")["Body"].read() == b"{}"
    assert cloud.queue(outputs["SpillQueueUrl"])["ApproximateNumberOfMessagesDelayed"] == "1"
    assert cloud.queue(outputs["GivenUpQueueUrl"])
    groups = {each["logGroupArn"] for each in cloud.client("logs").describe_log_groups()["logGroups"]}
    assert groups == {outputs["TrailLogGroupArn"].removesuffix(":*")}
    assert cloud.client("lambda").list_functions()["Functions"] == []
    assert cloud.mappings() == {}
    with pytest.raises(ClientError, match="NoSuchEntity"):
        cloud.client("iam").get_role(RoleName=role)
    with pytest.raises(ClientError, match="NonExistentQueue"):
        cloud.queue(outputs["ObjectQueueUrl"])


def test_two_stacks_stand_beside_each_other(cloud: Cloud) -> None:
    one = cloud.deploy("source-account", SOURCES["both"])
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in SOURCES["both"].items()]
    body = path_of("source-account").read_text(encoding="utf-8")
    formation = cloud.client("cloudformation")
    formation.create_stack(StackName="another", TemplateBody=body, Parameters=parameters)
    [stack] = formation.describe_stacks(StackName="another")["Stacks"]
    other = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    assert not set(one.values()) & set(other.values())


def trust_of(cloud: Cloud, outputs: dict[str, str]) -> Any:
    """Whom the writer's role trusts."""
    role = cloud.client("iam").get_role(RoleName=outputs["WriterRoleArn"].rpartition("/")[2])["Role"]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    return trust


@pytest.mark.parametrize("about", [about for about in CENTRES if about != "a new domain"])  # it tells no endpoint
def test_the_writers_role_is_made_and_taken_away(cloud: Cloud, about: str) -> None:
    outputs = cloud.deploy("central", CENTRES[about])
    [expected] = a_stack("central", about).resources["WriterRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust_of(cloud, outputs) == expected
    role = outputs["WriterRoleArn"].rpartition("/")[2]
    assert cloud.client("iam").list_role_policies(RoleName=role)["PolicyNames"] == ["write"]
    statements = json.loads(outputs["AccessPolicy"])
    assert {one["Principal"]["AWS"] for one in statements} == {outputs["WriterRoleArn"]}
    cloud.take_away()
    with pytest.raises(ClientError, match="NoSuchEntity"):
        trust_of(cloud, outputs)


def test_a_change_leaves_the_writer_the_name_that_other_accounts_know(cloud: Cloud) -> None:
    before = cloud.deploy("central", CENTRES["this account"])
    after = cloud.deploy("central", {**CENTRES["an organisation"], "ExternalId": "another-external-id"}, again=True)
    assert after["WriterRoleArn"] == before["WriterRoleArn"]


def test_the_role_beside_the_domain_may_be_assumed_by_its_arn(cloud: Cloud) -> None:
    outputs = cloud.deploy("central", CENTRES["accounts"])
    url = Stack("source-account", **{**SOURCES["logs"], "WriterRoleArn": outputs["WriterRoleArn"]}).url
    given = parse_url(url).given
    answer = cloud.client("sts").assume_role(
        RoleArn=given["role"], RoleSessionName="oddtrail", ExternalId=given["external_id"]
    )
    assert outputs["WriterRoleArn"].rpartition("/")[2] in answer["AssumedRoleUser"]["Arn"]
