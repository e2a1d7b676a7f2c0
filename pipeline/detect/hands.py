"""By whose credentials a day was odd, read from activity, and who handed them out, from events (`models.hands`)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from features.times.day import date_of, day_bounds
from features.times.instant import moment_of
from models.baseline import Baseline
from models.hands import Hands
from models.ledger import Key, Standing
from models.model import Model
from pipeline.alerts.sessions import ShowIssued, find_openings, keep_issuing, lead_back
from pipeline.alerts.story import read_key
from pipeline.detect.activity import Activity

ISSUING: Final = "issuing"
"""Table of the events that handed out keys lately."""


class HandsOfDay:
    """Finds hands of the day that a model judges; of it only what came by a standing's tick counts.

    Parameters
    ----------
    activity
        With a row a tick; the view `events` of its connection holds those that handed out keys.
    model
        That judges.
    show_issued
        Makes that view, where it is not always there (`pipeline.alerts.sessions.find_openings`).
    """

    def __init__(self, activity: Activity, model: Model, show_issued: ShowIssued | None = None) -> None:
        self.tables = "joint", "touched"
        """Names of the day's tables."""
        self._activity = activity
        self._connection, self._zone = activity.connection, ZoneInfo(activity.timezone)
        self._model, self._show = model, show_issued
        self._day = 0
        self._keys: dict[tuple[Key, int, int], frozenset[str]] = {}
        """Of standings of the model's day, by ledger, tick and first day."""

    def find(self, standing: Standing, others: frozenset[str]) -> Hands:
        """The credentials of a standing, and who handed out those and some others, as of its tick."""
        if self._day != self._model.day:
            self._begin()
        principal, by = self._model.baseline.principals.values[standing.principal], moment_of(standing.tick)
        keys = self._find_keys(standing, principal, by)
        start, end = day_bounds(standing.day, self._zone)[0], day_bounds(self._model.day, self._zone)[1]
        asked = {key for key in keys | others if "/" not in key}  # a principal's name is no key
        is_kept = self._show is None and standing.day >= self._day - 1
        openings = find_openings(self._connection, asked, start, end, self._show, ISSUING if is_kept else "events")
        handed_by = {
            key: frozenset(read_key(row["session"]) or row["principal"] for row in lead_back(key, openings, by))
            for key in asked
        }
        return Hands(keys | {principal}, handed_by)

    def _begin(self) -> None:
        self._day = self._model.day
        self._keys.clear()
        if self._show is None:  # all events are there, of weeks: those of the day and the one before are kept apart
            start, end = day_bounds(self._day - 1, self._zone)[0], day_bounds(self._day, self._zone)[1]
            keep_issuing(self._connection, ISSUING, start, end)

    def _find_keys(self, standing: Standing, principal: str, by: datetime) -> frozenset[str]:
        """Access keys with which what is odd was shown; what a tick knows never changes, so it is looked up once."""
        asked = standing.key, standing.tick, standing.first_day
        if asked not in self._keys:
            odd = list(_list_values(standing, self._model.baseline))
            sessions = self._activity.list_sessions(self.tables, odd, principal, by, date_of(standing.day))
            self._keys[asked] = frozenset(filter(None, map(read_key, sessions)))
        return self._keys[asked]


def _list_values(standing: Standing, baseline: Baseline) -> Iterable[tuple[str, str]]:
    for entry, _ in standing.contributions:
        yield baseline.token(entry.token)
