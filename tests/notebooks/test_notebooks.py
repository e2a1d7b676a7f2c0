"""Every notebook runs on a small home, is committed without outputs, and calculates nothing by itself."""

import ast
from datetime import timedelta
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.builders import NINE, an_event
from tests.pipeline.reports.test_scored_hours import LAST, a_score, a_scored_home, put
from tests.pipeline.reports.test_source import a_home

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
OF_EVENTS = ("01", "02")
"""Notebooks that need no model."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Two people and a machine over three weeks, one of the people abroad for a day, one call to a strange region."""
    folder = tmp_path_factory.mktemp("home")
    people = [
        an_event(NINE + d * DAY + h * HOUR, principal=f"user/{name}", principal_name=name)
        for d in range(21) for h in range(8) for name in ("ana", "$ben$")
    ]  # fmt: skip
    machine = [an_event(NINE + n * HOUR, principal="role/ci", kind="workload", country="", asn=0) for n in range(500)]
    abroad = an_event(NINE + 12 * DAY, country="BR", asn=64501, organisation="Hotel", region="sa-east-1")
    return a_home(folder, *people, *machine, abroad)


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """A company that was trained on and scored, and an hour of somebody whose name is markup."""
    home = a_scored_home(tmp_path_factory.mktemp("scored"))
    put(home, LAST, a_score("<b>$x$</b>\x1b[31m", LAST, record_score=60.0))
    return home


def test_there_are_notebooks():
    assert [path.name for path in NOTEBOOKS] == [
        "01_busiest_hours.ipynb",
        "02_where_from.ipynb",
        "03_population.ipynb",
        "04_one_principal.ipynb",
        "05_one_alert.ipynb",
        "06_the_model.ipynb",
        "07_the_estate.ipynb",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_pictures(path, request, monkeypatch, tmp_path):
    home = request.getfixturevalue("home" if path.stem[:2] in OF_EVENTS else "scored")
    monkeypatch.setenv("ODDTRAIL_HOME", str(home))
    monkeypatch.setenv("ODDTRAIL_THREADS", "1")
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 4
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    shown = [text for output in outputs for text in output.get("data", {}).values() if isinstance(text, str)]
    assert not [text for text in shown if "\x1b" in text]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_no_logic_of_its_own(path):
    """It calls what is tested elsewhere: no functions, no loops, no branches, no SQL."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            tree = ast.parse(cell.source)
            logic = ast.FunctionDef | ast.Lambda | ast.ClassDef | ast.For | ast.While | ast.If | ast.Try
            assert not [node for node in ast.walk(tree) if isinstance(node, logic)], cell.source
            assert "SELECT" not in cell.source
