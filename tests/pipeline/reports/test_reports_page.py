"""`docs/reports.md` names what there is: every function of a notebook's room, and no other."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

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
