"""A recipe of CONTRIBUTING is all there is to do: this follows the one for a dimension to the letter, in a copy."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("features", "models", "pipeline", "tests")
CONTRACT = "tests/contracts/test_dimensions.py"


@pytest.fixture
def recipe() -> str:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return page.partition("## Recipe: a dimension\n")[2].partition("\n## ")[0]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code and its tests, to be changed; the settings of pytest beside them."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def add_entry(copy: Path, entry: str) -> None:
    """Step 1: at the end of `_ENTRIES`."""
    table = copy / "features/activity/dimensions.py"
    before, end, after = table.read_text(encoding="utf-8").partition("\n)\n\nDIMENSIONS: Final")
    assert end
    table.write_text(f"{before}\n{indent(entry.rstrip(), '    ')},{end}{after}", encoding="utf-8")


def run_contract(copy: Path, name: str) -> str:
    """Step 4, for the new dimension alone; what pytest says in the end."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", CONTRACT, "-k", name]
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    return done.stdout


def test_the_recipe_for_a_dimension_is_all_there_is_to_do(recipe: str, copy: Path) -> None:
    [entry] = re.findall(r"```python\n(.*?)```", recipe, re.DOTALL)
    [name] = re.findall(r'name="(\w+)"', entry)
    assert f'"{name}"' not in (ROOT / "features/activity/dimensions.py").read_text(encoding="utf-8")
    add_entry(copy, entry)
    said = run_contract(copy, name)
    promises = re.findall(rf"PASSED .*::(test_\w+)\[{name}\]", said)
    assert len(promises) == len(set(promises)) >= 6, said
    assert "FAILED" not in said
    assert "ERROR" not in said


def test_the_contract_refuses_an_entry_that_the_recipe_does_not_allow(recipe: str, copy: Path) -> None:
    [entry] = re.findall(r"```python\n(.*?)```", recipe, re.DOTALL)
    add_entry(copy, entry.replace('prior="asn"', 'prior="nowhere"'))
    assert "FAILED" in run_contract(copy, "prior_that_is_given")
