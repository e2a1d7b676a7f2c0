"""The packaged function as Lambda runs it, fed by moto's notifications and subscriptions, into real engines."""

import gzip
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.delivery.aws_dead_letters import open_dead_letters
from pipeline.delivery.box import BoxPlace, SqsBox
from pipeline.documents.document import Naming
from pipeline.documents.setup import set_up
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from tests.pipeline.delivery.doors import an_id, some_records
from tests.servers.aws import REGION, Aws, environment_of
from tests.servers.engine import PASSWORD, Server, free_port
from tests.servers.fixtures import ONE_PROCESS
from tests.servers.function import Unzipped
from tests.servers.mapping import drain_queue, drain_stream
from tests.servers.runtime import FunctionError, running_function

pytestmark = ONE_PROCESS
ACCOUNTS = ("111111111111", "222222222222", "333333333333")
MINUTE = "20250303T0905Z"


def key(account: str, at: int) -> str:
    """Of an object as CloudTrail names it."""
    name = f"{account}_CloudTrail_{REGION}_{MINUTE}_{at:016d}.json.gz"
    return f"AWSLogs/{account}/CloudTrail/{REGION}/2025/03/03/{name}"


class Deployment:
    """What a deployed function has around it: queues, a trail's bucket, an index."""

    def __init__(self, aws: Aws, server: Server, prefix: str, package: Path) -> None:
        self.aws, self.server, self.prefix, self.package = aws, server, prefix, package
        self.queue, self.dead, self.spill = aws.queue("trail"), aws.queue("dead"), aws.queue("spill")
        self.bucket, self.overflow = aws.bucket("trail"), aws.bucket("overflow")
        set_up(Engine(parse_url(server.url)), Naming(prefix))

    def environment(self, **more: str) -> dict[str, str]:
        return environment_of(self.aws.url) | {
            "ENGINE_PASSWORD_OF_TESTS": PASSWORD, "ODDTRAIL_URL": self.server.url,
            "ODDTRAIL_PREFIX": self.prefix, "ODDTRAIL_RETENTION": "10000",
            "ODDTRAIL_DEAD_LETTERS": f"{self.dead} s3://{self.overflow}/dead/",
            "ODDTRAIL_SPILL": f"{self.spill} s3://{self.overflow}/spill/",
            "ODDTRAIL_BUCKETS": f"{self.bucket}/AWSLogs/@{REGION}",
        } | more  # fmt: skip

    def running(self, *, timeout: int = 60, handler: str = "lambda_ingest.handler.handler", **more: str) -> Any:
        return running_function(self.package, self.environment(**more), handler, timeout)

    def notify(self) -> None:
        """Have the bucket tell the queue; S3 sends a test event."""
        told = [{"QueueArn": self.aws.arn(self.queue), "Events": ["s3:ObjectCreated:*"]}]
        self.aws.client("s3").put_bucket_notification_configuration(
            Bucket=self.bucket, NotificationConfiguration={"QueueConfigurations": told}
        )

    def put(self, name: str, records: Any) -> None:
        content = records if isinstance(records, bytes) else gzip.compress(json.dumps({"Records": records}).encode())
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=name, Body=content)

    def ids(self) -> Counter[str]:
        """How often each event is in the index."""
        return Counter(document["_id"] for document in self.server.documents(f"{self.prefix}-*"))

    def left(self, queue: str) -> int:
        """Messages that a queue holds, seen or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        asked = {"QueueUrl": queue, "AttributeNames": names}
        return sum(map(int, self.aws.client("sqs").get_queue_attributes(**asked)["Attributes"].values()))


@pytest.fixture
def deployment(aws: Aws, opensearch: Server, prefix: str, function: Unzipped) -> Deployment:
    return Deployment(aws, opensearch, prefix, function.folder)


def test_trails_of_three_accounts_land_in_each_engine_with_every_id_once(
    aws: Aws, server: Server, prefix: str, function: Unzipped
):
    deployment = Deployment(aws, server, prefix, function.folder)
    deployment.notify()
    wanted = set()
    for account in ACCOUNTS:
        for at in range(3):
            names = [f"{account}-{at}-{n}" for n in range(40)]
            deployment.put(
                key(account, at), some_records(*names, recipientAccountId=account, sourceIPAddress="1.0.64.7")
            )
            wanted |= set(map(an_id, names))
    deployment.put(key(ACCOUNTS[0], 9), some_records(*(f"{ACCOUNTS[0]}-0-{n}" for n in range(40))))  # delivered twice
    deployment.put(key(ACCOUNTS[0], 8), b"\x1f\x8b no gzip")
    deployment.put("somewhere/else.json.gz", some_records("not-ours"))
    with deployment.running() as function:
        assert drain_queue(deployment.aws, deployment.queue, function.invoke) == []
        said = [json.loads(line) for line in function.said().splitlines() if line.startswith("{")]
    assert deployment.ids() == Counter(wanted)
    assert deployment.left(deployment.queue) == 0
    letters = {letter.reason: letter for _, letter in open_dead_letters(BoxPlace(deployment.dead)).read()}
    assert len(letters) == 2  # the damaged object, named; and the notification that was refused
    assert f"s3://{deployment.bucket}/{key(ACCOUNTS[0], 8)}" in {letter.origin for letter in letters.values()}
    done = [line for line in said if line.get("message") == "done"]
    assert sum(line["indexed"] for line in done) == len(wanted)
    assert sum(line["other"].get("s3:TestEvent", 0) for line in done) == 1
    [document, *_] = deployment.server.documents(f"{deployment.prefix}-2025.03.03")
    assert document["_source"]["@owner"] in ACCOUNTS


def test_log_events_come_through_a_subscription_and_a_stream(deployment: Deployment):
    aws, name = deployment.aws, deployment.aws.name
    logs, kinesis = aws.client("logs"), aws.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    arn = kinesis.describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="trail")
    role = "arn:aws:iam::123456789012:role/logs"
    logs.put_subscription_filter(
        logGroupName=name, filterName="all", filterPattern="", destinationArn=arn, roleArn=role
    )
    names = [f"log-{at}" for at in range(60)]
    for start in range(0, 60, 20):
        now = int(time.time() * 1_000)
        events = [{"timestamp": now, "message": json.dumps(each)} for each in some_records(*names[start : start + 20])]
        logs.put_log_events(logGroupName=name, logStreamName="trail", logEvents=events)
    with deployment.running() as function:
        [only] = drain_stream(aws, name, function.invoke)
    assert len(only) >= 3
    assert deployment.ids() == Counter(map(an_id, names))
    [document, *_] = deployment.server.documents(f"{deployment.prefix}-*")
    assert (document["_source"]["@log_group"], document["_source"]["@log_stream"]) == (name, "trail")
    assert document["_source"]["@id"] != document["_id"]


def test_a_function_that_is_killed_loses_nothing_and_indexes_nothing_twice(deployment: Deployment):
    """It is killed after it has indexed and before it has said so: the message is seen again."""
    deployment.notify()
    deployment.put(key(ACCOUNTS[0], 1), some_records(*(f"kill-{n}" for n in range(30))))
    (deployment.package / "killed.py").write_text(
        "import time\nfrom lambda_ingest.handler import handler as real\n"
        "def handler(event, context):\n    answer = real(event, context)\n    time.sleep(600)\n    return answer\n"
    )
    sqs = deployment.aws.client("sqs")
    sqs.set_queue_attributes(QueueUrl=deployment.queue, Attributes={"VisibilityTimeout": "1"})
    with deployment.running(timeout=8, handler="killed.handler") as function:
        errors = drain_queue(deployment.aws, deployment.queue, function.invoke, most=1)
    assert errors
    assert deployment.ids() == Counter(map(an_id, (f"kill-{n}" for n in range(30))))
    time.sleep(1.5)
    with deployment.running() as function:
        assert drain_queue(deployment.aws, deployment.queue, function.invoke) == []
        assert '"duplicates":30' in function.said()
    assert deployment.ids() == Counter(map(an_id, (f"kill-{n}" for n in range(30))))
    assert deployment.left(deployment.queue) == 0


def test_what_is_not_finished_is_spilled_before_the_kill_and_comes_back(deployment: Deployment):
    """Nobody listens where the engine should be, and the event is one that no queue holds."""
    deployment.put(key(ACCOUNTS[0], 1), some_records(*(f"spill-{n}" for n in range(30))))
    record = {
        "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": REGION,
        "s3": {"bucket": {"name": deployment.bucket}, "object": {"key": key(ACCOUNTS[0], 1)}},
    }  # fmt: skip
    nowhere = f"opensearch+http://127.0.0.1:{free_port()}"
    with deployment.running(timeout=8, ODDTRAIL_URL=nowhere) as function:
        started = time.monotonic()
        assert function.invoke({"Records": [record]})["indexed"] == 0
        assert time.monotonic() - started < 8
    assert deployment.left(deployment.spill) == 1
    with deployment.running() as function:
        assert drain_queue(deployment.aws, deployment.spill, function.invoke) == []
    assert deployment.ids() == Counter(map(an_id, (f"spill-{n}" for n in range(30))))
    assert (deployment.left(deployment.spill), deployment.left(deployment.dead)) == (0, 0)


def test_a_message_that_always_fails_ends_in_its_queues_dead_letters_and_the_others_flow(deployment: Deployment):
    aws = deployment.aws
    given_up = aws.queue("given-up")
    policy = json.dumps({"deadLetterTargetArn": aws.arn(given_up), "maxReceiveCount": 2})
    queue = aws.queue("poisoned", RedrivePolicy=policy, VisibilityTimeout="0")
    deployment.put(key(ACCOUNTS[0], 1), some_records("good"))
    for bucket, name in ((deployment.bucket, key(ACCOUNTS[0], 1)), (f"{aws.name}-no-such-bucket", "AWSLogs/x")):
        body = json.dumps({"s3Bucket": bucket, "s3ObjectKey": [name]})
        aws.client("sqs").send_message(QueueUrl=queue, MessageBody=body)
    allowed = f"{deployment.bucket} {aws.name}-no-such-bucket"
    with deployment.running(ODDTRAIL_BUCKETS=allowed) as function:
        drain_queue(aws, queue, function.invoke, most=10)
    assert deployment.ids() == Counter([an_id("good")])
    assert deployment.left(queue) == 0
    [(_, body)] = SqsBox(given_up).read()
    assert json.loads(body)["s3ObjectKey"] == ["AWSLogs/x"]


def test_two_functions_that_get_the_same_message_make_one_result(deployment: Deployment):
    deployment.put(key(ACCOUNTS[0], 1), some_records(*(f"twice-{n}" for n in range(500))))
    record = {
        "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": REGION,
        "s3": {"bucket": {"name": deployment.bucket}, "object": {"key": key(ACCOUNTS[0], 1)}},
    }  # fmt: skip
    answers: list[Any] = []
    with deployment.running() as one, deployment.running() as other:
        for each in (one, other):
            each.invoke({})  # warm
        threads = [
            threading.Thread(target=lambda function=each: answers.append(function.invoke({"Records": [record]})))
            for each in (one, other)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert deployment.ids() == Counter(map(an_id, (f"twice-{n}" for n in range(500))))
    assert sum(answer["indexed"] for answer in answers) == 500
    assert sum(answer["duplicates"] for answer in answers) == 500


def test_what_is_wrong_with_its_variables_is_told_at_every_invocation(deployment: Deployment):
    with deployment.running(ODDTRAIL_BUCKETZ="x") as function:
        for _ in range(2):
            with pytest.raises(FunctionError, match=r"SettingsError: ODDTRAIL_BUCKETZ is not .*ODDTRAIL_BUCKETS"):
                function.invoke({})


def test_what_it_says_holds_no_secret_and_nothing_of_an_event(deployment: Deployment):
    deployment.put(key(ACCOUNTS[0], 1), some_records("quiet", userAgent="MARK-agent", errorMessage="MARK-error"))
    record = {
        "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": REGION,
        "s3": {"bucket": {"name": deployment.bucket}, "object": {"key": key(ACCOUNTS[0], 1)}},
    }  # fmt: skip
    url = f"opensearch+https://someone@localhost:{free_port()}?password=env:ODDTRAIL_PASSWORD"
    for changed in ({}, {"ODDTRAIL_URL": url, "ODDTRAIL_PASSWORD": "MARK-secret", "ODDTRAIL_SPILL": ""}):
        with deployment.running(timeout=6, **changed) as function:
            for event in ({"Records": [record]}, {"what": "MARK-shape"}):
                assert "MARK" not in answer_of(function, event)
            assert "MARK" not in function.said()


def answer_of(function: Any, event: Any) -> str:
    """What it returns, or how it fails."""
    try:
        return str(function.invoke(event))
    except FunctionError as error:
        return str(error)


@pytest.fixture(autouse=True)
def _clean(function: Unzipped) -> Iterator[None]:
    """A test's own handler goes with it."""
    yield
    (function.folder / "killed.py").unlink(missing_ok=True)
