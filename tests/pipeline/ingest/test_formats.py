"""What others hand out, file by file: the same five records, or one line that says what it is."""

import base64
import csv
import gzip
import io
import json
from typing import Any

import pytest

from tests.pipeline.ingest.outcome import into, rows
from tests.pipeline.ingest.records import a_record, subscription, write
from tests.pipeline.ingest.test_envelope import lines

RECORDS = [
    a_record(eventID=f"00000000-0000-0000-0000-00000000000{n}", eventTime=f"2026-03-02T12:00:0{n}Z") for n in range(5)
]
TEXTS = [json.dumps(record) for record in RECORDS]


def athena() -> bytes:
    held = io.StringIO()
    user = RECORDS[0]["userIdentity"]
    printed = ", ".join(f"{name.lower()}={value}" for name, value in user.items())
    made = [
        {
            **{name.lower(): "" if value is None else value for name, value in record.items()},
            "useridentity": f"{{{printed}}}",
        }
        for record in RECORDS
    ]
    writer = csv.DictWriter(held, list(made[0]), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(row | {"readonly": str(row["readonly"]).lower(), "managementevent": "true"} for row in made)
    return held.getvalue().encode()


def document(value: Any) -> bytes:
    return json.dumps(value, indent=1).encode()


FILES: dict[str, bytes] = {
    "lookup-events.json": document({"Events": [{"EventId": "1", "CloudTrailEvent": text} for text in TEXTS]}),
    "eventbridge.jsonl": lines(*({"version": "0", "source": "aws.iam", "detail": record} for record in RECORDS)),
    "cloudwatch-logs-export-000000.gz": gzip.compress(
        b"".join(b"2026-03-02T12:00:00.000Z %s\n" % text.encode() for text in TEXTS)
    ),
    "elasticsearch-bulk.ndjson": lines(*(x for r in RECORDS for x in ({"index": {"_index": "ct"}}, r))),
    "elasticsearch-source.ndjson": lines(*({"_index": "ct", "_id": "1", "_source": record} for record in RECORDS)),
    "filebeat-message.ndjson": lines(*({"@timestamp": "x", "message": text} for text in TEXTS)),
    "vector.ndjson": lines(*({"timestamp": "x", "source_type": "aws_s3", "message": text} for text in TEXTS)),
    "splunk-export.json": lines(*({"preview": False, "result": {"_raw": text}} for text in TEXTS)),
    "datadog-archive.json.gz": gzip.compress(lines(*({"_id": "1", "attributes": record} for record in RECORDS))),
    "filter-log-events.json": document({"events": [{"timestamp": 1, "message": text} for text in TEXTS]}),
    "logs-insights.json": document(
        {"results": [[{"field": "@timestamp", "value": "x"}, {"field": "@message", "value": text}] for text in TEXTS]}
    ),
    "kinesis-lambda-event.json": document(
        {
            "Records": [
                {
                    "eventSource": "aws:kinesis",
                    "eventName": "aws:kinesis:record",
                    "kinesis": {"data": base64.b64encode(gzip.compress(subscription(*RECORDS))).decode()},
                }
            ]
        }
    ),
    "lake-query-results.json": document({"QueryResultRows": [[{"eventJson": text}] for text in TEXTS]}),
    "cwl-double-gzip.gz": gzip.compress(gzip.compress(subscription(*RECORDS))),
    "athena.csv": athena(),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("within", [False, True])
def test_five_records_are_stored_and_none_is_set_aside(target, tmp_path, name, within):
    path = write(tmp_path / "in" / name, FILES[name], pack=False)
    report = into(target, path.parent if within else path)
    assert (report.stored, report.set_aside, report.repaired) == (5, 0, 0)
    assert rows(target, "action, principal_name, event_id") == [
        ("iam:ListUsers", "alice", record["eventID"]) for record in RECORDS
    ]


A = "444455556666"
NEIGHBOURS = {
    f"AWSLogs/{A}/Config/eu-west-1/2026/3/1/ConfigHistory/x_1.json.gz": b'{"configurationItems": []}',
    f"AWSLogs/{A}/CloudTrail-Digest/eu-west-1/2026/03/01/x.json.gz": b'{"digestStartTime": "x", "logFiles": []}',
    f"AWSLogs/{A}/vpcflowlogs/eu-west-1/2026/03/01/x.log.gz": b"version account-id\n2 444455556666\n",
    f"AWSLogs/{A}/elasticloadbalancing/eu-west-1/x.log.gz": b"https 2026-03-01T09:00:00Z app/x 1.2.3.4:1 - 0\n",
    f"AWSLogs/{A}/GuardDuty/eu-west-1/2026/03/01/x.jsonl.gz": b'{"schemaVersion": "2.0", "type": "Recon:IAMUser/X"}',
}
NAMED = {"AWS Config": 1, "CloudTrail digests": 1, "VPC flow logs": 1, "load balancer logs": 1, "GuardDuty": 1}


def test_the_neighbours_of_a_bucket_are_passed_over_by_their_keys(target, tmp_path):
    for key, content in NEIGHBOURS.items():
        write(tmp_path / "bucket" / key, content)
    trail = f"AWSLogs/o-abc/{A}/CloudTrail/eu-west-1/2026/03/01/{A}_CloudTrail_eu-west-1_20260301T0910Z_A.json.gz"
    cut = gzip.compress(FILES["lookup-events.json"])
    write(tmp_path / "bucket" / trail, lines(*RECORDS))
    write(tmp_path / "bucket" / trail.replace("0910Z_A", "0915Z_B"), cut[: len(cut) // 2], pack=False)
    report = into(target, tmp_path / "bucket")
    assert (report.stored, report.passed_over) == (5, NAMED)
    assert report.reasons == {"gzip is truncated": 1}, "one that is CloudTrail's and cut off is told"


def test_copied_out_of_their_keys_they_are_known_by_their_shapes(target, tmp_path):
    for number, content in enumerate(NEIGHBOURS.values()):
        write(tmp_path / f"copied/{number}.gz", content)
    report = into(target, tmp_path / "copied")
    named = {name: count for name, count in NAMED.items() if name != "CloudTrail digests"}
    assert (report.stored, report.set_aside, report.passed_over, report.other) == (0, 0, named, {"digest": 1})
