"""How well the model does, from what a home keeps of its days: calibration, the budget, what it learned each night.

Every function takes what `open_health` read, or a part of it; `pipeline.reports.models_kept` asks the same of models.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.stats import chi2

from models.calibration import score_rate
from pipeline.errors import NoHistoryError
from pipeline.reports.alert_frame import frame_alerts, read_alerts
from pipeline.reports.inert_frame import inert_frame
from pipeline.reports.source import find_home
from pipeline.settings import Settings, load_settings
from pipeline.stores.alert import Alert
from pipeline.stores.bundles.folder import Bundles
from pipeline.stores.home import Store, open_store
from pipeline.stores.jsonl.models import ModelNote
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl

DAYS: Final = 30
RATES: Final = (10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05)
"""Principal-days a day that a score promises: of 50, the first, to beyond 90. Below 50 not all is held."""
BAND: Final = 0.95
"""Of the interval of a rate. A convention."""
_TRIED: Final = ("score", "others", "budget")
"""Why alerts with enough evidence are held."""


@dataclass(frozen=True, slots=True)
class Health:
    """What a home keeps of its model and of what the model said."""

    settings: Settings
    first: date
    """First of the judged days that were read, and `last` the last."""
    last: date
    alerts: pd.DataFrame
    """Of these days (`pipeline.reports.alert_frame.open_alerts`)."""
    notes: list[ModelNote]
    """Of models that alerts name, oldest first."""
    operations: list[dict[str, Any]]
    bundles: Bundles

    @property
    def days(self) -> int:
        """Days that were judged."""
        return (self.last - self.first).days + 1


def open_health(home: Path | str | None = None, days: int = DAYS) -> Health:
    """What a home keeps of its model, of the last judged days; others may write meanwhile.

    Parameters
    ----------
    home
        As of `pipeline.reports.source.open_events`.
    days
        So many judged days at most, that end with the last.

    Raises
    ------
    StoreError
        There is no store, or something in it is damaged; says what to do.
    NoHistoryError
        Nothing was judged yet; says which command does it.
    """
    settings = load_settings({"home": home})
    folder = find_home(settings)
    with open_store(folder, create=False) as store:
        return take_health(store, settings.model_copy(update={"home": folder}), days)


def take_health(
    store: Store,
    settings: Settings,
    days: int = DAYS,
    alerts: Callable[[date, date], Iterable[Alert]] | None = None,
) -> Health:
    """The same of a store that is open; `settings.home` is its folder.

    `alerts` gives the last revision of each alert of the days from one to another; without, the file is read.
    """
    if days < 1:
        raise ValueError(f"days is {days}: give 1 or more")
    judged = {note.day for note in store.models.every()} | {one.day for one in store.receipts.every()}
    judged |= set(store.hour_scores.scored_days())
    if not judged:
        raise NoHistoryError(f"{store.home} was not scored yet: `oddtrail train`, then `oddtrail score`")
    last = max(judged)
    first = max(last - timedelta(days=days - 1), min(judged))
    return Health(
        settings=settings,
        first=first,
        last=last,
        alerts=frame_alerts(alerts(first, last)) if alerts else read_alerts(store, first, last),
        notes=sorted(store.models.every(), key=lambda note: note.day),
        operations=OperationsJsonl(store.home / OPERATIONS_FILE).every(),
        bundles=Bundles.of(settings),
    )


def calibrate(scores: Iterable[float], days: int) -> pd.DataFrame:
    """What record scores promise beside what came: how many principals' days a day reach each of them.

    Attacks are among what came, and so is a deployment that changed; what scores promise is what chance brings.

    Parameters
    ----------
    scores
        Record scores of all alerts of the days, raised or held, 0 to 100.
    days
        Days that were judged, with alerts or without.

    Returns
    -------
    DataFrame
        A row a score from 50 on: `score`, `asked` (a day), `realised` (a day), `low` and `high` (the 95% interval of
        the realised rate, Garwood, Biometrika 28, 1936), `alerts` (their number), and `holds`: what was asked for lies
        within the interval.

    Examples
    --------
    >>> rows = calibrate([76.0] * 7 + [91.0], days=8)
    >>> rows.loc[rows["score"] == 75, ["asked", "realised", "alerts"]].to_numpy().tolist()
    [[1.0, 1.0, 8.0]]
    """
    if days < 1:
        raise ValueError(f"days is {days}: give 1 or more")
    found = np.asarray([*scores], dtype=float)
    asked = np.array(RATES)
    least = score_rate(asked)
    counts = (found[None, :] >= least[:, None] - 1e-9).sum(axis=1)
    tail = (1 - BAND) / 2
    low = np.where(counts > 0, chi2.ppf(tail, 2 * np.maximum(counts, 1)) / 2, 0.0) / days
    high = chi2.ppf(1 - tail, 2 * counts + 2) / 2 / days
    return pd.DataFrame(
        {
            "score": least.round(1),
            "asked": asked,
            "realised": counts / days,
            "low": low,
            "high": high,
            "alerts": counts,
            "holds": (low <= asked) & (asked <= high),
        }
    )


def calibration(health: Health) -> pd.DataFrame:
    """`calibrate` of the alerts that were read."""
    return calibrate(health.alerts["score"], health.days)


def spend_budget(health: Health) -> pd.DataFrame:
    """Alerts a day that were asked for, beside those that came.

    Returns
    -------
    DataFrame
        A row a judged day, oldest first: `asked` (missing where there is no budget), `incidents` (alerts of one
        break-in count once, as they use up the budget once), `raised` (alerts), `held` (enough evidence and no room)
        and `weak` (too little evidence to be one), and `mean`, the incidents a day of the seven days up to it.
    """
    every = pd.date_range(health.first, health.last, name="day")
    alerts, raised = health.alerts, health.alerts[health.alerts["raised"]]
    held = alerts["held"].isin(_TRIED)
    counted = {
        "incidents": raised.groupby("day")["incident"].nunique(),
        "raised": raised.groupby("day").size(),
        "held": alerts[held].groupby("day").size(),
        "weak": alerts[~alerts["raised"] & ~held].groupby("day").size(),
    }
    rows = pd.DataFrame({name: found.reindex(every, fill_value=0) for name, found in counted.items()}, index=every)
    budget = health.settings.budget
    rows.insert(0, "asked", float("nan") if budget is None else float(budget))
    rows["mean"] = rows["incidents"].rolling(7, min_periods=1).mean()
    return rows


def list_nights(health: Health) -> pd.DataFrame:
    """What the model was each day that an alert names it of: between two trainings it learns on from day to day.

    Returns
    -------
    DataFrame
        A row a model, oldest first: `day` it judged, `model_id`, `made_of` (the trained model it was stepped from),
        `learnt_days`, `judged_days`, `principals`, `values` that it knew, what was `new_principals` and `new_values`
        since the row before, and `nats_50`, `nats_75`, `nats_90`: evidence that reaches a score, missing where none
        does.
    """
    rows = pd.DataFrame(
        [
            {
                "day": pd.Timestamp(note.day),
                **{name: getattr(note, name) for name in _OF_A_NOTE},
                **{f"nats_{score}": note.nats.get(score, float("nan")) for score in ("50", "75", "90")},
            }
            for note in health.notes
            if note.day <= health.last
        ][-health.days :],
        columns=["day", *_OF_A_NOTE, "nats_50", "nats_75", "nats_90"],
    )
    for at, name in enumerate(("principals", "values"), start=7):
        rows.insert(at, f"new_{name}", rows[name].diff())
    return inert_frame(rows)


_OF_A_NOTE: Final = ("model_id", "made_of", "learnt_days", "judged_days", "principals", "values")
