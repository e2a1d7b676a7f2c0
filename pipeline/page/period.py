"""Some days of a home as a report tells them: which had incidents, which were quiet, and what was held of each."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Final, NamedTuple

from pipeline.page.home import Home
from pipeline.stores.sqlite.alert_index import Brief

MOST_DAYS: Final = 400
"""Of a report."""
MOST_OF_DAY: Final = 20
"""Incidents of a day that are told; the strongest."""


class Day(NamedTuple):
    """A day of the deployment."""

    day: date
    incidents: list[list[Brief]]
    """Break-ins that were raised, the strongest first, each with its alerts; not more than `MOST_OF_DAY`."""
    total: int
    """All of them."""
    held: int
    """Alerts that the budget had no room for."""
    events: int | None
    """Events held of it (of UTC); None where the folder holds alerts alone."""


class Period(NamedTuple):
    """What a report is of."""

    days: list[Day]
    """The newest first; each of them, whatever it held."""

    @property
    def first(self) -> date:
        """The oldest day."""
        return self.days[-1].day

    @property
    def last(self) -> date:
        """The newest day."""
        return self.days[0].day

    @property
    def incidents(self) -> int:
        """Break-ins of all days."""
        return sum(day.total for day in self.days)

    @property
    def events(self) -> int | None:
        """Events of all days; None where none are kept at all."""
        held = [day.events for day in self.days]
        return None if None in held else sum(filter(None, held))

    def strongest(self, most: int) -> Iterator[Brief]:
        """Alerts of the incidents, the strongest first."""
        every = [alert for day in self.days for incident in day.incidents for alert in incident]
        return islice(sorted(every, key=lambda alert: (-alert.score, alert.day, alert.id)), most)


def read_period(home: Home, first: date, last: date) -> Period:
    """Read what happened on some days.

    Parameters
    ----------
    first, last
        The oldest and the newest day; of more than `MOST_DAYS` the newest.
    """
    alerts, held = home.alerts, home.count_events(first, last)
    number = min((last - first).days + 1, MOST_DAYS)
    kept = {one.day: one for one in alerts.days(MOST_DAYS, last)}
    days = []
    for day in (last - timedelta(days=ago) for ago in range(number)):
        found = kept.get(day)
        incidents = alerts.incidents(day, MOST_OF_DAY) if found and found.raised else []
        count = alerts.count_incidents(day) if incidents else 0
        days.append(Day(day, incidents, count, found.held if found else 0, None if held is None else held[day]))
    return Period(days)


def find_last_day(home: Home, today: date) -> date:
    """The newest day of which anything is known: an event or an alert; today where nothing is."""
    days = [one.day for one in home.alerts.days(1)]
    if home.has_events:
        with home.open() as store:
            days += [date.fromisoformat(held.last) for held in store.events.accounts()]
    return min(max(days, default=today), today)
