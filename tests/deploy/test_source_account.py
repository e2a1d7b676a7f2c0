"""What source-account.yaml makes, by its own text: paths, queues, the box, alarms."""

import re
from typing import Any

import pytest

from tests.deploy.template import ACCOUNT, REGION, SIGNED, SOURCES, Stack, a_stack, read_template

QUEUES = ("ObjectQueue", "SpillQueue", "GivenUpQueue")
LONGEST = 14 * 86_400
"""Seconds that a queue keeps a message at most."""
OF_LOGS, OF_BUCKET = {"Subscription", "LogsMayInvoke"}, {"Objects", "ObjectQueue", "ObjectQueuePolicy"}


def source(about: str) -> Stack:
    return a_stack("source-account", about)


@pytest.mark.parametrize(
    ("about", "paths"),
    [
        ("logs", OF_LOGS),
        ("a new log group", OF_LOGS | {"TrailLogs", "TrailLogsRole"}),
        ("bucket", OF_BUCKET),
        ("both", OF_LOGS | OF_BUCKET),
        ("a topic", OF_LOGS | OF_BUCKET | {"ObjectTopicSubscription"}),
        ("a bus", OF_LOGS | OF_BUCKET | {"ObjectRule"}),
    ],
)  # fmt: skip
def test_a_deployment_has_the_paths_it_asked_for(about: str, paths: set[str]) -> None:
    optional = {name for name, body in read_template("source-account")["Resources"].items() if "Condition" in body}
    assert {name for name in source(about).resources.keys() & optional if not name.endswith("Alarm")} == paths


@pytest.mark.parametrize("seconds", read_template("source-account")["Parameters"]["TimeoutSeconds"]["AllowedValues"])
def test_a_queue_hides_a_message_six_times_as_long_as_the_function_may_take(seconds: str) -> None:
    stack = Stack("source-account", **SOURCES["both"], TimeoutSeconds=seconds)
    function = int(stack.resources["Function"]["Timeout"])
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping").values():
        [queue] = [stack.resources[name] for name in QUEUES if mapping["EventSourceArn"].endswith(f":{name}")]
        assert 6 * function <= queue["VisibilityTimeout"] <= 43_200


def test_a_message_is_tried_for_a_day_and_kept_as_long_as_can_be() -> None:
    stack = source("both")
    for name in ("ObjectQueue", "SpillQueue"):
        queue = stack.resources[name]
        assert queue["RedrivePolicy"]["deadLetterTargetArn"].endswith(":GivenUpQueue")
        assert queue["RedrivePolicy"]["maxReceiveCount"] * queue["VisibilityTimeout"] >= 86_400
    assert {stack.resources[name]["MessageRetentionPeriod"] for name in QUEUES} == {LONGEST}
    assert read_template("source-account")["Parameters"]["MaxReceives"]["MinValue"] >= 5
    assert "RedrivePolicy" not in stack.resources["GivenUpQueue"]


@pytest.mark.parametrize("about", ["both", "everything"])
def test_everything_kept_is_encrypted(about: str) -> None:
    stack = source(about)
    key = SOURCES[about].get("KeyArn")
    for name in QUEUES:
        queue = stack.resources[name]
        assert queue.get("KmsMasterKeyId") == key
        assert queue.get("SqsManagedSseEnabled") == (None if key else True)
    [rule] = stack.resources["Box"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    encryption = rule["ServerSideEncryptionByDefault"]
    assert encryption == ({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key} if key else {"SSEAlgorithm": "AES256"})
    for group in stack.of_type("AWS::Logs::LogGroup").values():
        assert group.get("KmsKeyId") == key
        assert group["RetentionInDays"]


def test_nobody_reads_the_box_from_outside_or_in_the_clear() -> None:
    stack = source("both")
    box = stack.resources["Box"]
    assert set(box["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(box["PublicAccessBlockConfiguration"]) == 4
    refused = {one.resource: one.body for one in stack.statements() if one.sid == "OnlyByTls"}
    assert refused.keys() == {"ObjectQueuePolicy", "SpillQueuePolicy", "GivenUpQueuePolicy", "BoxPolicy"}
    for body in refused.values():
        assert (body["Effect"], body["Principal"]) == ("Deny", "*")
        assert body["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_dead_letters_have_no_end_and_a_spilled_object_outlives_its_message() -> None:
    rules = source("logs").resources["Box"]["LifecycleConfiguration"]["Rules"]
    ends = {rule.get("Prefix"): rule["ExpirationInDays"] * 86_400 for rule in rules if "ExpirationInDays" in rule}
    assert ends.keys() == {"spill/"}
    assert ends["spill/"] > 2 * LONGEST


def test_what_holds_events_stays_when_the_stack_goes() -> None:
    resources = read_template("source-account")["Resources"]
    stays = {name for name, body in resources.items() if body.get("DeletionPolicy") == "Retain"}
    assert stays == {"TrailLogs", "SpillQueue", "GivenUpQueue", "Box", "BoxPolicy"}
    assert stays == {name for name, body in resources.items() if body.get("UpdateReplacePolicy") == "Retain"}


def test_an_invocation_that_fails_is_spilled_by_lambda() -> None:
    stack = source("logs")
    invoke = stack.resources["FailedInvocations"]
    assert invoke["DestinationConfig"]["OnFailure"]["Destination"].endswith(":SpillQueue")
    assert (invoke["MaximumRetryAttempts"], invoke["MaximumEventAgeInSeconds"], invoke["Qualifier"]) == (
        2,
        21_600,
        "$LATEST",
    )
    assert invoke["FunctionName"] == stack.resources["LogsMayInvoke"]["FunctionName"].rpartition(":")[2] == "Function"


def test_only_what_failed_of_a_batch_comes_again_and_a_spill_comes_alone() -> None:
    mappings = source("both").of_type("AWS::Lambda::EventSourceMapping")
    assert {name: body["BatchSize"] for name, body in mappings.items()} == {"Objects": 10, "Spills": 1}
    assert [body["FunctionResponseTypes"] for body in mappings.values()] == [["ReportBatchItemFailures"]] * 2


def test_queues_never_ask_for_more_than_is_reserved() -> None:
    mappings = source("both").of_type("AWS::Lambda::EventSourceMapping").values()
    asked = sum(body["ScalingConfig"]["MaximumConcurrency"] for body in mappings)
    pattern = read_template("source-account")["Parameters"]["Concurrency"]["AllowedPattern"]
    least = min(number for number in range(1_000) if re.fullmatch(pattern, str(number)))
    assert asked < least, "a poll that is refused counts as a receive, and Logs needs some too"


def test_all_of_the_log_group_is_subscribed_once_it_may_invoke() -> None:
    resources = read_template("source-account")["Resources"]
    assert resources["Subscription"]["DependsOn"] == ["LogsMayInvoke", "FailedInvocations"]
    assert source("logs").resources["Subscription"] == {
        "LogGroupName": "CloudTrail/DefaultLogGroup", "FilterPattern": "",
        "DestinationArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:Function",
    }  # fmt: skip
    assert source("a new log group").resources["Subscription"]["LogGroupName"] == "TrailLogs"


@pytest.mark.parametrize(("about", "group"), [("logs", "CloudTrail/DefaultLogGroup"), ("a new log group", "TrailLogs")])
def test_only_that_log_group_of_this_account_may_invoke(about: str, group: str) -> None:
    permission = source(about).resources["LogsMayInvoke"]
    assert permission["SourceArn"] == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:*"
    assert (permission["SourceAccount"], permission["Principal"]) == (ACCOUNT, "logs.amazonaws.com")


@pytest.mark.parametrize(
    ("about", "service", "sender", "account"),
    [
        ("both", "s3", "arn:aws:s3:::the-trail", ACCOUNT),
        ("another's bucket", "s3", "arn:aws:s3:::the-trail", "444455556666"),
        ("a topic", "sns", f"arn:aws:sns:{REGION}:{ACCOUNT}:notices", None),
        ("a bus", "events", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/ObjectRule", None),
    ],
)
def test_only_the_trails_bucket_may_tell_of_objects(about: str, service: str, sender: str, account: str | None) -> None:
    stack = source(about)
    [allow] = [
        one.body for one in stack.statements() if one.resource == "ObjectQueuePolicy" and one.body["Effect"] == "Allow"
    ]
    assert allow["Principal"] == {"Service": f"{service}.amazonaws.com"}
    assert allow["Condition"]["ArnEquals"] == {"aws:SourceArn": sender}
    assert allow["Condition"].get("StringEquals", {}).get("aws:SourceAccount") == account


def test_the_bus_passes_new_objects_of_the_trail_only() -> None:
    pattern = source("a bus").resources["ObjectRule"]["EventPattern"]
    assert pattern == {
        "source": ["aws.s3"], "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": ["the-trail"]}, "object": {"key": [{"prefix": "AWSLogs/"}]}},
    }  # fmt: skip


def test_the_package_is_that_of_the_region_where_a_stackset_says_so() -> None:
    assert source("logs").resources["Function"]["Code"] == {"S3Bucket": "our-code", "S3Key": "oddtrail/abc.zip"}
    code = source("everything").resources["Function"]["Code"]
    assert code == {"S3Bucket": f"our-code-{REGION}", "S3Key": "oddtrail/abc.zip", "S3ObjectVersion": "abc"}


def test_the_function_has_the_processor_and_the_concurrency_that_were_asked_for() -> None:
    for about, architecture, reserved in (("logs", "arm64", "20"), ("everything", "x86_64", None)):
        function = source(about).resources["Function"]
        assert function["Architectures"] == [architecture]
        assert function.get("ReservedConcurrentExecutions") == reserved


OF_FUNCTION, NAMESPACE = {"FunctionName": "Function"}, "oddtrail/a-stack"
GROUP = {"LogGroupName": "CloudTrail/DefaultLogGroup", "DestinationType": "Lambda", "FilterName": "Subscription"}
AGE, VISIBLE = "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"
ALARMS: dict[str, tuple[str, str, dict[str, str], int]] = {
    "Quiet": (NAMESPACE, "In", {}, 1),
    "Errors": ("AWS/Lambda", "Errors", OF_FUNCTION, 0),
    "Throttles": ("AWS/Lambda", "Throttles", OF_FUNCTION, 0),
    "Waiting": ("AWS/Lambda", "AsyncEventAge", OF_FUNCTION, 60),
    "Dropped": ("AWS/Lambda", "DestinationDeliveryFailures", OF_FUNCTION, 0),
    "Subscription": ("AWS/Logs", "DeliveryErrors", GROUP, 0),
    "ObjectsLate": ("AWS/SQS", AGE, {"QueueName": "ObjectQueue"}, 60),
    "SpillsLate": ("AWS/SQS", AGE, {"QueueName": "SpillQueue"}, 60),
    "GivenUp": ("AWS/SQS", VISIBLE, {"QueueName": "GivenUpQueue"}, 0),
    "DeadLetters": (NAMESPACE, "DeadLetters", {}, 0),
}
"""What each alarm looks at: namespace, metric, of what, and the threshold."""


def metric_of(alarm: dict[str, Any]) -> tuple[str, str, dict[str, str]]:
    """Namespace, name and dimensions of the one metric that an alarm looks at."""
    if "Metrics" in alarm:
        [stat] = [each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each]
        metric = stat["Metric"]
    else:
        metric = alarm
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
    return metric["Namespace"], metric["MetricName"], dimensions


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_looks_at_what_it_is_named_for(name: str) -> None:
    alarm = source("both").resources[f"{name}Alarm"]
    assert (*metric_of(alarm), alarm["Threshold"]) == ALARMS[name]
    below = alarm["ComparisonOperator"], alarm["TreatMissingData"]
    assert below == (
        ("LessThanThreshold", "breaching") if name == "Quiet" else ("GreaterThanThreshold", "notBreaching")
    )
    assert alarm["AlarmDescription"].endswith((".", "?"))


def test_there_is_no_other_alarm_and_each_is_told_where_a_topic_is_given() -> None:
    alarms = source("both").of_type("AWS::CloudWatch::Alarm")
    assert alarms.keys() == {f"{name}Alarm" for name in ALARMS}
    assert not any("AlarmActions" in alarm for alarm in alarms.values())
    topic = SOURCES["everything"]["AlarmTopicArn"]
    for alarm in source("everything").of_type("AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [topic]


@pytest.mark.parametrize(("name", "unit"), [("Waiting", 60_000), ("ObjectsLate", 60), ("SpillsLate", 60)])
def test_an_age_is_compared_in_minutes_with_LateMinutes(name: str, unit: int) -> None:  # noqa: N802
    alarm = Stack("source-account", **SOURCES["both"], LateMinutes="90").resources[f"{name}Alarm"]
    [shown] = [each for each in alarm["Metrics"] if each.get("ReturnData", True)]
    assert (shown["Expression"], alarm["Threshold"]) == (f"age/{unit}", "90")


def test_silence_is_seen_within_a_day_at_most() -> None:
    quiet = source("logs").resources["QuietAlarm"]
    most = read_template("source-account")["Parameters"]["QuietMinutes"]["MaxValue"]
    assert quiet["Period"] * quiet["EvaluationPeriods"] == 30 * 60
    assert quiet["Period"] * most <= 86_400, "CloudWatch looks back a day"


def test_alarms_of_a_path_are_there_with_the_path() -> None:
    assert {"ObjectsLateAlarm"} == source("both").resources.keys() - source("logs").resources.keys() - {
        "Objects", "ObjectQueue", "ObjectQueuePolicy",
    }  # fmt: skip
    gone = source("both").resources.keys() - source("bucket").resources.keys()
    assert gone == {"Subscription", "LogsMayInvoke", "WaitingAlarm", "DroppedAlarm", "SubscriptionAlarm"}


def test_the_engine_is_told_by_one_url() -> None:
    assert source("logs").url == (
        f"opensearch+sigv4://{SIGNED['DomainHost']}?region=eu-central-1&role={SIGNED['WriterRoleArn']}"
        f"&external_id={SIGNED['ExternalId']}"
    )
    assert f"?region={REGION}&" in Stack("source-account", **{**SIGNED, "DomainRegion": ""}).url
    assert source("another engine").url == SOURCES["another engine"]["EngineUrl"]
