"""`docs/reports.md` names what there is: every function of a notebook's room, and no other."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

from pipeline.reports import alert_case, alert_frame, normal_days, principal, principal_calls

PAGE = (Path(__file__).parents[3] / "docs" / "reports.md").read_text(encoding="utf-8")
ROOMS = (
    "busiest", "where_from", "population", "principal", "principal_calls", "alert_case", "alert_frame", "normal_days",
    "model_health", "models_kept", "reproduce", "estate", "estate_edges",
)  # fmt: skip
FOR_THE_PAGE = {
    "take_principal",
    "take_case",
    "take_health",
    "take_estate",
    "read_alerts",
    "read_latest",
    "frame_alerts",
    "make_frame",
}
"""Take a store that is open, as the page has one."""
PARTS = {"calibrate", "read_learnt", "view_hours"}
"""What other functions of the room are made of."""


@pytest.mark.parametrize("room", ROOMS)
def test_every_function_is_named(room):
    module = importlib.import_module(f"pipeline.reports.{room}")
    made = {
        name for name, one in vars(module).items()
        if inspect.isfunction(one) and one.__module__ == module.__name__ and not name.startswith("_")
    }  # fmt: skip
    named = set(re.findall(r"\b\w+\b", PAGE))
    assert made - FOR_THE_PAGE - PARTS <= named


def test_everything_that_opens_exists():
    for room, name in re.findall(r"`(\w+)\.(\w+)`", PAGE):
        assert hasattr(importlib.import_module(f"pipeline.reports.{room}"), name), f"{room}.{name}"


def read_shapes():
    """Of each frame in the table of shapes: the columns that the page names."""
    rows = re.findall(r"^\| `(\w+\.\w+)` \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)
    return {name: re.findall(r"`(\w+)`", columns) for name, columns in rows}


def test_frames_of_a_principal_and_an_alert_have_the_columns_that_are_named(scored):
    case = alert_case.open_case(home=scored)
    zone, day = case.settings.timezone, case.alert.day
    made = {"principal_calls.list_principals": principal_calls.list_principals(scored)}
    calls = principal_calls.open_principal(case.alert.principal_key, scored)
    for name in ("summarize", "week", "days", "services", "places", "credentials", "sessions", "changes"):
        made[f"principal.{name}"] = getattr(principal, name)(calls, zone)
    made["alert_frame.open_alerts"] = alert_frame.open_alerts(scored)
    for name in read_shapes():
        room, _, function = name.partition(".")
        if room == "alert_case":
            made[name] = getattr(alert_case, function)(case)
    made["normal_days.measure_days"] = normal_days.measure_days(case.calls, zone)
    made["normal_days.nearest_days"] = normal_days.nearest_days(case.calls, zone, day)
    made["normal_days.typical_day"] = normal_days.typical_day(case.calls, zone, day)
    shapes = read_shapes()
    assert shapes.keys() == made.keys()
    assert made["principal.week"].shape == (7, 24)
    assert made["principal.days"].shape[1] == 24
    shapes["normal_days.nearest_days"] = ["day", "apart", "shared", *shapes["normal_days.measure_days"]]
    for name, frame in made.items():
        if name not in ("principal.week", "principal.days"):
            assert list(frame.columns) == shapes[name], name
