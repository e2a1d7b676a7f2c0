"""`oddtrail demo`, small: everything is real, only less of it."""

import re
import sys
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipeline.demo.run import Demo, DemoError, prepare, run_demo
from pipeline.render.console import console
from pipeline.render.demo import render_cause, render_demo
from pipeline.render.demo_words import DOING
from tests.pipeline.alerts.korean import KOREAN, find_english
from tests.pipeline.cli.commands import answer, run
from tests.pipeline.render.printing import printed


def list_english(text: str) -> list[str]:
    """Words of an answer that are not Korean, but for commands, ids and names of planted attacks."""
    return find_english(re.sub(r"`[^`]*`|\d{5}-[0-9a-f]+|(?:loud|medium|stealthy)\s+[a-z-]+", "", text))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Demo, list[str]]:
    """A small demo, and the stages that it went through."""
    folder, stages = tmp_path_factory.mktemp("demo") / "demo", list[str]()
    return run_demo(folder, seed=3, days=21, principals=12, given={"threads": 1}, say=stages.append), stages


@pytest.fixture
def folder(ran: tuple[Demo, list[str]]) -> Path:
    return ran[0].folder


def test_a_small_demo_tells_its_alerts_what_was_found_and_what_was_missed(
    ran: tuple[Demo, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    demo, stages = ran
    assert stages == ["simulate", "ingest", "train", "score"]
    assert len(demo.truth.campaigns) == 12
    assert len(demo.verdict.found) + len(demo.verdict.missed) == 12
    assert len(demo.verdict.found) >= 6
    for width in (80, 120):
        screen = console(sys.stdout)
        screen.width = width
        screen.print(render_demo(demo, ZoneInfo("UTC"), lambda line: f"oddtrail {line}"))
        shown = capsys.readouterr().out
        assert max(map(len, shown.splitlines())) <= width
        assert "\x1b" not in shown
        for found in demo.verdict.found:
            assert f"as {found.campaign.principal_name}" in " ".join(shown.split())
        assert f"Found {len(demo.verdict.found)} of 12 planted attacks" in shown
        assert "min after it began" in " ".join(shown.split())


def test_it_is_told_in_korean(ran: tuple[Demo, list[str]]) -> None:
    demo, stages = ran
    summary = render_demo(replace(demo, alerts=()), ZoneInfo("UTC"), lambda line: f"`{line}`", KOREAN)
    parts = [summary, *(render_cause(demo, alert, KOREAN) for alert in demo.alerts)]
    shown = re.sub(r"`[^`]*`|http\S+|oddtrail .*|train, score, .*", "", "\n".join(printed(part, 400) for part in parts))
    names = {name for one in demo.truth.campaigns for name in (one.principal_name, one.technique.replace("-", " "))}
    assert find_english(shown, {*names, "CloudTrail"}) == []
    assert all(KOREAN.find(DOING[stage]) != DOING[stage] for stage in stages)


def test_every_command_can_look_into_the_demo(folder: Path) -> None:
    home = folder / "home"
    assert run("alerts", "list", "--home", home).exit_code == 0
    assert run("models", "list", "--home", home).exit_code == 0
    assert run("models", "show", "--home", home).exit_code == 0
    scored = run("score", "--home", home, "--until", "2026-03-01", ODDTRAIL_LANGUAGE="ko")
    assert scored.exit_code == 0
    assert list_english(scored.stdout) == []
    assert "초 만에 판정했습니다: 새 경보 없음." in scored.stdout
    assert run("doctor", "--home", home).exit_code == 0


_WHEN_NEEDED = {"operations.jsonl", "receipts.jsonl",
    "set_aside", "other", "staging", "geoip", "oddtrail.toml", "demo", "indexed.sqlite", "dead_letters",
    "declared.jsonl", "marks.jsonl", "drills.jsonl", "drills.key", "alerts_index.sqlite",
    "prepared", "compared.json", "notify.toml", "shards", "spill",
}  # fmt: skip


def test_a_home_holds_what_architecture_says(folder: Path) -> None:
    page = (Path(__file__).parents[3] / "ARCHITECTURE.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^    home/\n((?:      .*\n)+)", page, re.MULTILINE)
    names = re.findall(r"^      ([\w.]+/?(?:, [\w.]+/?)*)", block, re.MULTILINE)
    said = {name.rstrip("/") for named in names for name in named.split(", ")}
    there = {path.name for path in (folder / "home").iterdir()} - {"state.sqlite-wal", "state.sqlite-shm"}
    assert there <= said
    assert said - there == _WHEN_NEEDED


def test_its_trail_can_be_replayed_without_a_home(folder: Path, tmp_path: Path) -> None:
    summary = answer("backtest", folder / "AWSLogs", "--train-until", "2026-02-19", "--out", tmp_path, "--threads", "1")
    assert summary["raised"] > 0
    assert summary["days"]["first_alerting"] == "2026-02-19"
    assert {path.name for path in tmp_path.iterdir()} == {"alerts.jsonl", "scores", "scores.parquet", "summary.json"}
    assert not (folder / "AWSLogs/state.sqlite").exists()


def test_a_backtest_before_all_history_says_so(folder: Path, tmp_path: Path) -> None:
    result = run("backtest", folder / "AWSLogs", "--train-until", "2020-01-01", "--out", tmp_path, "--threads", "1")
    assert result.exit_code == 1
    assert "give a later time" in result.stderr


@pytest.mark.sweep
def test_a_first_training_says_what_it_left_to_score(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    answer("ingest", folder / "AWSLogs", "--home", home, "--threads", "1")
    early = run("score", "--home", home)
    assert early.exit_code == 1
    assert "oddtrail train" in early.stderr
    assert run("score", "--home", home, "--lang", "ko").stderr.startswith("oddtrail: 아직 모델이 없습니다.")
    shown = run("train", "--home", home).stdout
    assert "Learned" in shown
    assert "All of them from scratch: there was no model to go on from." in shown
    assert f"`oddtrail score --home {home}` looks at" in shown
    result = run("score", "--home", home, "--exit-code")
    assert result.exit_code in (0, 3)
    assert ("no new alert" in result.stdout) == (result.exit_code == 0)
    again = answer("train", "--home", home)
    assert (again["stepped_from"] is None, again["stepped_days"]) == (False, 7)
    korean = " ".join(run("train", "--home", home, "--lang", "ko").stdout.split())
    assert f"모델 {again['stepped_from']}에 새로운 7일을 이어서 학습했습니다: 가장 최근 모델이 아직 유효함." in korean
    assert list_english(korean) == []
    anew = answer("train", "--from-scratch", "--home", home)
    assert (anew["stepped_from"], anew["why"], anew["model_id"]) == (None, "it was asked for", again["model_id"])


def test_a_demo_takes_over_only_its_own_folder(tmp_path: Path) -> None:
    prepare(tmp_path / "new")
    (tmp_path / "new/home").mkdir()
    prepare(tmp_path / "new")
    assert not (tmp_path / "new/home").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    with pytest.raises(DemoError, match="holds something else"):
        prepare(tmp_path / "mine")
    assert (tmp_path / "mine/thesis.txt").exists()
