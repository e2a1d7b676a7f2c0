"""Paths and addresses together, as one listing."""

import json
from datetime import date

import pytest

from pipeline.ingest.listing import SourceError
from pipeline.ingest.run import ingest
from pipeline.ingest.sources import Sources
from pipeline.sources.address import AddressError
from pipeline.sources.several import Several, open_sources
from tests.pipeline.ingest.memory_listing import MemoryListing, Noted
from tests.pipeline.ingest.outcome import rows
from tests.pipeline.ingest.records import NOW, a_name, a_record, envelope, write
from tests.servers.aws import REGION


def test_paths_alone_are_listed_as_ever(tmp_path):
    write(tmp_path / "a.json", envelope(a_record()))
    with open_sources([str(tmp_path)]) as opened:
        assert isinstance(opened.listing, Sources)
        assert (opened.queues, opened.may_be_empty) == ({}, False)


def test_paths_buckets_and_queues_are_read_together(aws, bucket, target, tmp_path):
    write(tmp_path / "a.json", envelope(a_record(eventName="OfPath")))
    aws.client("s3").put_object(Bucket=bucket, Key=a_name(), Body=envelope(a_record(eventName="OfBucket")))
    other = aws.bucket("told")
    aws.client("s3").put_object(Bucket=other, Key=a_name(), Body=envelope(a_record(eventName="OfQueue")))
    queue = aws.queue()
    to = {"s3Bucket": other, "s3ObjectKey": [a_name()]}

    aws.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(to))
    given = [
        f"{queue}?bucket={other}&region={REGION}",
        f"s3://{bucket}/AWSLogs/",
        str(tmp_path),
        f"s3://{bucket}/AWSLogs/",
    ]
    with open_sources(given) as opened:
        report = ingest(opened.listing, target, now=NOW)
    assert sorted(rows(target, "action")) == [("iam:OfBucket",), ("iam:OfPath",), ("iam:OfQueue",)]
    assert (report.stored, report.skipped_files) == (3, 0), "a bucket that is given twice is read once"
    [tally] = opened.queues.values()
    assert (tally.received, tally.acknowledged) == (1, 1)
    assert opened.may_be_empty


def test_since_a_day_files_that_were_delivered_before_are_not_read(tmp_path, target):
    for day in (1, 2, 3):
        write(tmp_path / a_name(f"2026030{day}T2359Z"), envelope(a_record(eventName=f"Day{day}")))
    write(tmp_path / "undated.json", envelope(a_record(eventName="Undated")))
    with open_sources([str(tmp_path)], date(2026, 3, 2)) as opened:
        noted = Noted(opened.listing)
        ingest(noted, target, now=NOW)
    assert sorted(rows(target, "action")) == [("iam:Day2",), ("iam:Day3",), ("iam:Undated",)]
    assert noted.settled == noted.shown
    assert opened.may_be_empty


def test_each_listing_is_told_of_its_own_sources():
    parts = [
        Noted(MemoryListing({f"{n}-{m}.json": b"{}" for m in range(count)})) for n, count in enumerate([3, 0, 2, 0])
    ]
    several = Several(parts)
    shown = list(several)
    for some in (shown[:1], shown[1:4], [], shown[4:]):
        several.settle(some)
    assert [part.settled for part in parts] == [part.shown for part in parts]
    assert [len(part.settled) for part in parts] == [3, 0, 2, 0]


def test_a_listing_is_settled_while_it_is_still_listed():
    part, last = Noted(MemoryListing({f"{n}.json": b"{}" for n in range(4)})), Noted(MemoryListing({"x": b"{}"}))
    several = Several([part, last])
    sources = iter(several)
    for _ in range(4):
        several.settle([next(sources)])
    several.settle([next(sources)])
    assert (len(part.settled), len(last.settled)) == (4, 1)


@pytest.mark.parametrize(("sizes", "known"), [((3, 4), 7), ((3, 0), 0)])
def test_bytes_are_known_where_each_listing_knows_its_own(sizes, known):
    parts = []
    for size in sizes:
        part = Noted(MemoryListing({"a": b"{}"}, at_once=size + 1))
        part.bytes = size
        parts.append(part)
    several = Several(parts)
    assert (several.bytes, several.at_once) == (known, max(sizes) + 1)


@pytest.mark.parametrize(
    ("given", "error"), [(["gs://x"], AddressError), (["none/"], SourceError), (["s3://b-b-b", "none/"], SourceError)]
)
def test_what_cannot_be_read_is_said_before_anything_is(given, error, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error), open_sources(given):
        raise AssertionError


QUEUE, INDEX = (
    "sqs://eu-west-1/111122223333/trail?bucket=a-trail",
    "opensearch+http://reader@localhost:9/trail-*?password=env:ONE",
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (QUEUE, "sqs://eu-west-1/111122223333/trail?bucket=another"),
        (QUEUE, f"{QUEUE}&role=arn:aws:iam::111122223333:role/reader"),
        (QUEUE, "https://sqs.eu-west-1.amazonaws.com/111122223333/trail?bucket=a-trail"),
        (INDEX, INDEX.replace("ONE", "ANOTHER")),
    ],
)
def test_what_is_given_twice_in_two_ways_is_refused_before_anything_is_read(one, other):
    """One of them would be told of, and the other remembered by nobody."""
    with (
        pytest.raises(AddressError, match=r"is given twice, and not with the same options: give it once"),
        open_sources([one, other]),
    ):
        raise AssertionError
