"""Records that bear one id: whether they say the same, however they were written."""

import json
from typing import Any

import pytest

from features.record.clash import MARK, name_apart, say_the_same
from tests.records import a_record, raw

RECORD = a_record(requestParameters={"userName": "ana", "tags": [{"key": "a", "value": "b"}]}, readOnly=False)


def changed(**fields: Any) -> bytes:
    return raw({key: value for key, value in (RECORD | fields).items() if value is not ...})


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(json.dumps(RECORD, indent=2, sort_keys=True).encode(), id="spaced and sorted"),
        pytest.param(changed(userAgent=..., requestParameters=...), id="members left out"),
        pytest.param(changed(userAgent=None), id="null"),
        pytest.param(changed(readOnly="false"), id="a boolean as text"),
        pytest.param(changed(requestParameters=json.dumps(RECORD["requestParameters"])), id="an object as text"),
        pytest.param(changed(eventTime="2025-03-03 09:00:00.000"), id="the time as an export writes it"),
        pytest.param(changed(requestParameters={"userName": "REDACTED"}), id="a secret that we took out"),
        pytest.param(changed(requestParameters={"omitted": True, "reason": "size"}), id="left out by CloudTrail"),
        pytest.param(raw(RECORD).replace(b":false", b":NaN"), id="what can be mended"),
    ],
)
def test_further_deliveries_say_the_same(other: bytes) -> None:
    assert say_the_same(raw(RECORD), other)
    assert say_the_same(other, raw(RECORD))


@pytest.mark.parametrize(
    "other",
    [
        changed(eventName="CreateUser"),
        changed(eventTime="2025-03-03T09:00:01Z"),
        changed(sourceIPAddress="198.51.100.1"),
        changed(errorCode="AccessDenied") + b" ",
        changed(requestParameters={"userName": "bob"}),
        changed(requestParameters={"tags": []}),
        changed(requestParameters="nothing"),
        changed(userIdentity=RECORD["userIdentity"] | {"accessKeyId": "AKIAOTHER"}),
        changed(readOnly=True),
        b"nothing that can be read",
        b"[1]",
    ],
)
def test_another_record_says_something_else(other: bytes) -> None:
    mine = changed(errorCode="Throttling")
    assert not say_the_same(mine, other)
    assert not say_the_same(other, mine)


def test_what_cannot_be_read_says_its_own_bytes() -> None:
    assert say_the_same(b"nonsense", b"nonsense")


def test_the_name_apart_leads_back_to_the_id() -> None:
    name = name_apart("0d1e2f3a-aaaa-bbbb-cccc-1234567890ab", b"x")
    assert name.partition(MARK)[0] == "0d1e2f3a-aaaa-bbbb-cccc-1234567890ab"
    assert name == name_apart("0d1e2f3a-aaaa-bbbb-cccc-1234567890ab", b"x") != name_apart("0d1e", b"y")
