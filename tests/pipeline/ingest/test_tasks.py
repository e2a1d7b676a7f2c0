"""How files are divided into tasks."""

from pipeline.ingest import tasks
from pipeline.ingest.sources import Sources
from tests.pipeline.ingest.records import a_record, envelope, write


def test_a_content_that_is_under_way_is_not_read_again(target, tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "_TASK_FILES", 1)
    contents = {letter: envelope(a_record()) for letter in "abc"}
    for number, letter in enumerate("abaca"):
        write(tmp_path / f"in/{number}.json", contents[letter])
    passed = tasks.Passed()
    made = list(tasks.divide(Sources([tmp_path / "in"]), target, passed, ahead=3))
    assert [file.path.name for task in made for file in task.files] == ["0.json", "1.json", "3.json"]
    assert (passed.known, passed.bytes) == (2, 2 * len(contents["a"]))
