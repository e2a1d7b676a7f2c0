"""A drill's files lie where CloudTrail's would, are there whole, and leave nothing behind."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import boto3
import pytest

from pipeline.drill.package import PutError
from pipeline.drill.put import BucketPlace, FolderPlace, pack
from pipeline.drill.render import Rendered
from pipeline.ingest.delivery import read_delivery
from pipeline.sources.address import BucketAddress, parse_address

NOW = datetime(2026, 3, 14, 10, 7, 30, tzinfo=UTC)
RECORDS = [
    Rendered("1", NOW, "111122223333", "eu-west-1", b'{"eventID":"1"}'),
    Rendered("2", NOW, "111122223333", "us-east-1", b'{"eventID":"2"}'),
    Rendered("3", NOW, "111122223333", "eu-west-1", b'{"eventID":"3"}'),
]
PACKAGE = pack(RECORDS, NOW, Random(1))
FILES = PACKAGE.files


def test_a_file_an_account_and_region_named_as_cloudtrail_does() -> None:
    told = [read_delivery(key) for key, _ in FILES]
    assert [(one.account, one.region, one.at) for one in told] == [
        ("111122223333", region, datetime(2026, 3, 14, 10, 7, tzinfo=UTC)) for region in ("eu-west-1", "us-east-1")
    ]
    assert gzip.decompress(FILES[0][1]) == b'{"Records":[{"eventID":"1"},{"eventID":"3"}]}'


@pytest.mark.parametrize("below", ["", "AWSLogs", "AWSLogs/o-abc/111122223333"])
def test_they_lie_below_awslogs_wherever_in_it_the_folder_is(tmp_path: Path, below: str) -> None:
    folder = tmp_path / "trail" / below
    folder.mkdir(parents=True)
    place = FolderPlace(folder)
    names = place.names(PACKAGE)
    place.put(PACKAGE)
    assert sorted(map(str, (tmp_path / "trail").rglob("*.json.gz"))) == sorted(names)
    assert Path(names[0]).relative_to(tmp_path / "trail").as_posix() == FILES[0][0]
    place.remove(names)
    place.remove(names)
    assert [path for path in (tmp_path / "trail").rglob("*") if path.is_file()] == []
    assert (tmp_path / "trail").is_dir()


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(PutError, match="is no folder"):
        FolderPlace(tmp_path / "gone").names(PACKAGE)
    (tmp_path / "AWSLogs").write_text("a file")
    with pytest.raises(PutError, match="cannot be written"):
        FolderPlace(tmp_path).put(PACKAGE)


@pytest.fixture
def bucket(aws: object) -> str:
    boto3.client("s3").create_bucket(Bucket="my-trail")
    return "my-trail"


def address(text: str) -> BucketAddress:
    found = parse_address(text)
    assert isinstance(found, BucketAddress)
    return found


def keys(bucket: str) -> list[str]:
    return [one["Key"] for one in boto3.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


@pytest.mark.parametrize(
    ("given", "there", "root"),
    [
        ("s3://my-trail", "", "AWSLogs/"),
        ("s3://my-trail/AWSLogs/", "", "AWSLogs/"),
        ("s3://my-trail/logs/AWSLogs/111122223333/", "", "logs/AWSLogs/"),
        ("s3://my-trail/AWSLogs/", "AWSLogs/o-abc/111122223333/CloudTrail/x", "AWSLogs/o-abc/"),
        ("s3://my-trail/AWSLogs/o-def/", "", "AWSLogs/o-def/"),
    ],
)
def test_objects_lie_where_the_trails_do(bucket: str, given: str, there: str, root: str) -> None:
    if there:
        boto3.client("s3").put_object(Bucket=bucket, Key=there, Body=b"")
    place = BucketPlace(address(given))
    names = place.names(PACKAGE)
    place.put(PACKAGE)
    assert names[0] == root + FILES[0][0].removeprefix("AWSLogs/")
    assert sorted(keys(bucket)) == sorted([*names, *filter(None, [there])])
    place.remove(names)
    assert keys(bucket) == list(filter(None, [there]))


def test_a_bucket_that_may_not_be_written_is_told(aws: object) -> None:
    with pytest.raises(PutError, match="NoSuchBucket"):
        BucketPlace(address("s3://my-trail/AWSLogs/o-abc/")).put(PACKAGE)
