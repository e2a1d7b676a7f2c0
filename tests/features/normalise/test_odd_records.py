"""Odd and faulty records: each is repaired, set aside or counted by name, and none takes a neighbour with it."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.record.split import split
from tests.records import ACCOUNT, NINE, a_record, an_aggregate, event_of, normalised, raw


@pytest.mark.parametrize("written", [..., None, "", "yesterday", "2025-03-03", "2025-13-03T09:00:00Z", [], {}, True,
                                     "2025-03-03T09:00:60Z", "99999-03-03T09:00:00Z", "9" * 100_000])  # fmt: skip
def test_a_time_that_cannot_be_read_sets_the_record_aside(written: Any) -> None:
    (aside,) = normalised([a_record(eventTime=written)]).set_aside
    assert aside.reason in ("no eventTime", "eventTime cannot be read")


@pytest.mark.parametrize("field", ["eventName", "eventSource", "eventTime"])
def test_without_its_action_or_time_a_record_is_set_aside_with_its_bytes(field: str) -> None:
    bad = a_record(**{field: ...})
    done = normalised([a_record(), bad, a_record()])
    assert [(aside.position, aside.reason, aside.raw) for aside in done.set_aside] == [(1, f"no {field}", raw(bad))]
    assert done.columns["position"] == [0, 2]


@pytest.mark.parametrize("identity", ["root", ["Root"], 12])
def test_an_identity_that_cannot_be_read_sets_the_record_aside(identity: Any) -> None:
    (aside,) = normalised([a_record() | {"userIdentity": identity}]).set_aside
    assert aside.reason == "userIdentity cannot be read"


ODD: list[tuple[str, bytes, bytes]] = [
    ("lone surrogate", b'"requestParameters":{}', b'"requestParameters":{"x":"\\ud800"}'),
    ("lone surrogate in the agent", b'"aws-cli/2.15.0 Python/3.11"', b'"aws-cli/\\udfff"'),
    ("invalid utf-8", b'"requestParameters":{}', b'"requestParameters":{"x":"\xff\xfe"}'),
    ("invalid utf-8 in the agent", b'"aws-cli/2.15.0 Python/3.11"', b'"aws-cli/\xff"'),
    ("lone surrogate in a name", b'"userName":"ana"', b'"userName":"\\ud800ana"'),
    ("lone surrogate in a session", b'"accessKeyId":"AKIA', b'"accessKeyId":"\\udfffAKIA'),
    ("NaN", b'"requestParameters":{}', b'"requestParameters":{"x":NaN}'),
    ("Infinity", b'"requestParameters":{}', b'"requestParameters":{"x":-Infinity}'),
    ("depth 2,000", b'"requestParameters":{}', b'"requestParameters":{"x":' + b"[" * 2000 + b"]" * 2000 + b"}"),
    ("NUL", b'"requestParameters":{}', b'"requestParameters":{"x":"\x00"}'),
    ("bad escape", b'"requestParameters":{}', b'"requestParameters":{"x":"\\q"}'),
    ("byte order mark", b'{"eventVersion"', b'\xef\xbb\xbf{"eventVersion"'),
    ("readOnly as text", b'"readOnly":true', b'"readOnly":"true"'),
    ("account as a number", b'"accountId":"111111111111"', b'"accountId":111111111111'),
    ("region as a list", b'"awsRegion":"eu-west-1"', b'"awsRegion":["eu-west-1"]'),
    ("agent as an object", b'"userAgent":"aws-cli/2.15.0 Python/3.11"', b'"userAgent":{"a":1}'),
    ("error code as a number", b'"readOnly":true', b'"readOnly":true,"errorCode":403'),
]
TAKEN: list[tuple[str, bytes, bytes]] = [
    ("duplicate keys", b'"awsRegion":"eu-west-1"', b'"awsRegion":"eu-west-1","awsRegion":"eu-west-1"'),
    ("escaped NUL", b'"requestParameters":{}', b'"requestParameters":{"x":"\\u0000"}'),
    ("100 kB of text", b'"requestParameters":{}', b'"requestParameters":{"x":"' + b"x" * 100_000 + b'"}'),
    ("huge number", b'"requestParameters":{}', b'"requestParameters":{"x":' + b"9" * 5000 + b"}"),
    ("1e999", b'"requestParameters":{}', b'"requestParameters":{"x":1e999}'),
    ("parameters as a list", b'"requestParameters":{}', b'"requestParameters":[1,2]'),
    ("parameters as text", b'"requestParameters":{}', b'"requestParameters":"text"'),
    ("resources as text", b'"readOnly":true', b'"readOnly":true,"resources":"text"'),
    ("addendum as text", b'"readOnly":true', b'"readOnly":true,"addendum":"text"'),
    ("null for every optional field", b'"readOnly":true', b'"readOnly":null,"errorCode":null,"resources":null,'
     b'"addendum":null,"sharedEventID":null,"vpcEndpointId":null,"additionalEventData":null,"tlsDetails":null'),
    ("fields nobody knows", b'"readOnly":true', b'"readOnly":true,"newField":{"deep":[1,{"x":null}]}'),
    ("depth 500", b'"requestParameters":{}', b'"requestParameters":{"x":' + b"[" * 500 + b"]" * 500 + b"}"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_an_odd_record_is_repaired_flagged_and_scored(before: bytes, after: bytes) -> None:
    bad = raw(a_record(eventID="00000000-0000-4000-8000-ffffffffffff")).replace(before, after)
    assert after in bad
    done = normalised([a_record(), bad, a_record()])
    assert (done.set_aside, done.columns["position"]) == ([], [0, 1, 2])
    event = {name: values[1] for name, values in done.columns.items()}
    assert event["flags"] == ("repaired",)
    assert (event["principal"], event["action"], event["event_time"], event["event_id"]) == (
        f"user/{ACCOUNT}/AIDAANA", "ec2:DescribeInstances", NINE, "00000000-0000-4000-8000-ffffffffffff",
    )  # fmt: skip
    assert event["raw"] == bad
    assert all(value.encode() for value in event.values() if isinstance(value, str) and value)


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_what_strict_decoders_take_is_taken_as_it_is(before: bytes, after: bytes) -> None:
    bad = raw(a_record()).replace(before, after)
    assert after in bad
    event = event_of(bad)
    assert (event["flags"], event["action"], event["raw"]) == ((), "ec2:DescribeInstances", bad)


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"eventType": "AwsCloudTrailInsight", "eventCategory": "Insight", "insightDetails": {}}, "insight"),
        ({"eventType": "AwsCloudTrailInsight"}, "insight"),
        ({"eventCategory": "Aggregated", "eventId": "x", "accountId": ACCOUNT, "timeWindow": {}}, "aggregated"),
        (an_aggregate(resourceARN={"arn:aws:s3:::plans": 7, "arn:aws:s3:::bills": 2}), "aggregated"),
        (an_aggregate("resourceARN", "arn:aws:s3:::plans", eventName={"GetObject": 7}), "aggregated"),
        (an_aggregate("userIdentity", "somebody", eventName={"GetObject": 5, "PutObject": 2}), "aggregated"),
        ({"eventCategory": "Novel"}, "category Novel"),
        (a_record(eventCategory="../../x y"), "category ______x_y"),
        ({"awsAccountId": ACCOUNT, "digestStartTime": "2025-03-03T09:00:00Z", "logFiles": []}, "digest"),
        ({"Service": "Amazon S3", "Event": "s3:TestEvent"}, "test event"),
    ],
)
def test_what_is_no_call_is_counted_by_name(record: dict[str, Any], name: str) -> None:
    done = normalised([record, a_record()])
    assert (done.other, done.set_aside, done.columns["position"]) == (Counter({name: 1}), [], [1])


def test_a_repaired_record_without_id_has_a_stable_one() -> None:
    bad = raw(a_record(eventID=...)).replace(b'"requestParameters":{}', b'"requestParameters":{"x":NaN}')
    assert event_of(bad)["event_id"] == event_of(bad)["event_id"] != event_of(a_record(eventID=...))["event_id"]


def test_a_record_that_breaks_a_rule_of_ours_is_set_aside_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(action: str, request: bytes, account: str) -> tuple[str, ...]:
        if b"no" in request:
            raise ZeroDivisionError
        return ("account:222222222222",)

    monkeypatch.setattr("features.normalise.columns.find_exposures", breaks)
    call = {"eventSource": "s3.amazonaws.com", "eventName": "PutBucketPolicy"}
    asked = ["no" if number in (3, 170, 599) else "yes" for number in range(600)]
    done = normalised([a_record(**call, requestParameters={"bucketName": text}) for text in asked])
    assert [(kept.position, kept.reason) for kept in done.set_aside] == [
        (position, "could not be normalised: ZeroDivisionError") for position in (3, 170, 599)
    ]
    assert done.columns["position"] == [number for number, text in enumerate(asked) if text == "yes"]
    assert set(done.columns["exposures"]) == {("account:222222222222",)}


def test_rows_keep_their_order_around_records_that_need_more_than_decoding() -> None:
    records: list[Any] = [a_record(eventName=f"E{number}") for number in range(600)]
    records[5]["readOnly"] = 1  # repaired
    records[300] = b'{"eventName": '  # no JSON
    records[301] = a_record(eventCategory="Insight")
    records[302]["eventTime"] = "never"
    done = normalised(records)
    names = [f"ec2:E{number}" for number in range(600) if number not in (300, 301, 302)]
    assert done.columns["action"] == names
    assert [row for row, flags in enumerate(done.columns["flags"]) if flags] == [5]
    assert [kept.position for kept in done.set_aside] == [300, 302]
    assert done.others == [(301, "insight")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted({*a_record(), "errorCode", "errorMessage", "resources", "addendum", "sharedEventID", "tlsDetails"})
MANGLED = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4).map(lambda fields: a_record() | fields)
AROUND = [(b"", b""), (b"[", b"]"), (b'{"Records":[', b"]}")]
PIECES = st.lists(st.binary(max_size=30) | MANGLED.map(lambda record: json.dumps(record).encode()), max_size=6)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(PIECES, st.sampled_from([b"", b"\n", b","]), st.sampled_from(AROUND))
def test_any_bytes_add_up(pieces: list[bytes], between: bytes, around: tuple[bytes, bytes]) -> None:
    found = split(around[0] + between.join(pieces) + around[1])
    done = normalised([bytes(record) for record in found.records])
    rows = len(done.columns["raw"])
    assert rows + len(done.set_aside) + done.other.total() == len(found.records)
    assert sorted([*done.columns["position"], *(aside.position for aside in done.set_aside)]) == sorted(
        {*done.columns["position"], *(aside.position for aside in done.set_aside)}
    )
    assert not any(aside.reason.startswith("could not be normalised") for aside in done.set_aside)
    for values in done.columns.values():
        assert len(values) == rows
    for value in (value for values in done.columns.values() for value in values):
        if isinstance(value, str):
            value.encode()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(MANGLED, st.integers(0, 2000), st.binary(min_size=1, max_size=3))
def test_no_single_fault_takes_a_neighbour(record: dict[str, Any], at: int, fault: bytes) -> None:
    bad = json.dumps(record).encode()
    at = 1 + at % len(bad)
    good = [raw(a_record(eventID=f"00000000-0000-4000-8000-00000000000{number}")) for number in range(2)]
    found = split(b"\n".join((good[0], bad[:at] + fault.replace(b"\n", b" ") + bad[at:], good[1])))
    kept = [bytes(record) for record in found.records]
    assert good[0] in kept
    assert good[1] in kept
