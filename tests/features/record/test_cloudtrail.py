"""What CloudTrail may send, as it is decoded."""

import msgspec
import pytest

from features.record.cloudtrail import (
    ABSENT,
    Addendum,
    Record,
    UserIdentity,
    decode_addendum,
    decode_record,
    decode_user_identity,
)
from tests.records import a_record, an_assumed_role, an_iam_user, raw


def test_a_record_has_the_fields_under_cloudtrails_names() -> None:
    record = decode_record(raw(a_record(sharedEventID="s", vpcEndpointId="vpce-1", errorCode="AccessDenied")))
    assert (record.event_name, record.event_source, record.aws_region) == (
        "DescribeInstances", "ec2.amazonaws.com", "eu-west-1",
    )  # fmt: skip
    assert (record.shared_event_id, record.vpc_endpoint_id, record.error_code) == ("s", "vpce-1", "AccessDenied")
    assert (record.source_ip_address, record.read_only) == ("192.0.2.7", True)


def test_what_is_left_out_is_nothing_and_a_free_form_object_stays_bytes() -> None:
    record = decode_record(b'{"requestParameters": {"a": [1, {"b": 2}]}, "unknown": {"x": 1}}')
    assert record == Record(request_parameters=record.request_parameters)
    assert bytes(record.request_parameters) == b'{"a": [1, {"b": 2}]}'
    assert record.response_elements is record.user_identity is ABSENT
    assert (record.event_id, record.read_only) == (None, None)


def test_a_null_object_is_told_from_an_absent_one() -> None:
    record = decode_record(b'{"responseElements": null}')
    assert record.response_elements is not ABSENT
    assert bytes(record.response_elements) == b"null"


@pytest.mark.parametrize("written", [b"", b"[]", b'"record"', b'{"eventName": 1}', b'{"readOnly": "true"}', b'{"a":'])
def test_anything_else_is_refused(written: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_record(written)


def test_an_identity_tells_its_session() -> None:
    role = decode_user_identity(raw(an_assumed_role("app", "i-1", sourceIdentity="ana", ec2RoleDelivery="2.0")))
    context = role.session_context
    assert (role.type, context.session_issuer.user_name, context.source_identity) == ("AssumedRole", "app", "ana")
    assert (context.ec2_role_delivery, context.attributes.mfa_authenticated) == ("2.0", "false")
    assert decode_user_identity(raw(an_iam_user())).session_context == UserIdentity().session_context


def test_an_addendum_names_the_record_it_corrects() -> None:
    found = decode_addendum(b'{"reason": "UPDATED_DATA", "updatedFields": "x", "originalEventID": "first"}')
    assert found == Addendum("UPDATED_DATA", "first")
