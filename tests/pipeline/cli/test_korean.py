"""What a command prints is told in Korean: no sentence stays English, and what somebody named stays as it is."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from tests.pipeline.alerts.korean import find_english
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import NINE, a_home, a_record

COMMAND: Final = re.compile(r"`[^`]*`|--[a-z-]+\b|(?:/[\w.@-]+)+/?|[\w-]+=[\w/]+")
"""What is not told in any language: commands, options, paths, settings."""
NAMES: Final = ["CloudTrail", "AWSLogs", "oddtrail", "MB", "deploy", "ec2", "bucket", "ledger"]
RED: Final = "\x1b[31m{n} of {why}"
"""A name with what a terminal obeys and what a message has places for."""


def list_english(text: str, *names: str) -> list[str]:
    """English words of an answer, but for commands, paths and names."""
    return find_english(COMMAND.sub(" ", text), [*NAMES, *names])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four calls, of which one has a hostile name, and a record that is none."""
    records: list[dict[str, Any]] = [
        a_record(NINE),
        a_record(NINE + timedelta(hours=1), "DeleteBucket", "s3", requestParameters={"bucketName": RED}),
        *(a_record(NINE + timedelta(days=day), "PutObject", "s3") for day in (1, 2)),
        {"eventName": 7},
    ]
    return a_home(tmp_path_factory.mktemp("korean"), records)


TOLD: Final[list[tuple[tuple[str, ...], tuple[str, ...]]]] = [
    (("store", "info"), ()),
    (("store", "compact"), ()),
    (("store", "verify"), ()),
    (("store", "prune", "--before", "2026-03-03", "--dry-run"), ()),
    (("events",), ()),
    (("events", "--limit", "1"), ()),
    (("events", "--principal", "nobody"), ()),
    (("sql", "SELECT 1 AS x FROM events", "--limit", "1"), ()),
]
"""A command line, and names in its answer."""


@pytest.mark.parametrize(("line", "names"), TOLD, ids=lambda one: " ".join(one) if isinstance(one, tuple) else "")
def test_an_answer_is_told_in_korean(home: Path, line: tuple[str, ...], names: tuple[str, ...]) -> None:
    result = run(*line, "--home", home, "--lang", "ko")
    assert result.exit_code == 0, result.output
    assert list_english(result.output, *names) == []
    assert re.search("[가-힣]", result.output)


def test_what_somebody_named_stays_as_it_is(home: Path) -> None:
    shown = run("events", "--home", home, "--lang", "ko").stdout
    assert r"\x1b[31m{n} of {why}" in "".join(shown.split("\n"))
    assert "\x1b" not in shown


def test_an_ingestion_is_told_in_korean_and_to_machines_in_english(tmp_path: Path) -> None:
    a_home(tmp_path, [a_record(), {"eventName": 7}])
    (tmp_path / "trail/notes.txt").write_bytes(b"\x89 something else")
    told = run("ingest", tmp_path / "trail", "--home", tmp_path / "other", "--lang", "ko")
    assert told.exit_code == 0
    assert list_english(told.output) == []
    assert "이벤트 1건" in run("store", "info", "--home", tmp_path / "other", "--lang", "ko").stdout
    again = run("ingest", tmp_path / "trail", "--home", tmp_path / "other", ODDTRAIL_LANGUAGE="ko")
    assert "이미 읽어 건너뜀: 파일 1개." in again.stdout
    document = answer("ingest", tmp_path / "trail", "--home", tmp_path / "third", "--lang", "ko")
    assert document["notes"][0].startswith("no geo database")


def test_an_error_is_told_in_korean_and_to_machines_in_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("{where} of").mkdir()
    Path("{where} of/bad.json").write_text('{"Records": [{"eventName": 7}]}')
    told = run("ingest", "{where} of", "--home", "home", "--lang", "ko")
    assert told.exit_code == 1
    assert "'{where} of'에서 저장한 것이 없습니다. 들어 있는 것: 따로 둔 레코드 1건(no eventSource)." in told.stderr
    in_json = run("ingest", "{where} of", "--home", "another", "--lang", "ko", "--json")
    assert '"message":"nothing was stored from' in in_json.stdout.replace('": "', '":"')
    missing = run("store", "info", "--home", tmp_path / "none", "--lang", "ko")
    assert list_english(missing.stderr) == []


def test_what_is_lost_is_told_in_korean(home: Path, tmp_path: Path) -> None:
    lost = a_home(tmp_path, [a_record(), a_record(NINE + timedelta(days=1))])
    min((lost / "events").rglob("*.parquet")).unlink()
    names = ["events", "account", "day", "parquet", "CloudTrail", "eu", "west", "json", "gz"]
    train = run("train", "--home", lost, "--lang", "ko")
    assert train.exit_code == 1
    assert list_english(train.stderr, *names) == []
    verified = run("store", "verify", "--home", lost, "--lang", "ko")
    assert verified.exit_code == 1
    assert list_english(verified.output, *names) == []
    assert list_english(run("store", "info", "--home", lost, "--lang", "ko").output, *names) == []
    assert list_english(run("store", "verify", "--give-up", "--home", lost, "--lang", "ko").output, *names) == []

