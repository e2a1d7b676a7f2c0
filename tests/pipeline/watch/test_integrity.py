"""Log files are held against CloudTrail's digests: what is gone or changed is told once, and what is right never."""

import gzip
import json
import os
from datetime import timedelta

from pipeline.ingest.run import ingest
from pipeline.sources.several import open_sources
from pipeline.watch.integrity import hold_to_digests
from tests.digests import ACCOUNT, BEGIN, HOUR, NAME, REGION, Trail
from tests.pipeline.watch.held import NOW, kinds, rewrite, take, told


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


def test_insights_that_a_digest_lists_are_not_looked_for(store, trail):
    key = trail.key("CloudTrail-Insight", BEGIN + 4 * HOUR, "_aB")
    entry = trail.entry(trail.logs[0], s3Object=key, hashValue="0" * 64)
    trail.put_digest(BEGIN + 5 * HOUR, [entry])
    assert take(store, trail).found == []


def test_objects_of_another_bucket_are_not_looked_for(store, trail):
    trail.put_digest(BEGIN + 5 * HOUR, [trail.entry(trail.logs[0], s3Bucket="else", hashValue="0" * 64)])
    assert take(store, trail).found == []


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


def test_what_is_not_judged_is_never_forgotten_for_what_is_too_much(store, trail, monkeypatch):
    monkeypatch.setattr("pipeline.stores.sqlite.digest_files.MOST", 2)
    ingest([trail.folder], store.events, now=NOW)
    store.digest_files.prune(NOW)
    due = store.digest_files.due(NOW, 9)
    assert len(due) == len(trail.digests)
    store.digest_files.settle([digest.id for digest in due])
    store.digest_files.prune(NOW)
    assert not store.digest_files.objects(due[0].id)


def test_where_no_digest_was_ever_seen_what_came_long_ago_is_not_noted(store, trail):
    """A home of a million files holds no million names for nothing; those of the last days may be listed tomorrow."""
    apart = {path: path.read_bytes() for path in trail.digests}
    for path in apart:
        path.unlink()
    take(store, trail, NOW + timedelta(days=9))
    assert store.digest_files.watched_since() == {}
    trail.put_log(NOW + timedelta(days=9), 1)
    take(store, trail, NOW + timedelta(days=9))
    assert len(store.digest_files.contents([trail.logs[-1].name.removesuffix(".gz")])) == 1
    store.digest_files.prune(NOW + timedelta(days=12))
    assert store.digest_files.watched_since() == {}
