"""Records become rows, are set aside, or are counted by name; whatever they hold, each does exactly one of these."""

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.event import EVENT
from features.instant import micros
from features.normalise import COLUMNS, Normaliser
from features.split import split
from tests.records import (
    ACCOUNT,
    NOW,
    OTHER,
    a_catalogue,
    a_record,
    a_root,
    a_service,
    an_assumed_role,
    an_iam_user,
    event_of,
    normalised,
    raw,
)  # fmt: skip

NINE = micros(datetime(2025, 3, 3, 9, tzinfo=UTC))
RECORDINGS = sorted(Path(__file__).parents[3].glob("shared/data/cloudtrail/*/*.json.gz"))
ENRICHED = {"country", "city", "latitude", "longitude", "asn", "organisation", "network", "file"}


def test_the_columns_are_those_of_the_event_schema() -> None:
    assert set(COLUMNS) == {column.name for column in EVENT} - ENRICHED
    assert len(COLUMNS) == len(set(COLUMNS))
    assert list(normalised([]).columns) == list(normalised([a_record()]).columns) == list(COLUMNS)


def test_an_ordinary_record() -> None:
    record = a_record(eventID="6d0f1f0e-8a5e-4e44-9d7b-0f6a2f3f1c55", sharedEventID="s", vpcEndpointId="vpce-1")
    event = event_of(record)
    assert event | {"raw": b""} == event | {
        "raw": b"", "position": 0, "event_id": "6d0f1f0e-8a5e-4e44-9d7b-0f6a2f3f1c55", "shared_event_id": "s",
        "event_time": NINE, "delivered_at": NINE + 300_000_000, "account": ACCOUNT, "region": "eu-west-1",
        "category": "Management", "service": "ec2", "action": "ec2:DescribeInstances", "level": "list", "write": False,
        "level_source": "iam", "tactic": "", "error": "", "error_code": None, "error_message": None,
        "principal": f"user/{ACCOUNT}/AIDAANA", "kind": "human", "address": "192.0.2.7", "address_kind": "public",
        "prefix": "192.0.2.0/24", "vpc_endpoint": "vpce-1", "agent": "aws-cli", "resources": (), "exposures": (),
        "facts": (), "patches": "", "issued_key": "", "flags": (), "invoked_by": "", "mfa": None,
    }  # fmt: skip
    assert event["raw"] == raw(record)


def test_delivery_is_the_files_or_five_minutes_after_the_event() -> None:
    delivered = datetime(2025, 3, 3, 9, 15, tzinfo=UTC)
    done = normalised([a_record(), a_record()], delivered_at=delivered)
    assert done.columns["delivered_at"] == [micros(delivered)] * 2


@pytest.mark.parametrize(
    ("written", "instant", "flags"),
    [
        ("2025-03-03T09:00:00Z", NINE, ()),
        ("2025-03-03T09:00:00.250Z", NINE, ("repaired",)),
        ("2025-03-03T18:00:00+09:00", NINE, ("repaired",)),
        ("2025-03-03 09:00:00", NINE, ("repaired",)),
        (1740992400, NINE, ("repaired",)),
        (1740992400000, NINE, ("repaired",)),
        ("1970-01-01T00:00:00Z", 0, ("past",)),
        ("2099-01-01T00:00:00Z", micros(datetime(2099, 1, 1, tzinfo=UTC)), ("future",)),
        ("2025-03-04T00:15:00Z", micros(NOW + timedelta(minutes=15)), ()),
        ("2025-03-04T00:15:01Z", micros(NOW + timedelta(minutes=15, seconds=1)), ("future",)),
        ("2005-12-31T23:59:59Z", micros(datetime(2005, 12, 31, 23, 59, 59, tzinfo=UTC)), ("past",)),
    ],
)
def test_times(written: Any, instant: int, flags: tuple[str, ...]) -> None:
    event = event_of(a_record(eventTime=written))
    assert (event["event_time"], event["flags"]) == (instant, flags)


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
        ({"eventCategory": "Novel"}, "category Novel"),
        (a_record(eventCategory="../../x y"), "category ______x_y"),
        ({"awsAccountId": ACCOUNT, "digestStartTime": "2025-03-03T09:00:00Z", "logFiles": []}, "digest"),
        ({"Service": "Amazon S3", "Event": "s3:TestEvent"}, "test event"),
    ],
)
def test_what_is_no_call_is_counted_by_name(record: dict[str, Any], name: str) -> None:
    done = normalised([record, a_record()])
    assert (done.other, done.set_aside, done.columns["position"]) == (Counter({name: 1}), [], [1])


def test_network_activity_is_stored() -> None:
    event = event_of(a_record(eventCategory="NetworkActivity", eventType="AwsVpceEvent", errorCode="VpceAccessDenied"))
    assert (event["category"], event["error"]) == ("NetworkActivity", "denied")
    assert event_of(a_record(eventCategory=..., eventType="AwsVpceEvent"))["category"] == "NetworkActivity"


def test_records_before_categories_are_management_events() -> None:
    assert event_of(a_record(eventCategory=...))["category"] == "Management"


@pytest.mark.parametrize("version", ["1.0", "1.01", "1.11", "1.42", ...])
def test_minor_versions_are_ignored(version: Any) -> None:
    assert event_of(a_record(eventVersion=version))["flags"] == ()


@pytest.mark.parametrize("version", ["2.0", "0.9", "x", ""])
def test_an_unknown_major_version_is_flagged(version: str) -> None:
    assert event_of(a_record(eventVersion=version))["flags"] == ("unknown_version",)


def test_an_update_names_the_record_it_corrects() -> None:
    addendum = {"reason": "UPDATED_DATA", "updatedFields": "responseElements", "originalEventID": "first"}
    event = event_of(a_record(addendum=addendum))
    assert (event["patches"], event["flags"]) == ("first", ("updated",))
    assert event_of(a_record(addendum={"reason": "DELIVERY_DELAY"}))["patches"] == ""


@pytest.mark.parametrize("written", [..., None, "", "x", "e" * 4000, "0" * 36, 12])
def test_a_record_without_a_proper_id_is_known_by_its_canonical_hash(written: Any) -> None:
    record = a_record(eventID=written)
    event = event_of(record)
    assert re.fullmatch("sha256:[0-9a-f]{64}", event["event_id"])
    assert "hashed_id" in event["flags"]
    turned = dict(reversed(record.items()))
    assert event_of(json.dumps(turned, indent=1).encode())["event_id"] == event["event_id"]
    assert event_of(record | {"awsRegion": "eu-west-2"})["event_id"] != event["event_id"]


def test_a_repaired_record_without_id_has_a_stable_one() -> None:
    bad = raw(a_record(eventID=...)).replace(b'"requestParameters":{}', b'"requestParameters":{"x":NaN}')
    assert event_of(bad)["event_id"] == event_of(bad)["event_id"] != event_of(a_record(eventID=...))["event_id"]


def test_the_account_is_the_recipients_else_the_callers() -> None:
    assert event_of(a_record(recipientAccountId=...))["account"] == ACCOUNT
    far = event_of(a_record(recipientAccountId=OTHER))
    assert (far["account"], far["identity_account"], far["flags"]) == (OTHER, ACCOUNT, ("cross_account",))
    assert event_of(a_record(a_service(), recipientAccountId=...))["account"] == "unknown"


def test_an_account_is_safe_as_the_name_of_a_folder() -> None:
    assert event_of(a_record(recipientAccountId="../../etc/passwd"))["account"] == "______etc_passwd"


def test_long_texts_are_cut_and_flagged() -> None:
    long = "x" * 100_000
    event = event_of(a_record(an_iam_user(long), eventName=long, awsRegion=long, userAgent=long, sourceIPAddress=long,
                              errorCode=long, errorMessage=long, vpcEndpointId=long, sharedEventID=long))  # fmt: skip
    assert "cut" in event["flags"]
    assert max(len(value) for value in event.values() if isinstance(value, str)) <= 1024


@pytest.mark.parametrize(
    ("source", "region", "kept"),
    [
        ("iam.amazonaws.com", "us-east-1", ""),
        ("cloudfront.amazonaws.com", "us-east-1", ""),
        ("organizations.amazonaws.com", "us-east-1", ""),
        ("route53.amazonaws.com", "us-east-1", ""),
        ("signin.amazonaws.com", "us-east-1", ""),
        ("sts.amazonaws.com", "eu-west-1", "eu-west-1"),
        ("sts.amazonaws.com", "us-east-1", "us-east-1"),
        ("ec2.amazonaws.com", "us-east-1", "us-east-1"),
    ],
)
def test_global_services_have_no_region(source: str, region: str, kept: str) -> None:
    assert event_of(a_record(eventSource=source, awsRegion=region))["region"] == kept


def test_the_global_endpoint_of_sts_has_no_region() -> None:
    tls = {"clientProvidedHostHeader": "sts.amazonaws.com"}
    assert event_of(a_record(eventSource="sts.amazonaws.com", awsRegion="us-east-1", tlsDetails=tls))["region"] == ""


def test_a_service_on_behalf_of_a_role_is_told_by_the_identity_or_by_the_address() -> None:
    told = event_of(a_record(an_assumed_role() | {"invokedBy": "athena.amazonaws.com"}))
    seen = event_of(
        a_record(an_assumed_role(), sourceIPAddress="athena.amazonaws.com", userAgent="athena.amazonaws.com")
    )
    for event in (told, seen):
        assert (event["invoked_by"], event["agent"]) == ("athena.amazonaws.com", "service:athena")
        assert event["principal"] == f"role/{ACCOUNT}/AROAAPP"
    alone = event_of(a_record(a_service(), sourceIPAddress="ec2.amazonaws.com"))
    assert (alone["principal"], alone["kind"]) == ("svc/ec2.amazonaws.com", "aws_service")


def test_a_response_that_hands_out_a_credential_names_it() -> None:
    response = {"credentials": {"accessKeyId": "ASIAABCDEFGHIJKLMNOP", "sessionToken": "t"}}
    call = {"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "readOnly": False}
    assert event_of(a_record(**call, responseElements=response))["issued_key"] == "ASIAABCDEFGHIJKLMNOP"
    assert event_of(a_record(**call))["issued_key"] == ""


def sign_in(identity: dict[str, Any], result: str, **overrides: Any) -> dict[str, Any]:
    return a_record(
        identity, eventSource="signin.amazonaws.com", eventName="ConsoleLogin", eventType="AwsConsoleSignIn",
        responseElements={"ConsoleLogin": result}, readOnly=..., **overrides,
    )  # fmt: skip


def test_sign_ins_tell_their_second_factor() -> None:
    event = event_of(sign_in(an_iam_user(), "Success", additionalEventData={"MFAUsed": "Yes"}))
    assert (event["facts"], event["mfa"], event["error"]) == (("login_mfa",), True, "")
    event = event_of(sign_in(a_root(), "Success", additionalEventData={"MFAUsed": "No"}))
    assert (event["facts"], event["mfa"], event["kind"]) == (("root", "login_no_mfa"), False, "root")


def test_a_failed_sign_in_has_no_error_code() -> None:
    by_message = sign_in(an_iam_user(), "Failure", errorMessage="Failed authentication")
    for record in (by_message, sign_in(an_iam_user(), "Failure")):
        event = event_of(record)
        assert (event["facts"], event["error"], event["error_code"]) == (("login_failed",), "credential", None)


def test_an_identity_center_sign_in_tells_the_name() -> None:
    identity = {"type": "IdentityCenterUser", "accountId": ACCOUNT, "credentialId": "c",
                "onBehalfOf": {"userId": "92a7", "identityStoreArn": "arn:store"}}  # fmt: skip
    call = {"eventSource": "signin.amazonaws.com", "eventName": "UserAuthentication"}
    event = event_of(a_record(identity, **call, additionalEventData={"UserName": "ana", "CredentialType": "PASSWORD"}))
    assert (event["principal"], event["principal_name"]) == ("idc/arn:store/92a7", "ana")


def test_unmatched_calls_are_counted() -> None:
    normaliser = Normaliser(a_catalogue())
    records = [raw(a_record(eventName=name)) for name in ("DescribeNovelty", "DescribeNovelty", "DescribeInstances")]
    normaliser.normalise(records, delivered_at=None, now=NOW)
    assert normaliser.unmatched == Counter({"ec2:DescribeNovelty": 2})


def test_memos_answer_what_repeats() -> None:
    normaliser = Normaliser(a_catalogue())
    normaliser.normalise([raw(a_record()) for _ in range(100)], delivered_at=None, now=NOW)
    assert min(normaliser.memo_hits.values()) >= 0.99
    hits, misses = normaliser.memo_counts
    assert hits > 50 * misses > 0


def test_a_record_that_breaks_a_rule_of_ours_is_set_aside_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(action: str, request: bytes, account: str) -> tuple[str, ...]:
        if b"no" in request:
            raise ZeroDivisionError
        return ("account:222222222222",)

    monkeypatch.setattr("features.columns.exposures", breaks)
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


def test_rows_share_what_repeats() -> None:
    done = normalised([a_record(), a_record()])
    assert all(rows[0] is rows[1] for rows in (done.senders, done.calls))


@pytest.mark.skipif(not RECORDINGS, reason="the recordings are not here")
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_every_recorded_record_becomes_a_row(path: Path) -> None:
    found = split(gzip.decompress(path.read_bytes()))
    done = normalised([bytes(record) for record in found.records], datetime(2026, 1, 1, tzinfo=UTC))
    assert (found.broken, done.set_aside, done.other) == ([], [], Counter())
    assert len(done.columns["raw"]) == len(found.records) > 0
    assert not any("repaired" in flags or "hashed_id" in flags for flags in done.columns["flags"])
    assert all(done.columns["principal"])
    assert not any(rule.startswith("unknown") for rule in done.columns["rule"])


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
@given(
    PIECES, st.sampled_from([b"", b"\n", b","]), st.sampled_from([(b"", b""), (b"[", b"]"), (b'{"Records":[', b"]}")])
)
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
