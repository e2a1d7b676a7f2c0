"""What came is held against CloudTrail's digests: each kind of tampering is told once, and what is right never."""

import gzip
import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.ingest.run import ingest
from pipeline.settings import Settings
from pipeline.sources.address import BucketAddress
from pipeline.sources.bucket import BucketListing
from pipeline.sources.several import open_sources
from pipeline.stores.home import Store, open_store
from pipeline.stores.jsonl.operations import OperationsJsonl
from pipeline.watch.integrity import Integrity, hold_to_digests
from pipeline.watch.plan import Plan
from pipeline.watch.watch import Watch
from tests.digests import ACCOUNT, BEGIN, HOUR, NAME, REGION, Keys, Trail
from tests.pipeline.sources.asked import Asked

NOW = BEGIN + 12 * HOUR


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "home") as store:
        yield store


@pytest.fixture
def trail(tmp_path: Path) -> Trail:
    return Trail(tmp_path / "trail").deliver(4)


def take(store: Store, trail: Trail, now: datetime = NOW, since: Any = None) -> Integrity:
    with open_sources([str(trail.folder)], since, digests=True) as opened:
        report = ingest(opened.listing, store.events, now=now)
    assert (report.set_aside, report.other) == (0, {})
    return hold_to_digests(store, now)


def told(store: Store) -> list[dict[str, Any]]:
    return OperationsJsonl(store.home / "operations.jsonl").every()


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()))))
    os.utime(path, (time.time() - 60, time.time() - 60))


def kinds(found: Integrity) -> list[str]:
    return [finding.what for finding in found.found]


def test_where_all_is_right_nothing_is_told(store, trail):
    found = take(store, trail)
    assert (found.digests, found.found, found.cleared, told(store)) == (4, [], [], [])
    assert take(store, trail).digests == 0, "each is judged once"


def test_a_log_file_that_never_came_is_told_once_with_what_to_do(store, trail):
    gone = trail.logs[4]
    gone.unlink()
    [finding] = take(store, trail).found
    assert finding.objects == [gone.name.removesuffix(".gz")]
    assert (finding.what, finding.account, finding.region) == ("objects", ACCOUNT, REGION)
    assert (finding.since, finding.until) == (BEGIN + HOUR, BEGIN + 2 * HOUR)
    for words in (
        gone.name.removesuffix(".gz"), "1 log file never came", "T1070", "T1562.008", "hashes only",
        f"aws cloudtrail validate-logs --trail-arn arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{NAME} ",
        f"--region {REGION} --start-time 2026-03-02T11:00:31Z --end-time 2026-03-02T12:00:31Z",
    ):  # fmt: skip
        assert words in finding.text
    [event] = told(store)
    assert (event["kind"], event["what"], event["count"], event["text"]) == ("integrity", "objects", 1, finding.text)
    assert take(store, trail).found == []
    assert len(told(store)) == 1


def test_a_log_file_that_was_changed_before_it_was_read_is_told(store, trail):
    rewrite(trail.logs[0], lambda content: content + b" ")
    [finding] = take(store, trail).found
    assert "1 log file changed after delivery" in finding.text
    assert finding.objects == [trail.logs[0].name.removesuffix(".gz")]


def test_a_log_file_that_is_changed_after_it_was_found_right_is_told(store, trail):
    assert take(store, trail).found == []
    rewrite(trail.logs[7], lambda content: content.replace(b'"Records"', b' "Records"'))
    [finding] = take(store, trail).found
    assert finding.objects == [trail.logs[7].name.removesuffix(".gz")]


def test_another_packing_of_the_same_is_no_change(store, trail):
    for path in trail.logs[:3]:
        path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1, mtime=7))
    for path in trail.logs[3:]:
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert take(store, trail).found == []


def test_a_log_file_that_was_cut_is_told(store, tmp_path):
    trail = Trail(tmp_path / "trail").deliver(2)
    content = trail.logs[1].read_bytes()
    trail.logs[1].write_bytes(content[:-20])
    with open_sources([str(trail.folder)], None, digests=True) as opened:
        ingest(opened.listing, store.events, now=NOW)
    [finding] = hold_to_digests(store, NOW).found
    assert "changed after delivery" in finding.text
    trail.logs[1].write_bytes(content)  # it was only being copied
    os.utime(trail.logs[1], (1, 1))
    found = take(store, trail)
    assert (found.found, len(found.cleared)) == ([], 1)


def test_within_the_hour_nothing_is_told_and_what_comes_then_never_is(store, trail):
    late = trail.logs[-1]
    content = late.read_bytes()
    late.unlink()
    end = BEGIN + 4 * HOUR
    found = take(store, trail, end + timedelta(minutes=59))
    assert (found.digests, found.found) == (3, [])
    late.write_bytes(content)
    found = take(store, trail, end + timedelta(minutes=61))
    assert (found.digests, found.found) == (1, [])


def test_what_comes_after_it_was_told_clears_it(store, trail):
    late = trail.logs[4]
    content = late.read_bytes()
    late.unlink()
    assert kinds(take(store, trail)) == ["objects"]
    late.write_bytes(content)
    found = take(store, trail)
    assert (found.found, len(found.cleared)) == ([], 1)
    assert [event["kind"] for event in told(store)] == ["integrity", "integrity_cleared"]
    assert [one.cleared for one in store.digest_files.findings()] == [True]


def test_more_of_the_same_digest_is_told_again(store, trail):
    trail.logs[4].unlink()
    take(store, trail)
    rewrite(trail.logs[3], lambda content: content + b" ")
    [finding] = take(store, trail).found
    assert "1 log file never came" in finding.text
    assert "1 log file changed" in finding.text


def test_a_digest_that_is_missing_between_two_is_told(store, trail):
    trail.digests[1].unlink()
    [finding] = take(store, trail).found
    assert finding.what == "digest_missing"
    assert finding.objects == [trail.digests[1].name.removesuffix(".gz")]
    assert (finding.since, finding.until) == (BEGIN + HOUR, BEGIN + 2 * HOUR)


def test_digests_missing_in_a_row_are_one_finding_of_all_their_hours(store, trail):
    trail.digests[1].unlink()
    trail.digests[2].unlink()
    [finding] = take(store, trail).found
    assert (finding.what, finding.since, finding.until) == ("digest_missing", BEGIN + HOUR, BEGIN + 3 * HOUR)


def test_a_missing_digest_that_comes_clears_it(store, trail):
    content = trail.digests[1].read_bytes()
    trail.digests[1].unlink()
    assert kinds(take(store, trail)) == ["digest_missing"]
    trail.digests[1].write_bytes(content)
    found = take(store, trail)
    assert (found.found, len(found.cleared)) == ([], 1)


def test_a_digest_that_was_changed_is_told_by_the_one_after_it(store, trail):
    """Its own lists are still looked at: without signatures nobody knows which of the two was changed."""
    gone = trail.logs[3]
    gone.unlink()

    def without(content: bytes) -> bytes:
        document = json.loads(content)
        document["logFiles"] = document["logFiles"][1:]
        return json.dumps(document).encode()

    rewrite(trail.digests[1], without)
    [finding] = take(store, trail).found
    assert finding.what == "digest_changed"
    assert finding.objects == [trail.digests[1].name.removesuffix(".gz")]


def test_a_digest_that_is_changed_later_is_told(store, trail):
    assert take(store, trail).found == []
    rewrite(trail.digests[0], lambda content: content + b"\n")
    assert kinds(take(store, trail)) == ["digest_changed"]


def test_a_chain_that_begins_anew_is_told(store, trail):
    nothing = dict.fromkeys(
        ["previousDigestS3Bucket", "previousDigestS3Object", "previousDigestHashValue", "previousDigestSignature"]
    )
    trail.put_digest(BEGIN + 8 * HOUR, [], **nothing)
    [finding] = take(store, trail).found
    assert (finding.what, finding.since, finding.until) == ("chain_begins", BEGIN + 4 * HOUR, BEGIN + 7 * HOUR)


def test_what_was_before_the_first_that_is_read_is_no_finding(store, trail):
    for path in (*trail.digests[:2], *trail.logs[:6], trail.logs[8]):
        path.unlink()
    assert take(store, trail).found == [], "the first digest's own, and its predecessor, were never in reach"


def test_what_was_before_since_is_no_finding_though_more_was_read_earlier(store, tmp_path):
    """A watch of before read these days; one that comes back reads them from `--since` on only."""
    trail = Trail(tmp_path / "trail").deliver(40)
    every = [*trail.logs, *trail.digests]
    apart = {path: path.read_bytes() for path in every}
    for path in every[3:]:
        path.unlink()
    assert take(store, trail).found == []
    for path, content in apart.items():
        path.write_bytes(content)
    found = take(store, trail, BEGIN + 50 * HOUR, since=(BEGIN + timedelta(days=1)).date())
    assert (found.digests > 20, found.found) == (True, [])


def test_accounts_of_which_nothing_is_read_are_no_finding(store, trail):
    other = Trail(trail.folder, account="999988887777").deliver(2)
    for path in other.logs:
        path.unlink()
    assert take(store, trail).found == []


def test_a_region_of_which_nothing_came_is(store, trail):
    other = Trail(trail.folder, region="ap-southeast-2").deliver(1)
    for path in other.logs:
        path.unlink()
    [finding] = take(store, trail).found
    assert (finding.region, len(finding.objects)) == ("ap-southeast-2", 3)


def test_insights_that_a_digest_lists_are_not_looked_for(store, trail):
    key = trail.key("CloudTrail-Insight", BEGIN + 4 * HOUR, "_aB")
    entry = trail.entry(trail.logs[0], s3Object=key, hashValue="0" * 64)
    trail.put_digest(BEGIN + 5 * HOUR, [entry])
    assert take(store, trail).found == []


def test_objects_of_another_bucket_are_not_looked_for(store, trail):
    trail.put_digest(BEGIN + 5 * HOUR, [trail.entry(trail.logs[0], s3Bucket="else", hashValue="0" * 64)])
    assert take(store, trail).found == []


HOSTILE: dict[str, Callable[[Trail], dict[str, Any]]] = {
    "another account": lambda trail: {
        "logFiles": [trail.entry(trail.logs[0], s3Object=trail.key("CloudTrail", BEGIN, "_a").replace("1111", "9999"))]
    },
    "a way up": lambda trail: {
        "logFiles": [trail.entry(trail.logs[0], s3Object=f"AWSLogs/{ACCOUNT}/CloudTrail/../../x/{trail.logs[0].name}")]
    },
    "a control character": lambda trail: {
        "logFiles": [trail.entry(trail.logs[0], s3Object=f"AWSLogs/{ACCOUNT}/\x1b[2J/{trail.logs[0].name}")]
    },
    "no hash": lambda trail: {"logFiles": [trail.entry(trail.logs[0], hashValue="zz")]},
    "another hash function": lambda trail: {"logFiles": [trail.entry(trail.logs[0], hashAlgorithm="MD5")]},
    "two hashes": lambda trail: {
        "logFiles": [trail.entry(trail.logs[0]), trail.entry(trail.logs[0], hashValue="0" * 64)]
    },
    "too many": lambda trail: {"logFiles": [trail.entry(trail.logs[0])] * 20_001},
    "no list": lambda trail: {"logFiles": {"a": 1}},
    "numbers": lambda trail: {"logFiles": [1, 2, 3]},
    "another key": lambda trail: {"digestS3Object": "AWSLogs/x/y.json.gz"},
    "another end": lambda trail: {"digestEndTime": "2026-03-02T10:00:00Z"},
    "no time": lambda trail: {"digestEndTime": "yesterday"},
    "backwards": lambda trail: {"digestStartTime": "2027-01-01T00:00:00Z"},
    "a digest before that is after": lambda trail: {
        "previousDigestS3Object": trail.key("CloudTrail-Digest", BEGIN + 90 * HOUR, "")
    },
    "a digest before that is none": lambda trail: {"previousDigestS3Object": "../../etc/passwd"},
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_digest_that_cannot_be_cloudtrails_is_one_finding_and_lists_nothing(store, trail, what):
    changed = HOSTILE[what](trail)
    trail.put_digest(BEGIN + 5 * HOUR, **{"entries": [], **changed})
    trail.digests.pop()
    trail.signatures.pop()
    trail.put_digest(BEGIN + 6 * HOUR, [trail.entry(trail.logs[0])])
    trail.logs[5].unlink()
    found = take(store, trail)
    assert sorted(kinds(found)) == ["digest_unbelieved", "objects"], "and no other is hidden"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x1f\x8b",
        gzip.compress(b"[" * 100_000),
        gzip.compress(b"\xff\xfe\x00{"),
        gzip.compress(b" " * (9 << 20)),
        gzip.compress(os.urandom(2 << 20), 0),
        gzip.compress(b"{}"),
        gzip.compress(b"null"),
    ],
    ids=["empty", "cut", "deep", "no text", "inflates", "huge", "bare", "null"],
)
def test_files_that_are_no_digests_are_one_finding_a_day(store, trail, content):
    folder = trail.digests[0].parent
    for number in range(30):
        end = BEGIN + timedelta(minutes=number)
        (folder / f"{ACCOUNT}_CloudTrail-Digest_{REGION}_{NAME}_{REGION}_{end:%Y%m%dT%H%M%S}Z.json.gz").write_bytes(
            content
        )
        (folder / f"{ACCOUNT}_CloudTrail-Digest_{number}.json.gz").write_bytes(content)
    found = take(store, trail)
    assert kinds(found) in (["digest_unbelieved"] * 2, ["digest_unbelieved"])
    assert len(found.found[-1].text) < 2000
    assert take(store, trail).found == []


def test_many_objects_are_one_finding_whose_text_is_short(store, trail):
    entries = [
        trail.entry(
            trail.logs[0], s3Object=trail.key("CloudTrail", BEGIN + HOUR, f"_{at}{'x' * 700}"), hashValue="0" * 64
        )
        for at in range(2000)
    ]
    trail.put_digest(BEGIN + 5 * HOUR, entries)
    [finding] = take(store, trail).found
    assert (len(finding.objects), finding.as_dict()["count"], len(finding.as_dict()["objects"])) == (2000, 2000, 6)
    assert len(finding.text) < 2000
    assert "validate-logs" in finding.text


def test_a_backfill_is_no_part_of_the_chain(store, trail):
    more = trail.put_log(BEGIN + 2 * HOUR, 9)
    gone = trail.entry(more, s3Object=trail.key("CloudTrail", BEGIN + HOUR, "_gone"), hashValue="0" * 64)
    trail.put_digest(BEGIN + 5 * HOUR, [trail.entry(more), gone], "_backfill")
    trail.digests.pop()
    trail.signatures.pop()
    trail.put_digest(BEGIN + 5 * HOUR, [])
    [finding] = take(store, trail).found
    assert "_gone" in finding.objects[0]


def test_what_was_read_before_any_digest_came_is_not_told_as_changed(store, trail):
    apart = {path: path.read_bytes() for path in trail.digests}
    for path in apart:
        path.unlink()
    assert take(store, trail).digests == 0
    for path, content in apart.items():
        path.write_bytes(content)
    found = take(store, trail)
    assert (found.digests, found.found) == (4, [])


def test_copies_under_another_name_are_not_missing(store, trail):
    entry = trail.entry(trail.logs[0], s3Object=trail.key("CloudTrail", BEGIN + 2 * HOUR, "_twin"))
    trail.put_digest(BEGIN + 5 * HOUR, [entry])
    assert take(store, trail).found == []


def test_a_digest_that_is_being_copied_is_told_by_nobody(store, trail):
    content = trail.digests[2].read_bytes()
    trail.digests[2].write_bytes(content[:40])
    with open_sources([str(trail.folder)], None, digests=True) as opened:
        ingest(opened.listing, store.events, now=NOW)
    trail.digests[2].write_bytes(content)
    os.utime(trail.digests[2], (1, 1))
    assert take(store, trail).found == []


def test_files_of_several_processes_are_held_to_digests_too(store, tmp_path):
    trail = Trail(tmp_path / "trail").deliver(1)
    big = trail.put_log(BEGIN + HOUR - timedelta(minutes=5), 9)
    record = {"eventVersion": "1.08", "padding": os.urandom(3 << 20).hex()}
    big.write_bytes(gzip.compress(json.dumps({"Records": [record]}).encode(), 1))
    trail.put_digest(BEGIN + 2 * HOUR, [trail.entry(big)])
    rewrite(trail.logs[0], lambda content: content + b" ")
    with open_sources([str(trail.folder)], None, digests=True) as opened:
        ingest(opened.listing, store.events, now=NOW, threads=2)
    [finding] = hold_to_digests(store, NOW).found
    assert finding.objects == [trail.logs[0].name.removesuffix(".gz")]


def test_what_came_long_ago_is_forgotten_and_makes_no_finding(store, trail):
    assert take(store, trail).found == []
    store.digest_files.prune(NOW + timedelta(days=36))
    assert not store.digest_files.has_any()
    trail.deliver(1)
    assert take(store, trail, NOW + timedelta(days=36)).found == []


def test_digests_that_come_no_more_though_log_files_do_are_told_once_and_cleared(store, trail):
    take(store, trail)
    trail.deliver(5)
    apart = {path: path.read_bytes() for path in trail.digests[4:]}
    for path in apart:
        path.unlink()
    [finding] = take(store, trail, NOW + HOUR).found
    assert (finding.what, finding.objects) == ("chain_ends", [trail.digests[3].name.removesuffix(".gz")])
    assert (finding.since, finding.until) == (
        BEGIN + 4 * HOUR,
        BEGIN.replace(second=0) + timedelta(hours=8, minutes=50),
    )
    assert take(store, trail, NOW + 2 * HOUR).found == []
    for path, content in apart.items():
        path.write_bytes(content)
    found = take(store, trail, NOW + 3 * HOUR)
    assert (found.found, len(found.cleared)) == ([], 1)


def test_the_last_hours_may_be_without_a_digest_and_one_of_the_future_hides_nothing(store, trail):
    for minutes in (60, 120, 180):
        trail.put_log(BEGIN + 4 * HOUR + timedelta(minutes=minutes), 1)
    assert take(store, trail).found == []
    trail.put_log(BEGIN + 7 * HOUR + timedelta(minutes=1), 1)
    trail.put_digest(BEGIN + 9000 * HOUR, [])
    assert kinds(take(store, trail, NOW + HOUR)) == ["chain_ends"]


# what is signed


def upload(aws: Any, bucket: str, trail: Trail, signatures: list[str]) -> None:
    client = aws.client("s3")
    for path in trail.logs:
        if path.exists():
            client.put_object(Bucket=bucket, Key=path.relative_to(trail.folder).as_posix(), Body=path.read_bytes())
    for path, signature in zip(trail.digests, signatures, strict=True):
        metadata = {"signature": signature, "signature-algorithm": "SHA256withRSA"} if signature else {}
        key = path.relative_to(trail.folder).as_posix()
        client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes(), Metadata=metadata)


def fetch(store: Store, bucket: str, keys: Keys | None) -> Integrity:
    with open_sources([f"s3://{bucket}/AWSLogs/"], None, digests=True) as opened:
        ingest(opened.listing, store.events, now=NOW)
    return hold_to_digests(store, NOW, keys)


def test_signatures_of_a_buckets_digests_are_verified(aws, store, trail):
    bucket = aws.bucket()
    upload(aws, bucket, trail, trail.signatures)
    found = fetch(store, bucket, Keys())
    assert (found.digests, found.verified, found.found) == (4, 4, [])


def test_a_wrong_signature_is_one_finding_and_its_digest_lists_nothing(aws, store, trail):
    bucket = aws.bucket()
    trail.logs[4].unlink()
    trail.logs[7].unlink()
    upload(aws, bucket, trail, [trail.signatures[0], "ab" * 256, *trail.signatures[2:]])
    found = fetch(store, bucket, Keys())
    assert (found.digests, found.verified) == (4, 3)
    unbelieved, objects = sorted(found.found, key=lambda finding: finding.what)
    assert (unbelieved.what, unbelieved.standing) == ("digest_unbelieved", "wrong")
    assert "its signature is not CloudTrail's" in unbelieved.text
    assert (objects.what, objects.standing) == ("objects", "verified")
    assert objects.objects == [trail.logs[7].name.removesuffix(".gz")]
    assert "is CloudTrail's" in objects.text


@pytest.mark.parametrize("keys", [None, Keys(None)])
def test_without_keys_there_are_hashes_only(aws, store, trail, keys):
    bucket = aws.bucket()
    trail.logs[4].unlink()
    upload(aws, bucket, trail, trail.signatures)
    found = fetch(store, bucket, keys)
    assert (found.verified, kinds(found), found.found[0].standing) == (0, ["objects"], "unsigned")


def test_a_digest_put_in_the_place_of_another_is_told_whether_it_is_signed_or_not(aws, store, trail):
    """Somebody who may write into the bucket takes a deleted log file off the digest's list."""
    bucket = aws.bucket()
    trail.logs[3].unlink()

    def without(content: bytes) -> bytes:
        document = json.loads(content)
        document["logFiles"] = document["logFiles"][1:]
        return json.dumps(document).encode()

    rewrite(trail.digests[1], without)
    upload(aws, bucket, trail, [trail.signatures[0], "", *trail.signatures[2:]])
    assert sorted(kinds(fetch(store, bucket, Keys()))) == ["digest_changed", "digest_unbelieved"]


@pytest.mark.parametrize(("problem", "told"), [("", ["digest_unbelieved"]), ("no rights", [])])
def test_a_chain_that_was_signed_once_has_to_be_signed_on(aws, store, trail, problem, told):
    """Who writes over every new digest, and takes its signature off, is told; where keys cannot be asked for, not."""
    bucket = aws.bucket()
    upload(aws, bucket, trail, trail.signatures)
    assert fetch(store, bucket, Keys()).verified == 4
    trail.deliver(1)
    upload(aws, bucket, trail, [*trail.signatures[:-1], ""])
    with open_sources([f"s3://{bucket}/AWSLogs/"], None, digests=True) as opened:
        ingest(opened.listing, store.events, now=NOW)
    assert kinds(hold_to_digests(store, NOW + 2 * HOUR, Keys(problem=problem))) == told


@pytest.mark.parametrize("end", ["00010101T000000Z", "99991231T235959Z"])
def test_a_digest_of_an_impossible_time_is_one_finding_and_ends_nothing(store, trail, end):
    end_of = trail.digests[1].name[-len("20260302T150131Z.json.gz") :]
    odd = trail.digests[1].with_name(trail.digests[1].name.replace(end_of, f"{end}.json.gz"))
    odd.write_bytes(gzip.compress(b"{}"))
    trail.put_digest(BEGIN + 5 * HOUR, [], previousDigestS3Object=f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{odd.name}")
    trail.logs[4].unlink()
    found = take(store, trail)
    assert {"digest_unbelieved", "objects"} <= set(kinds(found))
    assert hold_to_digests(store, NOW + HOUR, Keys()).found == []


def test_what_is_not_judged_is_never_forgotten_for_what_is_too_much(store, trail, monkeypatch):
    monkeypatch.setattr("pipeline.stores.sqlite.digest_files.MOST", 2)
    ingest([trail.folder], store.events, now=NOW)
    store.digest_files.prune(NOW)
    due = store.digest_files.due(NOW, 9)
    assert len(due) == len(trail.digests)
    store.digest_files.settle([digest.id for digest in due])
    store.digest_files.prune(NOW)
    assert not store.digest_files.objects(due[0].id)


def test_digests_that_may_not_be_read_keep_no_log_file_back_and_are_told_once(aws, store, tmp_path):
    """A policy of before may allow log files only; digests are listed first."""
    trail, bucket = Trail(tmp_path / "trail").deliver(24), aws.bucket()
    upload(aws, bucket, trail, trail.signatures)
    asked, now = Asked(), BEGIN + 48 * HOUR
    asked.errors["GetObject"] = [(403, "AccessDenied", "no")] * 24
    for _ in range(2):
        listing = BucketListing(BucketAddress(bucket, "AWSLogs/"), objects=asked.objects(bucket), digests=True)
        listing.at_once = 1  # type: ignore[misc]  # so that the errors are those of digests
        report = ingest(listing, store.events, now=now)
        found = hold_to_digests(store, now)
        if not asked.errors["GetObject"] and report.stored:
            [finding] = found.found
            assert (report.stored, report.set_aside, finding.what) == (72, 0, "digest_unbelieved")
            assert "s3:GetObject" in finding.text
            assert "somebody" not in finding.text
    assert (found.digests, found.found, len(found.cleared)) == (24, [], 1), "and once they may, they are held against"


# a watch


def a_watch(store: Store, trail: Trail) -> Watch:
    return Watch(store, Settings(home=store.home, threads=1), Plan((str(trail.folder),), trains=False))


def test_a_watch_tells_it_once_and_counts_it(store, trail):
    trail.logs[4].unlink()
    watch = a_watch(store, trail)
    assert watch.tick(NOW).integrity == [], "a copy may be under way"
    ticked = watch.tick(NOW + HOUR)
    [finding] = ticked.integrity
    assert ticked.as_dict()["integrity"] == [finding.as_dict()]
    assert json.dumps(ticked.as_dict())
    assert ticked.report(NOW).integrity == 1
    assert watch.tick(NOW + timedelta(minutes=61)).integrity == []
    watch.close()


def test_a_watch_that_could_not_read_a_source_knows_of_nothing_missing(store, trail, tmp_path):
    trail.logs[4].unlink()
    watch = Watch(
        store, Settings(home=store.home, threads=1), Plan((str(trail.folder), str(tmp_path / "no")), trains=False)
    )
    assert watch.tick(NOW).integrity == watch.tick(NOW + HOUR).integrity == []
    (tmp_path / "no").mkdir()
    assert len(watch.tick(NOW + timedelta(minutes=61)).integrity) == 1
    watch.close()


def test_digests_are_read_when_all_days_are_and_hold_what_the_ticks_between_took_in(store, trail):
    watch = a_watch(store, trail)
    assert watch.tick(NOW).integrity == []
    trail.deliver(1)
    gone = trail.logs[-1]
    gone.unlink()
    assert watch.tick(NOW + timedelta(minutes=30)).integrity == []
    assert watch.tick(NOW + timedelta(minutes=61)).integrity == []
    [finding] = watch.tick(NOW + timedelta(minutes=122)).integrity
    assert finding.objects == [gone.name.removesuffix(".gz")]
    watch.close()
