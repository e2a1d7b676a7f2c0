"""What README and its neighbours say is true: commands, options, exit codes, settings and paths exist, examples run."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.budget import BURST_DAYS, OVERSHOOT
from pipeline.cli.session import EXIT_CODES
from pipeline.settings import CONFIG, PREFIX, Settings
from pipeline.stores.home import open_store
from tests.pipeline.cli.commands import COMMANDS, run

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
ROOMS = ("features", "models", "pipeline", "lambda_ingest", "tests", "benchmarks", "scripts", "notebooks", ".ci")


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def command_lines() -> Iterator[tuple[str, list[str]]]:
    """Every `oddtrail …` of the pages, with the page it stands in."""
    for name in PAGES:
        for found in re.findall(r"(?:^|`|\s)(?:\.venv/bin/)?oddtrail ((?:[a-z]|--)[^`#\n]*)", page(name), re.MULTILINE):
            words = shlex.split(found.split("    ")[0].split(" → ")[0].rstrip(".,:;"))
            if words and words[0] in {command[0] for command in COMMANDS}:
                yield name, words


LINES = list(command_lines())


def test_the_pages_show_commands_to_check() -> None:
    assert len(LINES) > 20


@pytest.mark.parametrize(("name", "words"), LINES, ids=[" ".join(words)[:50] for _, words in LINES])
def test_every_command_and_option_that_is_shown_exists(name: str, words: list[str]) -> None:
    command = next((words[:length] for length in (2, 1) if tuple(words[:length]) in COMMANDS), None)
    assert command or len(words) == 1, f"{name} shows `oddtrail {' '.join(words)}`"
    shown = run(*(command or words), "--help").output
    for option in (word.partition("=")[0] for word in words if word.startswith("-")):
        assert re.search(rf"(^|\s){re.escape(option)}\b", shown), (
            f"{name} shows {option} of `oddtrail {' '.join(words)}`"
        )


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_the_readme_names_every_command(names: tuple[str, ...]) -> None:
    assert re.search(rf"`oddtrail {' '.join(names)}\b", page("README.md"))


def test_the_readme_has_every_exit_code_in_the_words_of_the_help() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", page("README.md"), re.MULTILINE)
    assert {int(code): meaning for code, meaning in rows} == EXIT_CODES


def test_the_first_screen_is_one_sentence_two_commands_and_an_alert() -> None:
    lines = page("README.md").splitlines()
    screen = "\n".join(lines[:60])
    assert lines[0] == "# oddtrail"
    assert screen.index("sh install.sh && .venv/bin/oddtrail demo") < screen.index("```text")
    assert "sh install.sh dev && .venv/bin/pytest" in screen
    for part in ("critical ", "active hours", "planted:"):
        assert part in screen


@pytest.mark.parametrize("name", PAGES)
def test_every_setting_that_is_named_exists(name: str) -> None:
    known = {PREFIX + setting.upper() for setting in Settings.model_fields} | {CONFIG}
    assert set(re.findall(r"ODDTRAIL_[A-Z]+", page(name))) <= known


def test_every_path_that_is_named_exists() -> None:
    named = {
        (name, path)
        for name in PAGES
        for path in re.findall(r"`((?:[\w.]+/)+[\w.]*|[A-Z]+(?:\.md)?)`", page(name))
        if path.split("/")[0] in ROOMS or path.endswith(".md")
    }
    assert len(named) > 40
    assert [(name, path) for name, path in sorted(named) if not (ROOT / path).exists()] == []


def test_the_python_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    open_store(tmp_path / ".oddtrail").close()
    [code] = re.findall(r"```python\n(.*?)```", page("README.md"), re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    assert "kind" in capsys.readouterr().out


def result(name: str) -> dict[str, Any]:
    """A published result of a benchmark."""
    document = json.loads((ROOT / f"benchmarks/results/{name}.json").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


PUBLISHED = result("fifth")


@pytest.mark.parametrize("company", [*PUBLISHED["companies"], "all"])
def test_the_detection_figures_are_those_of_the_published_result(company: str) -> None:
    if company == "all":
        recall = PUBLISHED["pooled"]["recall"]
    else:
        recall = {name: one["recall"] for name, one in PUBLISHED["companies"][company]["detectors"].items()}
    [row] = re.findall(rf"^\| {company}(?:,.*?)? \|(.*)\|$", page("README.md"), re.MULTILINE)
    budget, *found = (cell.strip() for cell in row.split("|"))
    told = []
    for degree in ("all", "stealthy"):
        ours, table, rule = (recall[name][degree] for name in ("oddtrail", "first-seen", "GuardDuty-like"))
        assert ours["of"] == table["of"] == rule["of"]
        told += [f"{ours['found']} of {ours['of']}", f"{table['found']}", f"{rule['found']}"]
    assert found == told
    if company != "all":
        assert budget == f"{PUBLISHED['companies'][company]['budget']}"
        assert f"| {company}, {PUBLISHED['companies'][company]['principals']:,}" in page("README.md")


def test_recall_and_lead_are_those_of_the_published_result() -> None:
    text = " ".join(page("README.md").split())
    recall = PUBLISHED["pooled"]["recall"]
    ours, table, rule = (
        f"{recall[name]['all']['recall']:.2f}" for name in ("oddtrail", "first-seen", "GuardDuty-like")
    )
    assert f"a recall of {ours}, against {table} of a table" in text
    assert f"and {rule} of a rule" in text
    lead = PUBLISHED["pooled"]["lead"]
    points, low, high = (100 * lead["first-seen"][key] for key in ("difference", "low", "high"))
    assert f"The lead over the table is {points:.1f} points (95 %: {low:.1f} to {high:.1f})" in text
    assert f"over the best variants of both peers {100 * min(one['difference'] for one in lead.values()):.1f}" in text
    seeds = " ".join(map(str, PUBLISHED["seeds"]))
    assert f"-m benchmarks.run --name {PUBLISHED['name']} --seeds {seeds} " in text


def test_what_a_record_score_means_is_as_promised_and_as_measured() -> None:
    text = " ".join(page("README.md").split())
    reached = [company["reached"] for company in result("quiet")["companies"].values()]
    of_75, of_90 = ([float(one[score]["per_day"]) for one in reached] for score in ("75", "90"))
    assert (
        f"{min(of_75):.1f} to {max(of_75):.1f} a day reached 75, and {min(of_90):.1f} to {max(of_90):.1f} a day 90"
        in text
    )


def test_the_budget_is_the_one_the_readme_tells() -> None:
    text = " ".join(page("README.md").split())
    budget = Settings.model_fields["budget"].default
    assert (budget, OVERSHOOT, BURST_DAYS * budget) == (5, 1.25, 15)
    assert "at most five alerts a day are raised (`ODDTRAIL_BUDGET`), and a quarter more for the strongest" in text
    assert "up to fifteen on a bad day" in text
