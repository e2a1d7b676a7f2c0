"""The command, and the package through `spark-submit` with nothing else on the path."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.delivery.package import PackageError
from pipeline.spark import package as module
from pipeline.spark.package import ENTRY, make_package, own_files
from scripts.make_spark_lock import LOCK, OUT, make_lock
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.ingest.records import ACCOUNT, a_name, a_record, envelope, write
from tests.pipeline.spark.both import by_home, differences, in_place

NOW = datetime(2026, 3, 20, tzinfo=UTC)


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    write(tmp_path / "trail" / a_name(), envelope(a_record(), a_record(eventName="GetUser"), b"{}"))
    return tmp_path / "trail"


def test_the_command_says_what_it_did(spark, trail, tmp_path):
    told = answer("spark-backfill", trail, "--out", tmp_path / "out", "--home", tmp_path / "none")
    assert (told["written_account_days"], told["calls"], told["records"], told["set_aside"]) == (1, 2, 3, 1)
    shown = run("spark-backfill", trail, "--out", tmp_path / "out", "--home", tmp_path / "none")
    assert shown.exit_code == 0
    assert "0 account-days written to" in shown.stdout
    assert "1 other there already." in " ".join(shown.stdout.split())
    korean = run("spark-backfill", trail, "--out", tmp_path / "out", "--home", tmp_path / "none", "--lang", "ko").stdout
    assert "나머지 1건은 이미 있음." in korean


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["trail/", "--out", "out", "--conf", "memory=8g"], "spark.driver.memory=8g"),
        (["-", "--out", "out"], "other machines can read"),
    ],
)
def test_what_was_not_well_given_is_said_before_spark_is_started(arguments, told):
    done = run("spark-backfill", *arguments)
    assert done.exit_code != 0
    assert told in " ".join(done.output.split())


def test_a_place_that_cannot_be_written_is_said(spark, trail, tmp_path):
    (tmp_path / "file").write_text("")
    done = run("spark-backfill", trail, "--out", tmp_path / "file" / "out", "--home", tmp_path / "none")
    assert done.exit_code == 1
    assert "cannot be made" in done.output


def test_the_lock_of_the_package_is_that_of_the_project():
    assert make_lock(LOCK.read_text()) == OUT.read_text()


def test_what_glue_installs_is_wheels(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "download", lambda *given: [])
    made = make_package(tmp_path / "a.zip", "glue")
    with zipfile.ZipFile(made.archive) as archive:
        [wheel] = archive.namelist()
        (tmp_path / "own.whl").write_bytes(archive.read(wheel))
    with zipfile.ZipFile(tmp_path / "own.whl") as own:
        assert set(own_files()) < set(own.namelist())
    with pytest.raises(PackageError, match="wheels only"):
        make_package(tmp_path / "b.zip", "glue", geoip=tmp_path)


def test_the_package_runs_through_spark_submit_with_nothing_else_on_the_path(trail, tmp_path, monkeypatch):
    """The libraries are those that are installed here, as far as the package's lock names them."""
    monkeypatch.setattr(module, "download", lambda *given: [])
    monkeypatch.setattr(module, "libraries", lambda wheels: {})
    made = make_package(tmp_path / "made" / "oddtrail.tar.gz")
    site = tmp_path / "site"
    with tarfile.open(made.archive) as archive:
        archive.extractall(site, filter="data")
    for name in locked():
        for top in tops(name):
            source = Path(sysconfig.get_paths()["purelib"]) / top
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, site / top)
    spark = Path(sysconfig.get_paths()["purelib"]) / "pyspark"
    python = Path(os.path.realpath(sys.executable))
    libraries = ":".join(map(str, [site, *sorted((spark / "python" / "lib").glob("*.zip"))]))
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": libraries, "SPARK_HOME": str(spark), "HOME": str(tmp_path)}
    environment |= {"PYSPARK_PYTHON": str(python), "PYSPARK_DRIVER_PYTHON": str(python), "SPARK_LOCAL_IP": "127.0.0.1"}
    arguments = ["--master", "local[2]", "--conf", "spark.ui.enabled=false", "--conf", "spark.sql.shuffle.partitions=1"]
    java = ["--driver-java-options", "-XX:TieredStopAtLevel=1"]
    done = subprocess.run(
        [spark / "bin" / "spark-submit", *arguments, *java, made.entry, trail, "--out", tmp_path / "out", "--json"],
        capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1])["calls"] == 2
    home, _ = by_home(tmp_path / "home", [trail], NOW)
    assert differences(home, in_place(tmp_path / "out")) == []
    assert (made.entry.name, f"{ACCOUNT}/2026-03-02" in {key for key, _ in home}) == (ENTRY, True)


def locked() -> list[str]:
    """Names of what the package's lock names."""
    return [line.partition("==")[0] for line in OUT.read_text().splitlines() if "==" in line]


def tops(name: str) -> set[str]:
    """Folders and files that a distribution puts beside others."""
    from importlib.metadata import files

    found = {file.parts[0] for file in files(name) or ()}
    return {top for top in found if top not in ("..", "__pycache__")}
