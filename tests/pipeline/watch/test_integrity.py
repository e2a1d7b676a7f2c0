"""What came is held against CloudTrail's digests: each kind of tampering is told once, and what is right never."""

import gzip
import json
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.ingest.delivery import read_delivery
from pipeline.ingest.digest_file import mark_unread
from pipeline.ingest.listing import Source
from pipeline.ingest.log_file import LogFile
from pipeline.ingest.run import ingest
from pipeline.ingest.work import make_engine
from pipeline.sources.several import open_sources
from pipeline.watch.integrity import hold_to_digests
from pipeline.watch.tell import Integrity
from tests.digests import ACCOUNT, BEGIN, HOUR, NAME, REGION, Keys, Trail
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


def without_rights(path: Path) -> Source:
    """A file that may not be read: who runs tests may read all."""
    source = Source(path, path.stat().st_size, path.name, read_delivery(path.name), False, "it is archived: restore it")
    source.origin = path.as_posix()[path.as_posix().index("AWSLogs") :]
    return source


class Some:
    """A trail's files, of which some may not be read."""

    bytes, at_once = 0, 1

    def __init__(self, trail: Trail, *unread: Path) -> None:
        self.trail, self.unread = trail, unread

    def __iter__(self) -> Iterator[Source]:
        with open_sources([str(self.trail.folder)], None, digests=True) as opened:
            for source in opened.listing:
                yield without_rights(source.path) if source.path in self.unread else source

    def settle(self, sources: Sequence[Source]) -> None:
        pass


def test_log_files_that_cannot_be_read_are_not_changed_but_unread_and_told_once(store, trail):
    def take_but(now: datetime, *unread: Path) -> Integrity:
        ingest(Some(trail, *unread), store.events, now=now)
        return hold_to_digests(store, now)

    first, second, third = trail.logs[0], trail.logs[4], trail.logs[5]
    [finding] = take_but(NOW, first, second).found
    assert (finding.what, finding.account) == ("unread", ACCOUNT)
    assert finding.objects == sorted(path.name.removesuffix(".gz") for path in (first, second))
    for words in ("2 log files", "could not be read", "it is archived: restore it", "T1070", "PutObject"):
        assert words in finding.text
    trail.deliver(1)
    assert take_but(NOW + HOUR, first, second, trail.logs[-1]).found == [], "one of a reason is enough"
    found = take_but(NOW + 2 * HOUR, second)
    assert (found.found, found.cleared) == ([], [])
    rewrite(second, lambda content: content + b" ")
    found = take_but(NOW + 3 * HOUR)
    assert (kinds(found), len(found.cleared)) == (["objects"], 1), "and what was changed is told once it can be read"
    assert "read meanwhile" in found.cleared[0]
    assert third.exists()


def test_a_file_that_is_gone_when_it_is_worked_on_is_unread(store, trail):
    """It lay there when it was listed."""
    trail.logs[4].write_bytes(gzip.compress(os.urandom(2 << 20), 0))  # so that it is not held meanwhile
    entry = trail.entry(trail.logs[4])
    trail.put_digest(BEGIN + 5 * HOUR, [entry])
    trail.logs[4].chmod(0)
    name = trail.logs[4].name
    work = make_engine(store.events.sink).work(
        [LogFile(Path("/gone") / name, "d", name, read_delivery(name), None, named=True)], NOW
    )
    [(noted, _, content)] = work.batch.files[0].contents
    assert (noted, content) == (name.removesuffix(".gz"), mark_unread("file cannot be read: No such file or directory"))


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


def pack(trail: Trail, path: Path) -> Path:
    """A trail's bucket as an archive, its digests last."""
    files = [file for file in (*trail.logs, *trail.digests) if file.exists()]
    names = [file.relative_to(trail.folder).as_posix() for file in files]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as out:
            for file, name in zip(files, names, strict=True):
                out.write(file, name)
    else:
        with tarfile.open(path, "w:gz") as out:
            for file, name in zip(files, names, strict=True):
                out.add(file, name)
    return path


@pytest.mark.parametrize("name", ["trail.zip", "trail.tar.gz"])
def test_digests_in_an_archive_are_held_against_what_lies_beside_them(store, trail, tmp_path, name):
    trail.logs[4].unlink()
    rewrite(trail.logs[7], lambda content: content + b" ")
    report = ingest([pack(trail, tmp_path / name)], store.events, now=NOW)
    assert (report.set_aside, report.other) == (0, {})
    found = hold_to_digests(store, NOW)
    assert (found.digests, kinds(found)) == (4, ["objects", "objects"])
    assert [finding.objects for finding in found.found] == [[trail.logs[at].name.removesuffix(".gz")] for at in (4, 7)]


def test_what_an_archive_holds_too_much_of_is_said(store, trail, tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.ingest.digests_taken._MOST_LISTED", 40)
    ingest([pack(trail, tmp_path / "trail.zip")], store.events, now=NOW)
    found = hold_to_digests(store, NOW)
    [finding] = found.found
    assert (finding.what, "unpack it" in finding.text, found.digests) == ("digest_unbelieved", True, 3)
