"""What could not be read is told as that, and digests in an archive are held against what lies beside them."""

import gzip
import os
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

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
from tests.digests import ACCOUNT, BEGIN, HOUR, Trail
from tests.pipeline.watch.held import NOW, kinds, rewrite


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
