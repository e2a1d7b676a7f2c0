"""Objects of a bucket as files: what is there is read, what is gone is told apart from what may not be read."""

import tempfile
from pathlib import Path

import pytest

from pipeline.delivery import fetch
from pipeline.delivery.fetch import FetchError, GoneError, fetched
from pipeline.delivery.item import S3Object
from tests.pipeline.delivery.doors import KEY


def put(aws, content, key=KEY):
    bucket = aws.bucket()
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    return S3Object(bucket, key)


def test_an_object_is_a_file_as_a_trail_has_it(aws):
    item = put(aws, b"content")
    with fetched(item) as (file, transport):
        assert file.content == b"content"
        assert file.origin == KEY
        assert (file.delivery.account, file.delivery.region) == ("111122223333", "eu-west-1")
        assert (transport.bucket, transport.key) == item


def test_a_large_object_lies_on_disk_only_while_it_is_worked_on(aws, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    content = bytes(range(256)) * (40 << 10)
    with fetched(put(aws, content)) as (file, _):
        assert file.content is None
        assert file.path.read_bytes() == content
    assert list(tmp_path.iterdir()) == []


def test_where_a_large_object_does_not_fit_it_is_said(aws, monkeypatch):
    def full(*given, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fetch.tempfile, "mkstemp", full)
    with (
        pytest.raises(FetchError, match=r"No space left on device.*more ephemeral storage"),
        fetched(put(aws, bytes(9 << 20))),
    ):
        raise AssertionError


def test_an_object_that_is_gone_is_told_apart(aws):
    item = put(aws, b"")
    with pytest.raises(GoneError, match="is not there"), fetched(item._replace(key="AWSLogs/another")):
        raise AssertionError


class Refusing:
    """A bucket that refuses."""

    def __init__(self, code):
        self.code = code

    def get_object(self, **given):
        from botocore.exceptions import ClientError, ReadTimeoutError

        if self.code == "slow":
            raise ReadTimeoutError(endpoint_url="x")
        raise ClientError({"Error": {"Code": self.code}}, "GetObject")


@pytest.mark.parametrize("code", ["AccessDenied", "KMS.DisabledException", "NoSuchBucket", "SlowDown", "slow"])
def test_an_object_that_may_not_be_read_comes_again(code, monkeypatch):
    monkeypatch.setattr(fetch, "client", lambda service: Refusing(code))
    with pytest.raises(FetchError, match=r"cannot be read .*"), fetched(S3Object("b", "k")):
        raise AssertionError


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion", "NotFound", "404"])
def test_an_object_is_gone_in_any_of_the_words_for_it(code, monkeypatch):
    monkeypatch.setattr(fetch, "client", lambda service: Refusing(code))
    with pytest.raises(GoneError, match="is not there"), fetched(S3Object("b", "k")):
        raise AssertionError


def test_a_body_that_is_cut_off_comes_again(monkeypatch, tmp_path):
    from botocore.exceptions import IncompleteReadError

    class Cut:
        def read(self, size):
            raise IncompleteReadError(actual_bytes=1, expected_bytes=2)

        def __enter__(self):
            return self

        def __exit__(self, *raised):
            return None

    class Bucket:
        def get_object(self, **given):
            return {"Body": Cut()}

    monkeypatch.setattr(fetch, "client", lambda service: Bucket())
    with pytest.raises(FetchError, match="IncompleteReadError"), fetched(S3Object("b", "k")):
        raise AssertionError
    assert list(Path(tmp_path).iterdir()) == []
