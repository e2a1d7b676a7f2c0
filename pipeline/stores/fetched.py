"""Account-days of which a home fetched activity that others made: from where, and which side stands.

An account-day is never made of both sides, for activity does not tell which calls are in both. The side with more calls
stands. Hours in which the other side has more are told: of such an account-day neither side is whole.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol, Self

import pyarrow as pa

from features.times.instant import HOUR, moment_of
from pipeline.text.plural import plural

AccountDay = tuple[str, date]
FAMILY: Final = "activity/pulled"
"""Of the settings that say so, `family/account/day`."""


class _State(Protocol):
    def put_setting(self, key: str, value: Any) -> None: ...
    def settings_of_days(self, family: str) -> dict[AccountDay, Any]: ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """An account-day of which others made the activity.

    >>> whole = Fetched({}, "/mnt/shared", {"9": 4, "10": 4}, stands=True)
    >>> own = whole.hold_against({"10": 2, "11": 7})
    >>> (own.stands, own.lacks), whole.hold_against({"10": 2}).stands
    ((False, 6), True)
    """

    tables: dict[str, str]
    """SHA-256 of each table's file, by the table's name, as they were listed."""
    place: str
    hours: dict[str, int]
    """Its calls, by hour since 1970."""
    stands: bool
    """Whether it is what is learnt; else the home's own count is."""
    lacks: int = 0
    """Calls that the other side has more in hours of which it has more; they are not learnt."""

    def list_hours(self) -> list[tuple[datetime, int]]:
        """Its hours that have calls, and how many."""
        return [(moment_of(int(hour) * HOUR), calls) for hour, calls in self.hours.items()]

    def hold_against(self, own: Mapping[str, int]) -> Self:
        """The same beside what the home counted itself, its calls by hour."""
        stands = sum(own.values()) < sum(self.hours.values())
        kept, other = (self.hours, own) if stands else (own, self.hours)
        lacks = sum(max(0, calls - kept.get(hour, 0)) for hour, calls in other.items())
        return replace(self, stands=stands, lacks=lacks)


def count_hours(joint: pa.Table) -> dict[str, int]:
    """Calls of an activity table `joint`, by hour since 1970."""
    counted = joint.group_by("hour").aggregate([("calls", "sum")])
    hours: list[Any] = counted.column("hour").cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_pylist()
    calls: list[Any] = counted.column("calls_sum").to_pylist()
    return {str(hour // HOUR): int(each) for hour, each in sorted(zip(hours, calls, strict=True))}


def read_fetched(state: _State) -> dict[AccountDay, Fetched]:
    """What was fetched, in order; of what an earlier version noted nothing is known, and it is fetched again."""
    found = sorted(state.settings_of_days(FAMILY).items())
    return {key: Fetched(**value) for key, value in found if isinstance(value, dict) and "hours" in value}


def put_fetched(state: _State, account: str, day: date, fetched: Fetched | None) -> None:
    """Remember what was fetched of an account-day; None forgets it."""
    state.put_setting(f"{FAMILY}/{account}/{day}", None if fetched is None else asdict(fetched))


def find_unseen(fetched: Mapping[AccountDay, Fetched], held: Collection[AccountDay]) -> date | None:
    """The newest day whose activity was fetched and of which no account's own count stands; none where there is none.

    Parameters
    ----------
    held
        Account-days of which there are events.
    """
    standing = {key for key, one in fetched.items() if one.stands}
    return max({day for _, day in standing} - {day for _, day in {*held} - standing}, default=None)


def list_spans(fetched: Mapping[AccountDay, Fetched], first: date, until: date) -> dict[str, dict[str, list[str]]]:
    """Days in [first, until) whose activity is what was fetched, as spans, by place and account.

    >>> one = Fetched({}, "/mnt/shared", {}, stands=True)
    >>> days = [date(2026, 3, day) for day in (2, 3, 5)]
    >>> list_spans({("1", day): one for day in days}, days[0], date(2026, 4, 1))
    {'/mnt/shared': {'1': ['2026-03-02/2026-03-03', '2026-03-05/2026-03-05']}}
    """
    spans: dict[str, dict[str, list[list[date]]]] = {}
    for (account, day), one in sorted(fetched.items()):
        if one.stands and first <= day < until:
            own = spans.setdefault(one.place, {}).setdefault(account, [])
            if own and own[-1][1] == day - timedelta(days=1):
                own[-1][1] = day
            else:
                own.append([day, day])
    return {
        place: {account: [f"{begin}/{end}" for begin, end in each] for account, each in of.items()}
        for place, of in spans.items()
    }


def note_fetched(fetched: Mapping[AccountDay, Fetched], first: date, until: date) -> list[str]:
    """A line for each place whose activity stands for days in [first, until).

    >>> note_fetched({("1", date(2026, 3, 2)): Fetched({}, "/mnt/shared", {}, True)}, date.min, date.max)
    ['the activity of 1 account-day from 2026-03-02 to 2026-03-02 was fetched from /mnt/shared']
    """
    found: dict[str, list[date]] = {}
    for (_, day), one in fetched.items():
        if one.stands and first <= day < until:
            found.setdefault(one.place, []).append(day)
    return [
        f"the activity of {plural(len(days), 'account-day')} from {min(days)} to {max(days)} was fetched from {place}"
        for place, days in sorted(found.items())
    ]


def count_spans(noted: object) -> list[tuple[str, int, str, str]]:
    """Of `list_spans`, as a model's manifest has it: for each place how many account-days, the first and the last.

    >>> count_spans({"/mnt/shared": {"1": ["2026-03-02/2026-03-03", "2026-03-05/2026-03-05"]}})
    [('/mnt/shared', 3, '2026-03-02', '2026-03-05')]
    """
    found = []
    for place, accounts in noted.items() if isinstance(noted, dict) else ():
        spans = [tuple(map(date.fromisoformat, span.split("/"))) for own in accounts.values() for span in own]
        days = sum((end - begin).days + 1 for begin, end in spans)
        found.append((place, days, str(min(spans)[0]), str(max(end for _, end in spans))))
    return found
