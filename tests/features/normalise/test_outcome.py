"""What came of a call."""

from typing import Any

import pytest

from features.normalise.call import find_traits
from features.normalise.outcome import SUCCESS, CallError, Outcomes, make_error
from features.record.cloudtrail import decode_record
from tests.records import a_catalogue, a_record, raw

KEY = "ASIAABCDEFGHIJKLMNOP"
ISSUED = {"credentials": {"accessKeyId": KEY}}


def outcome(source: str, name: str, read_only: bool = False, **fields: Any) -> tuple[CallError, str]:
    source = f"{source}.amazonaws.com"
    record = decode_record(raw(a_record(eventSource=source, eventName=name, readOnly=read_only, **fields)))
    traits = find_traits(a_catalogue(), (source, name, read_only))
    return Outcomes().read(record, traits)


@pytest.mark.parametrize(
    ("code", "message", "columns"),
    [
        ("AccessDenied", None, ("denied", "AccessDenied", None)),
        ("AccessDenied", "no", ("denied", "AccessDenied", "no")),
        (None, "Failed authentication", ("credential", None, "Failed authentication")),
        ("", "Failed authentication", ("credential", None, "Failed authentication")),
        ("x" * 300, "y" * 2000, ("failed", "x" * 256, "y" * 1024)),
    ],
)
def test_an_error_is_its_family_code_and_message(code: str | None, message: str | None, columns: tuple[Any]) -> None:
    error = make_error(code, message)
    assert error.columns == columns
    assert error.cut is (len(code or "") > 256)
    assert outcome("ec2", "RunInstances", errorCode=code, errorMessage=message) == (error, "")


@pytest.mark.parametrize(("code", "message"), [(None, None), ("", ""), (None, "")])
def test_no_error_is_success(code: str | None, message: str | None) -> None:
    assert make_error(code, message) is SUCCESS


def test_a_long_message_is_cut_whether_its_code_is_known_or_not() -> None:
    assert make_error("AccessDenied", "y" * 1025).cut
    assert make_error(None, "y" * 1025).cut
    assert not make_error(None, "y" * 1024).cut


def test_a_success_hands_out_its_key_and_a_failure_none() -> None:
    assert outcome("sts", "AssumeRole", responseElements=ISSUED) == (SUCCESS, KEY)
    assert outcome("sts", "AssumeRole", responseElements=ISSUED, errorCode="AccessDenied")[1] == ""
    assert outcome("ec2", "RunInstances", responseElements=ISSUED) == (SUCCESS, "")


@pytest.mark.parametrize("response", [..., None, {}, [], "text"])
def test_a_response_may_say_nothing(response: Any) -> None:
    assert outcome("sts", "AssumeRole", responseElements=response) == (SUCCESS, "")


def test_an_error_that_only_the_response_tells() -> None:
    denied = {"errorCode": "AccessDenied"}
    assert outcome("ec2", "RunInstances", responseElements=denied)[0].columns == ("denied", "AccessDenied", None)
    failed = outcome("signin", "ConsoleLogin", responseElements={"ConsoleLogin": "Failure"})
    assert failed[0].columns == ("credential", None, "Failed authentication")


def test_the_response_of_a_read_is_not_looked_at() -> None:
    denied = {"errorCode": "AccessDenied"}
    assert outcome("ec2", "DescribeInstances", read_only=True, responseElements=denied) == (SUCCESS, "")
    record = decode_record(raw(a_record(responseElements=denied)))
    assert Outcomes().read(record, None) == (SUCCESS, "")


def test_an_error_that_comes_again_is_the_same_object() -> None:
    outcomes, record = Outcomes(), decode_record(raw(a_record(errorCode="AccessDenied")))
    assert outcomes.read(record, None)[0] is outcomes.read(record, None)[0]
