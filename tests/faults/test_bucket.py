"""A trail's bucket that is slow, breaks off, lies, refuses, or whose objects find no room (rows 32 and 39).

The function fetches from moto through a network that misbehaves; what is not fetched whole comes again, and then all is
there once.
"""

import gzip
import json
import os
import random
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from pipeline.delivery import fetch
from pipeline.delivery.lambda_settings import read_settings
from pipeline.delivery.make_door import make_door
from pipeline.documents.sink import UnfinishedError
from tests.pipeline.delivery.doors import KEY, Notes, s3_event, sqs_event
from tests.pipeline.ingest.records import a_record
from tests.servers.aws import REGION, Aws, aws, environment_of, moto_url  # noqa: F401
from tests.servers.proxy import Fault, proxy

HALF = 6_000
FAULTS = [
    Fault(act, "response", after)  # type: ignore[arg-type]
    for act in ("delay", "reset", "close", "half-close", "hang", "garble")
    for after in (0, HALF)
]
SOON = {"connect_timeout": 1, "read_timeout": 1, "retries": {"total_max_attempts": 1}}


class Trail:
    """A trail's bucket with one object, and a function that is told of it."""

    def __init__(self, aws: Aws, engine, padding: int = 200) -> None:  # noqa: F811
        self.aws, self.engine, self.bucket = aws, engine, aws.bucket()
        draw = random.Random(7)
        records = [a_record(requestParameters={"a": draw.randbytes(padding).hex()}) for _ in range(60)]
        self.ids = sorted(record["eventID"] for record in records)
        content = gzip.compress(json.dumps({"Records": records}).encode())
        assert len(content) > 2 * HALF
        aws.client("s3").put_object(Bucket=self.bucket, Key=KEY, Body=content)
        self.settings = {
            "ODDTRAIL_URL": engine.url, "ODDTRAIL_DEAD_LETTERS": f"s3://{self.bucket}/dead/",
            "ODDTRAIL_BUCKETS": f"{self.bucket}/AWSLogs/", "ODDTRAIL_RETENTION": "10000",
        }  # fmt: skip
        self.notes = Notes()
        self.door = make_door(read_settings(self.settings), self.notes)
        self.event = sqs_event(s3_event(bucket=self.bucket))

    def take(self):
        return self.door.handle(self.event, 60)

    def buried(self) -> list[str]:
        listed = self.aws.client("s3").list_objects_v2(Bucket=self.bucket, Prefix="dead/")
        return [each["Key"] for each in listed.get("Contents", [])]


@pytest.fixture
def trail(aws: Aws, engine) -> Trail:  # noqa: F811
    return Trail(aws, engine)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_an_object_that_does_not_come_whole_comes_again_and_buries_nothing(trail, monkeypatch, fault):
    with proxy(urlsplit(trail.aws.url).port) as network:
        client = boto3.client(
            "s3", endpoint_url=f"http://127.0.0.1:{network.port}", region_name=REGION, config=Config(**SOON)
        )
        monkeypatch.setattr(fetch, "client", lambda service: client)
        network.plan = [fault]
        with pytest.raises(UnfinishedError, match="1 message came and none is done"):
            trail.take()
        assert network.played == [fault]
        assert (trail.engine.ids, trail.buried(), trail.notes.tallies[-1].gone) == ([], [], 0)
        assert trail.take() == {"batchItemFailures": []}
    assert (trail.engine.ids, trail.buried()) == (trail.ids, [])


@pytest.fixture
def enforcing(aws: Aws) -> Iterator[None]:  # noqa: F811
    """AWS that looks who is asking."""
    ask(aws, "0")
    yield
    ask(aws, "inf")


def ask(aws: Aws, count: str) -> None:  # noqa: F811
    url, headers = f"{aws.url}/moto-api/reset-auth", {"content-type": "text/plain"}
    request = urllib.request.Request(url, count.encode(), headers, method="POST")
    urllib.request.urlopen(request, timeout=30).close()


def test_a_function_that_may_not_read_takes_no_object_for_gone_and_reads_it_once_it_may(trail, monkeypatch, request):
    iam, name = trail.aws.client("iam"), trail.aws.name
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]

    def allow(action: str) -> None:
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy)

    client = boto3.client(
        "s3", endpoint_url=trail.aws.url, region_name=REGION, aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )  # fmt: skip
    monkeypatch.setattr(fetch, "client", lambda service: client)
    allow("s3:ListBucket")
    request.getfixturevalue("enforcing")
    with pytest.raises(UnfinishedError, match=r"cannot be read \(AccessDenied\): allow s3:GetObject"):
        trail.take()
    ask(trail.aws, "inf")
    allow("s3:*")
    ask(trail.aws, "0")
    assert trail.take() == {"batchItemFailures": []}
    ask(trail.aws, "inf")
    assert (trail.engine.ids, trail.buried()) == (trail.ids, [])


PROGRAM = """
import json, resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
if size := int(sys.argv[1]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
from lambda_ingest.handler import handler
class Context:
    def get_remaining_time_in_millis(self):
        return 60_000
print(json.dumps(handler(json.load(sys.stdin), Context())), flush=True)
"""


def test_a_large_object_that_finds_no_room_comes_again(aws: Aws, engine, tmp_path):  # noqa: F811
    trail = Trail(aws, engine, padding=200_000)
    environment = os.environ | environment_of(aws.url) | trail.settings | {"TMPDIR": str(tmp_path)}

    def take(size: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", PROGRAM, str(size)]
        event = json.dumps(trail.event)
        return subprocess.run(command, input=event, env=environment, capture_output=True, text=True, check=False)

    failed = take(1 << 20)
    assert failed.returncode == 1
    assert "give the function more ephemeral storage" in failed.stderr.splitlines()[-1]
    assert (engine.ids, trail.buried(), list(tmp_path.iterdir())) == ([], [], [])
    assert take(0).returncode == 0
    assert (engine.ids, trail.buried(), list(tmp_path.iterdir())) == (trail.ids, [], [])
