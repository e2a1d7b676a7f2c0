"""Our alerts held against what native anomaly jobs found, by day and principal: both, only ours, only native.

A native window begins at any millisecond and is as long as somebody chose, so it is of a day that it overlaps; one that
overlaps two is of the one with an alert, else of the one that holds more of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from features.times.day import day_bounds, day_number
from models.explain import COUNTED
from pipeline.publish.native import NativeResult
from pipeline.publish.whom import Whom, is_of_principal
from pipeline.stores.alert import Alert

Verdict = Literal["both", "ours", "native"]
MOST_CALLS: Final = 5
"""Actions that are named for a side."""


@dataclass
class Compared:
    """A principal's day; or, of native results that name nobody that is known, what they name."""

    day: date
    principal: str
    """Key of the principal; "" where nobody is known."""
    name: str
    alerts: list[Alert] = field(default_factory=list)
    native: list[NativeResult] = field(default_factory=list)
    our_calls: list[str] = field(default_factory=list)
    native_calls: list[str] = field(default_factory=list)
    """Actions in the native windows, the most frequent first, as `iam:CreateUser ×3` where events tell."""

    @property
    def verdict(self) -> Verdict:
        """Who found something."""
        if self.alerts and self.native:
            return "both"
        return "ours" if self.alerts else "native"

    @property
    def overlap(self) -> bool:
        """Whether any native window overlaps any alert's."""
        return any(
            result.start < alert.window_end and alert.window_start < result.end
            for alert in self.alerts
            for result in self.native
        )


def compare(
    alerts: Iterable[Alert],
    native: Sequence[NativeResult],
    whom: Whom,
    zone: ZoneInfo,
    events: duckdb.DuckDBPyConnection | None = None,
) -> list[Compared]:
    """Both sides by day and principal, in order.

    Parameters
    ----------
    whom
        Knows the principals.
    zone
        The deployment's.
    events
        Has the view `events`, to name the calls in native windows; None where there are none.
    """
    found: dict[tuple[date, str, str], Compared] = {}
    for alert in alerts:
        at = (alert.day, alert.principal_key, "")
        there = found.setdefault(at, Compared(alert.day, alert.principal_key, alert.principal_name))
        there.alerts.append(alert)
        there.our_calls = list(dict.fromkeys([*there.our_calls, *_name_calls(alert)]))
    alerted = {(day, key) for day, key, _ in found}
    for result in native:
        days = find_days(result, zone)
        keys = whom.find(result.fields)
        pairs = [(day, key) for day in days for key in sorted(keys) if (day, key) in alerted]
        if not pairs and len(keys) == 1:
            pairs = [(days[0], key) for key in keys]
        if pairs:
            for day, key in pairs:
                name = whom.names.get(key, key)
                found.setdefault((day, key, ""), Compared(day, key, name)).native.append(result)
        else:
            label = _label(result, keys)
            found.setdefault((days[0], "", label), Compared(days[0], "", label)).native.append(result)
    rows = [found[at] for at in sorted(found)]
    counted = _count_calls(rows, events) if events is not None else {}
    for number, row in enumerate(rows):
        named = dict.fromkeys(call for result in row.native for call in result.calls)
        row.native_calls = counted.get(number) or list(named)[:MOST_CALLS]
    return rows


def find_days(result: NativeResult, zone: ZoneInfo) -> list[date]:
    """Days that a window overlaps, the one that holds most of it first; the earlier of two alike.

    >>> from datetime import UTC
    >>> late = datetime(2026, 3, 2, 23, 50, tzinfo=UTC)
    >>> [day.day for day in find_days(NativeResult("j", late, late + timedelta(hours=1), 80, (), ()), ZoneInfo("UTC"))]
    [3, 2]
    """
    day = result.start.astimezone(zone).date()
    held: list[tuple[timedelta, date]] = []
    while len(held) < 32:
        start, end = day_bounds(day_number(day), zone)
        part = min(result.end, end) - max(result.start, start)
        if held and part <= timedelta():
            break
        held.append((part, day))
        day += timedelta(days=1)
    return [day for _, day in sorted(held, key=lambda pair: (-pair[0], pair[1]))]


def count_verdicts(rows: Iterable[Compared]) -> dict[Verdict, int]:
    """Principal-days by who found something."""
    counts: dict[Verdict, int] = {"both": 0, "ours": 0, "native": 0}
    for row in rows:
        counts[row.verdict] += 1
    return counts


def describe(row: Compared) -> dict[str, Any]:
    """A row as JSON."""
    return {
        "day": row.day,
        "principal": row.principal or None,
        "name": row.name,
        "found_by": row.verdict,
        "windows_overlap": row.overlap,
        "alerts": [
            {
                "alert_id": alert.alert_id,
                "record_score": alert.record_score,
                "severity": alert.severity,
                "title": alert.title,
                "window_start": alert.window_start,
                "window_end": alert.window_end,
                "event_ids": list(alert.event_ids),
            }
            for alert in row.alerts
        ],
        "our_calls": row.our_calls,
        "native": [
            {
                "job": result.job,
                "score": result.score,
                "start": result.start,
                "end": result.end,
                "fields": [{"name": name, "value": value} for name, value in result.fields],
            }
            for result in row.native
        ],
        "native_calls": row.native_calls,
    }


def _name_calls(alert: Alert) -> list[str]:
    """Actions behind an alert: those that its reasons name, then those of its harms and its influencers."""
    reasons = [reason.value for reason in alert.reasons if reason.feature not in COUNTED]
    named = [value for value in reasons if value.partition(":")[2][:1].isupper()]
    harms = [action for harm in alert.harms for action in harm.actions]
    influencers = [value for one in alert.influencers if one.field == "event.action" for value in one.values]
    return list(dict.fromkeys([*named, *harms, *influencers]))[:MOST_CALLS]


def _label(result: NativeResult, keys: Iterable[str]) -> str:
    """What a result names, where that is nobody we know, or more than one."""
    known = sorted(keys)
    named = [f"{name}={value}" for name, value in result.fields if known == [] or is_of_principal(name)]
    what = ", ".join(named[:3]) or f"job {result.job}"
    return f"{what} ({len(known)} principals)" if len(known) > 1 else what


def _count_calls(rows: Sequence[Compared], events: duckdb.DuckDBPyConnection) -> Mapping[int, list[str]]:
    """The calls that a row's principal made in its native windows."""
    windows = [
        (number, row.principal, result.start, result.end)
        for number, row in enumerate(rows)
        if row.principal
        for result in row.native
    ]
    if not windows:
        return {}
    numbers, keys, starts, ends = zip(*windows, strict=True)
    instants = pa.timestamp("us", "UTC")
    table = pa.table(
        {
            "number": pa.array(numbers, pa.int64()),
            "key": pa.array(keys, pa.string()),
            "start": pa.array(starts, instants),
            "until": pa.array(ends, instants),
        }
    )
    events.register("native_windows", table)
    found: dict[int, list[str]] = {}
    for number, action, count in events.execute(
        "SELECT number, action, count(DISTINCT event_id) AS calls FROM events JOIN native_windows "
        "ON principal = key AND event_time >= start AND event_time < until "
        "GROUP BY number, action ORDER BY number, calls DESC, action"
    ).fetchall():
        if len(calls := found.setdefault(number, [])) < MOST_CALLS:
            calls.append(f"{action} ×{count:,}" if count > 1 else action)
    events.unregister("native_windows")
    return found


def since_day(since: datetime, zone: ZoneInfo) -> date:
    """The first day that is compared."""
    return since.astimezone(zone).date()
