"""`oddtrail lambda package`: what it says, and what it refuses."""

import json

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.delivery import package as module
from tests.pipeline.cli.korean import list_english


@pytest.fixture(autouse=True)
def _without_pip(monkeypatch):
    monkeypatch.setattr(module, "download", lambda *given: [])


def run(*arguments):
    return CliRunner().invoke(app, ["lambda", "package", *arguments])


def test_it_says_what_to_tell_lambda(tmp_path):
    done = run("--out", str(tmp_path / "a.zip"))
    assert done.exit_code == 0
    assert "Runtime python3.13, architecture arm64, handler lambda_ingest.handler.handler." in done.output
    assert "add one with --geoip" in done.output
    korean = run("--out", str(tmp_path / "a.zip"), "--lang", "ko").output
    assert list_english(korean, "python3", "arm64", "lambda") == []


def test_it_says_the_same_as_json(tmp_path):
    done = run("--out", str(tmp_path / "a.zip"), "--arch", "x86_64", "--geoip", "pipeline/data/demo_geo", "--json")
    said = json.loads(done.stdout)
    assert (said["arch"], said["handler"]) == ("x86_64", "lambda_ingest.handler.handler")
    assert said["databases"] == ["geoip/demo-asn.mmdb", "geoip/demo-city.mmdb"]
    assert said["bytes"] == (tmp_path / "a.zip").stat().st_size


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [("--arch", "mips", "give arm64 or x86_64"), ("--python", "2.7", "give one of 3.11"),
     ("--geoip", "/nowhere", "is not there")],
)  # fmt: skip
def test_what_it_does_not_know_is_said(tmp_path, option, value, wanted):
    done = run("--out", str(tmp_path / "a.zip"), option, value)
    assert done.exit_code == 1
    assert wanted in done.stderr
    assert not (tmp_path / "a.zip").exists()
