"""How a source is read, and what is kept of it meanwhile."""

import hashlib
import io
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

import pytest

from pipeline.errors import OddtrailError
from pipeline.ingest.content import KeepError, Reader
from pipeline.ingest.listing import UnreadableError
from pipeline.ingest.sources import Sources
from tests.pipeline.ingest.memory_listing import Fetched, MemoryListing

LARGE = b"{}" + os.urandom(2 << 20)


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_what_is_fetched_and_large_is_kept_on_disk_until_it_is_forgotten(tmp_path):
    [source] = MemoryListing({"a.json": LARGE}).sources
    with Reader() as reader:
        file, size = reader.read(source)
        assert (file.content, file.path.read_bytes(), size) == (None, LARGE, len(LARGE))
        assert file.digest == hashlib.sha256(LARGE).hexdigest()
        reader.forget([file])
        assert not file.path.exists()
        again, _ = reader.read(source)
        assert again.path.exists()
    assert list(tmp_path.iterdir()) == [], "what nobody forgot goes with the block"


def test_a_file_of_the_callers_is_never_removed(tmp_path):
    (tmp_path / "a.json").write_bytes(LARGE)
    [source] = Sources([tmp_path])
    with Reader() as reader:
        reader.read(MemoryListing({"b.json": LARGE}).sources[0])
        reader.forget([reader.read(source).file])
    assert (tmp_path / "a.json").exists()


def test_what_breaks_off_as_it_is_read_is_unreadable_and_nothing_stays(tmp_path):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 1 << 20:
                raise UnreadableError("it broke off")
            return super().read(size)

    class Breaks(Fetched):
        def open(self) -> BinaryIO:
            return Broken(LARGE)

    with Reader() as reader:
        file, _ = reader.read(MemoryListing({"a.json": b""}, kind=Breaks).sources[0])
        assert (file.problem, file.digest[:5]) == ("it broke off", "path:")
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_where_there_is_no_room_the_run_ends_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(
        tempfile, "mkstemp", lambda **given: (os.open("/dev/full", os.O_WRONLY), str(tmp_path / "none"))
    )
    with Reader() as reader, pytest.raises(KeepError, match=r"cannot be kept in .*No space left on device.*TMPDIR"):
        reader.read(MemoryListing({"a.json": LARGE}).sources[0])


@pytest.mark.parametrize("at_once", [1, 3])
def test_sources_come_in_order_with_those_that_are_not_read_between_them(at_once):
    listing = MemoryListing({f"{n}.json": b"{}" for n in range(20)})
    told = [(source, n % 3 > 0) for n, source in enumerate(listing.sources)]
    with Reader() as reader:
        got = list(reader.read_all(told, at_once))
    assert [source for source, _ in got] == listing.sources
    assert [content is None for _, content in got] == [n % 3 == 0 for n in range(20)]
    assert [source.opened for source in listing.sources] == [int(n % 3 > 0) for n in range(20)]


def test_an_error_of_one_that_ends_the_run_is_raised_in_its_turn():
    class Ends(Fetched):
        def open(self) -> BinaryIO:
            if self.content == b"end":
                raise OddtrailError("nobody answers")
            return super().open()

    listing = MemoryListing({"a.json": b"{}", "b.json": b"end", "c.json": b"{}"}, kind=Ends)
    came = []
    with Reader() as reader:
        reading = reader.read_all([(source, True) for source in listing.sources], 2)
        came.append(next(reading)[0])
        with pytest.raises(OddtrailError, match="nobody answers"):
            next(reading)
    assert came == listing.sources[:1]


def test_what_is_still_being_fetched_as_a_run_fails_leaves_nothing(tmp_path):
    listing = MemoryListing({f"{n}.json": LARGE for n in range(12)})
    with Reader() as reader:
        reading = reader.read_all([(source, True) for source in listing.sources], 4)
        next(reading)
    assert list(tmp_path.iterdir()) == []
