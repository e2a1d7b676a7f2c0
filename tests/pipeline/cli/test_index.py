"""`oddtrail index`: files into daily indices, each record accounted for, again and again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.cli.index import DEAD_LETTERS
from pipeline.documents.capabilities import Capabilities
from pipeline.documents.fields import EVENT_FIELDS
from pipeline.documents.template import make_mapping
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import NINE, a_record, write_trail
from tests.pipeline.cli.korean import tell
from tests.pipeline.ingest.records import write_bucket
from tests.servers.sham import Sham, sham


@pytest.fixture
def engine() -> Iterator[Sham]:
    with sham() as running:
        yield running


def adds_up(told: dict) -> bool:
    parts = told["indexed"] + told["duplicates"] + told["quarantined"] + told["dead_letters"]
    return bool(told["records"] == parts + sum(told["other"].values()))


def test_the_numbers_add_up_whatever_is_in_the_files(tmp_path: Path, engine: Sham) -> None:
    bad, future, old = {"eventName": 7}, a_record(eventID="f" * 36), a_record(eventID="0" * 36)
    records = [a_record(), a_record(), bad, future | {"eventTime": "2099-01-01T00:00:00Z"}]
    records += [old | {"eventTime": "1999-01-01T00:00:00Z"}, a_record(NINE + timedelta(hours=20))]
    write_trail(tmp_path / "trail", records)
    digest = {"awsAccountId": "111122223333", "digestStartTime": "2026-03-02T09:00:00Z", "logFiles": []}
    (tmp_path / "trail/digest.json").write_text(json.dumps(digest))
    told = answer("index", tmp_path / "trail", "--to", engine.url, "--home", tmp_path, "--retention", "5000d")
    assert adds_up(told)
    assert (told["records"], told["indexed"], told["duplicates"]) == (7, 2, 1)
    assert (told["quarantined"], told["dead_letters"], sum(told["other"].values())) == (2, 1, 1)
    assert told["by_index"] == {
        "cloudtrail-2026.03.02": 1,
        "cloudtrail-2026.03.03": 1,
        "cloudtrail-quarantine": 2,
    }
    assert len(engine.held) == 4


def test_files_that_are_indexed_are_skipped_by_cluster_and_prefix(tmp_path: Path, engine: Sham) -> None:
    write_trail(tmp_path / "trail", [a_record()])
    line = ("index", tmp_path / "trail", "--to", engine.url, "--home", tmp_path, "--retention", "5000d")
    assert [answer(*line)["indexed"] for _ in range(2)] == [1, 0]
    assert answer(*line)["skipped_files"] == 1
    assert answer(*line, "--prefix", "other")["indexed"] == 1
    again = answer(*line, "--again")
    assert (again["duplicates"], again["skipped_files"]) == (1, 0)
    engine.cluster, engine.held = "another", {}
    assert answer(*line)["indexed"] == 1, "an empty new cluster at the same address is not the old one"


def test_without_its_template_it_does_not_start(tmp_path: Path, engine: Sham) -> None:
    engine.has_template = False
    write_trail(tmp_path / "trail", [a_record()])
    result = run("index", tmp_path / "trail", "--to", engine.url, "--home", tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "oddtrail setup" in result.stderr
    assert engine.bulks == []


def test_what_is_refused_is_a_dead_letter_and_a_replay_removes_it_once_it_is_taken(
    tmp_path: Path, engine: Sham
) -> None:
    odd = a_record(name="PutOdd\x1b[31m")
    write_trail(tmp_path / "trail", [a_record(), odd])
    engine.refuses = lambda document: "no\x1b such" if document["event"]["id"] == odd["eventID"] else ""
    there = ("--to", engine.url, "--home", tmp_path, "--retention", "5000d")
    told = answer("index", tmp_path / "trail", *there)
    assert adds_up(told)
    assert (told["indexed"], told["dead_letters"]) == (1, 1)
    listed = answer("dead-letters", "list", "--home", tmp_path)
    [letter] = listed["letters"]
    assert letter["event_id"] == odd["eventID"]
    assert letter["origin"].startswith("AWSLogs/")
    assert json.loads(letter["raw"]) == odd
    shown = run("dead-letters", "list", "--home", tmp_path).stdout
    assert "\x1b" not in shown
    assert "1 dead letter" in shown
    stays = answer("dead-letters", "replay", *there)
    assert (stays["letters"], stays["removed"], stays["stayed"]) == (1, 0, 1)
    engine.refuses = lambda document: ""
    goes = answer("dead-letters", "replay", *there)
    assert (goes["removed"], goes["stayed"], goes["indexed"]) == (1, 0, 1)
    assert answer("dead-letters", "list", "--home", tmp_path)["total"] == 0
    assert len(engine.held) == 2


def test_a_fault_of_configuration_ends_the_run_with_the_reason_and_running_again_goes_on(
    tmp_path: Path, engine: Sham
) -> None:
    write_trail(tmp_path / "trail", [a_record()])
    line = ("index", tmp_path / "trail", "--to", engine.url, "--home", tmp_path, "--retention", "5000d")
    engine.always = lambda ids: (403, {"error": {"type": "security_exception", "reason": "no permissions"}})
    result = run(*line)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no permissions" in result.stderr
    assert "run the same command again" in result.stderr
    engine.always = None
    assert answer(*line)["indexed"] == 1


@pytest.mark.parametrize(
    ("option", "value"),
    [("--prefix", "Cloud*"), ("--prefix", "_all"), ("--retention", "soon"), ("--patience", "-1"), ("--to", "http://h")],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(
    tmp_path: Path, engine: Sham, option: str, value: str
) -> None:
    write_trail(tmp_path / "trail", [a_record()])
    result = run("index", tmp_path / "trail", "--to", engine.url, "--home", tmp_path, option, value)
    assert result.exit_code in (1, 2)
    assert value.lstrip("-") in result.stderr
    assert engine.bulks == []


def test_a_folder_without_log_files_says_so(tmp_path: Path, engine: Sham) -> None:
    (tmp_path / "trail").mkdir()
    result = run("index", tmp_path / "trail", "--to", engine.url, "--home", tmp_path)
    assert result.exit_code == 1
    assert "no CloudTrail log file" in result.stderr


def test_where_the_index_is_and_what_it_holds_is_said_to_a_person(tmp_path: Path, engine: Sham) -> None:
    write_trail(tmp_path / "trail", [a_record()])
    result = run("index", tmp_path / "trail", "--to", engine.url, "--home", tmp_path, "--retention", "5000d")
    assert "indexed in cloudtrail-2026.03.02" in result.stdout
    assert f"{engine.port}/cloudtrail-*/_search" in result.stdout
    arguments = ("index", tmp_path / "trail", "--to", engine.url, "--home", tmp_path, "--retention", "5000d", "--again")
    assert "이미 있음" in tell(*arguments, names=("curl",)).stdout


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_stopped_in_the_middle_and_run_again_everything_is_there_once(
    tmp_path: Path, engine: Sham, number: signal.Signals
) -> None:
    ids = write_bucket(tmp_path / "trail", files=60, each=50)
    arguments = ["index", tmp_path / "trail", "--to", engine.url, "--home", tmp_path / "home", "--retention", "5000d"]
    program = "from pipeline.ingest import run, tasks; run._WORTH_A_POOL = 0; tasks._TASK_FILES = 5"
    program += "; from pipeline.cli.app import main; main()"
    engine.always = lambda ids: time.sleep(0.15)  # type: ignore[func-returns-value]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments), "--threads", "2"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    end = time.monotonic() + 60
    while len(engine.held) < 600 and time.monotonic() < end:
        time.sleep(0.02)
    assert 600 <= len(engine.held) < len(ids)
    os.kill(process.pid, number)
    code = process.wait(20)
    assert code == (-signal.SIGKILL if number == signal.SIGKILL else 130), process.stderr
    assert gone_soon(process.pid)
    engine.always = None
    told = answer(*arguments)
    assert adds_up(told)
    assert told["skipped_files"] > 0
    assert engine.ids == sorted(ids)
    assert not (tmp_path / "home" / DEAD_LETTERS).exists()


def gone_soon(group: int, seconds: float = 10) -> bool:
    """Whether no process of a group is left; those that a killed one started notice it by themselves."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    return False


@pytest.mark.parametrize(("texts", "version"), [(False, (2, 6, 0)), (True, (3, 8, 0)), (False, (3, 8, 0))])
def test_requests_are_written_as_texts_where_the_engine_needs_it_or_somebody_asks(
    tmp_path: Path, engine: Sham, texts: bool, version: tuple[int, ...]
) -> None:
    engine.properties = make_mapping(EVENT_FIELDS, Capabilities("opensearch", version))["properties"]
    write_trail(tmp_path / "trail", [a_record(requestParameters={"userName": "eve"})])
    there = ("--to", engine.url, "--home", tmp_path, "--retention", "5000d")
    assert run("index", tmp_path / "trail", *there, *(["--texts"] if texts else [])).exit_code == 0
    [document] = engine.held.values()
    said = document["aws"]["cloudtrail"].get("request_parameters")
    assert said == ("{userName=eve}" if texts or version < (2, 7) else None)
