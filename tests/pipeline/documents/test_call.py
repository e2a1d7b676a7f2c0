"""What a document says of a call."""

from pipeline.documents.call import remember_calls
from tests.pipeline.documents.making import at, body
from tests.pipeline.ingest.records import ACCOUNT, a_record


def test_action_and_source_are_as_delivered_and_ours_beside_them():
    document = body(a_record(eventSource="s3.amazonaws.com", eventName="GetBucketAcl", awsRegion="eu-west-1"))
    assert at(document, "event.provider") == "s3.amazonaws.com"
    assert at(document, "event.action") == "GetBucketAcl"
    assert at(document, "event.kind") == "event"
    assert at(document, "event.dataset") == "aws.cloudtrail"
    assert at(document, "oddtrail.service") == "s3"
    assert at(document, "oddtrail.write") is False
    assert document["cloud"] == {"provider": "aws", "region": "eu-west-1", "account": {"id": ACCOUNT}}


def test_calls_are_worked_out_once():
    calls = remember_calls()
    key = (("s3", "s3:X", "read", False, "verb", "", ACCOUNT, "eu", "Management"), b"", b"3")
    assert calls[key] is calls[key]
    assert b'"provider":"s3.amazonaws.com","action":"X"' in calls[key].event
