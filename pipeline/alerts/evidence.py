"""The events behind a standing: which of a principal's day's deliveries hold each value that contributed."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from features.activity.hourly import DATA_READS, SENSITIVE_MEASURES
from features.times.instant import moment_of
from models.baseline import Bools
from models.explain import Reason
from pipeline.stores.parquet.view import literal

MOST_EVENTS = 100
"""Event ids an alert carries."""
_EACH = 20
"""Events of one reason before the next one's."""
_COLUMNS = (
    "event_id, principal, event_time, delivered_at, account, identity_arn, principal_name, kind, session, action, "
    "write, region, country, asn, organisation, prefix, address, agent, error, resources, exposures, facts"
)
_PLAIN = frozenset({"account", "region", "country", "prefix", "agent"})
_RESOURCE_OF = {"secrets": "secret", "buckets": "bucket", "instances": "instance", "parameters": "parameter"}


class EvidenceEvents:
    """Events of some principals over a span of event time, as frames in the order they happened.

    Parameters
    ----------
    connection
        Has the view `counted`.
    principals
        Whose events.
    since, until
        Half-open span of event time.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, principals: Collection[str], since: datetime, until: datetime
    ) -> None:
        named = ", ".join(map(literal, sorted(principals))) or "NULL"  # a list that a segment's scan can apply
        frame = connection.execute(
            f"SELECT {_COLUMNS} FROM counted WHERE principal IN ({named}) "
            "AND event_time >= $since AND event_time < $until ORDER BY principal, event_time, event_id",
            {"since": since, "until": until},
        ).df()
        self._by_principal = dict(tuple(frame.groupby("principal", sort=False)))
        self._none = frame.iloc[:0]

    def delivered(self, principal: str, since: datetime, until: datetime, tick: int) -> pd.DataFrame:
        """A principal's events with event time in [since, until) that were delivered by a tick."""
        frame = self._by_principal.get(principal, self._none)
        by = pd.Timestamp(moment_of(tick))
        chosen = (frame["event_time"] >= since) & (frame["event_time"] < until) & (frame["delivered_at"] <= by)
        return frame[chosen]


def matching(events: pd.DataFrame, reason: Reason) -> Bools:
    """Which events hold the value of a reason, shape (len(events),)."""
    dimension, value = reason.dimension, reason.value
    by_service = _true(events["agent"].str.startswith("service:"))
    if dimension in ("write", "read", "write_by_service", "read_by_service"):
        same = events["action"] == value
        return _true(same & (by_service == dimension.endswith("_by_service")))
    if dimension == "denied":
        return _true((events["action"] == value) & (events["error"] == "denied"))
    if dimension in _PLAIN:
        return _true(events[dimension] == value)
    if dimension == "asn":
        return _true(events["asn"] == int(value))
    if dimension == "exposure":
        return _holds(events["exposures"], value)
    if dimension == "fact":
        return ~by_service if value == "off_host" else _holds(events["facts"], value)
    if dimension.startswith("resource:"):
        return _holds(events["resources"], f"{dimension.removeprefix('resource:')}:{value}")
    return _counted(events, dimension, reason.hour)


def _counted(events: pd.DataFrame, measure: str, hour: int) -> Bools:
    """Events that a count of an hour counts."""
    hours = events["event_time"].dt.floor("h")
    in_hour = _true(hours == pd.Timestamp(hour * 3600, unit="s", tz="UTC"))
    if measure == "writes":
        return in_hour & _true(events["write"])
    if measure == "denied":
        return in_hour & _true(events["error"] == "denied")
    if measure == "errors":
        return in_hour & _true(events["error"] != "")
    if measure == "data_reads":
        return in_hour & _true(events["action"].isin(DATA_READS))
    if measure in SENSITIVE_MEASURES:
        prefix = f"{_RESOURCE_OF[measure]}:"
        touched = [any(r.startswith(prefix) for r in resources) for resources in events["resources"]]
        return in_hour & _true(touched)
    return in_hour


def _true(column: Any) -> Bools:
    return np.asarray(column, dtype=bool)


def _holds(column: Any, value: str) -> Bools:
    return np.array([value in values for values in column], dtype=bool)


def contributing(events: pd.DataFrame, masks: list[Bools]) -> tuple[list[str], Bools]:
    """Event ids that contribute most, and which events hold anything odd.

    Parameters
    ----------
    masks
        Which events hold the value of each reason, the weightiest first (`matching`).

    Notes
    -----
    Reasons take turns in the order of their weight, `_EACH` events at a time, so that a bulk of one kind does not hide
    the single call of another.
    """
    any_of = np.logical_or.reduce(masks) if masks else np.zeros(len(events), dtype=bool)
    ids = events["event_id"].to_numpy()
    chosen: dict[str, None] = {}
    queues = [list(ids[mask]) for mask in masks]
    while any(queues) and len(chosen) < MOST_EVENTS:
        for position, queue in enumerate(queues):
            chosen.update(dict.fromkeys(queue[:_EACH]))
            queues[position] = queue[_EACH:]
    return list(chosen)[:MOST_EVENTS], any_of
