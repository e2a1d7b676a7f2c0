"""What a backfill remembers is read as it was written, and changed by one at a time."""

from pathlib import Path

import pytest

from pipeline.shared.place import ChangedError, FolderPlace, PlaceError
from pipeline.spark.known import Day, Known, KnownFile


@pytest.fixture
def place(tmp_path: Path) -> FolderPlace:
    return FolderPlace(tmp_path)


def test_it_is_read_as_it_was_written(place):
    file = KnownFile(place)
    assert file.read() is None
    known = Known(now="2026-03-20T00:00:00+00:00", tasks={"t": ["a/2026-03-02"]}, days={"a/2026-03-02": Day("x", 7)})
    file.write(known)
    known.is_finished = False
    file.write(known)
    assert KnownFile(place).read() == known


def test_who_began_before_another_wrote_does_not_undo_it(place):
    one, other = KnownFile(place), KnownFile(place)
    one.read(), other.read()
    other.write(Known(now="a"))
    with pytest.raises(ChangedError, match="meanwhile"):
        one.write(Known(now="b"))


@pytest.mark.parametrize("content", [b"\x00", b"{}", b"\x82\xa3now\xa1a\xa7version\x02"])
def test_what_another_version_wrote_is_told(place, content):
    place.put("backfill/known.msgpack", content)
    with pytest.raises(PlaceError, match="remove the folder backfill"):
        KnownFile(place).read()
