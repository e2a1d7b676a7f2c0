"""A line is added whole or not at all, one writer at a time, and to nothing but a file."""

import errno
import fcntl
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import json

from pipeline.errors import StoreError
from pipeline.stores.jsonl.lines import append_line, read_lines
from pipeline.stores.jsonl.models import ModelsJsonl
from pipeline.stores.jsonl.operations import OperationsJsonl
from pipeline.stores.jsonl.receipts import ReceiptsJsonl
from tests.pipeline.stores.jsonl.test_models import a_note
from tests.pipeline.stores.jsonl.test_receipts import a_receipt

AT = datetime(2026, 3, 2, tzinfo=UTC)
ADD = {
    "models": lambda path: ModelsJsonl(path).add(a_note()),
    "operations": lambda path: OperationsJsonl(path).add("model_refused", AT, "why"),
    "receipts": lambda path: ReceiptsJsonl(path).add(a_receipt()),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lines.jsonl"


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: write(handle, content[:5]))


def test_of_a_line_for_which_there_is_no_room_nothing_stays(path, monkeypatch):
    append_line(path, b'"one"')
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        fill_disk(patch)
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            append_line(path, b'"another"')
    assert path.read_bytes() == before
    append_line(path, b'"another"')
    assert read_lines(path, json.decode, "") == ["one", "another"]


@pytest.mark.parametrize("add", ADD.values(), ids=ADD)
def test_every_such_file_says_that_there_is_no_room(path, monkeypatch, add):
    fill_disk(monkeypatch)
    with pytest.raises(StoreError, match=rf"lines\.jsonl.*{os.strerror(errno.ENOSPC)}"):
        add(path)
    assert path.read_bytes() == b""


def test_what_another_writes_is_waited_for(path):
    append_line(path, b'"one"')
    with path.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        adding = threading.Thread(target=append_line, args=(path, b'"two"'), daemon=True)
        adding.start()
        adding.join(0.2)
        assert adding.is_alive()
        assert read_lines(path, json.decode, "") == ["one"]
    adding.join(10)
    assert read_lines(path, json.decode, "") == ["one", "two"]


def test_a_pipe_or_a_link_is_neither_waited_for_nor_followed(path):
    os.mkfifo(path)
    with pytest.raises(OSError, match=os.strerror(errno.ENXIO)):
        append_line(path, b'"one"')
    path.unlink()
    path.symlink_to(path.with_name("elsewhere"))
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        append_line(path, b'"one"')
    assert not path.with_name("elsewhere").exists()
