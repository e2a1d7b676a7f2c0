"""What is told again, what is not, and how much of what nobody signed is told in a day."""

from datetime import timedelta

import pytest

from pipeline.watch.tell import MOST_OF_ACCOUNT, Integrity, Teller, has_others, mark_names
from tests.digests import ACCOUNT, BEGIN, BUCKET, HOUR, Trail
from tests.pipeline.watch.held import NOW, kinds, rewrite, take, told

DAY = timedelta(days=1)


def test_other_files_missing_in_the_same_number_are_told(store, trail):
    first, second = trail.logs[3:5]
    contents = {path: path.read_bytes() for path in (first, second)}
    first.unlink()
    [finding] = take(store, trail).found
    assert finding.objects == [first.name.removesuffix(".gz")]
    first.write_bytes(contents[first])
    rewrite(second, lambda content: content + b" ")
    before = store.digest_files.finding(finding.key)
    [other] = take(store, trail).found
    assert (before.objects, other.objects) == (1, [second.name.removesuffix(".gz")])
    assert take(store, trail).found == []


def test_fewer_of_the_same_are_not_told_and_one_of_them_that_goes_again_is(store, trail):
    apart = {path: path.read_bytes() for path in trail.logs[3:6]}
    for path in apart:
        path.unlink()
    assert kinds(take(store, trail)) == ["objects"]
    for path in list(apart)[:2]:
        path.write_bytes(apart[path])
    assert take(store, trail).found == []
    rewrite(trail.logs[3], lambda content: content + b" ")
    assert kinds(take(store, trail)) == ["objects"]


def test_a_file_that_was_missing_and_comes_changed_is_told_again(store, trail):
    gone = trail.logs[4].read_bytes()
    trail.logs[4].unlink()
    assert "never came" in take(store, trail).found[0].text
    trail.logs[4].write_bytes(gone)
    rewrite(trail.logs[4], lambda content: content + b" ")
    [finding] = take(store, trail).found
    assert "changed after delivery" in finding.text


def test_a_digest_that_was_missing_and_comes_changed_is_told_again(store, trail):
    gone = trail.digests[1].read_bytes()
    trail.digests[1].unlink()
    assert kinds(take(store, trail)) == ["digest_missing"]
    trail.digests[1].write_bytes(gone)
    rewrite(trail.digests[1], lambda content: content + b" ")
    assert kinds(take(store, trail)) == ["digest_changed"]


@pytest.mark.parametrize("number", [3, 256, 5000])
def test_marks_know_others_from_fewer_however_many_there_are(number):
    names = [f"name-{at}" for at in range(number)]
    marks = mark_names(names)
    assert len(marks) <= 256 * 8
    assert not has_others(mark_names(names[: number // 2]), marks)
    assert has_others(mark_names([*names[: number // 2], *(f"other-{at}" for at in range(number // 2 + 1))]), marks)


def test_what_was_told_before_names_were_kept_is_told_of_more_only(store, trail):
    trail.logs[4].unlink()
    [finding] = take(store, trail).found
    kept = store.digest_files.finding(finding.key)
    store.digest_files.put_finding(kept._replace(names=b""))
    done = Integrity()
    Teller(store, NOW, done).tell(finding)
    assert done.found == []


def forge(trail: Trail, number: int, begin: int = 0) -> None:
    """Digests that somebody wrote who may write where logs lie: each says that something is missing."""
    entry = trail.entry(trail.logs[0])
    for at in range(begin, begin + number):
        end = BEGIN + 2 * HOUR + timedelta(seconds=at + 1)
        key = trail.key("CloudTrail", BEGIN + 2 * HOUR, f"_{at:08d}forged")
        missing = {**entry, "s3Object": key, "hashValue": "0" * 64}
        nothing = dict.fromkeys(
            ["previousDigestS3Bucket", "previousDigestS3Object", "previousDigestHashValue", "previousDigestSignature"]
        )
        key = trail.key("CloudTrail-Digest", end, "").replace("my_trail", f"t{at}")
        trail.put_digest(end, [missing], digestS3Object=key, digestS3Bucket=BUCKET, **nothing).rename(
            trail.digests[-1].with_name(key.rpartition("/")[2])
        )
        trail.digests.pop()
        trail.signatures.pop()


def test_of_what_nobody_signed_so_many_a_day_are_told_and_then_how_many_more(store, trail):
    for at in range(3):
        forge(trail, 100, 100 * at)
        found = take(store, trail, NOW + at * timedelta(minutes=1))
        if not at:
            assert kinds(found) == ["objects"] * MOST_OF_ACCOUNT + ["more"]
            assert found.found[-1].as_dict()["count"] == 50
            assert "50 more findings" in found.found[-1].text
            assert "validate-logs" in found.found[-1].text
        else:
            assert found.found == [], "how many more is told again when they are ten times as many"
    assert len(told(store)) == MOST_OF_ACCOUNT + 1
    [kept] = store.digest_files.open_findings("more/")
    assert "250 more findings" in kept.text
    trail.logs[4].unlink()
    forge(trail, 1, 400)
    found = take(store, trail, NOW + DAY)
    assert kinds(found) == ["objects"], "each day has its own"
    assert found.found[0].account == ACCOUNT
