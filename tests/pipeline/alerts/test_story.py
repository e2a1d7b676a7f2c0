"""An alert's hours as a story an analyst can follow."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.alerts.story import Story, place, tell

NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)


def an_event(minute: int, action: str, **fields: Any) -> dict[str, Any]:
    return {
        "event_id": f"{minute:03d}{action}",
        "event_time": NINE + timedelta(minutes=minute),
        "account": "111122223333",
        "region": "",
        "action": action,
        "error": "",
        "identity_arn": "arn:aws:iam::111122223333:role/deploy",
        "session_start": NINE,
        "address": "198.51.100.7",
        "country": "KR",
        "agent": "aws-cli",
        **fields,
    }


def told(story: Story) -> list[str]:
    return [line.text for line in story.lines]


def test_a_session_is_opened_then_its_calls_follow_in_order() -> None:
    story = tell([an_event(2, "iam:CreateUser", resources=["user:eve"]), an_event(1, "iam:ListUsers")], total=2)
    assert told(story) == [
        "deploy in 111122223333, from 198.51.100.7 (KR), with aws-cli, session of 01 Mar 09:00",
        "iam:ListUsers",
        "iam:CreateUser  user:eve",
    ]
    assert [line.opens for line in story.lines] == [True, False, False]


def test_the_same_call_made_again_and_again_is_one_line() -> None:
    story = tell([an_event(minute, "iam:ListUsers") for minute in range(5)], total=5)
    assert told(story)[1:] == ["iam:ListUsers ×5"]
    assert story.left_out == 0


def test_another_place_or_session_opens_anew() -> None:
    moved = an_event(3, "iam:ListUsers", address="203.0.113.9", country="FR")
    story = tell([an_event(1, "iam:ListUsers"), moved], total=2)
    assert [line.text for line in story.lines if line.opens][1].startswith(
        "deploy in 111122223333, from 203.0.113.9 (FR)"
    )


def test_a_denied_call_says_so() -> None:
    story = tell([an_event(1, "s3:GetObject", error="denied", error_code="AccessDenied")], total=1)
    assert story.lines[1].denied
    assert "denied (AccessDenied)" in story.lines[1].text


def test_what_a_request_opens_to_the_outside_is_told() -> None:
    story = tell(
        [an_event(1, "ec2:AuthorizeSecurityGroupIngress", exposures=["cidr:0.0.0.0/0"], region="eu-west-1")], 1
    )
    assert told(story)[1] == "ec2:AuthorizeSecurityGroupIngress  opens to cidr:0.0.0.0/0  in eu-west-1"


def test_a_region_is_told_when_it_is_another() -> None:
    regions = ["eu-west-1", "eu-west-1", "", "us-east-2"]
    calls = [an_event(minute, f"ec2:Call{minute}", region=region) for minute, region in enumerate(regions)]
    assert told(tell(calls, 4))[1:] == ["ec2:Call0  in eu-west-1", "ec2:Call1", "ec2:Call2", "ec2:Call3  in us-east-2"]


def test_calls_that_are_not_told_are_counted() -> None:
    story = tell([an_event(minute, f"ec2:Call{minute}") for minute in range(40)], total=400, calls=9)
    assert len(story.lines) == 10
    assert story.left_out == 400 - 9


def test_what_opens_or_changes_something_is_told_before_what_reads() -> None:
    reads = [an_event(minute, f"s3:Get{minute}") for minute in range(5)]
    shared = an_event(20, "ec2:ModifyImageAttribute", write=True, exposures=["account:444455556666"])
    story = tell([*reads, an_event(10, "ec2:CopyImage", write=True), shared], total=7, calls=2)
    assert told(story)[1:] == ["ec2:CopyImage", "ec2:ModifyImageAttribute  opens to account:444455556666"]


def test_where_not_all_can_be_told_what_weighs_most_is() -> None:
    usual = [an_event(minute, f"ec2:Usual{minute}") for minute in range(30)]
    story = tell([an_event(99, "iam:CreateAccessKey"), an_event(50, "iam:CreateUser"), *usual], total=32, calls=2)
    assert told(story)[1:] == ["iam:CreateUser", "iam:CreateAccessKey"]


def test_a_place_without_any_attribution_is_its_address() -> None:
    assert place({"address": "198.51.100.7"}) == "198.51.100.7"
    assert place({}) == "an unknown address"
    assert place({"address": "a", "asn": 64500, "organisation": "Example"}) == "a (AS64500 Example)"
