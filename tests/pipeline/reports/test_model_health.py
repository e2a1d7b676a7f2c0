"""How well the model does: promises held against what came, each number worked out by hand."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import NoHistoryError, StoreError
from pipeline.reports import model_health as health
from pipeline.reports.alert_frame import make_frame
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
from tests.builders import an_alert
from tests.pipeline.detect.conftest import settings_of
from tests.pipeline.reports.test_scored_hours import LAST, a_scored_home
from tests.pipeline.reports.test_source import a_home


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    return a_scored_home(tmp_path_factory.mktemp("scored"))


@pytest.fixture
def home(scored, tmp_path) -> Path:
    return shutil.copytree(scored, tmp_path / "home")


def a_judged(**named: object) -> health.Health:
    """Two weeks that were judged, with these alerts."""
    alerts = make_frame([])
    fields = {
        "settings": settings_of(Path("nowhere")), "first": date(2026, 3, 2), "last": date(2026, 3, 15),
        "alerts": alerts, "notes": [], "operations": [], "bundles": Bundles(Path("nowhere")),
    } | named  # fmt: skip
    return health.Health(**fields)  # type: ignore[arg-type]


def test_a_score_promises_a_rate_and_what_came_is_held_against_it():
    rows = health.calibrate([95.0] + [76.0] * 13, days=14).set_index("asked")
    assert rows.loc[1.0, ["score", "alerts", "realised"]].tolist() == [75.0, 14, 1.0]
    assert rows.loc[0.1, ["score", "alerts"]].tolist() == [90.0, 1]
    assert rows.loc[10.0, "score"] == 50.0
    assert rows.loc[[1.0, 0.1], "holds"].all()
    assert not rows.loc[10.0, "holds"]


def test_the_interval_of_a_rate_is_garwoods():
    rows = health.calibrate([80.0] * 4, days=2).set_index("asked")
    assert rows.loc[1.0, "low"] == pytest.approx(1.0899 / 2, abs=1e-3)
    assert rows.loc[1.0, "high"] == pytest.approx(10.2416 / 2, abs=1e-3)
    nothing = health.calibrate([], days=1)
    assert nothing["low"].eq(0).all()
    assert nothing["high"].to_numpy() == pytest.approx(3.6889, abs=1e-3)


def test_calibration_needs_a_day():
    with pytest.raises(ValueError, match="give 1 or more"):
        health.calibrate([90.0], days=0)


def test_the_budget_is_used_up_once_by_the_alerts_of_a_break_in(tmp_path):
    home = a_home(tmp_path)
    with open_store(home) as store:
        store.alerts.append(
            [
                an_alert("a1", related=["b1"]), an_alert("b1", related=["a1"]), an_alert("c1"),
                an_alert("d1", raised=False, held_because="budget"),
                an_alert("e1", raised=False, held_because="evidence"), an_alert("f1", day="2026-03-04"),
            ]
        )  # fmt: skip
        alerts = health.read_alerts(store, date(2026, 3, 2), date(2026, 3, 15))
    rows = health.spend_budget(a_judged(alerts=alerts))
    assert rows.index.tolist() == list(pd.date_range("2026-03-02", "2026-03-15"))
    assert rows.iloc[0][["incidents", "raised", "held", "weak"]].tolist() == [2, 3, 1, 1]
    assert rows["incidents"].tolist()[1:4] == [0, 1, 0]
    assert rows["mean"].tolist()[2] == pytest.approx(1.0)
    assert rows["asked"].eq(settings_of(Path("nowhere")).budget).all()


def test_without_a_budget_none_was_asked_for():
    settings = settings_of(Path("nowhere")).model_copy(update={"budget": None})
    assert health.spend_budget(a_judged(settings=settings))["asked"].isna().all()


def test_a_home_says_which_days_were_judged_and_by_what(home):
    found = health.open_health(home)
    assert found.last == LAST
    assert 1 <= found.days <= health.DAYS
    nights = health.list_nights(found)
    assert nights["learnt_days"].is_monotonic_increasing
    assert nights["new_values"].tolist()[1:] == nights["values"].diff().tolist()[1:]
    assert health.open_health(home, days=2).first == LAST - timedelta(days=1)


def test_what_was_learnt_is_counted_from_the_bundle(home):
    rows = health.compare_learnt(health.open_health(home)).set_index("what")
    assert rows.loc["principals", "now"] == rows.filter(like="principals: ", axis=0)["now"].sum()
    assert rows.loc["principals: human", "now"] == 4
    assert rows.loc["principals: workload", "now"] == 4
    assert rows.loc["values", "now"] > 0
    assert rows["before"].isna().all()  # it is the first


def test_models_say_whether_they_serve_and_whether_they_are_signed(home):
    found = health.open_health(home)
    [row] = health.list_models(found).to_dict("records")
    assert (row["state"], row["signed"]) == ("champion", True)
    [info] = found.bundles.every()
    manifest = info.path / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"meta", b"mate", 1))
    [row] = health.list_models(found).to_dict("records")
    assert row["signed"] is False
    assert health.compare_learnt(found).empty


def test_what_the_gate_said_is_told_with_its_figures(home):
    assert health.show_gate(health.open_health(home)).empty
    figure = {"name": "alerts_a_day", "now": 60.0, "was": 5.0, "bound": "at most 15 a day", "passed": False}
    operations = OperationsJsonl(home / OPERATIONS_FILE)
    at = pd.Timestamp("2026-03-18", tz="UTC").to_pydatetime()
    operations.add("model_refused", at, "why \x1b[31m", model_id="20516-aa", figures=[figure])
    operations.add("silence", at, "something else")
    found = health.open_health(home)
    [row] = health.list_decisions(found).to_dict("records")
    assert (row["what"], row["model_id"], row["text"]) == ("model_refused", "20516-aa", "why \\x1b[31m")
    [told] = health.show_gate(found).to_dict("records")
    assert told == {
        "model_id": "20516-aa", "figure": "alerts_a_day", "now": "60.0", "was": "5.0", "bound": "at most 15 a day",
        "passed": False,
    }  # fmt: skip


def test_a_home_without_models_says_so_by_empty_frames():
    found = a_judged()
    assert health.list_models(found).empty
    assert health.compare_learnt(found).empty
    assert health.list_nights(found).empty


def test_a_home_with_nothing_in_it_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match=r"oddtrail ingest.*oddtrail demo"):
        health.open_health(tmp_path / "nothing")
    with pytest.raises(NoHistoryError, match="was not scored yet: `oddtrail train`, then `oddtrail score`"):
        health.open_health(a_home(tmp_path / "empty"))
    with pytest.raises(ValueError, match="give 1 or more"):
        health.open_health(a_home(tmp_path / "none"), days=0)
