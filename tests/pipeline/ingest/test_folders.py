"""What was listed is not listed again until something is put there, and no file that comes late is missed."""

import os
import time
from datetime import date
from pathlib import Path

import pytest

from pipeline.ingest import folders as module
from pipeline.ingest.folders import Folders
from pipeline.ingest.sources import Sources
from tests.pipeline.ingest.records import write

NEAR = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr(module, "QUIET", 0)


@pytest.fixture
def top(tmp_path: Path) -> Path:
    for day in ("02", "03", "20"):
        write(tmp_path / "trail/2026/03" / day / f"{day}.json", b"{}")
    write(tmp_path / "trail/loose/a.json", b"{}")
    time.sleep(0.01)
    return tmp_path / "trail"


def look(top: Path, folders: Folders, near: date | None = NEAR) -> list[str]:
    """Names of what is listed, all of which is taken in."""
    found = [source.path.name for source in Sources([top], None, folders.begin(near))]
    time.sleep(0.01)
    folders.keep()
    return sorted(found)


EVERY = ["02.json", "03.json", "20.json", "a.json"]


def test_what_was_taken_in_is_passed_over_and_recent_days_never_are(top):
    folders = Folders()
    assert look(top, folders, None) == EVERY
    assert look(top, folders) == look(top, folders) == ["20.json"]
    assert look(top, folders, None) == EVERY, "and all is looked into where that is asked for"


def test_a_file_that_comes_late_is_listed_with_its_folder(top):
    folders = Folders()
    look(top, folders, None)
    write(top / "2026/03/02/late.json", b"{}")
    assert look(top, folders) == ["02.json", "20.json", "late.json"]
    assert look(top, folders) == ["20.json"]
    write(top / "2026/03/04/new.json", b"{}")
    write(top / "deeper/than/before/new2.json", b"{}")
    assert look(top, folders) == ["20.json", "new.json", "new2.json"]
    os.replace(top / "2026/03/04/new.json", top / "loose/moved.json")
    assert look(top, folders) == ["20.json", "a.json", "moved.json"]
    os.rename(top / "loose", top / "other")
    assert look(top, folders) == ["20.json", "a.json", "moved.json"]


def test_what_was_not_taken_in_is_listed_again(top):
    folders = Folders()
    for _ in range(2):
        assert len(list(Sources([top], None, folders.begin(None)))) == 4
    look(top, folders, None)
    write(top / "2026/03/02/late.json", b"{}")
    for _ in range(2):
        assert len(list(Sources([top], None, folders.begin(NEAR)))) == 3
    assert look(top, folders) == ["02.json", "20.json", "late.json"]


def test_a_folder_in_which_something_was_just_changed_is_looked_into(top, monkeypatch):
    """A file that is being copied grows without a sign."""
    monkeypatch.setattr(module, "QUIET", 600 * 10**9)
    folders = Folders()
    look(top, folders, None)
    assert look(top, folders) == EVERY


def test_where_a_folders_time_tells_nothing_all_is_looked_into(top):
    """Some mounted buckets give every folder the time of the mount."""
    folders, loose = Folders(), top / "loose"
    look(top, folders, None)
    status = loose.stat()
    write(loose / "b.json", b"{}")
    os.utime(loose, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert look(top, folders) == ["20.json"], "nothing tells, until all is looked into"
    assert "b.json" in look(top, folders, None)
    assert look(top, folders) == sorted([*EVERY, "b.json"])


def test_what_is_too_much_is_listed_and_not_remembered(top, monkeypatch):
    monkeypatch.setattr(module, "_MOST", 1)
    folders = Folders()
    look(top, folders, None)
    assert len(folders.known) == 1
    assert set(look(top, folders)) <= set(EVERY)


def test_files_of_before_a_day_are_not_even_looked_at(tmp_path):
    for day in ("02", "20"):
        write(tmp_path / f"111122223333_CloudTrail_eu-west-1_202603{day}T0005Z_AAAA.json.gz", b"{}")
    write(tmp_path / "nameless.json", b"{}")
    found = Sources([tmp_path], NEAR)
    assert sorted(source.path.name[38:42] for source in found) == ["", "0320"]
    assert found.bytes == sum(source.size for source in Sources([tmp_path], NEAR)) > 0
