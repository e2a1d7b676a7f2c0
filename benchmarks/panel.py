"""Desks of other budgets beside the one that decides, so that one backtest says what every budget would have raised.

All of them read the same standings, tick by tick, and each keeps its own cases, as a desk of its own would. One thing
is shared that would not be: values of days that the deciding desk raised are kept from peers, so a budget far from its
own is judged by a model that learnt a little more or less. Alerts are made only of the principal-days that hold an
event of a campaign; of the others it is enough to know that they were raised.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Final
from unittest.mock import patch

import msgspec

from features.times.instant import moment_of
from models.desk import Decision, Desk
from models.standing import Key, Standing
from pipeline.alerts.document import Judge, make_alerts, make_id
from pipeline.alerts.live import Followed, LiveAlerts, Today
from pipeline.detect.activity import Activity
from pipeline.stores.alert import Alert

BUDGETS: Final = (1.0, 3.0, 5.0, 10.0, 20.0)
"""Alerts a day at which recall is told."""


@dataclass(frozen=True, slots=True)
class PlantedEvent:
    """What the store knows of an event of a campaign."""

    principal: str
    kind: str
    """Of the principal: human, workload, ci …"""
    day: int
    """In days since 1970 of the deployment's time zone."""
    called: datetime
    delivered: datetime


@dataclass(slots=True)
class Beside:
    """A desk that only watches."""

    desk: Desk
    raised: dict[Key, int] = field(default_factory=dict)
    """Ledgers raised over the test, with the tick."""
    when: dict[str, datetime] = field(default_factory=dict)
    """Id of an alert of an attacked principal-day to when it was raised."""


class Panel:
    """Desks beside one another.

    Parameters
    ----------
    budgets
        Alerts a day, one a desk beside the deciding one.
    planted
        Event ids of the campaigns.
    """

    def __init__(self, budgets: Sequence[float], planted: Sequence[str]) -> None:
        self.beside = {budget: Beside(Desk(budget)) for budget in budgets}
        self.planted = tuple(planted)
        self.events: dict[str, PlantedEvent] = {}
        """The events of the campaigns that are counted, by id."""
        self.alerts: list[Alert] = []
        """Revisions of attacked principal-days' alerts, each from when the first desk raised it."""
        self._first: dict[Key, Decision] = {}
        """What a desk raised before all others, on the day that is walked."""
        self._followed: list[Standing] = []
        self._raised: set[Key] = set()
        self._live = LiveAlerts()

    def seat(self, make: Callable[[float], Desk]) -> None:
        """Give every budget a desk of its own, made as the deciding one is."""
        for budget, beside in self.beside.items():
            beside.desk = make(budget)

    def start_day(self, *given: Any, **named: Any) -> None:
        """Let every desk begin its day; as `Desk.start_day`."""
        for beside in self.beside.values():
            beside.desk.start_day(*given, **named)

    def review(self, standings: list[Standing], *given: Any, **named: Any) -> None:
        """Let every desk look at what changed at one tick, and at what waited until then; as `Desk.review`."""
        seen = {standing.key: standing for standing in standings}
        for beside in self.beside.values():
            for decision in beside.desk.review(standings, *given, **named):
                key = decision.standing.key
                if decision.raised:
                    beside.raised.setdefault(key, decision.standing.tick)
                    if key not in self._raised:
                        self._raised.add(key)
                        self._first[key] = decision
                    seen.setdefault(key, decision.standing)
        self._followed += [standing for key, standing in seen.items() if key in self._raised]

    def follow(self, today: Today, judge: Judge, activity: Activity) -> None:
        """Make the alerts of a day, as far as they are of principal-days that were attacked."""
        if not self.events:
            self.events = find_planted(activity, self.planted)
        attacked = {(event.day, event.principal) for event in self.events.values()}

        def is_attacked(standing: Standing) -> bool:
            return (standing.day, judge.key_of(standing.principal)) in attacked

        first = [decision for decision in self._first.values() if is_attacked(decision.standing)]
        followed = [standing for standing in self._followed if is_attacked(standing)]
        for standing in followed:
            name = make_id(judge.deployment, judge.key_of(standing.principal), standing.day, standing.late)
            for beside in self.beside.values():
                if standing.key in beside.raised:
                    beside.when[name] = moment_of(beside.raised[standing.key])
        told, events = self._live.follow(replace(today, decisions=first, followed=followed), judge, activity)
        self.alerts += make_alerts(told, judge, events)
        self._first, self._followed = {}, []


class PanelDesk(Desk):
    """The desk that decides, which shows the panel all it is shown.

    Parameters
    ----------
    panel
        Who watches.
    budget
        Alerts a day; whatever else a desk is made of follows.
    """

    def __init__(self, panel: Panel, budget: float | None, **named: Any) -> None:
        super().__init__(budget, **named)
        self.panel = panel
        panel.seat(lambda other: Desk(other, **named))

    def start_day(self, *given: Any, **named: Any) -> None:
        """Let all of them begin their day."""
        self.panel.start_day(*given, **named)
        super().start_day(*given, **named)

    def review(self, standings: list[Standing], *given: Any, **named: Any) -> list[Decision]:
        """Let the panel look, then decide."""
        self.panel.review(standings, *given, **named)
        return super().review(standings, *given, **named)

    def next_due(self) -> int | None:
        """The first tick at which something waits for any of them."""
        every = [super().next_due(), *(beside.desk.next_due() for beside in self.panel.beside.values())]
        return min((due for due in every if due is not None), default=None)


@contextmanager
def watched_by(panel: Panel) -> Iterator[Panel]:
    """For the block, let the panel see all that the desk of a backtest sees."""
    follow: Callable[..., Followed] = LiveAlerts.follow
    within = False

    def following(self: LiveAlerts, today: Today, judge: Judge, activity: Activity, *rest: Any) -> Followed:
        nonlocal within
        if not within:
            within = True
            try:
                panel.follow(today, judge, activity)
            finally:
                within = False
        return follow(self, today, judge, activity, *rest)

    with patch("pipeline.detect.replay.Desk", partial(PanelDesk, panel)), patch.object(LiveAlerts, "follow", following):
        yield panel


def find_planted(activity: Activity, event_ids: Sequence[str]) -> dict[str, PlantedEvent]:
    """Return principal, kind and times of events, as activity counts them."""
    found = activity.connection.execute(
        "SELECT event_id, principal, members.kind, day_of(event_time) - DATE '1970-01-01', event_time, "
        "delivered_at FROM counted "
        "JOIN members USING (principal) WHERE event_id IN (SELECT unnest($wanted))",
        {"wanted": list(event_ids)},
    ).fetchall()
    return {event_id: PlantedEvent(*known) for event_id, *known in found}


def by_budget(panel: Panel) -> Mapping[float, tuple[list[Alert], int]]:
    """Return what each desk raised: attacked principal-days' alerts, and how many alerts there were in all.

    What an alert names at a time does not depend on who raised it; so each desk's is the one of the desk that raised it
    first, from when this desk did.
    """
    return {
        budget: (
            [
                msgspec.structs.replace(alert, detected_at=max(alert.detected_at, beside.when[alert.alert_id]))
                for alert in panel.alerts
                if alert.alert_id in beside.when
            ],
            len(beside.raised),
        )
        for budget, beside in panel.beside.items()
    }
