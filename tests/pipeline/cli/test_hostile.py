"""Whatever stands in any field of an alert, a mark, a score, a message or an event, no terminal and no CSV obeys it.

Each is held to it with all names that have hurt somebody; where what makes them inert is taken away, the tests see it.
"""

import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pytest

from pipeline.render import inert_text, table
from pipeline.stores.home import open_store
from pipeline.stores.parquet.hour_scores import SCHEMA, ParquetHourScores
from pipeline.stores.sqlite.notices import Queued
from tests.pipeline.cli.commands import run
from tests.pipeline.cli.homes import a_home, a_record, with_alerts
from tests.pipeline.page.browser.hostile import a_hostile_alert, a_hostile_record
from tests.pipeline.render.hostile import HOSTILE

NINE: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
NAMES: Final = [name[:400] for name in HOSTILE if "\ud800" not in name]
ALL_AT_ONCE: Final = "".join(NAMES)[:1_500]
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula, at the start of a cell."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each name in each field of an alert of its own and of a score; all of them in one alert, mark and message."""
    home = a_home(tmp_path_factory.mktemp("hostile"), [a_record(), a_hostile_record(ALL_AT_ONCE[:400], NINE)])
    alerts = [a_hostile_alert(f"{number:032x}", name, []) for number, name in enumerate(NAMES)]
    with_alerts(home, *alerts, a_hostile_alert("f" * 32, ALL_AT_ONCE, []))
    rows = [
        {
            "principal": name, "principal_name": name, "principal_kind": name, "day": NINE.date(), "hour": NINE,
            "scored_at": NINE, "model": "population", "raw_score": 1.0, "record_score": 90.0,
            "measures": [{"measure": name, "typical": 1.0, "actual": 9.0, "share": 1.0}],
        }
        for name in NAMES
    ]  # fmt: skip
    ParquetHourScores(home).put(NINE.date(), pa.Table.from_pylist(rows, schema=SCHEMA))
    with open_store(home) as store:
        content = {"headline": ALL_AT_ONCE}
        store.notices.begin("oncall", NINE)
        store.notices.enqueue("oncall", {}, {}, [Queued("m1", "a1", "high", "raised", content, NINE, NINE)], [], NINE)
        store.notices.rest("oncall", NINE, 1, ALL_AT_ONCE)
    (home / "notify.toml").write_text('[oncall]\nkind = "stdout"\n')
    marked = run(
        "alerts", "mark", "f" * 32, "unsure", "--note", ALL_AT_ONCE, "--by", ALL_AT_ONCE, "--yes", "--home", home
    )
    assert marked.exit_code == 0, marked.output
    return home


def controls(shown: str) -> set[str]:
    return {character for character in shown if not character.isprintable()} - {"\n"}


SHOWN: Final = [
    ("alerts", "list", "--all"),
    ("alerts", "show", "f" * 32, "--numbers"),
    ("alerts", "show", "f" * 32, "--markdown"),
    ("alerts", "show", "f" * 32, "--json"),
    ("alerts", "marks"),
    ("scores",),
    ("notify", "list"),
    ("events",),
    ("sql", "SELECT action, principal_name, user_agent FROM events"),
    ("report", "--text", "--since", "2026-03-01"),
]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("command", SHOWN, ids=" ".join)
def test_no_terminal_obeys_what_somebody_named(home: Path, command: tuple[str, ...], language: str) -> None:
    result = run(*command, "--home", home, ODDTRAIL_LANGUAGE=language)
    assert result.exit_code == 0, result.output
    assert controls(result.output) == set()
    assert re.search(r"\\x1b|\\u001b", result.output), "it shows no attack at all"


def test_the_test_sees_what_a_terminal_would_obey(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inert_text, "inert", lambda text, longest=0: str(text))
    assert "\x1b" in run("alerts", "show", "f" * 32, "--home", home).output


EXPORTED: Final = [("alerts", "list", "--all", "--csv"), ("alerts", "marks", "--csv"), ("scores", "--csv")]


def read_cells(home: Path, command: tuple[str, ...]) -> dict[str, set[str]]:
    """By column: the cells that hold text."""
    result = run(*command, "--home", home)
    assert result.exit_code == 0, result.output
    assert controls(result.stdout.replace("\r\n", "\n")) == set()
    found: dict[str, set[str]] = {}
    for row in csv.DictReader(io.StringIO(result.stdout)):
        for name, cell in row.items():
            found.setdefault(name, set()).add(cell)
    return found


def list_formulas(cells: dict[str, set[str]]) -> list[str]:
    return [
        name for name, held in cells.items() if any(cell.startswith(FORMULA) for cell in held if not is_number(cell))
    ]


def is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).removeprefix("-").isdigit()


@pytest.mark.parametrize("command", EXPORTED, ids=" ".join)
def test_no_cell_of_a_csv_is_a_formula(home: Path, command: tuple[str, ...]) -> None:
    cells = read_cells(home, command)
    assert list_formulas(cells) == []
    assert any("cmd|" in cell for held in cells.values() for cell in held), "it holds no attack at all"


def test_the_test_sees_a_formula(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def plain(value: Any) -> str:
        return str(value).replace("\x1b", "").replace("\r", "").replace("\n", "") if value is not None else ""

    monkeypatch.setattr(table, "csv_cell", plain)
    result = run("alerts", "list", "--all", "--csv", "--home", home)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    cells = {name: {row[name] for row in rows} for name in rows[0]}
    assert {"principal_name", "title", "account"} <= set(list_formulas(cells))
