"""Models that are kept say whether they serve and are whole, how much they know, and what the gate said of them."""

import pandas as pd

from pipeline.reports import models_kept
from pipeline.reports.model_health import open_health
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
from tests.pipeline.reports.test_model_health import a_judged


def test_what_was_learnt_is_counted_from_the_bundle(home):
    rows = models_kept.compare_learnt(open_health(home)).set_index("what")
    assert rows.loc["principals", "now"] == rows.filter(like="principals: ", axis=0)["now"].sum()
    assert rows.loc["principals: human", "now"] == 4
    assert rows.loc["principals: workload", "now"] == 4
    assert rows.loc["values", "now"] > 0
    assert rows["before"].isna().all()  # it is the first


def test_models_say_whether_they_serve_and_whether_they_are_signed(home):
    found = open_health(home)
    [row] = models_kept.list_models(found).to_dict("records")
    assert (row["state"], row["signed"]) == ("champion", True)
    [info] = found.bundles.every()
    manifest = info.path / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"meta", b"mate", 1))
    [row] = models_kept.list_models(found).to_dict("records")
    assert row["signed"] is False
    assert models_kept.compare_learnt(found).empty


def test_what_the_gate_said_is_told_with_its_figures(home):
    assert models_kept.show_gate(open_health(home)).empty
    figure = {"name": "alerts_a_day", "now": 60.0, "was": 5.0, "bound": "at most 15 a day", "passed": False}
    operations = OperationsJsonl(home / OPERATIONS_FILE)
    at = pd.Timestamp("2026-03-18", tz="UTC").to_pydatetime()
    operations.add("model_refused", at, "why \x1b[31m", model_id="20516-aa", figures=[figure])
    operations.add("silence", at, "something else")
    found = open_health(home)
    [row] = models_kept.list_decisions(found).to_dict("records")
    assert (row["what"], row["model_id"], row["text"]) == ("model_refused", "20516-aa", "why \\x1b[31m")
    [told] = models_kept.show_gate(found).to_dict("records")
    assert told == {
        "model_id": "20516-aa", "figure": "alerts_a_day", "now": "60.0", "was": "5.0", "bound": "at most 15 a day",
        "passed": False,
    }  # fmt: skip


def test_a_home_without_models_says_so_by_empty_frames():
    assert models_kept.list_models(a_judged()).empty
    assert models_kept.compare_learnt(a_judged()).empty
