"""Every notebook runs on a small home, is committed without outputs, and calculates nothing by itself."""

import ast
from datetime import timedelta
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from pipeline.stores.home import open_store
from tests.builders import NINE, a_reason, an_alert, an_event
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


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Runs a notebook on a home; returns its outputs."""
    monkeypatch.setenv("ODDTRAIL_THREADS", "1")
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))

    def run(path, home):
        monkeypatch.setenv("ODDTRAIL_HOME", str(home))
        notebook = nbformat.read(path, as_version=4)
        resources = {"metadata": {"path": str(tmp_path)}}
        NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
        return [output for cell in notebook.cells for output in cell.get("outputs", [])]

    return run


def texts(outputs):
    """What is shown as text or HTML, and what was printed."""
    shown = [text for output in outputs for text in output.get("data", {}).values() if isinstance(text, str)]
    return shown + [output.text for output in outputs if output.output_type == "stream"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_pictures(path, request, run):
    outputs = run(path, request.getfixturevalue("home" if path.stem[:2] in OF_EVENTS else "scored"))
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 4
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    assert not [text for text in texts(outputs) if "\x1b" in text]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_on_a_home_with_nothing_in_it_a_notebook_says_what_to_do(path, run, tmp_path):
    with pytest.raises(CellExecutionError) as caught:
        run(path, a_home(tmp_path / "home"))
    assert "oddtrail ingest" in str(caught.value) or "oddtrail train" in str(caught.value)
    assert 'File "' not in caught.value.traceback


def test_an_alert_of_somebody_whose_names_are_markup_is_shown_as_text(run, tmp_path):
    """Nothing else is known of its principal, so that there is nothing to hold its day against either."""
    home = a_scored_home(tmp_path)
    name = "<img src=x onerror=alert(1)>$x$\x1b[31m\u202e"
    with open_store(home) as store:
        hostile = {"principal_name": name, "principal": name, "principal_key": name, "title": name, "day": LAST}
        reason = a_reason(text=name, value=name, hour="2026-03-02T09:00:00Z")
        store.alerts.append([an_alert("e" * 32, record_score=99.9, reasons=[reason], **hostile)])
    [path] = [path for path in NOTEBOOKS if path.stem.startswith("05")]
    outputs = run(path, home)
    html = [output["data"]["text/html"] for output in outputs if "text/html" in output.get("data", {})]
    assert any("&lt;img src=x" in text for text in html)
    assert not [text for text in html if "<img src=x" in text]
    assert not [text for text in texts(outputs) if "\x1b" in text or "\u202e" in text]


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
            imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
            named = [getattr(node, "module", None) or node.names[0].name for node in imports]
            assert all(name.startswith("pipeline.reports") for name in named), "frames come from pipeline.reports alone"
