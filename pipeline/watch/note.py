"""What people are told of besides alerts, noted in the operations events when it begins and when it is over.

The events are all that is remembered: whoever is killed between notes what is not noted yet, and nothing twice.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from features.times.instant import HOUR, micros, moment_of
from pipeline.errors import OddtrailError
from pipeline.notify.matter import Matter, Matters, key_silence
from pipeline.settings import Settings
from pipeline.stores.home import Store
from pipeline.stores.jsonl.operations import OPERATIONS_FILE, OperationsJsonl
from pipeline.text.plural import plural
from pipeline.watch.health import WELL, TickReport, Trouble
from pipeline.watch.silence import Linked, Silence, find_links

_MOST_NEW: Final = 50
"""Silences that are noted in a tick; the others in the next."""
_MOST_LINKED: Final = 5
_UNTOLD: Final = frozenset({"starting", "still", "no_model"})
"""Troubles that are not noted: nobody who stands still notes it, and before the first training there is no model."""


class Notes:
    """Notes what begins and what is over.

    Parameters
    ----------
    matters
        What is noted, read again as it grows.
    """

    def __init__(self, store: Store, settings: Settings, matters: Matters) -> None:
        self._store, self._settings, self._matters = store, settings, matters
        self._operations = OperationsJsonl(store.home / OPERATIONS_FILE)

    def note_silences(self, silences: Iterable[Silence], now: datetime) -> int:
        """Note who fell silent, and who is heard again; return how many are new in either.

        Nights and weekends end no silence: it is over once anything came after it began.
        """
        standing = self._matters.standing("silence")
        silent = {key_silence(one.account, one.region): one for one in silences}
        new = [one for key, one in silent.items() if key not in standing][:_MOST_NEW]
        for one in new:
            self._begin(one, now)
        over = [one for key, one in standing.items() if key not in silent and self._was_heard(one, now)]
        for matter in over:
            account, region = str(matter.event["account"]), matter.event.get("region")
            text = f"{_name(account, region)}: events come again"
            self._operations.add("silence_over", now, text, account=account, region=region)
        return len(new) + len(over)

    def note_health(self, trouble: Trouble, report: TickReport, now: datetime) -> int:
        """Note that the watch is not well, or is again; return how many events were added.

        Who began anew knows not since when something waits: what was noted stands for as long as it does wait.
        """
        standing = self._matters.standing("health").get("health")
        trouble = WELL if trouble.what in _UNTOLD else trouble
        if trouble.what:
            if standing is not None and standing.event.get("what") == trouble.what:
                return 0
            self._operations.add("unhealthy", now, trouble.text, what=trouble.what)
            return 1
        if standing is None or _lasts(standing.event, report):
            return 0
        self._operations.add("healthy", now, "the watch is well again")
        return 1

    def _begin(self, silence: Silence, now: datetime) -> None:
        try:
            linked = find_links(self._store, self._settings, silence)
        except OddtrailError:  # events that cannot be read are told elsewhere, and nothing of them here
            linked = Linked((), ())
        minutes = plural(max(round(silence.usual), 1), "minute")
        of, since = _name(silence.account, silence.region), f"{silence.since:%Y-%m-%d %H:%M} UTC"
        text = (
            f"{of}: nothing has come since {since}, where there is always an event within {minutes} at this hour: see "
            "whether its trail still logs and delivers"
        )
        calls = [
            {"event_id": event_id, "action": action, "principal": who}
            for event_id, action, who in linked.calls[:_MOST_LINKED]
        ]
        more = {"calls": calls, "alerts": list(linked.alerts[:_MOST_LINKED])}
        self._operations.add("silence", now, text, **silence.as_dict(), **more)

    def _was_heard(self, matter: Matter, now: datetime) -> bool:
        """Whether anything came since a silence began."""
        try:
            since = datetime.fromisoformat(str(matter.event.get("since")))
        except ValueError:
            return True
        account, region = matter.event.get("account"), matter.event.get("region")
        hour = moment_of(micros(since) // HOUR * HOUR)
        rows = self._store.coverage.regions(hour, now + timedelta(hours=1))
        ours = [row for row in rows if row.account == account and region in (None, row.region)]
        return any(row.hour + timedelta(minutes=row.minutes.bit_length()) > since for row in ours)


def _lasts(event: Mapping[str, object], report: TickReport) -> bool:
    """Whether what was noted is so still, though it is not known since when."""
    what = event.get("what")
    return bool(
        (what == "stuck" and any(report.outbox.values()))
        or (what == "blind" and report.integrity_waits)
        or (what == "failing" and report.problem)
    )


def _name(account: str, region: object) -> str:
    return f"account {account}" + ("" if region is None else f", {region or 'global services'}")
