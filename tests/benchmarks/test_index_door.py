"""The door before an engine that takes everything: each event is taken once, as JSON that an engine would read."""

import base64
import json
from pathlib import Path

import pytest

from benchmarks.index_door import HERE, NOWHERE, make_door, pack, take_everything
from benchmarks.index_speed import run_python, write_large
from pipeline.delivery.gathered import open_log_events
from pipeline.search import bulk
from tests.pipeline.ingest.records import ACCOUNT, a_record, write_bucket


@pytest.fixture
def kept(monkeypatch):
    monkeypatch.setattr("opensearchpy.Transport.perform_request", None)  # both are as they were after the test
    monkeypatch.setattr(bulk, "_write", bulk._write)
    monkeypatch.setattr("benchmarks.index_door.use_lean_memory", lambda: None)
    bodies: list[bytes] = []
    take_everything(bodies)
    return bodies


@pytest.mark.parametrize("url", [HERE, NOWHERE])
def test_everything_is_taken_once(tmp_path, kept, url):
    records = [a_record() for _ in range(1_500)]
    door, journal = make_door(url, "speed", tmp_path, 2)
    told = door.handle(pack([json.dumps(each) for each in records]), 900)
    assert told == {"records": 1_500, "indexed": 1_500, "duplicates": 0}
    assert (journal.records, journal.indexed, journal.troubles) == (1_500, 1_500, 0)
    assert [body[:2] == b"\x1f\x8b" for body in kept] == [url == NOWHERE] * 2
    if url == HERE:
        lines = [json.loads(line) for body in kept for line in body.splitlines()]
        assert sorted(line["event"]["id"] for line in lines[1::2]) == sorted(each["eventID"] for each in records)


def test_a_payload_holds_the_records_as_they_were():
    text = json.dumps(a_record())
    data = open_log_events(base64.b64decode(pack([text])["awslogs"]["data"]))
    [slice_] = data.slices
    assert (data.owner, slice_.files[0].content) == (ACCOUNT, b'{"Records":[%b]}' % text.encode())


def test_memory_is_that_of_a_function_and_not_of_the_benchmark(tmp_path: Path):
    write_bucket(tmp_path / "trail", files=2, each=500)
    write_large(tmp_path / "trail", tmp_path, 100_000, 300_000)
    for what, most in (("payload", 256), ("object", 512)):
        used = run_python("benchmarks.index_door", what, str(tmp_path / what))
        assert used["events"] >= 1_000
        assert 30 < used["megabytes"] < most
