"""The rooms' doors: which way imports go, what stays pure, what the Lambda may load; each seen to fail when broken."""

import ast
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("features", "models", "pipeline", "lambda_ingest")
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
DOOR = CONTRACTS["door"]["source_modules"]
HEAVY = CONTRACTS["door"]["forbidden_modules"]


def file_of(module: str) -> str:
    """Path of a module in the tree: a package's is its `__init__.py`."""
    path = Path(*module.split("."))
    return str(path / "__init__.py" if (ROOT / path).is_dir() else path.with_suffix(".py"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the tree's source to plant imports in."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for room in ROOMS:
        shutil.copytree(
            ROOT / room, tmp_path / room, ignore=lambda folder, names: [n for n in names if ignored(folder, n)]
        )
    return tmp_path


def ignored(folder: str, name: str) -> bool:
    return name == "__pycache__" or not (name.endswith(".py") or (Path(folder) / name).is_dir())


def plant(tree: Path, module: str, line: str) -> None:
    path = tree / file_of(module)
    path.write_text(f"{path.read_text()}\n{line}\n")


def lint(tree: Path, contract: str) -> str:
    """What import-linter says of one contract, one line a forbidden import; empty when the contract is kept."""
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint_imports, "--no-cache", "--no-logo", "--contract", contract],
        cwd=tree, capture_output=True, text=True, env={"PYTHONPATH": str(tree), "COLUMNS": "1000"},
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert ("1 kept, 0 broken" in done.stdout) == (done.returncode == 0), done.stdout + done.stderr
    return "" if done.returncode == 0 else done.stdout


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_tree_keeps_every_contract(copy, contract):
    assert lint(copy, contract) == ""


@pytest.mark.parametrize(
    ("importer", "imported"),
    [(low, high) for at, low in enumerate(ROOMS) for high in ROOMS[at + 1 :]],
)
def test_an_import_back_to_an_earlier_room_breaks_the_layers(copy, importer, imported):
    plant(copy, importer, f"import {imported}")
    assert f"{importer} is not allowed to import {imported}" in lint(copy, "rooms")


def inner(contract: str) -> list[list[str]]:
    """Rooms of a contract about what is inside one, those that may know the others first; siblings stand together."""
    [top] = CONTRACTS[contract]["containers"]
    return [[f"{top}.{room.strip()}" for room in layer.split("|")] for layer in CONTRACTS[contract]["layers"]]


@pytest.mark.parametrize("contract", ["features", "pipeline"])
def test_inside_a_room_an_import_upwards_or_of_a_sibling_breaks_its_layers(copy, contract):
    layers = inner(contract)
    wrong = [
        (low, high) for at, upper in enumerate(layers) for high in upper for lower in layers[at + 1 :] for low in lower
    ]
    wrong += [(one, other) for layer in layers for one in layer for other in layer if one != other]
    assert len(wrong) > 5
    for importer, imported in wrong:
        plant(copy, importer, f"import {imported}")
    said = lint(copy, contract)
    assert [pair for pair in wrong if f"{pair[0]} is not allowed to import {pair[1]}" not in said] == []


@pytest.mark.parametrize("contract", ["features", "pipeline"])
def test_a_new_room_must_find_its_place_in_the_layers(copy, contract):
    (copy / contract / "attic.py").write_text("")
    assert f"{contract}.attic" in lint(copy, contract)


@pytest.mark.parametrize("room", ["features", "models"])
def test_each_module_that_touches_the_world_breaks_purity(copy, room):
    forbidden = CONTRACTS["pure"]["forbidden_modules"]
    plant(copy, room, "\n".join(f"import {module}" for module in forbidden))
    told = lint(copy, "pure")
    assert [module for module in forbidden if f"{room} is not allowed to import {module}" not in told] == []


def test_each_heavy_library_in_each_module_of_the_door_breaks_its_contract(copy):
    for module in DOOR:
        plant(copy, module, "\n".join(f"import {library}" for library in HEAVY))
    told = lint(copy, "door")
    assert [(m, lib) for m in DOOR for lib in HEAVY if f"{m} is not allowed to import {lib}" not in told] == []


def test_a_heavy_library_behind_another_module_breaks_the_door_too(copy):
    plant(copy, "pipeline.errors", "import pandas")
    plant(copy, "lambda_ingest", "import pipeline.errors")
    assert "lambda_ingest is not allowed to import pandas" in lint(copy, "door")


def loaded(*modules: str) -> set[str]:
    """Top-level packages a fresh interpreter holds once it has imported the modules."""
    script = f"import sys, {', '.join(modules)}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    return set(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    )


def test_the_door_loads_no_heavy_library_in_a_real_process():
    assert loaded(*DOOR) & set(HEAVY) == set()


def test_the_probe_of_a_real_process_sees_a_heavy_library():
    assert "pyarrow" in loaded("pipeline.stores.parquet.schema")


WORLDLY_NAMES = {"open", "input", "print", "eval", "exec", "__import__", "breakpoint"}
WORLDLY_METHODS = {"now", "utcnow", "today", "localtime", "tofile", "savez"}
WORLDLY_PREFIXES = ("read_csv", "read_parquet", "read_json", "read_pickle", "to_csv", "to_parquet", "to_pickle")


def worldly_calls(source: str) -> Iterator[str]:
    """Calls that reach files, clock or console without an import that would show it."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id=name) if name in WORLDLY_NAMES:
                yield name
            case ast.Attribute(attr=name) if name in WORLDLY_METHODS or name in WORLDLY_PREFIXES:
                yield name
            case ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="load" | "save" | "loadtxt" | "savetxt" as name):
                yield name


def sources(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in (ROOT / room).rglob("*.py")]


def test_features_and_models_call_nothing_that_reaches_files_or_the_clock():
    assert len(sources("features", "models")) > 5
    found = {
        str(path.relative_to(ROOT)): calls
        for path in sources("features", "models")
        if (calls := list(worldly_calls(path.read_text())))
    }
    assert found == {}


@pytest.mark.parametrize(
    "line",
    ["open('x')", "datetime.now()", "pd.Timestamp.today()", "np.load('x')", "frame.to_parquet('x')", "print(1)"],
)
def test_a_planted_worldly_call_is_seen(line):
    assert list(worldly_calls(f"def pure():\n    return {line}"))


def test_package_files_stay_empty():
    assert [
        str(p) for p in sources(*ROOMS) if p.name == "__init__.py" and p.read_text() and p.parent.name != "cli"
    ] == []
