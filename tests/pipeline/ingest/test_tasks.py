"""How files are divided into tasks."""

import gzip
import hashlib
import os
from pathlib import Path

import pytest

from pipeline.ingest import content, sources, tasks
from pipeline.ingest.content import Reader
from pipeline.ingest.listing import Source
from pipeline.ingest.sink import Batch, FileDone
from pipeline.ingest.sources import Sources
from pipeline.ingest.tasks import Passed, Task, divide
from tests.pipeline.ingest.memory_sink import MemoryTarget
from tests.pipeline.ingest.records import NOW, a_record, envelope, write


def divided(target: MemoryTarget, *paths: Path, **given: int) -> tuple[list[Task], Passed]:
    """Tasks that have files; the last of all may have none."""
    passed = Passed()
    made = list(divide(Sources(list(paths)), target, passed, Reader(), **given))
    return [task for task in made if task.files], passed


def names(made: list[Task]) -> list[list[str]]:
    return [[file.path.name for file in task.files] for task in made]


def test_a_content_that_is_under_way_is_not_read_again(target, tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "_TASK_FILES", 1)
    contents = {letter: envelope(a_record()) for letter in "abc"}
    for number, letter in enumerate("abaca"):
        write(tmp_path / f"in/{number}.json", contents[letter])
    made, passed = divided(target, tmp_path / "in", ahead=3)
    assert names(made) == [["0.json"], ["1.json"], ["3.json"]]
    assert (passed.known, passed.bytes) == (2, 2 * len(contents["a"]))


def test_a_content_that_was_taken_in_is_not_read_again(target, tmp_path):
    for name in "ab":
        write(tmp_path / f"in/{name}.json", envelope(a_record()))
    [task], _ = divided(target, tmp_path / "in")
    target.commit(Batch([FileDone(task.files[0].digest, "a", None)]), NOW)
    made, passed = divided(target, tmp_path / "in")
    assert names(made) == [["b.json"]]
    assert passed.known == 1


def test_a_task_ends_with_the_file_that_fills_it(target, tmp_path):
    sizes = [len(write(tmp_path / f"in/{n}.json", envelope(*[a_record()] * (n + 1))).read_bytes()) for n in range(5)]
    made, _ = divided(target, tmp_path / "in", most_bytes=sizes[0] + sizes[1] + 1)
    assert names(made) == [["0.json", "1.json", "2.json"], ["3.json"], ["4.json"]]
    assert [task.bytes for task in made] == [sum(sizes[:3]), *sizes[3:]]


def test_records_as_they_are_fill_a_task_with_a_quarter_of_their_bytes(target, tmp_path, monkeypatch):
    sizes = [len(write(tmp_path / f"in/{n}.json", envelope(*[a_record()] * (n + 1))).read_bytes()) for n in range(5)]
    monkeypatch.setattr(Source, "is_text", True)
    made, _ = divided(target, tmp_path / "in", most_bytes=(sizes[0] + sizes[1]) // 4 + 1)
    assert names(made) == [["0.json", "1.json", "2.json"], ["3.json"], ["4.json"]]
    assert [task.bytes for task in made] == [sum(sizes[:3]), *sizes[3:]]


def test_a_small_file_is_handed_over_and_a_large_one_left_where_it_lies(target, tmp_path, monkeypatch):
    monkeypatch.setattr(content, "_HANDED", 100)
    small = write(tmp_path / "in/small.json", b"{}" + b" " * 97)
    large = write(tmp_path / "in/large.json", b"{}" + b" " * 98)
    [task], _ = divided(target, tmp_path / "in")
    held = {file.path.name: file for file in task.files}
    assert held["small.json"].content == small.read_bytes()
    assert held["large.json"].content is None
    for path in (small, large):
        assert held[path.name].digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("name", "content", "log"),
    [
        ("notes.md", b"# Notes", False),
        ("data.bin", b"\xef\xbb\xbf \n[{}]", True),
        ("data.bin", gzip.compress(b"x", mtime=0), True),
        ("data.bin", b"H4sIAAAA", True),
        ("records.NDJSON", b"anything", True),
    ],
)
def test_a_file_of_a_folder_is_a_log_by_its_name_or_by_how_it_begins(target, tmp_path, name, content, log):
    write(tmp_path / "in" / name, content, pack=False)
    made, passed = divided(target, tmp_path / "in")
    assert (len(made), passed.not_logs) == (int(log), int(not log))
    assert names(divided(target, tmp_path / "in" / name)[0]) == [[name]], "one that is named is read whatever it is"


def test_a_file_that_cannot_be_read_is_known_by_its_path(target, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.json", "b.json"):
        (tmp_path / "in" / name).symlink_to(tmp_path / "nothing")
    [task], _ = divided(target, tmp_path / "in")
    assert all("No such file" in file.problem and file.content is None for file in task.files)
    assert len({file.digest for file in task.files}) == 2
    assert all(file.digest.startswith("path:") for file in task.files)


def test_a_file_that_is_known_by_where_and_when_it_lies_is_not_opened(target, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_SETTLED", 0)
    path = write(tmp_path / "in/a.json", envelope(a_record()))
    [task], _ = divided(target, tmp_path / "in")
    assert names(divided(target, tmp_path / "in")[0]) == [["a.json"]], "it was not taken in"
    target.commit(Batch([FileDone(task.files[0].digest, "a", None, records=1)]), NOW)
    opened = []
    real = Path.open
    monkeypatch.setattr(Path, "open", lambda self, mode: (opened.append(self.name), real(self, mode))[1])
    made, passed = divided(target, tmp_path / "in")
    assert (made, passed.known, passed.barren, passed.bytes, opened) == ([], 1, 0, path.stat().st_size, [])
    os.utime(path, ns=(1, 1))
    assert divided(target, tmp_path / "in")[1].known == 1
    assert opened == ["a.json"]


def test_what_is_something_else_by_its_key_is_not_opened(target, tmp_path):
    path = tmp_path / "AWSLogs/111122223333/Config/x.json"
    path.parent.mkdir(parents=True)
    path.symlink_to(write(tmp_path / "other/a.bin", b"\x80" * 9))
    made, passed = divided(target, tmp_path / "AWSLogs")
    assert (made, dict(passed.foreign), passed.bytes) == ([], {"AWS Config": 1}, 9)


def test_known_files_without_an_event_are_told(target, tmp_path):
    write(tmp_path / "in/a.json", b"{}")
    [task], _ = divided(target, tmp_path / "in")
    target.commit(Batch([FileDone(task.files[0].digest, "a", None, records=1, set_aside=1)]), NOW)
    _, passed = divided(target, tmp_path / "in")
    assert (passed.known, passed.barren) == (1, 1)
