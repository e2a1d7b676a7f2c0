"""Each module of matter has a test that mirrors it, the list of those without one is true, packages are empty,
and each search engine is started once."""

import ast
from pathlib import Path

import pytest

from tests.servers.fixtures import FIXTURES

ROOT = Path(__file__).parents[1]
ROOMS = ("features", "models", "pipeline", "lambda_ingest")
LINES_OF_MATTER = 40
"""Lines of code, docstrings and comments left out, from which on a module is of matter."""

ELSEWHERE = {
    "features/call/silencing_table.py": "tests/features/call/test_silencing.py",
    "pipeline/alerts/contain.py": "tests/pipeline/alerts/test_playbook.py",
    "pipeline/alerts/nouns.py": "tests/pipeline/alerts/test_reason_words.py",
    "pipeline/alerts/opening_words.py": "tests/pipeline/alerts/test_title_words.py",
    "pipeline/cli/backtest.py": "tests/pipeline/cli/test_demo.py",
    "pipeline/cli/command.py": "tests/pipeline/cli/test_app.py",
    "pipeline/cli/models.py": "tests/pipeline/cli/test_demo.py",
    "pipeline/cli/scoring.py": "tests/pipeline/cli/test_demo.py",
    "pipeline/cli/session.py": "tests/pipeline/cli/test_app.py",
    "pipeline/demo/run.py": "tests/pipeline/cli/test_demo.py",
    "pipeline/detect/shards/elsewhere.py": "tests/pipeline/watch/test_judge.py",
    "pipeline/detect/shards/part.py": "tests/pipeline/detect/shards/test_sharded.py",
    "pipeline/detect/shards/serve.py": "tests/pipeline/detect/shards/test_sharded.py",
    "pipeline/detect/drilled.py": "tests/pipeline/drill/test_play.py",
    "pipeline/documents/alert_fields.py": "tests/pipeline/documents/test_fields.py",
    "pipeline/drill/victim.py": "tests/pipeline/drill/test_play.py",
    "pipeline/ingest/digests_taken.py": "tests/pipeline/ingest/test_work.py",
    "pipeline/ingest/sink.py": "tests/pipeline/ingest/test_run.py",
    "pipeline/ingest/tally.py": "tests/pipeline/ingest/test_work.py",
    "pipeline/publish/anomaly_detection.py": "tests/pipeline/publish/test_document.py",
    "pipeline/publish/common_schema.py": "tests/pipeline/publish/test_document.py",
    "pipeline/publish/whom.py": "tests/pipeline/publish/test_compare.py",
    "pipeline/publish/elastic.py": "tests/pipeline/publish/test_document.py",
    "pipeline/documents/alert_indices.py": "tests/pipeline/publish/test_outbox.py",
    "pipeline/publish/upsert.py": "tests/pipeline/publish/test_outbox.py",
    "pipeline/reports/draw.py": "tests/notebooks/test_notebooks.py",
    "pipeline/reports/draw_alert.py": "tests/notebooks/test_notebooks.py",
    "pipeline/reports/draw_estate.py": "tests/notebooks/test_notebooks.py",
    "pipeline/reports/draw_model.py": "tests/notebooks/test_notebooks.py",
    "pipeline/render/alert_why.py": "tests/pipeline/render/test_alert.py",
    "pipeline/render/backfill.py": "tests/pipeline/spark/test_submit.py",
    "pipeline/render/index.py": "tests/pipeline/cli/test_index.py",
    "pipeline/render/verified.py": "tests/pipeline/cli/test_store.py",
    "pipeline/cli/spark_backfill.py": "tests/pipeline/spark/test_submit.py",
    "pipeline/shared/listing.py": "tests/pipeline/shared/test_activity.py",
    "pipeline/spark/columns.py": "tests/pipeline/spark/test_activity.py",
    "pipeline/spark/collapse.py": "tests/pipeline/spark/test_activity.py",
    "pipeline/spark/package.py": "tests/pipeline/spark/test_submit.py",
    "pipeline/spark/rows.py": "tests/pipeline/spark/test_backfill.py",
    "pipeline/spark/sink.py": "tests/pipeline/spark/test_decode.py",
    "pipeline/spark/totals.py": "tests/pipeline/spark/test_backfill.py",
    "pipeline/spark/work.py": "tests/pipeline/spark/test_decode.py",
    "pipeline/simulate/agents.py": "tests/pipeline/simulate/test_company.py",
    "pipeline/simulate/calls.py": "tests/pipeline/simulate/test_campaigns.py",
    "pipeline/simulate/habits.py": "tests/pipeline/simulate/test_company.py",
    "pipeline/simulate/identity.py": "tests/pipeline/simulate/test_company.py",
    "pipeline/simulate/machines.py": "tests/pipeline/simulate/test_company.py",
    "pipeline/simulate/networks.py": "tests/pipeline/simulate/test_company.py",
    "pipeline/simulate/people.py": "tests/pipeline/simulate/test_company.py",
    "pipeline/simulate/population.py": "tests/pipeline/simulate/test_company.py",
    "pipeline/simulate/resources.py": "tests/pipeline/simulate/test_company.py",
    "pipeline/simulate/root.py": "tests/pipeline/simulate/test_company.py",
    "pipeline/simulate/techniques.py": "tests/pipeline/simulate/test_campaigns.py",
    "pipeline/simulate/trail.py": "tests/pipeline/simulate/test_campaigns.py",
    "pipeline/simulate/visitors.py": "tests/pipeline/simulate/test_company.py",
    "pipeline/watch/finding.py": "tests/pipeline/watch/test_integrity.py",
    "pipeline/watch/intake.py": "tests/pipeline/watch/test_watch.py",
    "pipeline/stores/parquet/events_reader.py": "tests/contracts/test_stores.py",
    "pipeline/stores/protocols.py": "tests/contracts/test_stores.py",
}
"""Modules of matter without a test of their own, and the test of what they do."""


def lines_of_code(path: Path) -> int:
    """Lines of a module that hold code: neither blank nor comment nor docstring.

    >>> lines_of_code(Path(__file__).with_name("__init__.py"))
    0
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    told = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    return sum(1 for number, line in told if number not in prose and line.strip() and not line.lstrip().startswith("#"))


def mirror(module: str) -> Path:
    """Where the test of a module stands: `models/volume.py` ↔ `tests/models/test_volume.py`."""
    path = Path(module)
    return ROOT / "tests" / path.parent / f"test_{path.name}"


OF_MATTER = sorted(
    str(path.relative_to(ROOT))
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if lines_of_code(path) >= LINES_OF_MATTER
)


@pytest.mark.parametrize("module", [module for module in OF_MATTER if module not in ELSEWHERE])
def test_a_module_of_matter_has_a_test_that_mirrors_it(module: str) -> None:
    assert mirror(module).exists(), f"write {mirror(module).relative_to(ROOT)}"


@pytest.mark.parametrize("module", ELSEWHERE)
def test_a_module_that_stands_in_the_list_has_no_test_of_its_own(module: str) -> None:
    assert module in OF_MATTER, f"{module} is gone or small: strike it from the list"
    assert not mirror(module).exists(), f"{module} has its test now: strike it from the list"
    assert (ROOT / ELSEWHERE[module]).exists(), f"{ELSEWHERE[module]}, which tests {module}, is gone"


def test_every_folder_of_modules_is_a_package_with_nothing_in_it() -> None:
    rooms = (*ROOMS, "tests", "benchmarks", "scripts")
    doors = {path.parent / "__init__.py" for room in rooms for path in (ROOT / room).rglob("*.py")}
    assert [str(door) for door in sorted(doors) if not door.exists() or door.read_text()] == []


def test_only_the_top_conftest_imports_the_servers_fixtures():
    """A fixture that two files import is two fixtures, and each would start its own server."""
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "tests.servers.fixtures"
        if FIXTURES & {alias.name for alias in node.names}
    ]
    assert found == ["tests/conftest.py"]
