"""Digests are held against each other: one that is missing, was changed, or comes no more is told."""

import json
from datetime import timedelta

from tests.digests import BEGIN, HOUR, Trail
from tests.pipeline.watch.held import NOW, kinds, rewrite, take


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


def test_a_backfill_is_no_part_of_the_chain(store, trail):
    more = trail.put_log(BEGIN + 2 * HOUR, 9)
    gone = trail.entry(more, s3Object=trail.key("CloudTrail", BEGIN + HOUR, "_gone"), hashValue="0" * 64)
    trail.put_digest(BEGIN + 5 * HOUR, [trail.entry(more), gone], "_backfill")
    trail.digests.pop()
    trail.signatures.pop()
    trail.put_digest(BEGIN + 5 * HOUR, [])
    [finding] = take(store, trail).found
    assert "_gone" in finding.objects[0]


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
