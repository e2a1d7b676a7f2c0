"""`oddtrail scores`: the strongest first, why, and names that are no markup."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from pipeline.stores.parquet.hour_scores import SCHEMA, ParquetHourScores
from tests.pipeline.cli.commands import answer, run

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOSTILE = "[red]=cmd|'/C calc'!A0\x1b[2J"


@pytest.fixture
def home(tmp_path):
    rows = [
        {
            "principal": f"role/{name}", "principal_name": name, "principal_kind": "workload", "day": NINE.date(),
            "hour": NINE, "scored_at": NINE, "model": model, "raw_score": 1.0, "record_score": score,
            "measures": [{"measure": "regions", "typical": 1.0, "actual": 9.0, "share": 1.0}],
        }
        for name, model, score in (("deploy", "forest", 60.0), (HOSTILE, "population", 90.0))
    ]  # fmt: skip
    ParquetHourScores(tmp_path).put(NINE.date(), pa.Table.from_pylist(rows, schema=SCHEMA))
    return tmp_path


def test_the_strongest_come_first_and_say_why(home):
    found = answer("scores", "--home", home)
    assert [row["record_score"] for row in found["scores"]] == [90.0, 60.0]
    assert found["scores"][0]["why"] == "9 regions in an hour, where 1 is typical"
    assert answer("scores", "--home", home, "--model", "forest", "--least", 50)["count"] == 1
    assert answer("scores", "--home", home, "--since", "2026-03-03")["count"] == 0
    assert answer("scores", "--home", home, "--limit", 1)["count"] == 2


def test_names_are_inert_in_text_and_csv(home):
    text = run("scores", "--home", home)
    assert text.exit_code == 0
    assert "\x1b" not in text.output
    csv = run("scores", "--home", home, "--csv")
    assert "\x1b" not in csv.output
    assert csv.output.splitlines()[0].startswith("record_score,model,principal")


def test_a_home_without_scores_says_what_writes_them(tmp_path):
    result = run("scores", "--home", tmp_path)
    assert result.exit_code == 0
    assert "writes them as hours close" in result.output
    assert run("scores", "--home", tmp_path, "--least", "200").exit_code == 2
    assert run("scores", "--home", tmp_path, "--csv", "--json").exit_code == 2


def test_they_are_told_in_korean(home):
    told = run("scores", "--home", home, "--lang", "ko", "--model", "forest").stdout
    assert "한 시간에 리전 9개, 평소 1" in told
    assert "격리 포레스트" in told or "isolation" not in told
    assert "hour" not in told
    assert run("scores", "--home", home, "--lang", "ko", "--least", "99").stdout.startswith("점수가 없습니다.")
