"""What CloudTrail says that it delivered, and what came, is remembered for a while and no longer, and bounded."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.ingest.digest_file import DAMAGED, DigestFile
from pipeline.ingest.sink import Batch, FileDone
from pipeline.stores.sqlite import digest_files as module
from pipeline.stores.sqlite.database import Database
from pipeline.stores.sqlite.digest_files import DigestFiles, Told

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHAIN = "111122223333_CloudTrail-Digest_eu-west-1_t_eu-west-1"
LOG = "111122223333_CloudTrail_eu-west-1_20260302T1005Z_a.json"


@pytest.fixture
def digests() -> DigestFiles:
    return DigestFiles(Database(":memory:"))


def a_digest(hour: int, objects: dict[str, bytes] | None = None, content: bytes = b"c", **given: object) -> DigestFile:
    end = NOW.replace(hour=hour)
    fields = {"previous": "", "previous_content": b"", "begins": False, "problem": "", **given}
    name = f"{CHAIN}_{end:%Y%m%dT%H%M%S}Z.json"
    return DigestFile(name, content, end - timedelta(hours=1), end, objects or {}, **fields)  # type: ignore[arg-type]


def a_file(*names: str, content: bytes = b"h", at: datetime = NOW) -> FileDone:
    return FileDone("d", "o", at, contents=[(name, at, content) for name in names])


def note(digests: DigestFiles, *files: DigestFile | FileDone, now: datetime = NOW) -> None:
    batch = Batch(
        [file for file in files if isinstance(file, FileDone)],
        digest_files=[file for file in files if isinstance(file, DigestFile)],
    )
    digests.note(batch, now)


def due(digests: DigestFiles) -> list[int]:
    return [one.id for one in digests.due(NOW, 9)]


def test_a_digest_is_due_once_it_ended_and_is_as_it_was_noted(digests):
    first, later = a_digest(11, {LOG: b"h"}, signature="ab", signed="text"), a_digest(13)
    note(digests, first, later)
    [one] = digests.due(NOW, 9)
    assert (one.file, digests.objects(one.id)) == (first._replace(objects={}), {LOG: b"h"})


def test_it_is_due_again_when_something_comes_that_it_lists_or_names(digests):
    before = a_digest(10)
    note(digests, a_digest(11, {LOG: b"h"}, previous=before.name))
    digests.settle(due(digests))
    assert due(digests) == []
    note(digests, a_file("other"))
    assert due(digests) == []
    note(digests, a_file(LOG))
    assert due(digests) == [1]
    digests.settle([1])
    note(digests, before)
    assert sorted(due(digests)) == [1, 2]


def test_noting_the_same_again_changes_nothing(digests):
    note(digests, a_digest(11), a_file(LOG))
    digests.settle(due(digests))
    note(digests, a_digest(11))
    assert due(digests) == []


def test_what_came_is_found_by_name_and_by_content(digests):
    note(digests, a_file("x", "y"), a_file("y", content=DAMAGED))
    assert digests.contents(["x", "y", "z"]) == {"x": {b"h"}, "y": {b"h", DAMAGED}}
    assert digests.elsewhere([b"h", b"i"]) == {b"h"}


def test_an_account_is_watched_from_its_first_delivery_on(digests):
    note(digests, a_file(LOG), a_file("111122223333_b", at=NOW - timedelta(hours=5)), a_file("999988887777_c"))
    assert digests.watched_since() == {"111122223333": NOW - timedelta(hours=5), "999988887777": NOW}


def test_the_digest_before_is_of_the_same_chain(digests):
    one, two, three = a_digest(8), a_digest(9), a_digest(10)
    strangers = [
        a_digest(9)._replace(name=f"{CHAIN}_2_eu-west-1_20260302T093000Z.json"),
        a_digest(9)._replace(name=f"{CHAIN}_20260302T093000Z_backfill.json"),
        a_digest(9, problem="why")._replace(name=f"{CHAIN}_20260302T094000Z.json"),
    ]
    note(digests, one, two, *strangers)
    assert (digests.before(three.name), digests.before(one.name), digests.before("x")) == (two.name, "", "")


def test_a_bad_digest_gives_way_to_a_good_one_that_came_later_and_to_none_before(digests):
    note(digests, a_digest(9, content=b"bad", problem="why"))
    note(digests, a_digest(9, content=b"good"))
    note(digests, a_digest(9, content=b"worse", problem="why"))
    name = a_digest(9).name
    assert [digests.is_superseded(id_) for id_ in (1, 2, 3)] == [True, False, False]
    assert digests.contents_of(name) == {b"good", b"worse"}


def test_what_was_told_is_found_by_key_and_time(digests):
    told = Told("k", "objects", NOW, 3, "text", False)
    digests.put_finding(told)
    digests.put_finding(told._replace(key="l", at=NOW + timedelta(hours=2)))
    assert (digests.finding("k"), digests.finding("m")) == (told, None)
    assert [one.key for one in digests.findings(NOW, NOW + timedelta(hours=1))] == ["k"]


def test_what_came_long_ago_is_forgotten(digests):
    note(digests, a_digest(9, {LOG: b"h"}), a_file(LOG), now=NOW - timedelta(days=36))
    note(digests, a_digest(10, {LOG: b"h"}), a_file("111122223333_x", at=NOW + timedelta(hours=1)))
    digests.prune(NOW)
    assert due(digests) == [2]
    assert (digests.objects(1), digests.contents([LOG])) == ({}, {})
    assert digests.watched_since() == {"111122223333": NOW + timedelta(hours=1)}, "what is forgotten cannot be missing"


def test_of_too_much_the_oldest_is_forgotten(digests, monkeypatch):
    monkeypatch.setattr(module, "MOST", 3)
    for hour in range(6):
        objects = {f"111122223333_{hour}{at}": b"h" for at in range(2)}
        note(digests, a_digest(hour, objects), a_file(*objects, at=NOW.replace(hour=hour)))
    digests.prune(NOW)
    assert len(due(digests)) == 6, "what is not judged stays"
    digests.settle(due(digests))
    digests.prune(NOW)
    assert sum(len(digests.objects(id_)) for id_ in range(7)) == 2
    assert digests.watched_since() == {"111122223333": NOW.replace(hour=4)}
