"""AWS on loopback, as moto plays it: a process of its own, once a session, and a region of its own for each test."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

from pipeline.delivery.box import client
from tests.servers.engine import free_port

_PATIENCE = 60.0
ACCOUNT = "123456789012"
"""Moto's own."""
REGION = "eu-west-1"


class Aws:
    """What a test needs of AWS; names are of this test only."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = f"t{uuid4().hex[:12]}"

    def client(self, service: str) -> Any:
        """A client that reaches moto."""
        return boto3.client(service, endpoint_url=self.url, region_name=REGION)

    def bucket(self, name: str = "bucket") -> str:
        """A bucket."""
        name = f"{self.name}-{name}"
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return name

    def queue(self, name: str = "queue", **attributes: str) -> str:
        """A queue's URL."""
        made = self.client("sqs").create_queue(QueueName=f"{self.name}-{name}", Attributes=attributes)
        return str(made["QueueUrl"])

    def arn(self, queue: str) -> str:
        """A queue's ARN, by its URL."""
        asked = {"QueueUrl": queue, "AttributeNames": ["QueueArn"]}
        return str(self.client("sqs").get_queue_attributes(**asked)["Attributes"]["QueueArn"])


@pytest.fixture(scope="session")
def moto_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where moto answers."""
    port, log = free_port(), Path(tmp_path_factory.mktemp("moto")) / "log"
    program = Path(sys.executable).with_name("moto_server")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with log.open("wb") as out:
        command = [program, "-H", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
    url, end = f"http://127.0.0.1:{port}", time.monotonic() + _PATIENCE
    try:
        while True:
            try:
                urllib.request.urlopen(f"{url}/moto-api/", timeout=5).close()
                break
            except (OSError, urllib.error.URLError):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.2)
        yield url
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def aws(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """AWS for a test; whoever asks the usual way in this process asks moto."""
    for name, value in environment_of(moto_url).items():
        monkeypatch.setenv(name, value)
    client.cache_clear()
    boto3.DEFAULT_SESSION = None
    yield Aws(moto_url)
    client.cache_clear()
    boto3.DEFAULT_SESSION = None


def environment_of(url: str) -> dict[str, str]:
    """What makes a process ask moto."""
    return {
        "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
