"""Version and system of tools, as far as their user agents say."""

import time

import pytest

from pipeline.documents.agent import describe_agent


@pytest.mark.parametrize(
    ("agent", "version", "system"),
    [
        ("aws-cli/2.15.0 Python/3.11.6 Linux/5.10.205 exe/x86_64", "2.15.0", ("Linux", "5.10.205")),
        ("Boto3/1.34.131 md/Botocore#1.34.131 os/linux#5.10.223", "1.34.131", ("Linux", "5.10.223")),
        ("aws-cli/2.15.0 Python/3.11.6 Darwin/23.1.0 source/arm64", "2.15.0", ("macOS", "23.1.0")),
        ("aws-sdk-go/1.44.2 (go1.20; windows; amd64)", "1.44.2", None),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15", "5.0", ("macOS", "10.15.7")),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "5.0", ("Windows", "10.0")),
        ("AWS Internal", None, None),
        ("ec2.amazonaws.com", None, None),
        ("", None, None),
    ],
)
def test_what_a_user_agent_says(agent, version, system):
    found = describe_agent(agent)
    assert found.get("version") == version
    assert tuple(found.get("os", {}).values()) == (system or ())


def test_a_hostile_user_agent_takes_no_time():
    began = time.process_time()
    for piece in ("a/", "os/", "Windows ", "a" * 60, "1."):
        describe_agent(piece * 50_000)
    assert time.process_time() - began < 1
