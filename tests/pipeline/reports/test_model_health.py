"""How well the model does: promises held against what came, each number worked out by hand."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import NoHistoryError, StoreError
from pipeline.reports import model_health as health
from pipeline.reports.alert_frame import make_frame
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import open_store
from tests.builders import an_alert
from tests.pipeline.detect.conftest import settings_of
from tests.pipeline.reports.test_scored_hours import LAST
from tests.pipeline.reports.test_source import a_home


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


def test_a_home_without_models_was_stepped_by_none():
    assert health.list_nights(a_judged()).empty


def test_a_home_with_nothing_in_it_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match=r"oddtrail ingest.*oddtrail demo"):
        health.open_health(tmp_path / "nothing")
    with pytest.raises(NoHistoryError, match="was not scored yet: `oddtrail train`, then `oddtrail score`"):
        health.open_health(a_home(tmp_path / "empty"))
    with pytest.raises(ValueError, match="give 1 or more"):
        health.open_health(a_home(tmp_path / "none"), days=0)
