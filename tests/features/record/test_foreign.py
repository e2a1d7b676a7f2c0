"""What lies beside CloudTrail is known by key, members, lines or first bytes; CloudTrail is never taken for it."""

import json
from typing import Any

import pytest

from features.record.container import Contents, take
from features.record.foreign import NAMES, name_of_bytes, name_of_columns, name_of_key, name_of_lines
from tests.records import a_record

A = "111122223333"
KEYS = {
    f"AWSLogs/{A}/CloudTrail/eu-west-1/2026/03/01/{A}_CloudTrail_eu-west-1_20260301T0905Z_AbCd.json.gz": "",
    f"AWSLogs/o-abc/{A}/CloudTrail/eu-west-1/2026/03/01/x.json.gz": "",
    f"AWSLogs/{A}/us-east-1/x.json.gz": "",
    "some/records.json": "",
    "Config/records.json": "",
    f"prefix/AWSLogs/{A}/Config/eu-west-1/2026/3/1/ConfigHistory/{A}_Config_eu-west-1_x_1.json.gz": "AWS Config",
    f"AWSLogs/{A}/Config/ConfigWritabilityCheckFile": "AWS Config",
    f"AWSLogs/o-abc/{A}/CloudTrail-Digest/eu-west-1/2026/03/01/x.json.gz": "CloudTrail digests",
    f"AWSLogs/{A}/CloudTrail-Insight/eu-west-1/2026/03/01/x.json.gz": "CloudTrail Insights",
    f"AWSLogs/{A}/elasticloadbalancing/eu-west-1/2026/03/01/x.log.gz": "load balancer logs",
    f"AWSLogs/{A}/vpcflowlogs/eu-west-1/2026/03/01/x.log.gz": "VPC flow logs",
    f"AWSLogs/{A}/GuardDuty/eu-west-1/2026/03/01/x.jsonl.gz": "GuardDuty",
    f"AWSLogs/{A}/vpcdnsquerylogs/vpc-1/2026/03/01/x.log.gz": "Route 53 query logs",
    f"AWSLogs/{A}/WAFLogs/eu-west-1/acl/2026/03/01/00/00/x.log.gz": "WAF logs",
    f"{A}_vpcflowlogs_eu-west-1_fl-1_20260301T0905Z_ab.log.gz": "VPC flow logs",
    f"copied/{A}_CloudTrail-Digest_eu-west-1_t_eu-west-1_20260301T100000Z.json.gz": "CloudTrail digests",
    f"copied/{A}_elasticloadbalancing_eu-west-1_app.x.1_20260301T0905Z_1.2.3.4_ab.log.gz": "load balancer logs",
    "logs/2026-03-01-09-05-00-0123456789ABCDEF": "S3 access logs",
}


@pytest.mark.parametrize(("key", "name"), KEYS.items())
def test_a_key_says_what_a_file_is(key: str, name: str) -> None:
    assert name_of_key(key) == name
    assert not name or name in NAMES


OBJECTS: dict[str, tuple[Any, str]] = {
    "Config's history": ({"fileVersion": "1.0", "configSnapshotId": "x", "configurationItems": []}, "AWS Config"),
    "a message of Config": ({"configurationItem": {}, "configurationItemDiff": {}, "messageType": "x"}, "AWS Config"),
    "an item of Config": ({"configurationItemStatus": "OK", "resourceType": "AWS::S3::Bucket"}, "AWS Config"),
    "a finding": ({"schemaVersion": "2.0", "type": "Recon:IAMUser/TorIPCaller", "accountId": A}, "GuardDuty"),
    "a finding of the API": ({"SchemaVersion": "2.0", "Service": {}, "Severity": 5}, "GuardDuty"),
    "a finding in an event": (
        {"source": "aws.guardduty", "detail": {"schemaVersion": "2.0", "service": {}, "severity": 8}}, "GuardDuty",
    ),
    "Security Hub": ({"SchemaVersion": "2018-10-08", "ProductArn": "arn:x", "Types": []}, "Security Hub"),
    "OCSF": ({"class_uid": 6003, "metadata": {}}, "OCSF"),
    "WAF": ({"timestamp": 1, "formatVersion": 1, "webaclId": "x", "httpRequest": {}}, "WAF logs"),
    "a DNS query": ({"version": "1.1", "query_timestamp": "x", "query_name": "example.com."}, "Route 53 query logs"),
    "a flow": ({"srcaddr": "10.0.0.1", "dstaddr": "10.0.0.2"}, "VPC flow logs"),
    "flows in a subscription": (
        {"messageType": "DATA_MESSAGE", "logEvents": [{"timestamp": 1, "message": f"2 {A} eni-1 10.0.0.1 OK"}]},
        "VPC flow logs",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("document", "name"), OBJECTS.values(), ids=OBJECTS)
@pytest.mark.parametrize("many", [False, True])
def test_an_object_is_told_by_its_members(document: Any, name: str, many: bool) -> None:
    found = Contents()
    take(json.dumps([document] * 2 if many else document).encode(), found, lambda packed: None)
    assert (found.records, found.broken, dict(found.other)) == ([], [], {name: 2 if many else 1})


@pytest.mark.parametrize("members", [document for document, _ in OBJECTS.values()], ids=OBJECTS)
def test_no_member_makes_a_record_something_else(members: Any) -> None:
    found = Contents()
    record = {**members, **a_record()}
    take(json.dumps({"Records": [record]}).encode(), found, lambda packed: None)
    assert (len(found.records), found.other) == (1, {})


LINES = {
    "https 2026-03-01T09:00:00.1Z app/x/1 192.0.2.1:2817 10.0.0.1:80 0.0 0.0 0.0 200 200 1 1 \"GET / HTTP/1.1\"":
        "load balancer logs",
    "h2 2026-03-01T09:00:00Z app/x/1 2001:db8::1:443 - -1 -1 -1 200 - 1 1 \"GET /\"": "load balancer logs",
    "tls 2.0 2026-03-01T09:00:00 net/x/1 a 192.0.2.1:51341 10.0.0.1:443 5 2 98 246 -": "load balancer logs",
    "2026-03-01T09:00:00.1Z my-elb 192.0.2.1:2817 10.0.0.1:80 0.00007 0.001 0.00005 200 200 0 29 \"GET /\"":
        "load balancer logs",
    "2026-03-01T09:00:00.1Z 192.0.2.1 36280 443 TLSv1.2 ECDHE 0.0 - - -": "load balancer logs",
    f"2 {A} eni-1 10.0.0.1 10.0.0.2 443 49152 6 10 840 1600000000 1600000060 ACCEPT OK": "VPC flow logs",
    f"2026-03-01T09:00:00.000Z 2 {A} eni-1 - - - - - - - 1600000000 1600000060 - NODATA": "VPC flow logs",
    "version account-id interface-id srcaddr dstaddr\n2 x y": "VPC flow logs",
    f"{'0a' * 32} bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 {'0a' * 32} 3E57 REST.GET.OBJECT k": "S3 access logs",
    "1.0 2026-03-01T08:16:02.130Z Z123412341234 example.com A NOERROR UDP FRA6 192.0.2.1 -": "Route 53 query logs",
    "#Version: 1.0\n#Fields: date time x-edge-location\n2026-03-01 1 2": "CloudFront logs",
    "hello world": "",
    "2026-03-01T09:00:00.000Z {\"eventVersion\": \"1.08\"}": "",
    "": "",
}  # fmt: skip


@pytest.mark.parametrize(("text", "name"), LINES.items())
def test_a_text_is_told_by_its_lines(text: str, name: str) -> None:
    assert name_of_lines(text.encode().split(b"\n")) == name
    if name and "\n" not in text:
        assert name_of_lines([text.encode(), b"something else"]) == "", "each line has to look like it"


def test_a_table_is_told_by_its_columns_and_a_file_by_its_first_bytes() -> None:
    assert name_of_columns({"srcaddr", "dstaddr", "action"}) == "VPC flow logs"
    assert name_of_columns({"a"}) == ""
    assert name_of_bytes(b"7z\xbc\xaf\x27\x1c") == "7z archive"
    assert name_of_bytes(b"12345678DUCK") == "DuckDB database"
