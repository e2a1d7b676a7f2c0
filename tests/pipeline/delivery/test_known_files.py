"""Files that are done, by destination; a disk that is full is said so, and nothing is half known."""

import sqlite3
from datetime import UTC, datetime

import pytest

from pipeline.delivery.known_files import KnownFiles
from pipeline.errors import StoreError

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_files_are_known_by_destination_and_outlive_the_process(tmp_path):
    one, other = (KnownFiles(tmp_path / "home/known.sqlite", name) for name in ("a x", "a y"))
    digests = [f"{n:064x}" for n in range(1_200)]
    one.add(digests, NOW)
    one.add(digests[:5], NOW)
    assert one.among([*digests, "new"]) == set(digests)
    assert other.among(digests) == set()
    one.close()
    assert KnownFiles(tmp_path / "home/known.sqlite", "a x").among(digests) == set(digests)


def test_what_is_no_database_is_said_so(tmp_path):
    (tmp_path / "known.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match=r"known\.sqlite.*move it away"):
        KnownFiles(tmp_path / "known.sqlite", "a x")


def test_all_of_some_are_known_or_none(tmp_path):
    files = KnownFiles(tmp_path / "known.sqlite", "a x")
    with pytest.raises(StoreError):
        files.add(["a", None], NOW)  # type: ignore[list-item]
    assert files.among(["a"]) == set()
    files.add(["a"], NOW)
    assert files.among(["a"]) == {"a"}


def test_two_at_once_do_no_harm(tmp_path):
    one, other = (KnownFiles(tmp_path / "known.sqlite", "a x") for _ in range(2))
    one.add(["a"], NOW)
    other.add(["a", "b"], NOW)
    assert one.among(["a", "b"]) == {"a", "b"}
    with sqlite3.connect(tmp_path / "known.sqlite") as file:
        assert file.execute("SELECT count(*) FROM indexed").fetchone() == (2,)
