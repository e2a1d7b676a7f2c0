"""docs/detection.md says what the code does: every constant that shapes evidence is there, with the code's value."""

import ast
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.activity.dimensions import DIMENSIONS
from pipeline.datafiles import read_attack_priors

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/detection.md").read_text(encoding="utf-8")
MODULES = sorted(
    str(path.relative_to(ROOT / "models").with_suffix("")).replace("/", ".")
    for path in (ROOT / "models").rglob("*.py")
    if path.stem not in ("__init__", "bundle", "manifest", "tables")  # a bundle's format is no evidence
)
CODES = {"baseline.PEERS", "baseline.ACCOUNT", "baseline.DEPLOYMENT", "baseline.NOBODY", "detectors.forest._SHARED"}
CODES |= {
    "detectors.hours.COUNTS",
    "detectors.hours.WEEK",
    "detectors.sample._MIX",
    "knowing._TOKEN",
    "changes._MOVED",
    "changes._GONE_ALONG",
}
"""Numbers that stand for names."""
AT_ONCE = {
    "baseline.PART",
    "counts.AT_ONCE",
    "detectors.scored.AT_ONCE",
    "population.AT_ONCE",
    "room.LARGE",
    "room.PIECE",
    "surprise.AT_ONCE",
    "words.SLICE",
    "words.LEAST_RECENT",
    "words.MOST_RECENT",
    "words.RECENT_SHARE",
    "words.SORTED",
}
"""How much is looked at together: memory depends on it, and no evidence."""
FROM = ("prototype", "hand", "definition", "guard")
SOURCES = {"CloudTrail delivers in five on average", "Hosking & Wallis"}


def rows(header: str) -> list[list[str]]:
    """Cells of all tables whose header begins so."""
    found = []
    for table in re.findall(rf"^\| {header} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE):
        found += [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return found


LISTED = {name: (json.loads(value), unit, source, worth) for name, value, unit, source, worth in rows("name")}


def constants(module: str) -> Iterator[tuple[str, Any]]:
    """Numbers, and tables of numbers, that a module defines in capitals."""
    loaded = importlib.import_module(f"models.{module}")
    for node in ast.parse(Path(str(loaded.__file__)).read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        written = any(isinstance(part, ast.Constant) and is_number(part.value) for part in ast.walk(node.value))
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
        for name in names:
            value = getattr(loaded, name)
            value = value.tolist() if isinstance(value, np.ndarray) else value
            if written and name.isupper() and f"{module}.{name}" not in CODES | AT_ONCE and is_numeric(value):
                yield name, value


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_numeric(value: object) -> bool:
    """Whether a value is a number or holds nothing else."""
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
    return all(is_number(part) for part in parts)


DEFINED = {f"{module}.{name}": value for module in MODULES for name, value in constants(module)}


def test_there_is_much_to_compare() -> None:
    assert len(DEFINED) > 80


@pytest.mark.parametrize("name", sorted(DEFINED))
def test_every_constant_that_shapes_evidence_is_on_the_page_with_its_value(name: str) -> None:
    assert name in LISTED, f"docs/detection.md does not list {name}: say its unit, where it comes from and its worth"
    assert LISTED[name][0] == DEFINED[name]


def test_the_page_lists_nothing_that_the_code_does_not_have() -> None:
    assert set(LISTED) - set(DEFINED) == set()


@pytest.mark.parametrize("name", sorted(LISTED))
def test_a_constant_says_its_unit_where_it_comes_from_and_its_worth(name: str) -> None:
    _, unit, source, worth = LISTED[name]
    assert unit
    assert source in FROM or source in SOURCES
    assert worth
    if "hand" in source:
        assert not re.search(r"[+−]\.\d", worth), "what was set by hand afterwards was not measured on the prototype"


def docstrings() -> dict[str, str]:
    """What stands below each constant in the code, by name."""
    found = {}
    for module in MODULES:
        body = ast.parse((ROOT / f"models/{module.replace('.', '/')}.py").read_text(encoding="utf-8")).body
        for i, node in enumerate(body):
            if isinstance(node, ast.Assign | ast.AnnAssign):
                said = next((n for n in body[i + 1 :] if not isinstance(n, ast.Assign | ast.AnnAssign)), None)
                if isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    names = [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
                    found |= {f"{module}.{name}": str(said.value.value) for name in names}
    return found


SAID = docstrings()


@pytest.mark.parametrize("name", sorted(LISTED))
def test_the_code_says_the_same_of_where_a_constant_comes_from(name: str) -> None:
    said, source = " ".join(SAID[name].split()), LISTED[name][2]
    assert ("on the prototype" in said) == (source == "prototype")
    assert ("Set by hand;" in said or "Set by hand." in said) == (source == "hand")


def test_the_page_has_every_dimension_as_its_entry_says() -> None:
    entries = {
        name: [e.family, e.noun, e.among, e.attack, "yes" if e.follows_kind else "no", e.spreads]
        for name, e in DIMENSIONS.items()
    }
    assert {name: cells for name, *cells in rows("dimension")} == entries


def test_the_page_has_every_prior_with_its_value() -> None:
    data = read_attack_priors()
    flat = {f"{part}.{key}": q for part in ("class_q", "level_q") for key, q in data[part].items()}
    flat |= {f"place.{name}.{key}": q for name, prior in data["place"].items() for key, q in prior.items()}
    flat |= {name: data[name] for name in ("exposure", "denied")}
    assert {name: float(value) for name, value in rows("prior")} == flat


CITED = [
    (path.relative_to(ROOT).as_posix(), " ".join(section.split()))
    for room in ("features", "models", "pipeline")
    for path in sorted((ROOT / room).rglob("*.py"))
    for section in re.findall(r'docs/detection\.md,\s+"([^"]+)"', path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("path", "section"), CITED, ids=[f"{path}: {section}" for path, section in CITED])
def test_a_section_that_the_code_cites_exists(path: str, section: str) -> None:
    assert f"\n## {section}\n" in PAGE, f"{path} cites {section}"


def test_the_code_cites_no_page_that_is_not_here() -> None:
    named = {
        (path.relative_to(ROOT).as_posix(), page)
        for room in ("features/activity", "models", "pipeline/alerts")
        for path in (ROOT / room).rglob("*.py")
        for page in re.findall(r"[\w./-]+\.md\b", path.read_text(encoding="utf-8"))
    }
    assert len(CITED) > 5
    assert [(path, page) for path, page in sorted(named) if not (ROOT / page).exists()] == []
