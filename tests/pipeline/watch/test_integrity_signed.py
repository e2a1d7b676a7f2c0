"""Digests of a bucket come with signatures: those are verified, and who takes one off is told."""

import json

import pytest

from pipeline.ingest.run import ingest
from pipeline.sources.address import BucketAddress
from pipeline.sources.bucket import BucketListing
from pipeline.sources.several import open_sources
from pipeline.watch.integrity import hold_to_digests
from tests.digests import BEGIN, HOUR, REGION, Keys, Trail
from tests.pipeline.sources.asked import Asked
from tests.pipeline.watch.held import NOW, fetch, kinds, rewrite, upload


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


class ElsewhereAway(Keys):
    """Keys of another region cannot be asked for, which anybody may name in a digest."""

    def problem_of(self, region: str) -> str:
        return "" if region == REGION else self.problem


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (Keys(), ["digest_unbelieved"]),
        (Keys(problem="no rights"), []),
        (ElsewhereAway(problem="no rights"), ["digest_unbelieved"]),
    ],
    ids=["keys", "no keys", "no keys elsewhere"],
)
def test_a_chain_that_was_signed_once_has_to_be_signed_on(aws, store, trail, keys, told):
    """Who writes over every new digest, and takes its signature off, is told; where keys cannot be asked for, not."""
    bucket = aws.bucket()
    upload(aws, bucket, trail, trail.signatures)
    assert fetch(store, bucket, Keys()).verified == 4
    trail.deliver(1)
    upload(aws, bucket, trail, [*trail.signatures[:-1], ""])
    with open_sources([f"s3://{bucket}/AWSLogs/"], None, digests=True) as opened:
        ingest(opened.listing, store.events, now=NOW)
    assert kinds(hold_to_digests(store, NOW + 2 * HOUR, keys)) == told


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


@pytest.mark.parametrize("first", ["the folder", "the bucket"])
def test_of_a_digest_in_a_folder_and_a_bucket_the_signed_copy_decides(aws, store, trail, first):
    bucket = aws.bucket()
    upload(aws, bucket, trail, trail.signatures)
    sources = [str(trail.folder), f"s3://{bucket}/AWSLogs/"]
    for source in sources if first == "the folder" else sources[::-1]:
        with open_sources([source], None, digests=True) as opened:
            ingest(opened.listing, store.events, now=NOW)
    found = hold_to_digests(store, NOW, Keys())
    assert (found.digests, found.verified, found.found) == (4, 4, [])


def test_a_wrong_signature_beside_the_right_one_hides_nothing(aws, store, trail):
    buckets = [aws.bucket(), aws.bucket("other")]
    upload(aws, buckets[0], trail, ["ab" * 256] * 4)
    upload(aws, buckets[1], trail, trail.signatures)
    for bucket in buckets:
        with open_sources([f"s3://{bucket}/AWSLogs/"], None, digests=True) as opened:
            ingest(opened.listing, store.events, now=NOW)
    assert hold_to_digests(store, NOW, Keys()).verified == 4


def test_what_was_judged_while_keys_were_away_is_verified_once_they_are_not(aws, store, trail):
    bucket = aws.bucket()
    upload(aws, bucket, trail, ["ab" * 256, *trail.signatures[1:]])
    found = fetch(store, bucket, Keys(None, problem="CloudTrail does not answer"))
    assert (found.digests, found.verified, found.found) == (4, 0, [])
    assert hold_to_digests(store, NOW, Keys()).digests == 0, "nothing tells that keys are there"
    trail.deliver(1)
    upload(aws, bucket, trail, ["ab" * 256, *trail.signatures[1:]])
    with open_sources([f"s3://{bucket}/AWSLogs/"], None, digests=True) as opened:
        ingest(opened.listing, store.events, now=NOW)
    found = hold_to_digests(store, NOW, Keys())
    assert (found.verified, kinds(found)) == (4, ["digest_unbelieved"])
