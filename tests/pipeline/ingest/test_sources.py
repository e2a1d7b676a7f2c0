"""Which files are found, in which order, and what is passed over."""

import os
import tracemalloc
from pathlib import Path

import pytest

from pipeline.ingest import sources
from pipeline.ingest.listing import SourceError
from pipeline.ingest.sources import Sources
from tests.pipeline.ingest.records import a_name, write


def names(*paths: Path | str) -> list[str]:
    return [source.path.name for source in Sources(paths)]


def test_files_folders_and_patterns_are_found_each_once(tmp_path):
    for name in ("a.json", "in/b.json.gz", "in/deeper/c.log"):
        write(tmp_path / name, b"{}")
    assert names(tmp_path) == ["a.json", "b.json.gz", "c.log"]
    assert names(tmp_path, tmp_path / "a.json", str(tmp_path / "**/*.log")) == ["a.json", "c.log", "b.json.gz"]
    assert names(str(tmp_path / "*" / "*.gz")) == ["b.json.gz"]


def test_an_account_and_day_lie_together_whatever_the_region(tmp_path):
    for region in ("eu-west-1", "us-east-1"):
        for day in ("02", "03"):
            name = f"111122223333_CloudTrail_{region}_202603{day}T0005Z_AAAA.json.gz"
            write(tmp_path / f"AWSLogs/111122223333/CloudTrail/{region}/2026/03/{day}/{name}", b"{}")
    assert [name.split("_")[3][:8] for name in names(tmp_path)] == ["20260302", "20260302", "20260303", "20260303"]


def test_a_copy_of_a_bucket_has_the_same_origins(tmp_path):
    for place in ("one", "two/sub"):
        write(tmp_path / place / a_name(), b"{}")
    first, second = (next(iter(Sources([tmp_path / place]))).origin for place in ("one", "two"))
    assert first == second == a_name()


def test_memory_does_not_depend_on_the_number_of_files(tmp_path):
    def peak(days: int) -> int:
        sources = Sources([tmp_path / str(days)])
        tracemalloc.start()
        assert sum(source.size for source in sources) == 2 * 100 * days
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    for days in (2, 20):
        for day in range(days):
            for number in range(100):
                write(tmp_path / f"{days}/2026/03/{day:02d}" / f"{number}.json", b"{}")
    many, few = (min(peak(days) for _ in range(3)) for days in (20, 2))  # Python's table of names may grow in one
    assert many < 1.5 * few


def test_bytes_are_those_of_the_files_that_are_read(tmp_path):
    for name in ("a.json", "in/b.json.gz", "in/deeper/c.log", "in/.hidden"):
        write(tmp_path / name, b"{}" * len(name))
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "gone.json").symlink_to(tmp_path / "nothing")
    (tmp_path / "again").symlink_to(tmp_path / "in")
    for paths in ([tmp_path], [tmp_path, tmp_path / "in/b.json.gz"], [tmp_path / "in", tmp_path]):
        sources = Sources(paths)
        assert sources.bytes == sum(source.size for source in sources) == 2 * len("a.jsonin/b.json.gzin/deeper/c.log")


def test_a_link_to_a_parent_folder_ends(tmp_path):
    write(tmp_path / "in/a.json", b"{}")
    (tmp_path / "in/up").symlink_to(tmp_path)
    (tmp_path / "in/self").symlink_to(tmp_path / "in")
    assert names(tmp_path) == ["a.json"]


def test_hidden_files_pipes_and_devices_are_passed_over(tmp_path):
    write(tmp_path / ".hidden.json", b"{}")
    write(tmp_path / ".git/a.json", b"{}")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "device.json").symlink_to("/dev/zero")
    assert names(tmp_path) == []


def test_a_home_among_the_folders_is_passed_over(tmp_path):
    for name in ("trail/a.json", "home/state.sqlite", "home/events/b.json"):
        write(tmp_path / name, b"{}")
    assert names(tmp_path) == ["a.json"]


def test_a_link_that_leads_nowhere_is_told(tmp_path):
    (tmp_path / "gone.json").symlink_to(tmp_path / "nothing")
    (tmp_path / "round.json").symlink_to(tmp_path / "round.json")
    assert [bool(source.problem) for source in Sources([tmp_path])] == [True, True]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_may_not_be_listed_is_told(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    [source] = Sources([tmp_path])
    closed.chmod(0o700)
    assert "cannot be listed" in source.problem


def test_a_folder_that_cannot_be_listed_is_told(tmp_path, monkeypatch):
    write(tmp_path / "a.json", b"{}")
    (tmp_path / "closed").mkdir()
    real = os.scandir

    def scandir(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert {source.path.name: source.problem for source in Sources([tmp_path])} == {
        "a.json": "",
        "closed": "folder cannot be listed: Permission denied",
    }


@pytest.mark.parametrize("path", ["missing", "missing/*.json", "no[thing"])
def test_a_path_that_matches_nothing_is_an_error_that_names_it(tmp_path, path):
    with pytest.raises(SourceError, match=r"check the (path|pattern)"):
        Sources([tmp_path / path])


def test_a_name_that_looks_like_a_pattern_is_a_name_when_it_is_there(tmp_path):
    write(tmp_path / "a[1].json", b"{}")
    assert names(str(tmp_path / "a[1].json")) == ["a[1].json"]


def test_a_stamp_is_another_one_when_a_file_is_changed_or_moved_and_none_when_it_was_just_now(tmp_path, monkeypatch):
    path = write(tmp_path / "a.json", b"{}")

    def stamp(path: Path) -> bytes:
        [source] = Sources([path])
        return source.stamp

    assert stamp(path) == b"", "what is changed within the file system's clock would not show"
    monkeypatch.setattr(sources, "_SETTLED", 0)
    stamps = {stamp(path), stamp(path)}
    assert len(stamps) == 1
    os.utime(path, ns=(1, 1))
    stamps.add(stamp(path))
    path.write_bytes(b"[]")
    os.utime(path, ns=(1, 1))
    stamps.add(stamp(path))
    path.write_bytes(b"[ ]")
    stamps.add(stamp(path))
    stamps.add(stamp(path.rename(tmp_path / "b.json")))
    assert len(stamps) == 5
    assert b"" not in stamps
