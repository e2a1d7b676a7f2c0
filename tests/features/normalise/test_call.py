"""What was called, and what its records have to be looked at for."""

from typing import Any

import pytest

from features.normalise.call import ActionTraits, CallColumns, Calls, find_traits, went_to_global_sts
from features.normalise.normalised import OF_CALL
from features.record.cloudtrail import decode_record
from features.record.fields import Fields
from tests.records import ACCOUNT, OTHER, a_catalogue, a_record, raw

STS = {"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "readOnly": False}


def traits_of(source: str, name: str, read_only: bool | None = None) -> ActionTraits:
    return find_traits(a_catalogue(), (f"{source}.amazonaws.com", name, read_only))


def looked_up(*records: dict[str, Any], home: str = "") -> CallColumns:
    fields = Fields.of([decode_record(raw(record)) for record in records])
    return Calls(a_catalogue()).look_up(fields, [home] * len(records))


def test_traits_tell_what_else_to_look_at() -> None:
    assume = traits_of("sts", "AssumeRole", False)
    assert (assume.may_issue_key, assume.is_sts, assume.may_fail_silently, assume.known) == (True,) * 4
    assert traits_of("iam", "AttachUserPolicy", False).may_expose
    assert traits_of("cloudtrail", "StopLogging", False).may_state_facts
    sign_in = traits_of("signin", "CheckMfa")
    assert (sign_in.signs_in, sign_in.may_fail_silently, sign_in.columns[3]) == (True, True, False)
    readers = [traits_of("s3", name, True).reader for name in ("GetObject", "HeadObject")]
    assert readers[0] is readers[1] is not None
    assert traits_of("new", "X").reader is None
    assert traits_of("ec2", "x" * 200).cut


def test_an_ordinary_read_has_none() -> None:
    read = traits_of("ec2", "DescribeInstances", True)
    assert not any(
        (read.may_expose, read.may_state_facts, read.may_fail_silently, read.signs_in, read.may_issue_key, read.is_sts)
    )
    assert (read.known, read.cut) == (True, False)
    assert looked_up(a_record()).traits == [None]


def test_an_action_that_nobody_knows_is_notable() -> None:
    (traits,) = looked_up(a_record(eventName="DescribeNovelty")).traits
    assert traits is not None
    assert (traits.action, traits.known) == ("ec2:DescribeNovelty", False)


def test_a_call_is_its_columns() -> None:
    found = looked_up(a_record(), a_record())
    assert dict(zip(OF_CALL, found.columns[0], strict=True)) == {
        "service": "ec2", "action": "ec2:DescribeInstances", "level": "list", "write": False, "level_source": "iam",
        "tactic": "", "account": ACCOUNT, "region": "eu-west-1", "category": "Management",
    }  # fmt: skip
    assert found.columns[0] is found.columns[1]
    assert (found.actions, found.accounts) == (["ec2:DescribeInstances"] * 2, [ACCOUNT] * 2)


@pytest.mark.parametrize(
    "fields",
    [
        {"eventName": ...},
        {"eventName": ""},
        {"eventSource": ...},
        {"eventCategory": "Insight"},
        {"eventType": "AwsCloudTrailInsight"},
    ],
)
def test_what_is_no_call_has_no_columns(fields: dict[str, Any]) -> None:
    assert [bool(columns) for columns in looked_up(a_record(**fields), a_record()).columns] == [False, True]


def test_the_account_is_the_recipients_else_the_callers() -> None:
    assert looked_up(a_record(), home=OTHER).accounts == [ACCOUNT]
    assert looked_up(a_record(recipientAccountId=...), home=OTHER).accounts == [OTHER]
    assert looked_up(a_record(recipientAccountId=...)).accounts == ["unknown"]
    assert looked_up(a_record(recipientAccountId="../etc")).accounts == ["___etc"]


@pytest.mark.parametrize(
    ("category", "type_", "kept"),
    [
        (..., "AwsApiCall", "Management"),
        (..., "AwsVpceEvent", "NetworkActivity"),
        ("Data", "AwsApiCall", "Data"),
        ("NetworkActivity", "AwsVpceEvent", "NetworkActivity"),
    ],
)
def test_categories(category: Any, type_: str, kept: str) -> None:
    (columns,) = looked_up(a_record(eventCategory=category, eventType=type_)).columns
    assert columns[OF_CALL.index("category")] == kept


@pytest.mark.parametrize(("version", "new"), [("1.0", False), ("1.11", False), ("1.05", False), (..., False),
                                              ("2.0", True), ("1.100", True), ("", True)])  # fmt: skip
def test_only_a_new_major_version_is_new(version: Any, new: bool) -> None:
    assert looked_up(a_record(eventVersion=version)).new_version == [new]


def test_long_regions_are_cut_unless_they_mean_nothing() -> None:
    assert looked_up(a_record(awsRegion="x" * 200)).cut == [True]
    assert looked_up(a_record(awsRegion="x" * 200, eventSource="iam.amazonaws.com")).cut == [False]


@pytest.mark.parametrize(
    ("fields", "went"),
    [
        ({"awsRegion": "us-east-1", "tlsDetails": {"clientProvidedHostHeader": "sts.amazonaws.com"}}, True),
        ({"awsRegion": "us-east-1", "tlsDetails": {"clientProvidedHostHeader": "sts.us-east-1.amazonaws.com"}}, False),
        ({"awsRegion": "eu-west-1", "tlsDetails": {"clientProvidedHostHeader": "sts.amazonaws.com"}}, False),
        ({"awsRegion": "us-east-1"}, False),
    ],
)
def test_the_global_endpoint_of_sts_is_told_by_its_host_name(fields: dict[str, Any], went: bool) -> None:
    assert went_to_global_sts(decode_record(raw(a_record(**STS, **fields)))) is went


def test_a_call_whose_region_is_dropped_is_still_shared() -> None:
    calls = Calls(a_catalogue())
    fields = Fields.of([decode_record(raw(a_record(**STS))) for _ in range(2)])
    one, other = (calls.drop_region(columns) for columns in calls.look_up(fields, ["", ""]).columns)
    assert one is other
    assert (one[OF_CALL.index("region")], one[OF_CALL.index("account")]) == ("", ACCOUNT)
