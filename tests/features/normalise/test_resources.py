"""Resources that calls touched."""

from typing import Any

import pytest

from features.call.resource import find_reader
from features.normalise.rare import NO_TEXTS
from features.normalise.resources import Resources
from features.record.cloudtrail import decode_record
from features.record.fields import Fields
from tests.records import a_record, raw

LISTED = [{"ARN": "arn:aws:s3:::listed"}]


def touched(action: str, *records: dict[str, Any], resources: Resources | None = None) -> list[tuple[str, ...]]:
    fields = Fields.of([decode_record(raw(a_record(**record))) for record in records])
    return (resources or Resources()).find(fields, [find_reader(action)] * len(records)).tokens


def test_what_a_request_names_comes_before_what_the_record_lists() -> None:
    both = {"requestParameters": {"bucketName": "named"}, "resources": LISTED}
    assert touched("s3:GetObject", both) == [("bucket:named",)]
    assert touched("s3:GetObject", both | {"requestParameters": {"Host": "s3"}}) == [("bucket:listed",)]
    assert touched("novelty:GetThing", both) == [("bucket:listed",)]


@pytest.mark.parametrize("request_", [..., None, [], "text", 12, {}, {"bucketName": None}, {"bucketName": {}}])
def test_a_request_that_names_nothing(request_: Any) -> None:
    assert touched("s3:GetObject", {"requestParameters": request_}) == [NO_TEXTS]


def test_each_row_is_its_own() -> None:
    named = {"requestParameters": {"bucketName": "named"}}
    nothing = {"requestParameters": ...}
    assert touched("s3:GetObject", nothing, named, nothing | {"resources": LISTED}, nothing) == [
        (), ("bucket:named",), ("bucket:listed",), (),
    ]  # fmt: skip


def test_tokens_that_come_again_are_the_same_object() -> None:
    resources = Resources()
    named, listed = {"requestParameters": {"bucketName": "b"}}, {"requestParameters": ..., "resources": LISTED}
    found = touched("s3:GetObject", named, listed, named, listed, resources=resources)
    assert found[0] is found[2]
    assert found[1] is found[3]
    assert resources.memo.misses == 1


def test_names_in_a_list_are_found_though_a_list_is_no_key() -> None:
    names = {"requestParameters": {"names": ["/db/user", "/db/password"]}}
    assert touched("ssm:GetParameters", names) == [("parameter:/db/user", "parameter:/db/password")]


def test_what_a_call_made_is_told_apart_from_what_its_request_names() -> None:
    made = a_record(requestParameters={"sourceSnapshotId": "snap-1"}, responseElements={"snapshotId": "snap-2"})
    named = a_record(requestParameters={"sourceSnapshotId": "snap-1"}, responseElements={"snapshotId": "snap-1"})
    fields = Fields.of([decode_record(raw(record)) for record in (made, named, made | {"responseElements": None})])
    found = Resources().find(fields, [find_reader("ec2:CopySnapshot")] * 3)
    assert found.tokens == [("snapshot:snap-2", "snapshot:snap-1"), ("snapshot:snap-1",), ("snapshot:snap-1",)]
    assert found.made == {0: ("snapshot:snap-2",)}


def test_responses_of_reads_are_not_looked_into() -> None:
    shown = {"requestParameters": {}, "responseElements": {"instancesSet": {"items": [{"instanceId": "i-1"}]}}}
    assert touched("ec2:DescribeInstances", shown) == [NO_TEXTS]


def test_a_request_is_looked_into_where_its_fields_name_nothing() -> None:
    nested = {"requestParameters": {"networkInterfaceIdSet": {"items": [{"networkInterfaceId": "eni-1"}]}}}
    assert touched("ec2:ModifyThing", nested) == [("interface:eni-1",)]
    assert touched("ec2:DescribeNetworkInterfaces", nested) == [NO_TEXTS]
    wrapped = {"requestParameters": {"DescribeThingRequest": {"LaunchTemplateId": "lt-1"}}}
    assert touched("ec2:DescribeThing", wrapped) == [("launch_template:lt-1",)]


def test_the_bucket_behind_an_access_point_is_in_the_list() -> None:
    point = {"requestParameters": {"bucketName": "arn:aws:s3:eu-west-1:1:accesspoint/p"}, "resources": LISTED}
    assert touched("s3:GetObject", point) == [("access_point:p", "bucket:listed")]
