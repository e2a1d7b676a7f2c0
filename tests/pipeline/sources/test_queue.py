"""Messages that name new objects: which are taken, when they are deleted, and what becomes of the others."""

import json
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from pipeline.delivery.allowed import Place
from pipeline.errors import StoreError
from pipeline.ingest import tasks
from pipeline.ingest.listing import SourceError
from pipeline.ingest.run import ingest
from pipeline.sources import queue as module
from pipeline.sources.address import QueueAddress
from pipeline.sources.queue import QueueListing
from tests.digests import Trail
from tests.pipeline.delivery.doors import bus_object, s3_event, s3_record, sns_wrapped
from tests.pipeline.ingest.outcome import rows
from tests.pipeline.ingest.records import NOW, a_name, a_record, envelope
from tests.pipeline.sources.asked import Asked
from tests.servers.aws import ACCOUNT, REGION, environment_of

KEY = a_name()


@pytest.fixture
def queue(aws):
    return aws.queue()


@pytest.fixture
def there(aws, bucket, queue):
    """A queue that may name what lies below AWSLogs/ of a bucket, which holds an object."""
    put(aws, bucket, KEY)
    return QueueAddress(queue.rpartition("/")[2], ACCOUNT, queue, (Place(bucket, "AWSLogs/"),))


def put(aws, bucket, key, *records):
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=envelope(*(records or [a_record()])))


def send(aws, queue, *bodies):
    for body in bodies:
        aws.client("sqs").send_message(QueueUrl=queue, MessageBody=body if isinstance(body, str) else json.dumps(body))


def take(target, there, **given):
    with QueueListing(there, wait=0, **given) as listing:
        report = ingest(listing, target, now=NOW)
    tally = listing.tally
    assert tally.received == tally.acknowledged + tally.left
    return report, tally


def waiting(aws, queue):
    """Messages that can be received, and those that somebody holds."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return tuple(int(told[name]) for name in names)


@pytest.mark.parametrize("wrapped", [s3_event, "topic", bus_object, "own topic", "both"])
def test_an_object_is_taken_from_whatever_wraps_its_name(aws, bucket, queue, there, target, wrapped):
    body = {
        "topic": lambda: sns_wrapped(s3_event(KEY, bucket=bucket)),
        "own topic": lambda: sns_wrapped({"s3Bucket": bucket, "s3ObjectKey": [KEY]}),
        "both": lambda: sns_wrapped(bus_object(KEY, bucket=bucket)),
    }.get(wrapped, lambda: wrapped(KEY, bucket=bucket))()
    send(aws, queue, body)
    report, tally = take(target, there)
    assert (report.stored, tally.acknowledged, waiting(aws, queue)) == (1, 1, (0, 0))
    [file] = target.files.values()
    assert (file.origin, file.delivered_at.isoformat()) == (KEY, "2026-03-02T12:05:00+00:00")


def test_what_a_bucket_itself_sends_is_understood(aws, bucket, queue, there, target):
    """With its test message, and a key that is encoded."""
    to = {"QueueConfigurations": [{"QueueArn": aws.arn(queue), "Events": ["s3:ObjectCreated:*"]}]}
    aws.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=to)
    key = f"AWSLogs/o-abc/a b+c/{a_name('20260302T1210Z').rpartition('/')[2]}"
    put(aws, bucket, key)
    report, tally = take(target, there)
    assert (report.stored, tally.acknowledged, dict(tally.skipped)) == (1, 2, {"s3:TestEvent": 1})
    assert {done.origin for done in target.files.values()} == {key}
    assert waiting(aws, queue) == (0, 0)


def test_a_message_is_deleted_after_the_commit_that_holds_its_objects(aws, bucket, queue, there, target, monkeypatch):
    monkeypatch.setattr(tasks, "_TASK_FILES", 1)
    second = a_name("20260302T1210Z")
    put(aws, bucket, second)
    send(aws, queue, s3_event(KEY, second, bucket=bucket))
    commit, held = target.commit, []
    monkeypatch.setattr(target, "commit", lambda *given: (held.append(waiting(aws, queue)), commit(*given))[1])
    report, _ = take(target, there)
    assert (report.stored, held, waiting(aws, queue)) == (2, [(0, 1), (0, 1)], (0, 0))


def test_what_was_not_committed_comes_again_at_once(aws, bucket, queue, there, target, monkeypatch):
    send(aws, queue, s3_event(KEY, bucket=bucket))
    commit = target.commit
    monkeypatch.setattr(target, "commit", lambda *given: (_ for _ in ()).throw(StoreError("full")))
    with pytest.raises(StoreError, match="full"):
        take(target, there)
    assert waiting(aws, queue) == (1, 0)
    monkeypatch.setattr(target, "commit", commit)
    assert take(target, there)[0].stored == 1


def test_what_is_told_twice_is_stored_once_and_both_are_deleted(aws, bucket, queue, there, target):
    send(aws, queue, *[s3_event(KEY, bucket=bucket)] * 3)
    report, tally = take(target, there)
    assert (report.stored, report.skipped_files, tally.acknowledged) == (1, 2, 3)
    send(aws, queue, s3_event(KEY, bucket=bucket))
    report, tally = take(target, there)
    assert (report.files, report.skipped_files, tally.acknowledged) == (0, 1, 1)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("what is this?", "no shape that is known"),
        ({"what": "is this"}, "no shape that is known"),
        ("{" * 5_000, "no shape that is known"),
        ({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}]}, "without bucket or key"),
        (a_record(), "it is no notification of a new object"),
    ],
)
def test_a_message_that_nobody_can_read_is_counted_and_left(aws, bucket, queue, there, target, body, reason):
    send(aws, queue, body, s3_event(KEY, bucket=bucket))
    report, tally = take(target, there)
    assert (report.stored, tally.acknowledged, tally.left, tally.refused) == (1, 1, 1, 0)
    assert reason in next(iter(tally.reasons))
    assert waiting(aws, queue) == (0, 1), "until its time is over"


@pytest.mark.parametrize("forged", ["another bucket", "another prefix", "another's ARN"])
def test_a_forged_message_is_refused_and_nothing_of_it_is_fetched(aws, bucket, queue, there, target, forged):
    other = aws.bucket("other")
    put(aws, other, KEY)
    put(aws, bucket, "private/x.json")
    record = s3_record(KEY, bucket=bucket)
    record["s3"]["bucket"]["arn"] = f"arn:aws:s3:::{other}"
    body = {
        "another bucket": s3_event(KEY, bucket=other),
        "another prefix": s3_event("private/x.json", bucket=bucket),
        "another's ARN": {"Records": [record]},
    }[forged]
    send(aws, queue, body)
    report, tally = take(target, there)
    assert (report.records, tally.refused, tally.left, waiting(aws, queue)) == (0, 1, 1, (0, 1))


def test_a_message_that_is_good_in_part_is_taken_in_part_and_left(aws, bucket, queue, there, target):
    records = [s3_record(KEY, bucket=bucket), s3_record("private/x.json", bucket=bucket)]
    send(aws, queue, {"Records": records})
    report, tally = take(target, there)
    assert (report.stored, tally.refused, tally.left, waiting(aws, queue)) == (1, 1, 1, (0, 1))


def test_an_object_that_is_gone_is_told_and_its_message_deleted(aws, bucket, queue, there, target):
    send(aws, queue, s3_event(a_name("20260302T1300Z"), bucket=bucket), s3_event(KEY, bucket=bucket))
    report, tally = take(target, there)
    assert (report.stored, report.set_aside, tally.gone, tally.acknowledged) == (1, 1, 1, 2)
    assert "is not there any more" in next(iter(report.reasons))


def test_an_object_that_may_not_be_read_has_its_message_come_again(aws, bucket, queue, there, target, monkeypatch):
    asked = Asked()
    asked.errors["GetObject"] = [(403, "AccessDenied", "no")]
    monkeypatch.setattr(
        module, "make_client", lambda service, access: {"s3": asked, "sqs": Asked("sqs")}[service].client
    )
    send(aws, queue, s3_event(KEY, bucket=bucket))
    report, tally = take(target, there, visibility=2)
    assert (report.stored, report.set_aside, tally.left) == (0, 1, 1)
    assert list(tally.reasons) == ["its object cannot be read: denied"]
    time.sleep(2.2)
    assert (take(target, there)[0].stored, waiting(aws, queue)) == (1, (0, 0))


def test_another_services_object_is_passed_over_and_its_message_deleted(aws, bucket, queue, there, target):
    send(aws, queue, s3_event("AWSLogs/111122223333/Config/eu-west-1/2026/3/2/ConfigHistory/x.json.gz", bucket=bucket))
    report, tally = take(target, there)
    assert (report.passed_over, tally.acknowledged) == ({"AWS Config": 1}, 1)


def test_a_digest_that_is_told_is_read_and_its_message_deleted(aws, bucket, queue, there, target, tmp_path):
    trail = Trail(tmp_path).deliver(1)
    [digest] = trail.digests
    key = digest.relative_to(tmp_path).as_posix()
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=digest.read_bytes(), Metadata={"signature": "ab"})
    send(aws, queue, s3_event(key, bucket=bucket))
    report, tally = take(target, there)
    assert (report.passed_over, tally.acknowledged) == ({"CloudTrail digests": 1}, 1)
    [read] = target.digest_files
    assert (len(read.objects), read.signature) == (3, "ab")


def test_a_message_is_kept_from_others_for_as_long_as_it_is_worked_on(aws, bucket, queue, there, target, monkeypatch):
    send(aws, queue, s3_event(KEY, bucket=bucket))
    commit, seen = target.commit, []

    def slow(*given):
        for _ in range(8):
            time.sleep(0.5)
            seen.append(waiting(aws, queue))
        return commit(*given)

    monkeypatch.setattr(target, "commit", slow)
    assert take(target, there, visibility=2)[0].stored == 1
    assert set(seen) == {(0, 1)}


def test_a_poisoned_message_goes_where_the_queues_redrive_says(aws, bucket, there, target):
    dead = aws.queue("dead")
    policy = json.dumps({"deadLetterTargetArn": aws.arn(dead), "maxReceiveCount": "2"})
    queue = aws.queue("redriven", RedrivePolicy=policy)
    here = there._replace(url=queue)
    send(aws, queue, "poison", s3_event(KEY, bucket=bucket))
    for _ in range(3):
        take(target, here, visibility=1)
        time.sleep(1.1)
    assert (waiting(aws, queue), waiting(aws, dead), len(rows(target))) == ((0, 0), (1, 0), 1)


def test_a_queue_that_is_never_empty_is_left_when_what_it_holds_is_newer_than_the_run(
    aws, bucket, queue, there, target
):
    send(aws, queue, *[s3_event(KEY, bucket=bucket)] * 25)
    asked = Asked("sqs")

    def more(params, model, **_):
        if model.name == "ReceiveMessage":
            send(aws, queue, *[s3_event(KEY, bucket=bucket)] * 2)

    asked.client.meta.events.register("provide-client-params.sqs", more)
    time.sleep(1)
    monotonic = time.monotonic()
    _, tally = take(target, there, client=_Later(asked.client))
    assert tally.received >= 25
    assert time.monotonic() - monotonic < 20


class _Later:
    """A queue whose messages seem to be sent an hour after the first ones of them."""

    def __init__(self, client):
        self._client, self._asked = client, 0

    def __getattr__(self, name):
        return getattr(self._client, name)

    def receive_message(self, **given):
        answer = self._client.receive_message(**given)
        self._asked += 1
        if self._asked > 3:
            for message in answer.get("Messages", []):
                sent = int(message["Attributes"]["SentTimestamp"]) + 3_600_000
                message["Attributes"]["SentTimestamp"] = str(sent)
        return answer


def test_as_many_messages_as_may_be_are_held_and_that_is_told(aws, bucket, queue, there, target, monkeypatch):
    monkeypatch.setattr(module, "_MOST_HELD", 10)
    send(aws, queue, *[s3_event(KEY, bucket=bucket)] * 25)
    for acknowledged in (10, 10, 5):
        _, tally = take(target, there)
        assert (tally.acknowledged, tally.full) == (acknowledged, acknowledged == 10)


@pytest.mark.parametrize("url", ["", "there"])
def test_a_queue_that_is_not_there_is_told(aws, there, target, url):
    missing = there._replace(
        name="none", url=there.url + "-x" if url else "", access=there.access._replace(region=REGION)
    )
    with pytest.raises(SourceError, match="there is no such queue: check its region, account and name"):
        take(target, missing)


def test_a_queue_is_found_by_its_name(aws, bucket, queue, there, target):
    send(aws, queue, s3_event(KEY, bucket=bucket))
    assert take(target, there._replace(url=""))[0].stored == 1


KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from datetime import datetime, UTC
    from pathlib import Path
    from pipeline.ingest.run import ingest
    from pipeline.sources.address import parse_address
    from pipeline.sources.queue import QueueListing
    from pipeline.stores.home import open_store

    address, home, when = sys.argv[1:]
    with open_store(Path(home)) as store, QueueListing(parse_address(address), visibility=2, wait=0) as listing:
        settle, delete = listing.settle, listing._finish
        if when == "before":
            listing.settle = lambda sources: os.kill(os.getpid(), signal.SIGKILL)
        if when == "after":
            listing._finish = lambda messages: (delete(messages), os.kill(os.getpid(), signal.SIGKILL))
        print(ingest(listing, store.events, now=datetime(2026, 3, 3, tzinfo=UTC)).stored)
        assert listing.tally.left == 0
    """
)


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_between_the_commit_and_the_acknowledgement_nothing_is_lost_or_doubled(
    aws, moto_url, bucket, queue, there, tmp_path, when
):
    keys = [a_name(f"20260302T12{minute:02}Z") for minute in range(12)]
    for key in keys:
        put(aws, bucket, key)
    send(aws, queue, *[s3_event(key, bucket=bucket) for key in keys])
    address = f"{queue}?bucket={bucket}/AWSLogs/&region={REGION}"

    def run(when):
        command = [sys.executable, "-c", KILLED, address, str(tmp_path / "home"), when]
        return subprocess.run(
            command, capture_output=True, text=True, env={**environment_of(moto_url), "PATH": "/usr/bin:/bin"}
        )

    assert run(when).returncode == -signal.SIGKILL
    time.sleep(2.2)
    last = run("")
    assert (last.returncode, last.stdout.strip()) == (0, "0"), last.stderr
    assert waiting(aws, queue) == (0, 0)
    from pipeline.stores.home import open_store

    with open_store(tmp_path / "home") as store:
        assert len(rows(store.events)) == 12
