"""A recording becomes the victim's: only what was called, on what and with what result stays."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.campaigns import DEGREES, Degree, check
from benchmarks.recordings import FOLDER, TOOLS, Attacker, Victim, degree_of, deliver, recordings, rekey

VICTIM = Victim(
    identity={"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ann", "accessKeyId": "AKIAVICTIM"},
    account="111122223333",
    region="eu-west-1",
    address="203.0.113.7",
    user_agent="aws-cli/2.17.0",
)
ATTACKER = Attacker(abroad=["198.51.100.1"], nearby=["192.0.2.1"])
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
RECORDINGS = recordings()


def play(technique: str, degree: Degree) -> tuple[Any, list[dict[str, Any]]]:
    return rekey(
        technique, RECORDINGS[technique], VICTIM, start=START, degree=degree, attacker=ATTACKER, name=f"c-{technique}"
    )


def test_every_recording_and_its_licences_are_here() -> None:
    assert len(RECORDINGS) == 19
    assert all(RECORDINGS.values())
    assert {path.name for path in (FOLDER / "LICENSES").iterdir()} >= {
        "Apache-2.0.txt",
        "OTRF-Security-Datasets.MIT.txt",
        "stratus-red-team.NOTICE.txt",
    }


@pytest.mark.parametrize("technique", sorted(RECORDINGS))
@pytest.mark.parametrize("degree", DEGREES)
def test_nothing_of_the_recorded_account_is_left(technique: str, degree: Degree) -> None:
    campaign, played = play(technique, degree)
    text = json.dumps(played)
    for record in RECORDINGS[technique]:
        identity = record["userIdentity"]
        assert identity["arn"] not in text
        assert identity["accountId"] not in text
        assert record["eventID"] not in text
        assert record["userAgent"] not in text
        assert record["sourceIPAddress"] not in text
    assert {record["userIdentity"]["arn"] for record in played} == {VICTIM.identity["arn"]}
    assert {record["recipientAccountId"] for record in played} == {VICTIM.account}
    check([campaign])


def test_what_was_called_on_what_and_with_what_result_stays() -> None:
    [recorded] = RECORDINGS["aws.exfiltration.ec2-share-ebs-snapshot"]
    _, [played] = play("aws.exfiltration.ec2-share-ebs-snapshot", "loud")
    for kept in ("eventName", "eventSource", "requestParameters"):
        assert played[kept] == recorded[kept]


def test_calls_keep_their_distance_from_the_start() -> None:
    campaign, played = play("otrf.ec2-proxy-s3-exfiltration", "loud")
    assert campaign.start == START
    recorded = [datetime.fromisoformat(record["eventTime"]) for record in RECORDINGS["otrf.ec2-proxy-s3-exfiltration"]]
    assert campaign.end - campaign.start == max(recorded) - min(recorded)
    assert played[0]["eventTime"] == "2026-03-02T09:30:00Z"


@pytest.mark.parametrize(
    ("degree", "address", "most"),
    [("loud", "198.51.100.1", 56), ("medium", "192.0.2.1", 30), ("stealthy", "203.0.113.7", 10)],
)
def test_the_degree_decides_network_and_calls(degree: Degree, address: str, most: int) -> None:
    campaign, played = play("aws.execution.ssm-send-command", degree)
    assert {record["sourceIPAddress"] for record in played} == {address}
    assert campaign.calls == most


def test_only_a_loud_attacker_brings_a_tool_of_its_own() -> None:
    agents = {degree: play("aws.execution.ssm-send-command", degree)[1][0]["userAgent"] for degree in DEGREES}
    assert agents["loud"] in TOOLS
    assert agents["medium"] == agents["stealthy"] == VICTIM.user_agent


def test_thinning_keeps_every_kind_of_call() -> None:
    _, played = play("aws.execution.ssm-send-command", "stealthy")
    assert {record["eventName"] for record in played} == {
        "DescribeInstanceInformation",
        "SendCommand",
        "GetCommandInvocation",
    }


def test_global_services_are_delivered_in_us_east_1() -> None:
    _, [played] = play("aws.persistence.iam-backdoor-role", "loud")
    assert played["awsRegion"] == "us-east-1"


def test_the_same_campaign_gives_the_same_events_and_another_gives_others() -> None:
    first, again = play("aws.impact.bedrock-invoke-model", "loud"), play("aws.impact.bedrock-invoke-model", "loud")
    assert first == again
    other = rekey(
        "aws.impact.bedrock-invoke-model",
        RECORDINGS["aws.impact.bedrock-invoke-model"],
        VICTIM,
        start=START,
        degree="loud",
        attacker=ATTACKER,
        name="another",
    )
    assert not set(other[0].event_ids) & set(first[0].event_ids)


def test_degrees_rotate_so_that_every_recording_is_played_each_way_in_three_companies() -> None:
    for number in range(len(RECORDINGS)):
        assert {degree_of(number, company) for company in range(3)} == set(DEGREES)


def test_records_are_delivered_in_cloudtrails_layout(tmp_path: Path) -> None:
    _, played = play("otrf.ec2-proxy-s3-exfiltration", "loud")
    files = deliver(played, tmp_path)
    assert len(files) > 1
    assert sum(len(json.loads(gzip.decompress(path.read_bytes()))["Records"]) for path in files) == len(played)
    first = files[0].relative_to(tmp_path)
    assert first.parent.as_posix() == "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02"
    assert first.name.startswith("111122223333_CloudTrail_eu-west-1_20260302T0940Z_")
