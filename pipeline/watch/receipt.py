"""The daily receipt: once a day is over, what came of it, what did not, and what became of it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from features.times.day import date_of, day_bounds, day_number, service_start
from features.times.instant import micros
from pipeline.connection import connect
from pipeline.delivery.dead_letter import FolderDeadLetters
from pipeline.reports.silence import find_silences
from pipeline.settings import Settings
from pipeline.stores.home import Store
from pipeline.stores.jsonl.receipts import AccountDay, Gap, Receipt
from pipeline.stores.sqlite.coverage import Covered
from pipeline.stores.unjudged import count_unjudged
from pipeline.stores.waits import find_waits
from pipeline.watch.cover import WATCHED

_DEAD_LETTERS: Final = "dead_letters"
"""Folder of a home."""


def find_due(store: Store, settings: Settings, now: datetime) -> list[date]:
    """Days that are over and have no receipt yet; of the days before the first receipt none is due.

    A day is over once what is late may not come any more. What a clock wrote that was ahead does not count.
    """
    zone = ZoneInfo(settings.timezone)
    last = day_number(now.astimezone(zone).date()) - 1
    if service_start(last + 1, zone, settings.lateness_minutes) > micros(now):
        last -= 1
    own = [one for one in store.receipts.every() if one.deployment == settings.deployment]
    written = {day_number(one.day) for one in own if one.written_at <= now}
    if not written and not store.coverage.records(*day_bounds(last, zone)):
        return []
    first = max(min(written, default=last), last - WATCHED.days)
    return [date_of(day) for day in range(first, last + 1) if day not in written]


def write_due(store: Store, settings: Settings, now: datetime, model_id: str) -> list[Receipt]:
    """Write the receipts of days that are due, the oldest first; to be called after `cover`. Killed, it goes on there.

    Parameters
    ----------
    model_id
        Of the model in service; empty where there is none.
    """
    written = []
    for day in find_due(store, settings, now):
        receipt = make_receipt(store, settings, day, now, model_id)
        store.receipts.add(receipt)
        written.append(receipt)
    return written


def make_receipt(store: Store, settings: Settings, day: date, now: datetime, model_id: str) -> Receipt:
    """The receipt of a day, as far as it is known now. Hours belong to the day in which they begin."""
    start, end = day_bounds(day_number(day), ZoneInfo(settings.timezone))
    accounts = [
        AccountDay(
            account=account,
            events=sum(hour.seen for hour in hours),
            late=sum(hour.late for hour in hours),
            missing_hours=sum(hour.missing for hour in hours),
        )
        for account, hours in _by_account(store.coverage.records(start, end))
    ]
    alerts = [alert for alert in store.alerts.latest() if alert.day == day and not alert.drill]
    raised = sum(alert.raised for alert in alerts)
    return Receipt(
        deployment=settings.deployment,
        day=day,
        start=start,
        end=end,
        written_at=now,
        model_id=model_id,
        events=sum(each.events for each in accounts),
        late=sum(each.late for each in accounts),
        principals=_count_principals(store, settings, start, end),
        accounts=accounts,
        gaps=_find_gaps(store, start, end),
        set_aside=sum(s.rows for s in store.manifest.live("set_aside", since=micros(start), until=micros(end))),
        dead_letters=FolderDeadLetters(store.home / _DEAD_LETTERS).count(),
        alerts_raised=raised,
        alerts_held=len(alerts) - raised,
        never_judged=count_unjudged(store.state, day),
        integrity_findings=len(store.digest_files.findings(start, end)),
        integrity_waits=find_waits(store.state, start, end),
    )


def _by_account(records: Sequence[Covered]) -> list[tuple[str, list[Covered]]]:
    ordered = sorted(records, key=lambda record: (record.account, record.hour))
    return [(account, list(hours)) for account, hours in groupby(ordered, key=lambda record: record.account)]


def _find_gaps(store: Store, start: datetime, end: datetime) -> list[Gap]:
    """Silences that reach into [start, end), by what was usual in the weeks before."""
    hour = timedelta(hours=1)
    return [
        Gap(account=account, start=silence.start, end=silence.end, expected=round(silence.expected, 1))
        for account, hours in _by_account(store.coverage.records(end - WATCHED, end))
        for silence in sorted(find_silences((record.hour, record.seen) for record in hours if record.closed))
        if silence.end > start and silence.start < end and silence.end - silence.start >= hour
    ]


def _count_principals(store: Store, settings: Settings, start: datetime, end: datetime) -> int:
    """How many called in [start, end)."""
    with connect(settings.threads, settings.memory) as connection:
        store.events.view(connection, start, end)
        [(count,)] = connection.execute("SELECT count(DISTINCT principal) FROM events").fetchall()
    return int(count)
