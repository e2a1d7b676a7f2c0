"""Which test plays which fault: rows by the numbers that faults have had from the beginning; every test exists.

After each fault the events in are those indexed, in quarantine and dead-lettered together, each of them once.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.faults.rows import door, reader, watch
from tests.faults.rows.files import SHORT

ROOT = Path(__file__).parents[2]
ROWS = {**door.ROWS, **watch.ROWS, **reader.ROWS}
TESTS = [(row, test) for row, (_, tests) in ROWS.items() for test in tests.split("\n") if test.strip()]


@cache
def names_in(path: str) -> frozenset[str]:
    """Names of the tests of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("row", "test"), TESTS, ids=[f"{row}-{test.strip()}" for row, test in TESTS])
def test_the_test_of_a_fault_is_there(row: int, test: str) -> None:
    short, _, name = test.strip().partition("::")
    assert name in names_in(SHORT[short]), f"row {row}, {ROWS[row][0]}: {SHORT[short]} has no {name}"


def test_no_row_is_left_out() -> None:
    """But for 48, habits that are taught slowly, of which `tests/evasion/` says what they cost."""
    assert sorted(ROWS) == [*range(1, 48), *range(49, 67)]
