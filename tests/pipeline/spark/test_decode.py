"""A task is decoded as on one machine, into files by account-day that hold every delivery as it came."""

import io
import json
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.ingest.sources import Sources
from pipeline.ingest.work import make_engine
from pipeline.shared.place import FolderPlace, PlaceError
from pipeline.spark.decode import _NO_SINK, decode
from pipeline.spark.sink import SCHEMA
from pipeline.spark.tasks import Foreign, Task, divide
from pipeline.spark.work import FOLDER, done_ids, get_done, get_task, put_done, put_task
from tests.pipeline.ingest.records import ACCOUNT, a_name, a_record, envelope, write

NOW = datetime(2026, 3, 20, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> FolderPlace:
    (tmp_path / "place").mkdir()
    return FolderPlace(tmp_path / "place")


def one_task(folder: Path) -> Task:
    made = list(divide(Sources([folder]), "m", Foreign(Counter())))
    return Task("t" * 32, sum(task.bytes for task in made), [file for task in made for file in task.files])


def rows(place: FolderPlace, name: str) -> pa.Table:
    found = place.get(name, 1 << 30)
    assert found is not None
    return pq.read_table(io.BytesIO(found.content))


def test_every_delivery_stays_under_its_own_id_with_its_bytes(place, tmp_path):
    record = a_record()
    clash = {**record, "eventName": "CreateUser"}
    write(tmp_path / "in" / a_name(mark="A" * 16), envelope(record, clash, record))
    done = decode(place, one_task(tmp_path / "in"), make_engine(_NO_SINK), NOW)
    [part] = done.parts
    assert (part.key, part.rows, part.addenda) == (f"{ACCOUNT}/2026-03-02", 3, 0)
    table = rows(place, part.name)
    assert table.schema.names == SCHEMA.names
    assert table.column("event_id").to_pylist() == table.column("shared").to_pylist() == [record["eventID"]] * 3
    assert len(set(table.column("content").to_pylist())) == 2
    assert sorted(json.loads(raw)["eventName"] for raw in table.column("raw").to_pylist()) == [
        "CreateUser", "ListUsers", "ListUsers",
    ]  # fmt: skip


def test_what_cannot_be_read_is_named_and_what_is_no_log_is_counted(place, tmp_path):
    folder = tmp_path / "in"
    whole = write(folder / a_name(), envelope(a_record(), b"{}"))
    shutil.copyfile(whole, folder / "copy.json.gz")
    (folder / "broken.json.gz").write_bytes(b"\x1f\x8b nothing")
    (folder / "notes.txt").write_bytes(b"not a log")
    done = decode(place, one_task(folder), make_engine(_NO_SINK), NOW)
    assert (done.copies, done.not_logs) == (1, 1)
    assert [line.partition(":")[0] for line in done.unread] == ["broken.json.gz"]
    assert sum(done.reasons.values()) == sum(file.set_aside for file in done.files) == 2
    [aside] = place.names(f"{FOLDER}/set_aside")
    assert rows(place, aside).num_rows == 2


def test_tasks_and_what_came_of_them_are_kept_in_the_place(place, tmp_path):
    write(tmp_path / "in" / a_name(), envelope(a_record()))
    task = one_task(tmp_path / "in")
    put_task(place, task)
    assert get_task(place, task.id) == task
    assert done_ids(place) == set()
    done = decode(place, task, make_engine(_NO_SINK), NOW)
    put_done(place, done)
    assert (done_ids(place), get_done(place, task.id)) == ({task.id}, done)
    place.put("backfill/work/done/bad", b"\x00")
    with pytest.raises(PlaceError, match="not as this version writes it"):
        get_done(place, "bad")
    with pytest.raises(PlaceError, match="is gone"):
        get_task(place, "none")
