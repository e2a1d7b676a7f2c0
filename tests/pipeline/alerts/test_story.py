"""An alert's hours as a story an analyst can follow."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from pipeline.alerts.story import Story, Weight, describe_place, keep_story, recall_story, tell
from pipeline.stores.alert import Alert
from tests.builders import an_alert, an_event

NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)


def a_call(minute: int, action: str, **named: Any) -> dict[str, Any]:
    """An event of the role `deploy`."""
    columns = {
        "event_id": f"{minute:03d}{action}", "account": "111122223333", "region": "", "level": "read",
        "kind": "workload",
        "identity_arn": "arn:aws:iam::111122223333:role/deploy", "session": "ASIA1/2026",
        "session_start": NINE, "address": "198.51.100.7",
        "country": "KR", "asn": 0,
    }  # fmt: skip
    return an_event(NINE + timedelta(minutes=minute), action=action, **(columns | named))


def texts(story: Story) -> list[str]:
    return [line.text for line in story.lines]


def test_a_session_is_opened_then_its_calls_follow_in_order() -> None:
    story = tell([a_call(2, "iam:CreateUser", resources=["user:eve"]), a_call(1, "iam:ListUsers")], total=2)
    assert texts(story) == [
        "deploy in 111122223333, from 198.51.100.7 (KR), with aws-cli, key ASIA1, session of 01 Mar 09:00",
        "iam:ListUsers",
        "iam:CreateUser: user eve",
    ]
    assert [line.opens for line in story.lines] == [True, False, False]


def test_the_same_call_made_again_and_again_is_one_line() -> None:
    story = tell([a_call(minute, "iam:ListUsers") for minute in range(5)], total=5)
    assert texts(story)[1:] == ["5 × iam:ListUsers"]
    assert story.left_out == 0


def test_another_place_or_session_opens_anew() -> None:
    moved = a_call(3, "iam:ListUsers", address="203.0.113.9", country="FR")
    story = tell([a_call(1, "iam:ListUsers"), moved], total=2)
    assert [line.text for line in story.lines if line.opens][1].startswith(
        "deploy in 111122223333, from 203.0.113.9 (FR)"
    )


def test_a_denied_call_says_so() -> None:
    story = tell([a_call(1, "s3:GetObject", error="denied", error_code="AccessDenied")], total=1)
    assert story.lines[1].denied
    assert story.lines[1].text == "s3:GetObject, denied (AccessDenied)"


def test_what_a_request_opens_to_the_outside_is_said() -> None:
    story = tell([a_call(1, "ec2:AuthorizeSecurityGroupIngress", exposures=["cidr:0.0.0.0/0"], region="eu-west-1")], 1)
    assert texts(story)[1] == "ec2:AuthorizeSecurityGroupIngress, opened it to everybody on the internet, in eu-west-1"


def test_a_region_is_said_when_it_is_another() -> None:
    regions = ["eu-west-1", "eu-west-1", "", "us-east-2"]
    calls = [a_call(minute, f"ec2:Call{minute}", region=region) for minute, region in enumerate(regions)]
    assert texts(tell(calls, 4))[1:] == ["ec2:Call0, in eu-west-1", "ec2:Call1", "ec2:Call2", "ec2:Call3, in us-east-2"]


def test_calls_without_a_line_are_counted() -> None:
    story = tell([a_call(minute, f"ec2:Call{minute}") for minute in range(40)], total=400, calls=9)
    assert len(story.lines) == 10
    assert story.left_out == 400 - 9


def test_what_opens_or_changes_something_has_a_line_before_what_reads() -> None:
    reads = [a_call(minute, f"s3:Get{minute}") for minute in range(5)]
    shared = a_call(20, "ec2:ModifyImageAttribute", write=True, exposures=["account:444455556666"])
    story = tell([*reads, a_call(10, "ec2:CopyImage", write=True), shared], total=7, calls=2)
    assert texts(story)[1:] == ["ec2:CopyImage", "ec2:ModifyImageAttribute, opened it to account 444455556666"]


def ids(*rows: dict[str, Any]) -> frozenset[str]:
    return frozenset(row["event_id"] for row in rows)


def test_calls_that_differ_only_in_a_resource_are_one_line_however_they_are_mixed() -> None:
    secrets = [a_call(2 * n, "secretsmanager:CreateSecret", resources=[f"secret:s-{n}"]) for n in range(20)]
    tags = [a_call(2 * n + 1, "secretsmanager:TagResource", resources=[f"secret:s-{n}"]) for n in range(20)]
    story = tell([*secrets, *tags], total=40)
    assert texts(story)[1:] == [
        "20 × secretsmanager:CreateSecret: secret s-0, s-1, s-2 and 17 more",
        "20 × secretsmanager:TagResource: secret s-0, s-1, s-2 and 17 more",
    ]
    assert [line.calls for line in story.lines] == [0, 20, 20]
    assert story.lines[1].until == NINE + timedelta(minutes=38)


def test_what_was_denied_is_not_folded_into_what_was_done() -> None:
    denied = [
        a_call(n, "s3:DeleteObject", resources=[f"bucket:b{n}"], error="denied", error_code=f"Access{n}")
        for n in range(2)
    ]
    done = [a_call(9, "s3:DeleteObject", resources=["bucket:b9"])]
    assert texts(tell([*denied, *done], total=3))[1:] == [
        "2 × s3:DeleteObject: bucket b0, b1, denied (Access0, Access1)",
        "s3:DeleteObject: bucket b9",
    ]


def test_each_reason_keeps_the_line_it_rests_on_however_much_noise_there_is() -> None:
    noise = [a_call(n, f"ec2:Noise{n}", write=True, exposures=["account:1"]) for n in range(300)]
    three = [a_call(n, name) for n, name in ((400, "cloudtrail:StopLogging"), (401, "iam:A"), (402, "iam:B"))]
    place = Weight(90.0, ids(*noise, *three))
    reasons = [place, *(Weight(1.0, ids(row)) for row in three)]
    story = tell([*noise, *three], total=303, calls=5, reasons=reasons)
    assert {"cloudtrail:StopLogging", "iam:A", "iam:B"} <= set(texts(story))
    assert len(story.lines) == 6
    assert story.left_out == 303 - 5


def test_where_there_is_no_room_for_all_what_weighs_most_has_a_line() -> None:
    usual = [a_call(minute, f"ec2:Usual{minute}") for minute in range(30)]
    key, user = a_call(99, "iam:CreateAccessKey"), a_call(50, "iam:CreateUser")
    story = tell([key, user, *usual], total=32, calls=2, reasons=[Weight(8.0, ids(user)), Weight(5.0, ids(key))])
    assert texts(story)[1:] == ["iam:CreateUser", "iam:CreateAccessKey"]


def test_a_denied_opening_is_told_as_an_attempt() -> None:
    def text(*exposures: str) -> str:
        calls = [a_call(1, "s3:PutBucketPolicy", resources=["bucket:pay"], exposures=list(exposures), error="denied")]
        return texts(tell(calls, total=1))[1]

    assert text("principal:*") == "s3:PutBucketPolicy: bucket pay, would have opened it to everybody, denied"
    assert text("policy:AdministratorAccess").endswith("would have granted AdministratorAccess, denied")
    many = text(*(f"account:{number}" for number in range(5)))
    assert "would have opened it to account 2 and 2 more, denied" in many


def test_a_session_has_its_key_and_its_name() -> None:
    def opening(**columns: Any) -> str:
        return tell([a_call(1, "iam:ListUsers", **columns)], total=1).lines[0].text

    assert opening(session_name="x1").endswith(", key ASIA1, session x1 of 01 Mar 09:00")
    assert opening(session="AKIA1", session_start=None, session_name=None).endswith(", with aws-cli, key AKIA1")
    assert opening(session="", session_start=None, session_name="ana").endswith(", with aws-cli, session ana")
    assert opening(kind="root", identity_arn="arn:aws:iam::111122223333:root").startswith("root in 111122223333")


def test_times_in_the_text_are_those_of_the_zone() -> None:
    story = tell([a_call(1, "iam:ListUsers")], total=1, zone=ZoneInfo("Asia/Seoul"))
    assert story.lines[0].text.endswith("session of 01 Mar 18:00")


def test_sessions_that_take_turns_are_told_one_after_the_other() -> None:
    calls = [a_call(n, f"ec2:Call{n}", session=f"ASIA{n % 2}", address=f"198.51.100.{n % 2}") for n in range(6)]
    assert [line.opens for line in tell(calls, total=6).lines] == [True, False, False, False] * 2


@pytest.mark.parametrize(
    ("error", "end"),
    [
        ("denied", "denied"),
        ("probe", "failed, no such thing"),
        ("credential", "failed, bad credentials"),
        ("conflict", "failed, in conflict"),
        ("validation", "failed, not valid"),
        ("throttle", "slowed down by AWS"),
        ("failed", "failed"),
    ],
)
def test_how_a_call_failed_is_said_in_words(error: str, end: str) -> None:
    assert texts(tell([a_call(1, "iam:ListUsers", error=error)], total=1))[1] == f"iam:ListUsers, {end}"


def test_a_place_without_any_attribution_is_its_address() -> None:
    def place(**columns: Any) -> str:
        return describe_place(a_call(0, "iam:ListUsers", **({"country": ""} | columns)))

    assert place() == "198.51.100.7"
    assert place(address="") == "an unknown address"
    assert place(address="a", asn=64500, organisation="Example") == "a (AS64500 Example)"
    assert place(address="a", organisation="Example") == "a (Example)"
    assert place(address="a", network="office") == "office (a)"


def test_who_signs_in_with_or_without_a_second_factor_is_said_of_people_only() -> None:
    def opening(**columns: Any) -> str:
        return tell([a_call(1, "iam:ListUsers", **columns)], total=1).lines[0].text

    assert ", no MFA, " in opening(kind="human", mfa=False)
    assert ", MFA, " in opening(kind="root", mfa=True)
    assert "MFA" not in opening(kind="human", mfa=None)
    assert "MFA" not in opening(kind="workload", mfa=False)


def test_a_person_is_called_by_the_permission_set() -> None:
    [opening, _] = tell([a_call(1, "iam:ListUsers", permission_set="Engineer")], total=1).lines
    assert opening.text.startswith("Engineer in 111122223333")


def test_many_resources_are_counted() -> None:
    touched = [f"bucket:b{number}" for number in range(5)]
    story = tell([a_call(1, "s3:DeleteBucket", resources=touched)], total=1)
    assert texts(story)[1] == "s3:DeleteBucket: bucket b0, b1, b2 and 2 more"


def test_an_alert_keeps_its_story_for_where_its_events_are_gone() -> None:
    calls = [a_call(n, "iam:CreateUser", resources=[f"user:{n}"], error="denied") for n in range(9)]
    story = tell(calls, total=9)
    alert = msgspec.structs.replace(an_alert(event_count=12), story=keep_story(story))
    again = msgspec.json.decode(msgspec.json.encode(alert), type=Alert)
    recalled = recall_story(again)
    assert recalled is not None
    assert list(recalled.lines) == list(story.lines)
    assert recalled.left_out == 3
    assert recall_story(an_alert()) is None
