"""Promises of every command: it teaches, it answers in JSON, and its exit code says how it went."""

import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

from pipeline.cli.command import SHARED
from pipeline.cli.session import EXIT_CODES
from pipeline.detect.scoring import CHECKPOINT
from pipeline.stores.home import open_store
from tests.pipeline.cli.commands import COMMANDS, answer, run


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_teaches_by_example(names: tuple[str, ...]) -> None:
    result = run(*names, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.output
    assert f"oddtrail {' '.join(names)}" in result.output


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_every_command_takes_the_shared_options(names: tuple[str, ...]) -> None:
    shown = run(*names, "--help").output
    for option in SHARED:
        assert f"--{option}" in shown


def test_the_help_says_what_each_exit_code_means() -> None:
    shown = " ".join(run("--help").output.split())
    for code, meaning in EXIT_CODES.items():
        assert f"{code} {meaning}" in shown


def test_no_line_of_any_help_is_wider_than_a_terminal() -> None:
    for names in [(), *COMMANDS]:
        for line in run(*names, "--help", COLUMNS="80").output.splitlines():
            assert len(line) <= 100, (names, line)


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_help_prints_the_help_of_a_command(names: tuple[str, ...]) -> None:
    assert run("help", *names).output == run(*names, "--help").output


def test_the_help_names_arguments_and_not_the_types_behind_them() -> None:
    for names in COMMANDS:
        shown = run(*names, "--help").output
        assert "<str>" not in shown
        assert "<list" not in shown
        assert "<path" not in shown


def test_a_shell_can_complete_commands() -> None:
    said = run(_ODDTRAIL_COMPLETE="complete_bash", COMP_WORDS="oddtrail al", COMP_CWORD="1").output
    assert said.split() == ["alerts"]


def test_quiet_prints_errors_only(tmp_path: Path) -> None:
    quiet = run("geoip", "status", "--home", tmp_path, "--quiet")
    assert (quiet.exit_code, quiet.output) == (0, "")
    assert run("geoip", "status", "--home", tmp_path, "-q", "--json").stdout.startswith("{")
    failed = run("store", "info", "--home", tmp_path / "nowhere", "-q")
    assert failed.exit_code == 1
    assert failed.stdout == ""
    assert failed.stderr.count("\n") == 1


def test_a_command_that_is_misused_exits_2_and_says_how_to_use_it() -> None:
    assert run("alerts", "show").exit_code == 2
    assert run("alerts", "list", "--no-such-option").exit_code == 2
    assert run("no-such-command").exit_code == 2


def test_what_cannot_be_done_is_one_line_on_standard_error_and_exits_1(tmp_path: Path) -> None:
    result = run("store", "info", "--home", tmp_path / "nowhere")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "oddtrail ingest PATH" in result.stderr


def test_what_cannot_be_done_is_an_object_in_json_too(tmp_path: Path) -> None:
    result = run("store", "info", "--home", tmp_path / "nowhere", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["type"] == "StoreError"


def test_no_alerts_is_a_success_and_apart_from_not_knowing(tmp_path: Path) -> None:
    unknown = run("alerts", "list", "--home", tmp_path / "never scored", "--exit-code")
    assert unknown.exit_code == 1
    with open_store(tmp_path / "scored") as store:
        store.state.put_checkpoint(CHECKPOINT, {"day": "2026-03-02"})
    quiet = run("alerts", "list", "--home", tmp_path / "scored", "--exit-code")
    assert quiet.exit_code == 0
    assert "No alerts" in quiet.stdout


def test_shared_options_may_stand_before_or_after_the_command(tmp_path: Path) -> None:
    for arguments in (["--home", tmp_path, "config", "show"], ["config", "show", "--home", tmp_path]):
        assert answer(*arguments)["settings"]["home"] == {
            "value": str(tmp_path),
            "from": "--home",
            "meaning": "Folder of the store, the models and the alerts.",
        }
    after = answer("--home", "/elsewhere", "config", "show", "--home", tmp_path)
    assert after["settings"]["home"]["value"] == str(tmp_path)
    for arguments in (["--lang", "ko", "config", "show"], ["--lang", "en", "config", "show", "--language", "ko"]):
        assert answer(*arguments, "--home", tmp_path)["settings"]["language"]["value"] == "ko"


def test_a_bug_keeps_its_traceback_and_exits_70() -> None:
    code = "import pipeline.cli.app as a; a.app = lambda **k: 1 / 0; a.main()"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 70
    assert "ZeroDivisionError" in result.stderr


def test_the_version_is_printed() -> None:
    assert run("--version").stdout.startswith("oddtrail ")


def test_help_is_quick_because_nothing_heavy_is_loaded() -> None:
    code = (
        "import sys; from pipeline.cli.app import main; sys.argv = ['oddtrail', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'duckdb', 'pyarrow', 'pandas', 'numpy', 'scipy', 'sklearn', 'rich', 'pydantic', 'msgspec'}\n"
        "sys.exit(f'loaded {heavy & set(sys.modules)}' if heavy & set(sys.modules) else 0)"
    )
    start = perf_counter()
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert perf_counter() - start < 4  # 0.2 s on an idle core; generous on a busy machine
