"""`oddtrail ingest` and `index` of a bucket and a queue, as somebody runs them."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.pipeline.cli.commands import answer, run
from tests.pipeline.delivery.doors import s3_event
from tests.pipeline.ingest.records import a_name, a_record, envelope
from tests.servers.aws import REGION, aws, moto_url

__all__ = ["aws", "moto_url"]
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
def bucket(aws):
    name = aws.bucket()
    for back in (1, 9):
        when = f"{YESTERDAY - timedelta(days=back - 1):%Y%m%dT1205Z}"
        aws.client("s3").put_object(Bucket=name, Key=a_name(when), Body=envelope(a_record()))
    return name


@pytest.fixture
def queue(aws, bucket):
    """The address of a queue that was told of yesterday's object, of a forged one and of nothing."""
    url = aws.queue()
    for body in (s3_event(a_name(f"{YESTERDAY:%Y%m%dT1205Z}"), bucket=bucket), s3_event(bucket="forged"), {}):
        aws.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(body))
    return f"{url}?bucket={bucket}/AWSLogs/&region={REGION}"


def test_a_bucket_is_read_and_what_is_known_is_a_success(bucket, tmp_path):
    given = ["ingest", f"s3://{bucket}/AWSLogs/", "--home", tmp_path / "home"]
    told = answer(*given, "--since", "3d")
    assert (told["files"], told["stored"], told["queues"]) == (1, 1, {})
    told = answer(*given)
    assert (told["files"], told["stored"], told["skipped_files"]) == (1, 1, 1)
    again = run(*given)
    assert (again.exit_code, "Known already and skipped: 2 files." in again.stdout) == (0, True)


def test_a_queue_is_read_until_it_is_empty_and_says_what_it_left(queue, tmp_path):
    told = answer("ingest", queue, "--home", tmp_path / "home")
    [tally] = told["queues"].values()
    assert (told["stored"], tally["received"], tally["acknowledged"], tally["refused"]) == (1, 3, 2, 1)
    again = run("ingest", queue, "--home", tmp_path / "home")
    assert again.exit_code == 0, "an empty queue is no error"
    assert "0 messages received" in again.stdout
    assert "메시지 0건 수신" in run("ingest", queue, "--home", tmp_path / "home", "--lang", "ko").stdout


def test_a_path_a_bucket_and_a_queue_are_read_together(bucket, queue, tmp_path):
    (tmp_path / "a.json").write_bytes(envelope(a_record()))
    told = answer("ingest", tmp_path / "a.json", f"s3://{bucket}", queue, "--home", tmp_path / "home")
    assert (told["stored"], told["skipped_files"]) == (3, 1)
    shown = run("ingest", queue, tmp_path / "a.json", "--home", tmp_path / "home").stdout
    assert "messages received" in shown


def test_since_when_nothing_was_delivered_is_a_success(bucket, tmp_path):
    told = answer(
        "ingest",
        f"s3://{bucket}/AWSLogs/",
        "--since",
        f"{YESTERDAY + timedelta(days=2):%Y-%m-%d}",
        "--home",
        tmp_path / "home",
    )
    assert (told["files"], told["records"]) == (0, 0)


@pytest.mark.parametrize(
    ("source", "told"),
    [("AWSLogs/9", "no object lies below s3://"), ("", "there is no such bucket: check its name")],
)
def test_what_is_not_there_is_an_error_in_one_line(bucket, tmp_path, source, told):
    where = f"s3://{bucket}/{source}" if source else f"s3://{bucket}-none"
    result = run("ingest", where, "--home", tmp_path / "home")
    assert (result.exit_code, told in result.stderr, "Traceback" in result.stderr) == (1, True, False)


def test_a_bad_since_says_what_to_give(bucket, tmp_path):
    result = run("ingest", f"s3://{bucket}", "--since", "soon", "--home", tmp_path / "home")
    assert (result.exit_code, "--since is 'soon': give a time" in result.stderr) == (1, True)
