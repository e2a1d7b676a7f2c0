"""A file is what was written, or the text says what is wrong with it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.stores.parquet.integrity import find_change, find_damage, hash_file
from pipeline.stores.parquet.segment import Segment

CONTENT = b"PAR1" + b"x" * 100 + b"PAR1"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "a.parquet").write_bytes(CONTENT)
    return tmp_path / "a.parquet"


SEGMENT = Segment("a.parquet", "events", "1", "2026-03-02", 1, len(CONTENT), 0, 0, 0)

AT_A_GLANCE: list[tuple[Callable[[Path], object], str]] = [
    (lambda file: file.unlink(), "is missing"),
    (lambda file: file.write_bytes(CONTENT[:50]), "was cut: it has 50 bytes and was written with 108"),
    (lambda file: file.write_bytes(CONTENT * 2), "was added to"),
    (lambda file: (file.unlink(), file.mkdir()), "is a folder and not a plain file"),
    (lambda file: (file.unlink(), os.mkfifo(file)), "is a pipe and not a plain file"),
    (lambda file: (file.unlink(), file.symlink_to("/dev/zero")), "is a link and not a plain file"),
]


@pytest.mark.parametrize(("damage", "said"), AT_A_GLANCE)
def test_what_name_and_size_tell(file: Path, damage: Callable[[Path], object], said: str) -> None:
    digest = hash_file(file)
    assert find_damage(file.parent, SEGMENT) is None
    assert find_change(file.parent, SEGMENT, digest) is None
    damage(file)
    assert said in (find_damage(file.parent, SEGMENT) or "")
    assert said in (find_change(file.parent, SEGMENT, digest) or "")


def test_what_only_the_content_tells(file: Path) -> None:
    digest = hash_file(file)
    file.write_bytes(CONTENT.replace(b"x", b"y", 1))
    assert find_damage(file.parent, SEGMENT) is None
    assert "was changed" in (find_change(file.parent, SEGMENT, digest) or "")
    assert find_change(file.parent, SEGMENT, "") is None, "without a hash its ends are all there is"
    file.write_bytes(b"x" * len(CONTENT))
    assert find_change(file.parent, SEGMENT, "") == "was changed: it is no Parquet file"


def test_a_folder_on_the_way_that_is_a_file_is_a_file_that_is_missing(file: Path) -> None:
    assert find_damage(file.parent, SEGMENT._replace(path="a.parquet/b.parquet")) == "is missing"
