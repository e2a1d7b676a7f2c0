"""How well the model does: calibration, the budget asked and realised, what was learned, its age, and the gate."""

from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request

from pipeline.page.frames import list_rows
from pipeline.page.home import Home
from pipeline.reports import model_health, models_kept

OLD_DAYS: Final = 2
"""Days without a training, for as many nights were missed, after which that is said."""
MOST: Final = 20
"""Rows of a table."""


def show_model(home: Home, request: Request) -> dict[str, Any]:
    """What the template is given."""
    with home.open() as store:
        health = model_health.take_health(store, home.settings, alerts=home.alerts.between)
        learnt = list_rows(models_kept.compare_learnt(health))
        models = list_rows(models_kept.list_models(health))
        today = datetime.now(UTC).astimezone(home.zone).date()
        newest = max((row["day"].date() for row in models), default=None)
        return {
            "first": health.first,
            "last": health.last,
            "days": health.days,
            "newest": newest,
            "age": (today - newest).days if newest else None,
            "old": OLD_DAYS,
            "calibration": list_rows(model_health.calibration(health)),
            "budget": home.settings.budget,
            "spent": list_rows(model_health.spend_budget(health).rename_axis("day").reset_index())[::-1],
            "nights": list_rows(model_health.list_nights(health))[::-1][:MOST],
            "learnt": [row for row in learnt if row["change"] or ":" not in row["what"]],
            "compared": any(row["before"] is not None for row in learnt),
            "models": models[:MOST],
            "decisions": list_rows(models_kept.list_decisions(health)),
            "gate": list_rows(models_kept.show_gate(health)),
        }
