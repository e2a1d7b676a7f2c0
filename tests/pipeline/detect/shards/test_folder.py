"""A line between machines: answers come by files, and who gives no sign of life is not waited for."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.detect.shards import folder
from pipeline.detect.shards.elsewhere import ShardEnd
from pipeline.detect.shards.folder import (
    ALIVE,
    FOLDER,
    LOST,
    RUN,
    FolderLine,
    begin_run,
    place_of,
    read_run,
    write_note,
)
from pipeline.detect.shards.line import ShardLostError
from pipeline.detect.shards.message import Message


@pytest.fixture(autouse=True)
def looked_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "SECONDS", 0.05)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[str]:
    with begin_run(tmp_path, ["here", "node-b"]) as run:
        yield run


def line_of(home: Path, run: str, patience: float = 30.0) -> FolderLine:
    return FolderLine(home, run, 1, "shard 2 of 2, which is node-b's,", patience)


def test_what_is_asked_is_answered_in_turn_and_leaves_no_file(tmp_path: Path, run: str) -> None:
    line, end = line_of(tmp_path, run), ShardEnd(tmp_path, run, 1)
    for number in range(3):
        line.send(Message("grow", {"since": number}))
        assert end.receive() == Message("grow", {"since": number})
        end.send(Message("done", {"taken": number}))
        assert line.receive() == Message("done", {"taken": number})
    assert list(place_of(tmp_path, run, 1).iterdir()) == []


def test_who_gives_no_sign_of_life_is_named(tmp_path: Path, run: str) -> None:
    with pytest.raises(ShardLostError, match=r"shard 2 of 2, which is node-b's, has given no sign of life for 0\.5 s"):
        line_of(tmp_path, run, 0.5).receive()


def test_who_works_long_and_lives_is_waited_for(tmp_path: Path, run: str) -> None:
    place = place_of(tmp_path, run, 1)

    def work() -> None:
        for beat in range(6):
            write_note(place / ALIVE, {"beat": beat})
            time.sleep(0.15)
        end = ShardEnd(tmp_path, run, 1)
        end.receive()
        end.send(Message("done"))

    line = line_of(tmp_path, run, 0.6)
    line.send(Message("days"))
    worker = threading.Thread(target=work)
    worker.start()
    assert line.receive().what == "done"
    worker.join()


def test_who_says_that_it_is_lost_is_believed(tmp_path: Path, run: str) -> None:
    write_note(place_of(tmp_path, run, 1) / LOST, {"why": "node-b was begun again"})
    with pytest.raises(ShardLostError, match="node-b was begun again"):
        line_of(tmp_path, run).receive()


def test_another_run_ends_the_one_before_at_both_ends(tmp_path: Path, run: str) -> None:
    line, end = line_of(tmp_path, run), ShardEnd(tmp_path, run, 1)
    with begin_run(tmp_path, ["node-b"]) as other:
        assert read_run(tmp_path)["run"] == other != run
        with pytest.raises(ShardLostError, match="another watch"):
            line.receive()
        with pytest.raises(ShardLostError):
            end.receive()
        with pytest.raises(ShardLostError):
            line.send(Message("days"))
    assert read_run(tmp_path) == {}


MANY = '{"run": "0123456789abcdef", "owners": [' + ", ".join(['"node-b"'] * 65) + "]}"
NO_RUNS = ["", "[]", "{", '{"run": "../../elsewhere", "owners": []}', '{"run": 7}', MANY]


@pytest.mark.parametrize("content", NO_RUNS)
def test_what_is_no_run_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / RUN).write_text(content)
    assert read_run(tmp_path) == {}
