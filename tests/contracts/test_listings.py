"""What everything promises that lists what there is to read, and what ingestion promises to it."""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from functools import cache
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import pytest

from pipeline.delivery.allowed import Place
from pipeline.errors import StoreError
from pipeline.ingest import content, run, sources, tasks
from pipeline.ingest.listing import Listing, Source
from pipeline.ingest.run import ingest
from pipeline.ingest.sources import Sources
from pipeline.sources.address import BucketAddress, QueueAddress
from pipeline.sources.bucket import BucketListing
from pipeline.sources.queue import QueueListing
from pipeline.sources.several import Several
from tests.pipeline.delivery.doors import s3_event
from tests.pipeline.ingest.memory_listing import Fetched, MemoryListing, Noted
from tests.pipeline.ingest.memory_sink import MemoryTarget
from tests.pipeline.ingest.outcome import rows
from tests.pipeline.ingest.records import NOW, a_name, a_record, envelope
from tests.servers.aws import ACCOUNT, Aws, aws, moto_url

__all__ = ["aws", "moto_url"]


@cache
def contents() -> dict[str, bytes]:
    """Keys and contents: logs, one twice, another service's, one that is no log, and one that is large."""
    told = {
        a_name(f"20260302T12{minute:02}Z"): envelope(
            *[a_record(eventID=f"{minute:08}-0000-4000-8000-{n:012}") for n in range(minute + 1)]
        )
        for minute in range(6)
    }
    first = next(iter(told.values()))
    return {
        **told,
        a_name("20260302T1300Z"): first,
        "AWSLogs/111122223333/Config/eu-west-1/2026/3/2/x.json.gz": b"x",
        "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/02/notes.md": b"# Notes",
        a_name("20260302T1310Z"): b"{}" + b" " * 3_000,
    }


def of_folder(folder: Path) -> Listing:
    for key, content_ in contents().items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content_)
    return Sources([folder])


LISTINGS: dict[str, Callable[[Path], Listing]] = {
    "folder": of_folder,
    "memory": lambda folder: MemoryListing(contents()),
    "memory, several at once": lambda folder: MemoryListing(contents(), at_once=4),
    "memory, without stamps": lambda folder: MemoryListing(contents(), at_once=4, stamped=False),
}


def of_bucket(cloud: Aws, stack: ExitStack) -> Listing:
    return BucketListing(BucketAddress(fill(cloud)), None, date(2026, 3, 3))


def of_queue(cloud: Aws, stack: ExitStack) -> Listing:
    """Of a queue of its own, which names each of the objects."""
    bucket, queue = fill(cloud), cloud.queue(uuid4().hex)
    for key in contents():
        cloud.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(s3_event(key, bucket=bucket)))
    address = QueueAddress(queue.rpartition("/")[2], ACCOUNT, queue, (Place(bucket, "AWSLogs/"),))
    return stack.enter_context(QueueListing(address, wait=0))


def of_several(cloud: Aws, stack: ExitStack) -> Listing:
    """The first half from memory, the rest from a bucket, and nothing between them."""
    first = dict(list(contents().items())[:3])
    return Several([MemoryListing(first), MemoryListing({}), of_bucket(cloud, stack)])


def fill(cloud: Aws) -> str:
    """A bucket with the contents."""
    name = f"{cloud.name}-filled"
    if name not in [each["Name"] for each in cloud.client("s3").list_buckets()["Buckets"]]:
        cloud.bucket("filled")
        for key, content_ in contents().items():
            cloud.client("s3").put_object(Bucket=name, Key=key, Body=content_)
    return name


IN_AWS: dict[str, Callable[[Aws, ExitStack], Listing]] = {
    "bucket": of_bucket,
    "queue": of_queue,
    "several": of_several,
}


@pytest.fixture(params=[*LISTINGS, *IN_AWS])
def again(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Noted]]:
    """Makes the listing, as often as asked."""
    monkeypatch.setattr(sources, "_SETTLED", 0)
    monkeypatch.setattr(content, "_HANDED", 2_000)
    monkeypatch.setattr(tasks, "_TASK_FILES", 2)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with ExitStack() as stack:
        if request.param in LISTINGS:
            yield lambda: Noted(LISTINGS[request.param](tmp_path / "in"))
        else:
            cloud = request.getfixturevalue("aws")
            yield lambda: Noted(IN_AWS[request.param](cloud, stack))


def test_every_source_is_settled_once_and_in_order(again):
    listing, target = again(), MemoryTarget()
    report = ingest(listing, target, now=NOW)
    assert listing.settled == listing.shown
    assert len(listing.rounds) > 2, "not all of them at the end"
    assert (report.files, report.stored, report.not_logs) == (7, 21, 1)
    passed = report.skipped_files + report.not_logs + sum(report.passed_over.values())
    assert len(listing.settled) == report.files + passed
    assert report.passed_over in ({}, {"AWS Config": 1}), "whose folder a bucket's listing passes over"


def test_the_rows_are_those_of_the_files(again, tmp_path):
    listed, plain = MemoryTarget(), MemoryTarget()
    ingest(again(), listed, now=NOW)
    of_folder(tmp_path / "plain")
    ingest([tmp_path / "plain"], plain, now=NOW)
    assert rows(listed, "*") == rows(plain, "*")


def test_a_source_is_settled_after_the_commit_that_holds_it(again):
    target, listing = MemoryTarget(), again()
    held_at: list[set[str]] = []

    def note(some: Sequence[Source]) -> None:
        held_at.extend([{file.origin for file in target.files.values()}] * len(some))

    listing.when_settled = note
    ingest(listing, target, now=NOW)
    ours = [(source, held) for source, held in zip(listing.settled, held_at, strict=True) if "T12" in source.origin]
    assert len(ours) >= 6
    assert all(source.origin in held for source, held in ours)


def test_what_a_failed_commit_held_is_never_settled(again, monkeypatch):
    target, listing = MemoryTarget(), again()
    commit, left = target.commit, [2]

    def failing(batch, now):
        left[0] -= 1
        if left[0] < 0:
            raise StoreError("it is full")
        return commit(batch, now)

    monkeypatch.setattr(target, "commit", failing)
    with pytest.raises(StoreError, match="full"):
        ingest(listing, target, now=NOW)
    assert 0 < len(listing.settled) < len(listing.shown)
    assert listing.settled == listing.shown[: len(listing.settled)]
    monkeypatch.setattr(target, "commit", commit)
    rest = again()
    report = ingest(rest, target, now=NOW)
    assert rest.settled == rest.shown, "what was committed before is settled as well"
    assert (len(target.events), report.records == report.stored + report.set_aside) == (21, True)


def test_what_is_known_is_settled_and_not_read(again):
    target = MemoryTarget()
    ingest(again(), target, now=NOW)
    listing = again()
    report = ingest(listing, target, now=NOW)
    assert listing.settled == listing.shown
    assert (report.files, report.records) == (0, 0)
    assert report.skipped_files >= 8
    opened = sum(getattr(source, "opened", 0) for source in listing.shown if source.stamp)
    assert opened <= 1, "a stamp is remembered of what is a log"


def test_nothing_that_was_fetched_stays_on_disk(again, tmp_path):
    there: list[int] = []
    listing = again()
    listing.when_settled = lambda some: there.append(_files(tmp_path))
    ingest(listing, MemoryTarget(), now=NOW)
    assert max(there) <= 2 * listing.at_once, "kept until its task is committed"
    assert _files(tmp_path) == 0


def _files(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "temporary").rglob("*"))


def test_a_run_of_known_sources_is_settled_on_the_way(again, monkeypatch):
    target = MemoryTarget()
    ingest(again(), target, now=NOW)
    monkeypatch.setattr(tasks, "_ENDED", 3)
    listing = again()
    ingest(listing, target, now=NOW)
    assert len(listing.rounds) > 2
    assert max(listing.rounds) == 3


@pytest.mark.parametrize("at_once", [1, 3])
def test_a_source_that_cannot_be_read_is_set_aside_once_and_read_when_it_can_be(at_once):
    target, good = MemoryTarget(), envelope(a_record())
    for _ in range(2):
        listing = Noted(MemoryListing({"a.json": "it may not be read", "b.json": good}, at_once))
        report = ingest(listing, target, now=NOW)
        assert listing.settled == listing.shown
    assert [kept.aside.reason for kept in target.asides] == ["it may not be read"]
    assert report.skipped_files == 2
    ingest(MemoryListing({"a.json": envelope(a_record(eventName="Other"))}), target, now=NOW)
    assert len(target.events) == 2


def test_a_source_without_a_stamp_is_read_before_the_next_is_asked_for():
    """So that a listing whose sources hold their content holds one."""
    order: list[str] = []

    class Lazy(MemoryListing):
        def __iter__(self) -> Iterator[Source]:
            for source in self.sources:
                order.append(f"shown {source.path}")
                yield source
                order.append(f"opened {source.opened}")

    told = {f"{n}.json": json.dumps(a_record(eventName=f"E{n}")).encode() for n in range(3)}
    ingest(Lazy(told, stamped=False), MemoryTarget(), now=NOW)
    assert order == [word for n in range(3) for word in (f"shown {n}.json", "opened 1")]


def test_a_stamp_that_changes_as_a_source_is_opened_is_the_one_that_is_remembered():
    class Replaced(Fetched):
        def open(self) -> BinaryIO:
            self.stamp = b"new"
            return super().open()

    target = MemoryTarget()
    ingest(MemoryListing({"a.json": envelope(a_record())}, kind=Replaced), target, now=NOW)
    assert list(target.stamps) == [b"new"]


@pytest.mark.parametrize("count", [1, 40])
def test_of_what_is_of_unknown_size_a_pool_works_where_there_is_enough(count, monkeypatch):
    monkeypatch.setattr(tasks, "_TASK_FILES", 20)
    monkeypatch.setattr(run, "ProcessPoolExecutor", _Pool)
    _Pool.made = 0
    told = {f"{n}.json": envelope(a_record(eventName=f"E{n}")) for n in range(count)}
    target = MemoryTarget()
    ingest(MemoryListing(told, at_once=4), target, now=NOW, threads=2)
    assert (len(target.events), _Pool.made) == (count, int(count > 20))


class _Pool:
    """Works at once, in this process."""

    made = 0

    def __init__(self, threads: int, context: object, start: Callable[..., None], given: Sequence[object]) -> None:
        type(self).made += 1
        run._engine = run.make_engine(*given)  # type: ignore[arg-type]

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, *error: object) -> None: ...

    def submit(self, work: Callable[..., run.Work], *given: object) -> "run.Future[run.Work]":
        done = run.Future[run.Work]()
        done.set_result(work(*given))
        return done

    def shutdown(self, **given: object) -> None: ...
