"""The function's package holds all that it needs and nothing else, is the same each time, and runs by itself."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipeline.delivery import package as module
from pipeline.delivery.package import PackageError, make_package, own_modules
from scripts.make_lambda_lock import LOCK, OUT, make_lock
from tests.pipeline.delivery.doors import an_id, logs_event, some_records
from tests.servers.fixtures import ONE_PROCESS
from tests.servers.function import PYTHON, this_machine
from tests.servers.sham import sham

pytestmark = ONE_PROCESS
RUN = """
import json, sys, time
sys.path[:] = [path for path in sys.path if "site-packages" not in path]
sys.path.insert(0, sys.argv[1])
start = time.process_time()
from lambda_ingest.handler import handler
import pipeline.enrich.city
seconds = time.process_time() - start
class Context:
    def get_remaining_time_in_millis(self):
        return 60_000
answer = handler(json.load(sys.stdin), Context())
print(json.dumps({"answer": answer, "seconds": seconds, "loaded": sorted(sys.modules)}))
"""


def test_it_runs_with_nothing_but_itself_on_the_path(function):
    event = json.dumps(logs_event(some_records("a", "b", sourceIPAddress="1.0.64.7")))
    with sham() as engine:
        environment = {
            "ODDTRAIL_URL": engine.url, "ODDTRAIL_DEAD_LETTERS": "s3://dead/x/", "ODDTRAIL_RETENTION": "10000",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", "-c", RUN, function.folder],
            input=event,
            capture_output=True,
            text=True,
            env=environment,
        )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["answer"] == {"records": 2, "indexed": 2, "duplicates": 0}
    assert engine.ids == sorted([an_id("a"), an_id("b")])
    heavy = {"numpy", "pyarrow", "duckdb", "pandas", "pydantic", "typer", "rich", "boto3", "aiohttp", "grpc"}
    assert heavy.isdisjoint(said["loaded"])
    assert said["seconds"] < 2.5  # 0.7 s on one core, uncompiled; others work beside a test


def test_it_is_small_and_holds_what_the_function_imports_and_no_more(function):
    assert function.made.unzipped < 60e6
    with zipfile.ZipFile(function.made.path) as archive:
        names = set(archive.namelist())
    assert set(own_modules()) <= names
    assert not [name for name in names if name.startswith(("boto", "models/", "pipeline/cli/", "pipeline/stores/"))]
    assert not [name for name in names if name.endswith((".pyc", "RECORD"))]
    assert {"geoip/demo-asn.mmdb", "geoip/demo-city.mmdb"} <= names


def test_it_is_the_same_each_time(function, tmp_path):
    again = make_package(
        tmp_path / "deep" / "again.zip", this_machine(), PYTHON, Path("pipeline/data/demo_geo").resolve()
    )
    assert again.path.read_bytes() == function.made.path.read_bytes()
    assert [path.name for path in again.path.parent.iterdir()] == ["again.zip"]


@pytest.mark.parametrize("arch", ["arm64", "x86_64"])
def test_it_has_the_wheels_of_its_architecture(function, tmp_path, arch):
    made = make_package(tmp_path / "a.zip", arch)
    with zipfile.ZipFile(made.path) as archive:
        names = archive.namelist()
    machine = {"arm64": "aarch64", "x86_64": "x86_64"}[arch]
    compiled = [name for name in names if name.endswith(".so")]
    assert compiled
    assert all(machine in name and "cpython-313" in name for name in compiled)
    assert not [name for name in names if name.startswith("geoip/")]


def test_what_pip_says_is_told(monkeypatch, tmp_path):
    class Failed:
        returncode, stdout, stderr = 1, "", "WARNING: x\nERROR: No matching distribution found for msgspec==0"

    monkeypatch.setattr(module.subprocess, "run", lambda *given, **named: Failed)
    with pytest.raises(PackageError, match=r"No matching distribution found for msgspec==0\): check the connection"):
        make_package(tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_databases_that_lambda_would_not_take_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "download", lambda *given: [])
    monkeypatch.setattr(module, "LARGEST", 100_000)
    with pytest.raises(PackageError, match=r"Lambda takes .*choose smaller geo"):
        make_package(tmp_path / "a.zip")


def test_a_place_that_cannot_be_written_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "download", lambda *given: [])
    (tmp_path / "file").write_text("")
    with pytest.raises(PackageError, match=r"cannot be written .*name another file"):
        make_package(tmp_path / "file" / "a.zip")


def test_the_lock_of_the_function_is_that_of_the_project():
    assert make_lock(LOCK.read_text()) == OUT.read_text()
