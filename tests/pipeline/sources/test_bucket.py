"""Objects of a bucket: what is fetched, how often, and what becomes of one that cannot be."""

from datetime import date, timedelta

import pytest

from pipeline.ingest import tasks
from pipeline.ingest.listing import SourceError, UnreadableError
from pipeline.ingest.run import ingest
from pipeline.sources.address import BucketAddress
from pipeline.sources.bucket import BucketListing, make_source
from pipeline.stores.home import open_store
from tests.pipeline.ingest.memory_sink import MemoryTarget
from tests.pipeline.ingest.outcome import beside, rows
from tests.pipeline.ingest.records import NOW, a_name, a_record, envelope
from tests.pipeline.sources.asked import Asked

ACCOUNTS = ("111122223333", "222233334444", "333344445555")
DAY = date(2026, 3, 2)


@pytest.fixture
def asked(aws):
    return Asked()


def put(aws, bucket, contents):
    client = aws.client("s3")
    for key, content in contents.items():
        client.put_object(Bucket=bucket, Key=key, Body=content)


def a_trail(days=3, accounts=ACCOUNTS, top=""):
    """Files of some days, one a day and account, of five events each."""
    return {
        f"{top}{a_name(f'{DAY + timedelta(days=day):%Y%m%d}T1205Z', account)}": envelope(
            *[
                a_record(recipientAccountId=account, eventTime=f"{DAY + timedelta(days=day)}T12:00:0{second}Z")
                for second in range(5)
            ]
        )
        for day in range(days)
        for account in accounts
    }  # fmt: skip


def take(target, asked, bucket, prefix="", since=None):
    listing = BucketListing(BucketAddress(bucket, prefix), since, date(2026, 3, 4), asked.objects(bucket))
    report = ingest(listing, target, now=NOW)
    assert report.records == report.stored + report.duplicates + report.set_aside + sum(report.other.values())
    return report


def test_events_are_those_of_the_same_files_on_disk(aws, bucket, asked, target, tmp_path):
    trail = {**a_trail(), "AWSLogs/111122223333/notes.md": b"# Notes", a_name("20260302T1300Z"): b"{}"}
    put(aws, bucket, trail)
    for key, content in trail.items():
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    plain = MemoryTarget()
    told = ingest([tmp_path / "AWSLogs"], plain, now=NOW)
    report = take(target, asked, bucket)
    assert len(rows(target)) == 45
    assert rows(target, "*") == rows(plain, "*")
    assert [file for file in target.files.values() if file.delivered_at is None] == []
    assert {digest: (done.origin, done.delivered_at) for digest, done in target.files.items()} == {
        digest: (done.origin, done.delivered_at) for digest, done in plain.files.items()
    }
    fields = ("files", "records", "stored", "set_aside", "not_logs", "skipped_files")
    assert [getattr(report, name) for name in fields] == [getattr(told, name) for name in fields]


@pytest.mark.parametrize("top", ["", "team/"])
def test_an_organisations_trail_is_read_with_its_accounts(aws, bucket, asked, target, top):
    trail = {key.replace("AWSLogs/", f"{top}AWSLogs/o-abc1234567/"): body for key, body in a_trail().items()}
    put(aws, bucket, trail)
    assert take(target, asked, bucket).stored == 45
    assert {account for _, account in rows(target, "event_id, account")} == set(ACCOUNTS)
    assert {origin for (origin,) in [(done.origin,) for done in target.files.values()]} == {
        key.removeprefix(top) for key in trail
    }


def test_what_is_known_is_not_fetched_again(aws, bucket, asked, target):
    put(aws, bucket, a_trail())
    take(target, asked, bucket)
    assert asked.counts["GetObject"] == 9
    report = take(target, asked, bucket)
    assert (asked.counts["GetObject"], report.skipped_files, report.files) == (9, 9, 0)


def test_what_was_put_again_is_read_again(aws, bucket, asked, target):
    trail = a_trail()
    put(aws, bucket, trail)
    take(target, asked, bucket)
    key = next(iter(trail))
    put(aws, bucket, {key: envelope(a_record(eventID="0" * 8 + "-0000-4000-8000-" + "0" * 12))})
    assert (take(target, asked, bucket).stored, asked.counts["GetObject"]) == (1, 10)


def test_since_a_day_what_is_older_is_neither_listed_nor_fetched(aws, bucket, asked, target):
    put(aws, bucket, a_trail())
    assert take(target, asked, bucket, since=DAY + timedelta(days=1)).stored == 30
    assert not any("2026/03/02" in prefix for prefix in asked.prefixes)
    assert asked.counts["GetObject"] == 6


def test_a_listing_costs_a_request_a_day_and_what_finds_the_days(aws, asked, bucket):
    client, objects = aws.client("s3"), asked.objects(bucket)
    for day in range(10):
        for n in range(40):
            key = a_name(f"{DAY + timedelta(days=day):%Y%m%d}T1205Z", mark=f"{n:016}")
            client.put_object(Bucket=bucket, Key=key, Body=b"")
    keys = [source.key for source in BucketListing(BucketAddress(bucket), None, DAY + timedelta(days=9), objects)]
    assert len(keys) == 400
    assert asked.counts["ListObjectsV2"] == 7 + 10
    asked.counts.clear()
    since = DAY + timedelta(days=8)
    assert len(list(BucketListing(BucketAddress(bucket), since, DAY + timedelta(days=9), objects))) == 80
    assert asked.counts["ListObjectsV2"] == 4 + 3


def test_an_object_that_is_replaced_after_it_was_listed_is_read_as_it_is(aws, bucket, asked, target):
    trail = a_trail(1, ACCOUNTS[:1])
    [key] = trail
    put(aws, bucket, trail)
    listing = BucketListing(BucketAddress(bucket), None, DAY, asked.objects(bucket))

    class Replacing:
        bytes, at_once, settle = 0, 1, listing.settle

        def __iter__(self):
            for source in listing:
                put(aws, bucket, {key: envelope(a_record(eventName="GetUser"))})
                yield source

    ingest(Replacing(), target, now=NOW)
    assert rows(target, "action") == [("iam:GetUser",)]
    put(aws, bucket, trail)
    assert take(target, asked, bucket).stored == 5, "what was listed then was never read, and is now"
    put(aws, bucket, {key: envelope(a_record())})
    assert take(target, asked, bucket).stored == 1


def test_an_object_is_read_on_where_it_broke_off(aws, bucket, asked):
    content = bytes(range(256)) * 8_000
    put(aws, bucket, {"a.json": content})
    source = make_source(asked.objects(bucket), "a.json")
    with source.open() as stream:
        first = stream.read(1_000_000)
        stream.raw._body = _Broken()
        assert first + stream.read() == content
    assert asked.counts["GetObject"] == 2


def test_an_object_that_is_replaced_half_way_is_unreadable_for_now(aws, bucket, asked):
    put(aws, bucket, {"a.json": bytes(2_000_000)})
    with make_source(asked.objects(bucket), "a.json").open() as stream:
        stream.read(1_000_000)
        stream.raw._body = _Broken()
        put(aws, bucket, {"a.json": b"{}"})
        with pytest.raises(UnreadableError, match="was replaced while it was read"):
            stream.read()


class _Broken:
    def read(self, size):
        raise ConnectionResetError

    def close(self):
        """Nothing is held."""


def test_an_object_that_was_deleted_meanwhile_is_told_and_the_others_are_read(aws, bucket, asked, target):
    trail = a_trail(1)
    put(aws, bucket, trail)
    listing = BucketListing(BucketAddress(bucket), None, DAY, asked.objects(bucket))
    sources = list(listing)
    aws.client("s3").delete_object(Bucket=bucket, Key=sources[1].key)

    class Listed:
        bytes, at_once, settle = 0, 4, listing.settle

        def __iter__(self):
            yield from sources

    report = ingest(Listed(), target, now=NOW)
    assert (report.stored, report.set_aside) == (10, 1)
    assert "is not there any more" in next(iter(report.reasons))
    put(aws, bucket, trail)
    assert take(target, asked, bucket).stored == 5


@pytest.mark.parametrize("code", ["AccessDenied", "KMS.DisabledException"])
def test_an_object_that_may_not_be_read_is_set_aside_once_and_read_when_it_may(aws, bucket, asked, target, code):
    put(aws, bucket, a_trail(1))
    for again in range(2):
        asked.errors["GetObject"] = [(403, code, "no")]
        report = take(target, asked, bucket)
        assert (report.stored, report.set_aside) == ((10, 1), (0, 0))[again]
    assert take(target, asked, bucket).stored == 5
    assert len(target.asides) == 1
    assert "s3://" not in target.asides[0].aside.reason, (
        "one reason for however many objects; where it lay is beside it"
    )


def test_where_no_object_may_be_read_the_run_ends_and_nothing_is_set_aside(aws, bucket, asked, target):
    put(aws, bucket, a_trail(8))
    asked.errors["GetObject"] = [(403, "AccessDenied", "no")] * 99
    with pytest.raises(
        SourceError, match=r"none of 2. objects may be read, s3://.*allow the credentials in use s3:GetObject"
    ):
        take(target, asked, bucket)
    assert (target.asides, target.files) == ([], {})


def test_a_bucket_that_is_slow_is_asked_again(aws, bucket, asked, target, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    put(aws, bucket, a_trail(1))
    slow = [(503, "SlowDown", "Reduce your request rate")] * 3
    asked.errors = {"GetObject": list(slow), "ListObjectsV2": list(slow)}
    assert take(target, asked, bucket).stored == 15
    assert asked.errors == {"GetObject": [], "ListObjectsV2": []}
    asked.errors = {"ListObjectsV2": slow * 9}
    with pytest.raises(SourceError, match="answers nothing but SlowDown"):
        take(target, asked, bucket)


@pytest.mark.parametrize(
    ("prefix", "told"), [("AWSLogs/9", "no object lies below s3://.*: check"), (None, "there is no such bucket")]
)
def test_where_nothing_is_it_is_said(aws, bucket, asked, target, prefix, told):
    put(aws, bucket, a_trail(1))
    with pytest.raises(SourceError, match=told):
        take(target, asked, bucket if prefix else f"{bucket}-x", prefix or "", DAY)


@pytest.mark.parametrize(
    ("below", "since", "count"), [("", None, 15), ("2026/", None, 15), ("2026/03/", DAY + timedelta(days=2), 5),
    ("2026/03/02/", None, 5), ("2026/03/02/", DAY + timedelta(days=1), 0)],
)  # fmt: skip
def test_one_may_begin_at_a_region_or_below_it(aws, bucket, asked, target, below, since, count):
    put(aws, bucket, a_trail())
    prefix = f"AWSLogs/{ACCOUNTS[0]}/CloudTrail/us-east-1/{below}"
    assert take(target, asked, bucket, prefix, since).stored == count


def test_that_it_may_not_be_listed_ends_the_run(aws, bucket, asked, target):
    asked.errors["ListObjectsV2"] = [(403, "AccessDenied", "no")]
    with pytest.raises(SourceError, match=r"s3://.*: it may not be read.*s3:ListBucket of the bucket"):
        take(target, asked, bucket)


def test_one_object_may_be_named_and_is_read_whatever_its_name(aws, bucket, asked, target):
    put(aws, bucket, {"x/events.bin": b"\x01" + envelope(a_record()), "x/events.bin2": b"\x01"})
    report = take(target, asked, bucket, "x/events.bin")
    assert (report.files, report.not_logs) == (1, 0)
    assert take(MemoryTarget(), asked, bucket, "x/").not_logs == 2


def test_a_large_object_is_kept_on_disk_and_goes(aws, bucket, asked, target, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    put(aws, bucket, {a_name(): envelope(*[a_record(requestParameters={"x": "y" * 50_000}) for _ in range(50)])})
    assert take(target, asked, bucket).stored == 50
    assert list(tmp_path.iterdir()) == []


def test_workers_make_the_same_store_of_a_bucket_as_of_its_files(aws, bucket, asked, tmp_path, monkeypatch):
    """With small objects handed to them, and large ones that they open where they are kept meanwhile."""
    monkeypatch.setattr(tasks, "_TASK_FILES", 2)
    trail = a_trail()
    trail[a_name("20260302T1300Z")] = envelope(
        *[a_record(requestParameters={"x": "y" * 90_000}) for _ in range(20)], a_record(eventTime="yesterday")
    )
    put(aws, bucket, trail)
    for key, content in trail.items():
        path = tmp_path / "in" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    listing = BucketListing(BucketAddress(bucket), None, date(2026, 3, 4), asked.objects(bucket))
    held = []
    for name, given in (("there", listing), ("here", [tmp_path / "in"])):
        with open_store(tmp_path / name) as store:
            report = ingest(given, store.events, now=NOW, threads=2 if name == "there" else 1)
            columns = "file, origin, position, reason, account, delivered_at, raw"
            held.append((rows(store.events, "*"), beside(store.events, "set_aside", columns), report.records))
    assert held[0] == held[1]
    assert (len(held[0][0]), len(held[0][1])) == (65, 1)
