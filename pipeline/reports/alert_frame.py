"""Alerts of a home's last days as a frame: one row an alert, its last revision, drills left out."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import pandas as pd

from pipeline.errors import NoHistoryError
from pipeline.reports.source import find_home
from pipeline.settings import load_settings
from pipeline.stores.alert import Alert
from pipeline.stores.home import ALERTS_FILE, Store, open_store
from pipeline.stores.jsonl.alerts import AlertsJsonl
from pipeline.text.inert import inert

DAYS: Final = 30
COLUMNS: Final = (
    "alert_id", "day", "score", "severity", "raised", "held", "incident", "account", "principal", "name", "kind",
    "evidence", "model_id", "title",
)  # fmt: skip
_LONGEST: Final = 300


def open_alerts(home: Path | str | None = None, days: int = DAYS) -> pd.DataFrame:
    """The alerts of the last days there are any of, raised and held.

    Parameters
    ----------
    home
        As of `pipeline.reports.source.open_events`, or the folder of a backtest.
    days
        So many days that end with the last one that has an alert.

    Returns
    -------
    DataFrame
        A row an alert, the strongest first: `alert_id`, `day`, `score` (0 to 100, higher is stranger), `severity`,
        `raised`, `held` (why it was not raised; empty where it was), `incident` (the same for alerts of one break-in),
        `account`, `principal` (its key), `name`, `kind`, `evidence` (nats), `model_id` and `title`.

    Raises
    ------
    StoreError
        There is no store, or alerts cannot be read.
    NoHistoryError
        Nothing was judged yet; says which command does it.
    """
    folder = find_home(load_settings({"home": home}))
    with open_store(folder, create=False) as store:
        days_of = [line.alert.day for line in store.alerts.follow(0) if line.alert is not None]
        if not days_of:
            looked = (folder / ALERTS_FILE).exists()
            told = "has no alert, raised or held" if looked else "was not scored yet"
            raise NoHistoryError(f"{folder} {told}: `oddtrail train`, then `oddtrail score`; or `oddtrail watch`")
        last = max(days_of)
        return read_alerts(store, last - timedelta(days=days - 1), last)


def read_alerts(store: Store, first: date, last: date) -> pd.DataFrame:
    """The same of some days, from a store that is open."""
    return frame_alerts(read_latest(store.alerts, first, last))


def read_latest(alerts: AlertsJsonl, first: date, last: date) -> Iterator[Alert]:
    """The last revision of each alert of some days, in the order of the file, a line of it in memory at a time."""
    places: dict[str, tuple[int, int]] = {}
    for line in alerts.follow(0):
        if line.alert is not None and first <= line.alert.day <= last:
            revision, _ = places.get(line.alert.alert_id, (0, 0))
            if line.alert.revision >= revision:
                places[line.alert.alert_id] = line.alert.revision, line.start
    for start in sorted(start for _, start in places.values()):
        found = next(alerts.follow(start), None)
        if found is not None and found.alert is not None:
            yield found.alert


def frame_alerts(alerts: Iterable[Alert]) -> pd.DataFrame:
    """The same of alerts that were read, a revision of each; those of drills are left out."""
    return make_frame(_row(alert) for alert in alerts if not alert.drill)


def make_frame(rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    """Rows of `COLUMNS` as a frame, the strongest first.

    >>> make_frame([]).columns[:3].tolist()
    ['alert_id', 'day', 'score']
    """
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["score"], frame["evidence"] = frame["score"].astype(float), frame["evidence"].astype(float)
    frame["raised"] = frame["raised"].astype(bool)
    frame["day"] = pd.to_datetime(frame["day"])
    return frame.sort_values(["score", "alert_id"], ascending=[False, True], ignore_index=True)


def _row(alert: Alert) -> tuple[object, ...]:
    return (
        inert(alert.alert_id, _LONGEST), alert.day, alert.record_score, alert.severity, alert.raised,
        alert.held_because or "", inert(min((alert.alert_id, *alert.related)), _LONGEST),
        inert(alert.account, _LONGEST),
        inert(alert.principal_key, _LONGEST), inert(alert.principal_name, _LONGEST),
        inert(alert.principal_kind, _LONGEST), alert.evidence, inert(alert.model_id, _LONGEST),
        inert(alert.title, _LONGEST),
    )  # fmt: skip
