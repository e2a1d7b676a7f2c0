"""Ingestion when something is wrong: records and files that cannot be read, a kill, a full disk, a lost worker."""

import gzip
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.ingest import run, tasks
from pipeline.stores.home import open_store
from tests.pipeline.ingest.outcome import beside, into, rows
from tests.pipeline.ingest.records import a_name, a_record, envelope, write, write_bucket


def test_a_record_that_cannot_be_read_is_set_aside_with_its_place_reason_and_bytes(target, tmp_path):
    bad = {**a_record(eventTime="yesterday"), "recipientAccountId": "999900001111"}
    name = a_name()
    write(tmp_path / "in" / name, envelope(a_record(), bad, a_record()))
    report = into(target, tmp_path / "in")
    assert (report.stored, report.set_aside) == (2, 1)
    [(origin, position, reason, account, principal, raw)] = beside(
        target, "set_aside", "origin, position, reason, account, principal, raw"
    )
    assert (origin, position, account) == (name, 1, "999900001111")
    assert "alice" in principal or "AIDA" in principal
    assert "eventTime" in reason
    assert json.loads(raw) == bad


def test_what_an_attacker_writes_into_free_fields_hides_nothing(target, tmp_path):
    free = [
        '{"a":NaN}',
        '{"a":"\\ud800"}',
        '{"a":' * 2000 + "1" + "}" * 2000,
        '{"a":"\\u0000"}',
        '"' + "x" * 100_000 + '"',
    ]
    records = [
        json.dumps(a_record(eventName=f"Call{n}", requestParameters="@")).replace('"@"', text).encode()
        for n, text in enumerate(free)
    ]
    report = into(target, write(tmp_path / "a.json.gz", envelope(a_record(), *records, a_record())))
    assert (report.stored, report.set_aside) == (7, 0)
    assert report.repaired >= 3
    assert [raw for (raw,) in rows(target, "raw", "action LIKE 'iam:Call%'")] == sorted(records)


def test_a_file_that_cannot_be_read_is_one_record_set_aside_once(target, tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/gone.json").symlink_to(tmp_path / "nothing")
    write(tmp_path / "in/good.json", envelope(a_record()))
    report = into(target, tmp_path / "in")
    assert (report.files, report.records, report.stored, report.set_aside) == (2, 2, 1, 1)
    assert "No such file" in beside(target, "set_aside")[0][0]
    assert into(target, tmp_path / "in").records == 0
    write(tmp_path / "nothing", envelope(a_record(eventName="Later")))
    assert into(target, tmp_path / "in").stored == 1, "it is read once it can be"


def test_complete_records_of_a_truncated_file_are_kept_and_the_rest_is_one_record(target, tmp_path):
    packed = gzip.compress(envelope(*[a_record(userAgent=os.urandom(50).hex()) for _ in range(50)]))
    (tmp_path / "a.json.gz").write_bytes(packed[: len(packed) // 2])
    report = into(target, tmp_path / "a.json.gz")
    assert report.set_aside == 1
    assert 15 < report.stored < 35
    assert beside(target, "set_aside") == [("gzip is truncated",)]


KILLED = """
import sys
from datetime import UTC, datetime
from pipeline.ingest import run
from pipeline.ingest import tasks
from pipeline.stores.home import open_store

if __name__ == "__main__":
    home, bucket, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    tasks._TASK_FILES, run._WORTH_A_POOL = 2, 0
    with open_store(home) as store:
        print("ready", flush=True)
        now = datetime(2026, 3, 20, tzinfo=UTC)
        said = lambda done, total, report: print(report.files, flush=True)
        print(run.ingest([bucket], store.events, now=now, threads=threads, progress=said).as_dict(), flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
@pytest.mark.parametrize("threads", [1, 2])
def test_killed_half_way_and_run_again_the_store_is_the_same(tmp_path, threads):
    ids = write_bucket(tmp_path / "bucket", files=40, each=20)
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    command = [sys.executable, str(script), str(tmp_path / "home"), str(tmp_path / "bucket"), str(threads)]
    kills = 0
    for wanted in (4, 16) if threads == 1 else (10,):  # files committed before each kill
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True, env=_env())
        for line in process.stdout or ():
            if line.strip().isdecimal() and int(line) >= wanted:
                break
        time.sleep(0.01 * wanted / 4)
        os.killpg(process.pid, signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        with open_store(tmp_path / "home") as store:
            seen = rows(store.events)
            assert len(seen) == len(set(seen)), "a reader sees whole batches"
    assert kills, "no process was killed at work"
    with open_store(tmp_path / "home") as store:
        into(store.events, tmp_path / "bucket")
        found = rows(store.events, "* EXCLUDE (raw), hex(raw)")
        listed = store.manifest.kept()
        there = {path.relative_to(store.home).as_posix() for path in (store.home / "events").rglob("*.parquet")}
        assert there == listed, "nothing is left behind"
        assert not store.events.staging.exists()
    with open_store(tmp_path / "undisturbed") as store:
        into(store.events, tmp_path / "bucket")
        assert rows(store.events, "* EXCLUDE (raw), hex(raw)") == found
    assert len(found) == len(ids)


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of a process")
@pytest.mark.parametrize("room", [0, 20_000, 60_000])
def test_a_full_disk_is_an_error_that_says_so_and_the_next_run_goes_on(tmp_path, room):
    ids = write_bucket(tmp_path / "bucket", files=12, each=200)
    script = tmp_path / "full.py"
    limit = f"import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nROOM = {room}\n"
    body = KILLED.replace(
        '        print("ready"',
        '        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))\n        print("ready"',
    )
    script.write_text(limit + body)
    command = [sys.executable, str(script), str(tmp_path / "home"), str(tmp_path / "bucket"), "1"]
    done = subprocess.run(command, capture_output=True, text=True, env=_env(), check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("pipeline.errors.StoreError: "), done.stderr
    with open_store(tmp_path / "home") as store:
        into(store.events, tmp_path / "bucket")
        assert len(rows(store.events)) == len(ids)
        assert beside(store.events, "set_aside") == []


def test_a_worker_that_dies_is_an_error_and_the_next_run_goes_on(target, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "_WORTH_A_POOL", 0)
    monkeypatch.setattr(tasks, "_TASK_FILES", 1)
    ids = write_bucket(tmp_path / "bucket", files=20, each=20)
    environment = dict(os.environ)

    def kill_workers(done, total, report):
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(run.WorkerLostError, match="--threads 1"):
        into(target, tmp_path / "bucket", threads=2, progress=kill_workers)
    assert dict(os.environ) == environment
    report = into(target, tmp_path / "bucket")
    assert report.skipped_files > 0
    assert len(rows(target)) == len(ids)


def test_a_file_whose_name_is_no_text_is_read(target, tmp_path):
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.json")).write_bytes(envelope(a_record()))
    except OSError:
        pytest.skip("this file system has no such names")
    assert into(target, tmp_path / os.fsdecode(b"caf\xe9.json")).stored == 1
