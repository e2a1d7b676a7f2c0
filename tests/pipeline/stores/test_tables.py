"""Each table of the database has one file that speaks SQL to it, and nobody else gets at its connection."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).relative_to(ROOT)
DATABASE = "pipeline/stores/sqlite/database.py"
OWNERS = {
    **dict.fromkeys(("settings", "leases", "checkpoints"), "pipeline/stores/sqlite/state.py"),
    **dict.fromkeys(("files", "stamps", "segments", "digests", "retired"), "pipeline/stores/parquet/manifest.py"),
    **dict.fromkeys(("sources", "unsourced", "lost", "again"), "pipeline/stores/parquet/losses.py"),
    **dict.fromkeys(("landed", "arrived"), "pipeline/stores/sqlite/arrivals.py"),
    **dict.fromkeys(("notifiers", "known_alerts", "notices"), "pipeline/stores/sqlite/notices.py"),
}
SPOKEN = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+({'|'.join(OWNERS)})\b")
"""As SQL is written here, its own words in capitals."""


def spoken(source: str) -> Iterator[str]:
    """Tables that the texts of a program name in SQL; of a text with values in it, its parts."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from SPOKEN.findall(node.value)


def borrowed(source: str) -> Iterator[str]:
    """Places where a store's connection is taken from it."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr="connection" | "_connection", value=ast.Attribute(attr=name) | ast.Name(id=name)):
                if name.lstrip("_") in ("state", "manifest", "database", "store"):
                    yield f"{name} in line {node.lineno}"


def programs() -> list[Path]:
    rooms = ("pipeline", "lambda_ingest", "benchmarks", "scripts", "tests")
    found = [path.relative_to(ROOT) for room in rooms for path in (ROOT / room).rglob("*.py")]
    assert len(found) > 100
    return [path for path in found if path != HERE]


def test_sql_on_a_table_stands_in_the_file_it_belongs_to() -> None:
    strangers = [
        (str(path), table)
        for path in programs()
        if str(path) != DATABASE and path.parts[:3] != ("tests", "pipeline", "stores")
        for table in spoken((ROOT / path).read_text())
        if OWNERS[table] != str(path)
    ]
    assert strangers == []
    for table, owner in OWNERS.items():
        assert table in set(spoken((ROOT / owner).read_text()))


def test_nobody_takes_a_connection_from_a_store() -> None:
    assert {str(path): found for path in programs() if (found := list(borrowed((ROOT / path).read_text())))} == {}


@pytest.mark.parametrize(
    "line", ["store.state.connection", "self._state.connection.execute('x')", "database._connection"]
)
def test_a_connection_that_is_taken_is_seen(line: str) -> None:
    assert list(borrowed(line))


@pytest.mark.parametrize("line", ['"SELECT path FROM segments"', 'f"DELETE FROM retired WHERE {x}"', '"UPDATE leases"'])
def test_sql_is_seen_however_it_is_written(line: str) -> None:
    assert list(spoken(line))
