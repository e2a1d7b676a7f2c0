"""What a command prints is told in Korean: no sentence stays English, and what somebody named stays as it is."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from features.activity.catalogue import CATALOGUE
from pipeline.settings import Settings
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.cli.homes import NINE, a_home, a_record
from tests.pipeline.cli.korean import list_english, tell

RED: Final = "\x1b[31m{n} of {why}"
"""A name with what a terminal obeys and what a message has places for."""
FEATURES: Final = tuple(feature.name for feature in CATALOGUE)
SETTINGS: Final = (*Settings.model_fields, "surprise", "population", "forest", "UTC", "default", "ASN", "ko")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four calls, of which one touches what has a hostile name, and a record that is none."""
    records: list[dict[str, Any]] = [
        a_record(NINE),
        a_record(NINE + timedelta(hours=1), "DeleteBucket", "s3", requestParameters={"bucketName": RED}),
        *(a_record(NINE + timedelta(days=day), "PutObject", "s3") for day in (1, 2)),
        {"eventName": 7},
    ]
    return a_home(tmp_path_factory.mktemp("korean"), records)


TOLD: Final[list[tuple[str, tuple[str, ...]]]] = [
    ("store info", ()),
    ("store compact", ()),
    ("store verify", ()),
    ("store prune --before 2026-03-03 --dry-run", ()),
    ("events", ("deploy", "ec2:DescribeInstances", "bucket", "x1b", "{n} of {why}")),
    ("events --limit 1", ("deploy",)),
    ("events --principal nobody", ()),
    ("shards assign here", ("here",)),
    ("shards assign", ("watch",)),
    ("drill --clean", ()),
    ("geoip status", ()),
    ("dead-letters list", ()),
    ("features", (*FEATURES, "km", "Terraform", "SDK", "CLI", "ln")),
    ("config show", (*SETTINGS, "pyod", "NAME", "en", "watch", "mmdb", "csv")),
]
"""A command line, and names in its answer."""


@pytest.mark.parametrize(("line", "names"), TOLD, ids=[line for line, _ in TOLD])
def test_an_answer_is_told_in_korean(home: Path, line: str, names: tuple[str, ...]) -> None:
    tell(*line.split(), "--home", home, names=names)


def test_what_somebody_named_stays_as_it_is(home: Path) -> None:
    shown = run("events", "--home", home, "--lang", "ko", COLUMNS="200").stdout
    assert r"\x1b[31m{n} of {why}" in shown
    assert "\x1b" not in shown


def test_more_rows_than_asked_for_are_told(home: Path) -> None:
    query = "SELECT action FROM events"
    assert "결과가 1행을 넘습니다." in run("sql", query, "--limit", "1", "--home", home, "--lang", "ko").stdout


def test_an_ingestion_is_told_in_korean_and_to_machines_in_english(tmp_path: Path) -> None:
    a_home(tmp_path, [a_record(), {"eventName": 7}])
    (tmp_path / "trail/notes.txt").write_bytes(b"\x89 something else")
    tell("ingest", tmp_path / "trail", "--home", tmp_path / "other")
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
    assert "nothing was stored from '{where} of', which holds 1 record" in in_json.stdout
    tell("store", "info", "--home", tmp_path / "none", code=1)


def test_what_is_lost_is_told_in_korean(tmp_path: Path) -> None:
    home = a_home(tmp_path, [a_record(), a_record(NINE + timedelta(days=1))])
    min((home / "events").rglob("*.parquet")).unlink()
    names = ("events", "IO Error: No files found that match the pattern")
    for line, code in (("train", 1), ("store verify", 1), ("store info", 0), ("store verify --give-up", 0)):
        tell(*line.split(), "--home", home, code=code, names=names)


def test_a_name_of_a_setting_that_is_wrong_is_told(tmp_path: Path) -> None:
    said = run("store", "prune", "--before", "{given}", "--home", a_home(tmp_path, [a_record()]), "--lang", "ko").stderr
    assert said.startswith("oddtrail: --before 값이 '{given}'입니다.")
    assert list_english(said, "given") == []
