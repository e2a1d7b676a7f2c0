"""What is installed: declared, locked for every supported Python, and named without an address."""

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROOMS = ("features", "models", "pipeline", "lambda_ingest")
WORKSHOPS = ("tests", "scripts", "benchmarks")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
BUILD = PYPROJECT["build-system"]["requires"]
LOCKS = {
    "requirements.lock": [*PYPROJECT["project"]["dependencies"], *BUILD],
    "requirements-dev.lock": [
        requirement
        for requirement in [*PYPROJECT["project"]["dependencies"], *BUILD, *EXTRAS["dev"], *EXTRAS["notebooks"]]
        if not requirement.startswith("oddtrail[")
    ],
}


def entries(lock: str) -> list[tuple[Requirement, list[str]]]:
    """Pinned requirements of a lock, each with its hashes."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    lines = [line.split("--hash=") for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return [(Requirement(line[0].strip()), [digest.strip() for digest in line[1:]]) for line in lines]


def pinned(lock: str, python: str) -> dict[str, str]:
    """Version of each package that a lock installs for one Python on Linux."""
    where = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    return {
        canonicalize_name(requirement.name): next(iter(requirement.specifier)).version
        for requirement, _ in entries(lock)
        if requirement.marker is None or requirement.marker.evaluate(where)
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_and_hashes_every_version(lock):
    assert "://" not in (ROOT / lock).read_text()
    assert entries(lock)
    for requirement, hashes in entries(lock):
        assert [clause.operator for clause in requirement.specifier] == ["=="], requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), requirement


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_satisfies_what_is_declared_on_every_python(lock, python):
    versions = pinned(lock, python)
    for requirement in map(Requirement, LOCKS[lock]):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement


@pytest.mark.parametrize("python", PYTHONS)
def test_working_on_it_and_using_it_install_the_same_versions(python):
    used, developed = pinned("requirements.lock", python), pinned("requirements-dev.lock", python)
    assert {name: developed[name] for name in used} == used


def imported(room: str) -> set[str]:
    """Top-level names that the modules of a room import, but for the standard library and ourselves."""
    names: set[str] = set()
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {*ROOMS, *WORKSHOPS}


def undeclared(rooms: Iterable[str], requirements: Iterable[str]) -> set[str]:
    """Top-level names that these rooms import from distributions that are not required."""
    declared = {canonicalize_name(Requirement(requirement).name) for requirement in requirements}
    distributions = importlib.metadata.packages_distributions()
    return {
        name
        for room in rooms
        for name in imported(room)
        if not declared & {canonicalize_name(distribution) for distribution in distributions.get(name, [name])}
    }


USED = [
    *PYPROJECT["project"]["dependencies"],
    *EXTRAS["lambda"],
    *EXTRAS["pyod"],
    *EXTRAS["notebooks"],
    *EXTRAS["spark"],
]
NOT_IMPORTED = {
    "tzdata": "time zones for zoneinfo, where the system has none",
    "ipykernel": "runs the notebooks",
    **dict.fromkeys(("pandas-stubs", "pyarrow-stubs", "scipy-stubs"), "types"),
    **dict.fromkeys(("pytest-random-order", "pytest-xdist"), "options of pytest"),
    "awslambdaric": "runs the function as Lambda does, as a module",
    **dict.fromkeys(("import-linter", "mypy", "nbstripout", "pre-commit", "ruff", "uv"), "commands"),
}
"""What is declared and imported nowhere, with what it is there for."""


def test_every_library_our_code_imports_is_declared():
    assert undeclared(ROOMS, USED) == set()


def test_every_library_our_work_on_it_imports_is_declared():
    assert undeclared(WORKSHOPS, [*USED, *EXTRAS["dev"]]) == set()


def test_what_is_declared_and_never_imported_is_there_for_a_reason():
    distributions = importlib.metadata.packages_distributions()
    names = {name for room in (*ROOMS, *WORKSHOPS) for name in imported(room)}
    used = {canonicalize_name(distribution) for name in names for distribution in distributions.get(name, [])}
    declared = {
        canonicalize_name(Requirement(requirement).name)
        for requirement in [*USED, *EXTRAS["dev"]]
        if not requirement.startswith("oddtrail[")
    }
    assert declared - used == set(NOT_IMPORTED)


def install(tree: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of install.sh that has nothing beside it, so that it can install nothing."""
    shutil.copy(ROOT / "install.sh", tree)
    return subprocess.run(
        ["sh", tree / "install.sh", *arguments], capture_output=True, text=True, env=os.environ | environment
    )


def test_the_installer_says_what_it_needs_where_there_is_no_python_for_it(tmp_path):
    done = install(tmp_path, PYTHON="/bin/sh")
    assert done.returncode == 1
    assert "no Python 3.11" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_the_installer_knows_two_things_to_install(tmp_path):
    done = install(tmp_path, "everything")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'everything'" in done.stderr
