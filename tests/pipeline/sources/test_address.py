"""What somebody may give to be ingested."""

import pytest

from pipeline.delivery.allowed import Place
from pipeline.sources.address import Access, AddressError, BucketAddress, QueueAddress, parse_address

ROLE = "arn:aws:iam::111122223333:role/read/oddtrail"
QUEUE = "sqs://eu-west-1/111122223333/trail"
PLACES = (Place("my-trail", "AWSLogs/"),)


@pytest.mark.parametrize(
    "path", ["trail/", "-", "*.json.gz", "a:b", "C://x", "./s3", "s3:", "~/x", "1s3://x", "arn:aws:iam::1:role/x"]
)
def test_whatever_is_no_address_is_a_path(path):
    assert parse_address(path) == path


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("s3://my-trail", BucketAddress("my-trail")),
        ("s3://my-trail/", BucketAddress("my-trail")),
        ("s3a://my-trail/a b/AWSLogs/", BucketAddress("my-trail", "a b/AWSLogs/")),
        ("arn:aws:s3:::my-trail/AWSLogs/", BucketAddress("my-trail", "AWSLogs/")),
        ("arn:aws-cn:s3:::my-trail", BucketAddress("my-trail")),
        ("s3://my-trail/50%/x", BucketAddress("my-trail", "50%/x")),
        (
            f"s3://my-trail/a?role={ROLE}&external_id=a+b%3D&region=eu-west-1",
            BucketAddress("my-trail", "a", Access(ROLE, "a+b=", "eu-west-1")),
        ),
        (
            f"{QUEUE}?bucket=my-trail/AWSLogs/",
            QueueAddress("trail", "111122223333", "", PLACES, Access(region="eu-west-1")),
        ),
        (
            f"arn:aws:sqs:eu-west-1:111122223333:trail.fifo?bucket=my-trail/AWSLogs/&role={ROLE}",
            QueueAddress("trail.fifo", "111122223333", "", PLACES, Access(ROLE, "", "eu-west-1")),
        ),
        (
            "https://sqs.eu-west-1.amazonaws.com/111122223333/trail?bucket=my-trail/AWSLogs/",
            QueueAddress(
                "trail", "111122223333", "https://sqs.eu-west-1.amazonaws.com/111122223333/trail", PLACES,
                Access(region="eu-west-1"),
            ),
        ),
        (
            "http://127.0.0.1:5000/111122223333/trail?bucket=my-trail/AWSLogs/&bucket=other",
            QueueAddress(
                "trail", "111122223333", "http://127.0.0.1:5000/111122223333/trail", (*PLACES, Place("other")),
                Access(region="us-east-1"),
            ),
        ),
    ],
)  # fmt: skip
def test_an_address_is_a_bucket_or_a_queue(text, address):
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("s3://", "names no bucket: write s3://bucket/prefix"),
        ("s3://My_Trail/x", "names no bucket"),
        ("s3://my-trail/AWSLogs/*/CloudTrail/", "give the part before it"),
        ("s3://my-trail/x?profile=me", r"option 'profile': give role, external_id, region and a value"),
        ("s3://my-trail/x?role=", "option 'role'"),
        ("s3://my-trail/x?role=admin", "no role's ARN"),
        ("s3://my-trail/x?region=Ireland", "no region"),
        (QUEUE, r"anybody may write one: add \?bucket=NAME/PREFIX"),
        (f"{QUEUE}/x?bucket=b-b-b", "names no queue"),
        ("sqs://trail?bucket=my-trail", "write sqs://region/account/queue"),
        (f"{QUEUE}?bucket=NO", "'NO' is no bucket"),
        ("arn:aws:sqs:eu-west-1", "names no queue"),
        ("arn:aws:s3:x", "is no bucket's ARN"),
        ("arn:aws:s3:eu-west-1:111122223333:accesspoint/x", "with an access point's alias as the bucket"),
        ("https://example.com/x", "neither a path on this machine nor a queue's URL"),
        ("https://me@sqs.eu-west-1.amazonaws.com/111122223333/q?bucket=my-trail", "nor a queue's URL"),
        ("http://sqs.eu-west-1.amazonaws.com/111122223333/q?bucket=my-trail", "nor a queue's URL"),
        ("https://sqs.eu-west-1.amazonaws.com.evil.example/111122223333/q?bucket=my-trail", "nor a queue's URL"),
        ("gs://bucket/x", "is no path on this machine: fetch it"),
        ("ftp://" + "x" * 9_999, "is no path"),
    ],
)
def test_an_address_that_cannot_be_read_says_how_to_write_it(text, told):
    with pytest.raises(AddressError, match=told) as caught:
        parse_address(text)
    assert len(str(caught.value)) < 500
