"""Files that land after their deliveries were scored: known from the next tick on, whatever their names say.

A file's name says when CloudTrail delivered it. Where a copy of the bucket stands still, or a file is found a month
later, the days it tells of have been scored and learnt without it. So whoever scores or trains first settles what has
landed since the last time. Files are held against the last tick that was scored: what is older than it was not known
then, and is delivered now. What lies further back than late calls are judged, or before all that was held of an
account, is history: learnt at its own time and not judged.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from features.normalise.normalised import USUAL_DELAY
from features.times.day import day_bounds, day_number, service_start
from features.times.instant import DAY, micros, moment_of
from models.model import LATE_DAYS
from pipeline.connection import connect
from pipeline.detect.history_span import SPAN_DAYS
from pipeline.settings import Settings
from pipeline.stores.fetched import read_fetched
from pipeline.stores.home import Store
from pipeline.stores.parquet.layout import safe_account
from pipeline.stores.sqlite.arrivals import Arrived, Landed
from pipeline.stores.unjudged import add_unjudged

_WATCHED: Final = "watched"
_KEPT: Final = 2 * SPAN_DAYS * DAY
"""How long it is remembered when a file came; as long as a training looks back."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What the events of one account in a file tell."""

    file: str
    account: str
    first: int
    last: int
    """Least and greatest event time, microseconds since 1970."""
    too_late: int
    """Events that lie too far back to be judged."""


def settle_landed(store: Store, settings: Settings, *, judged: int, closed: int | None) -> None:
    """Settle the files that landed since the last time.

    Parameters
    ----------
    judged
        The day from which on deliveries are judged by whoever comes next, in days since 1970.
    closed
        The last tick that was scored, microseconds since 1970; none where nothing was, and all is history.
    """
    waiting = store.arrivals.waiting()
    if waiting:
        settling = _Settling(store, settings, judged, closed)
        late = settling.find_late(waiting)
        store.arrivals.settle(waiting, late, forget_before=settling.now - _KEPT, beside=settling.remember_too_late)


class _Settling:
    """Settles files against one last tick."""

    def __init__(self, store: Store, settings: Settings, judged: int, closed: int | None) -> None:
        zone = ZoneInfo(settings.timezone)
        self._store, self._settings = store, settings
        self._start = service_start(judged, zone, settings.lateness_minutes)
        self._closed = None if closed is None else max(closed, self._start)
        self.now = self._closed or self._start
        """Microseconds since 1970."""
        self._today = moment_of(self.now).astimezone(zone).date()
        self._zone = zone
        self._oldest = micros(day_bounds(day_number(self._today) - LATE_DAYS, zone)[0])
        self._watched: Mapping[str, str] | None = store.state.setting(_WATCHED)
        self._too_late = 0

    def find_late(self, waiting: Collection[Landed]) -> list[Arrived]:
        """Files whose deliveries were not known when they were scored, and files that hold calls of days before."""
        missed = {one.file: one for one in waiting if self._closed is not None and _delivered(one) <= self._closed}
        late = {file: Arrived(file, self.now + 1, one.first) for file, one in missed.items() if self._is_plain(one)}
        ahead = [one for one in waiting if one.file not in missed and _delivered(one) >= self._start]
        reaching = {one.file: one for one in ahead if one.first < self._yesterday_of(one)}
        odd = [one for file, one in missed.items() if file not in late]
        late |= self._look_into(odd, dict.fromkeys(missed, self.now + 1), None)
        until = max(map(self._yesterday_of, reaching.values()), default=None)
        late |= self._look_into(reaching.values(), {file: _delivered(one) for file, one in reaching.items()}, until)
        return list(late.values())

    def _yesterday_of(self, one: Landed) -> int:
        """When the day before a file's delivery began: whoever begins again on the day reads from there on."""
        day = moment_of(_delivered(one)).astimezone(self._zone).date()
        return micros(day_bounds(day_number(day) - 1, self._zone)[0])

    def _is_plain(self, one: Landed) -> bool:
        """Whether nothing that was taken in together with a file lies too far back, or before what was watched."""
        return one.first >= self._oldest and all(
            self._was_watched(account, one.first) for account in one.accounts.split()
        )

    def _was_watched(self, account: str, instant: int) -> bool:
        """Whether events of an account were held from a day on that is not after an instant's."""
        return self._watched is None or self._watched.get(safe_account(account), "9") <= str(moment_of(instant).date())

    def _look_into(self, files: Collection[Landed], at: Mapping[str, int], until: int | None) -> dict[str, Arrived]:
        """Which of some files are late, by what their events tell; those that lie too far back are counted."""
        late: dict[str, Arrived] = {}
        for told in self._ask(files, until):
            if not self._was_watched(told.account, told.last):
                continue
            self._too_late += told.too_late
            if told.last >= self._oldest:
                first = min(max(told.first, self._oldest), late[told.file].first if told.file in late else told.last)
                late[told.file] = Arrived(told.file, at[told.file], first)
        return late

    def _ask(self, files: Collection[Landed], until: int | None) -> list[_Told]:
        """What files tell of events before an instant, a row a file and account."""
        if not files:
            return []
        settings, since = self._settings, moment_of(min(one.first for one in files))
        with connect(settings.threads, settings.memory) as connection:
            self._store.events.view(connection, since, None if until is None else moment_of(until))
            rows: list[Any] = connection.execute(
                "SELECT file, account, epoch_us(min(event_time)), epoch_us(max(event_time)), "
                "count(*) FILTER (event_time < $oldest) FROM events WHERE file IN (SELECT unnest($files)) "
                "AND category IN ('Management', 'Data') AND NOT list_has_any(flags, ['future', 'past']) "
                "GROUP BY ALL ORDER BY ALL",
                {"oldest": moment_of(self._oldest), "files": [one.file for one in files]},
            ).fetchall()
        return [_Told(*row) for row in rows]

    def remember_too_late(self) -> None:
        """Add what came too late to what is known of it."""
        if self._too_late:
            add_unjudged(self._store.state, self._today, "landed", self._too_late)


def remember_watched(store: Store) -> None:
    """Remember from when on events of each account are held: what lands of earlier days is history.

    An account of which activity was fetched is watched from the day after that on, though it said nothing since.
    """
    standing = [key for key, one in read_fetched(store.state).items() if one.stands]  # in order: the last one counts
    watched = {account: str(day + timedelta(days=1)) for account, day in standing}
    for held in store.events.accounts():
        watched[held.account] = min(held.first, watched.get(held.account, held.first))
    store.state.put_setting(_WATCHED, watched)


def _delivered(one: Landed) -> int:
    return one.first + USUAL_DELAY if one.delivered is None else one.delivered
