"""How a watch fares, for an operator: what the loop tells is kept here, and told as health and as metrics.

The loop writes after each tick; the server beside it (`pipeline.watch.server`) reads whenever it is asked. Whether a
watch is alive is measured by a clock that nobody sets.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

from pipeline.text.inert import inert
from pipeline.text.plural import plural
from pipeline.watch.silence import Silence

MISSED_TICKS: Final = 3
"""Intervals without a tick, and ticks in a row in which a source failed: one may be slow or unlucky, two as well."""
OLDEST_MODEL: Final = timedelta(days=3)
"""A model is trained each night; with this one two nights were missed."""
BLIND: Final = timedelta(hours=1)
"""How long it may not be told which log files are missing: what a digest lists may be on its way as long."""
STUCK: Final = timedelta(minutes=15)
"""How long alerts may wait for an engine without one getting through; as long as an event may be late."""
MOST_SERIES: Final = 100
"""Labelled values of a metric; how many there are in all is told beside."""
_LONGEST_LABEL: Final = 120


@dataclass(frozen=True, slots=True)
class TickReport:
    """What a tick did, and how things are after it."""

    seconds: float
    """That it took."""
    now: datetime
    """As of when it looked."""
    events: int = 0
    """Events taken in."""
    set_aside: int = 0
    """Records set aside."""
    raised: int = 0
    """Alerts raised that were not raised before."""
    revisions: int = 0
    """Alert revisions written."""
    principals: int = 0
    """Principals that the model knows or that came today."""
    never_judged: int = 0
    """Events that came too late to be judged, as far as it is remembered."""
    newest: datetime | None = None
    """When the newest event that is known was delivered."""
    trained: datetime | None = None
    """Until when the model in service had learnt."""
    outbox: Mapping[str, int] = field(default_factory=dict)
    """By target, alerts that are not there yet."""
    silences: Sequence[Silence] = ()
    integrity: int = 0
    """Findings of log files or digests that are not as CloudTrail delivered them, told in the tick."""
    integrity_waits: str = ""
    """Why it is not told which log files are missing; empty where it is."""
    problem: str = ""
    """Why a source could not be read, or the tick was not finished; empty where all is well."""


_Labels = tuple[tuple[str, str], ...]
"""Names and values of labels."""


class _Waiting(NamedTuple):
    """Alerts that wait for a target."""

    left: int
    since: float
    """When fewer than before were left, on the clock that nobody sets."""


class Trouble(NamedTuple):
    """Why a watch is not well."""

    what: str
    """starting, still, failing, no_model, old_model, blind or stuck; empty where it is well."""
    text: str
    """The same in one line."""


WELL: Final = Trouble("", "")


class Health:
    """State of a watch; any number of threads may ask while one tells.

    Parameters
    ----------
    interval
        Between ticks.
    clock, monotonic
        The time, and seconds that only grow.

    Examples
    --------
    >>> health = Health(timedelta(minutes=1))
    >>> health.find_trouble()
    'no tick yet: it is starting'
    >>> health.ticked(TickReport(seconds=0.5, now=datetime.now(UTC), trained=datetime.now(UTC)))
    >>> health.find_trouble()
    ''
    """

    def __init__(
        self,
        interval: timedelta,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interval, self._clock, self._monotonic = interval, clock, monotonic
        self._lock = Lock()
        self._last: TickReport | None = None
        self._at = monotonic()
        self._ticks = self._failed = self._failing = 0
        self._seconds = 0.0
        self._events = self._set_aside = self._raised = self._revisions = self._integrity = 0
        self._waiting: dict[str, _Waiting] = {}
        self._integrity_waits: float | None = None
        """Since when nobody knows what is missing."""

    @property
    def failing(self) -> int:
        """Ticks in a row in which a source failed."""
        return self._failing

    def resume(self, failing: int) -> None:
        """Go on from so many ticks in a row in which a source failed, of whoever watched before."""
        with self._lock:
            self._failing = failing

    def ticked(self, report: TickReport) -> None:
        """Take in what a tick did."""
        now = self._monotonic()
        with self._lock:
            self._last, self._at = report, now
            self._ticks += 1
            self._failed += bool(report.problem)
            self._failing = self._failing + 1 if report.problem else 0
            self._seconds += report.seconds
            self._events += report.events
            self._set_aside += report.set_aside
            self._raised += report.raised
            self._revisions += report.revisions
            self._integrity += report.integrity
            if not report.integrity_waits:
                self._integrity_waits = None
            elif self._integrity_waits is None:
                self._integrity_waits = now
            self._waiting = {
                target: _wait(left, self._waiting.get(target), now) for target, left in report.outbox.items()
            }

    def find_trouble(self) -> str:
        """Why the watch is not well, in one line; empty where it is."""
        return self.find().text

    def find(self) -> Trouble:
        """Why the watch is not well; `WELL` where it is."""
        now, clock = self._monotonic(), self._clock()
        with self._lock:
            last, passed = self._last, now - self._at
            if last is None:
                return Trouble("starting", "no tick yet: it is starting")
            if passed > MISSED_TICKS * self._interval.total_seconds():
                due = f"{self._interval.total_seconds():.0f}"
                return Trouble("still", f"no tick for {passed:.0f} s, where one is due every {due} s")
            if self._failing >= MISSED_TICKS:
                return Trouble("failing", f"{plural(self._failing, 'tick')} failed in a row: {inert(last.problem)}")
            if last.trained is None:
                return Trouble("no_model", "no model: run `oddtrail train`")
            if clock - last.trained > OLDEST_MODEL:
                days = (clock - last.trained) / timedelta(days=1)
                text = f"the model is {days:.1f} days old: run `oddtrail train`, or see why it is not run at night"
                return Trouble("old_model", text)
            if self._integrity_waits is not None and now - self._integrity_waits > BLIND.total_seconds():
                hours = (now - self._integrity_waits) / 3600
                text = f"for {hours:.1f} h nobody knows which log files are missing: {inert(last.integrity_waits)}"
                return Trouble("blind", text)
            for target, waiting in sorted(self._waiting.items()):
                if waiting.left and now - waiting.since > STUCK.total_seconds():
                    minutes = (now - waiting.since) / 60
                    text = f"{plural(waiting.left, 'alert')} for {inert(target)} stuck for {minutes:.0f} min"
                    return Trouble("stuck", text)
        return WELL

    def show_metrics(self) -> str:
        """Metrics in Prometheus's text format 0.0.4."""
        trouble = self.find_trouble()
        now, clock = self._monotonic(), self._clock()
        page = _Page()
        with self._lock:
            last = self._last
            page.add("healthy", "gauge", "1 where /healthz says ok.", float(not trouble))
            page.add("ticks_total", "counter", "Ticks since the start.", self._ticks)
            page.add("failed_ticks_total", "counter", "Ticks with a problem.", self._failed)
            page.add("tick_seconds_total", "counter", "Seconds that ticks took.", self._seconds)
            page.add("since_tick_seconds", "gauge", "Seconds since the last tick, or the start.", now - self._at)
            page.add("events_total", "counter", "Events taken in.", self._events)
            page.add("set_aside_total", "counter", "Records set aside.", self._set_aside)
            page.add("alerts_raised_total", "counter", "Alerts raised.", self._raised)
            page.add("revisions_total", "counter", "Alert revisions written.", self._revisions)
            meaning = "Findings of log files or digests that are not as CloudTrail delivered them."
            page.add("integrity_findings_total", "counter", meaning, self._integrity)
            if last is None:
                return page.text
            blind = 0.0 if self._integrity_waits is None else now - self._integrity_waits
            page.add("integrity_waits_seconds", "gauge", "Since it is not told which log files are missing.", blind)
            page.add("tick_seconds", "gauge", "Seconds that the last tick took.", last.seconds)
            page.add("principals", "gauge", "Principals that are known.", last.principals)
            page.add("never_judged", "gauge", "Events that came too late to be judged.", last.never_judged)
            if last.newest is not None:
                lag = (clock - last.newest).total_seconds()
                page.add("lag_seconds", "gauge", "Age of the newest delivery that is known.", lag)
            if last.trained is not None:
                age = (clock - last.trained).total_seconds()
                page.add("model_age_seconds", "gauge", "Age of what the model has learnt.", age)
            left: dict[_Labels, float] = {
                (("target", target),): float(waiting.left) for target, waiting in self._waiting.items()
            }
            page.add_each("outbox_left", "Alerts that a target has not got yet.", left)
            page.add("silences", "gauge", "Accounts and regions that are silent.", len(last.silences))
            silent: dict[_Labels, float] = {
                (("account", one.account), ("region", _name_region(one.region))): (clock - one.since).total_seconds()
                for one in last.silences
            }
            page.add_each("silence_seconds", "Since an account or region was heard that is silent.", silent)
        return page.text


class _Page:
    """Metrics as text."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, name: str, kind: str, meaning: str, value: float) -> None:
        """Add a metric of one value."""
        self._head(name, kind, meaning)
        self.text += f"oddtrail_{name} {_number(value)}\n"

    def add_each(self, name: str, meaning: str, values: Mapping[_Labels, float]) -> None:
        """Add a gauge by labels, the greatest first, as many as are told."""
        self._head(name, "gauge", meaning)
        shown: dict[str, float] = {}
        for labels, value in sorted(values.items(), key=lambda pair: (-pair[1], pair[0])):
            shown.setdefault(_label(labels), value)
        for text, value in list(shown.items())[:MOST_SERIES]:
            self.text += f"oddtrail_{name}{{{text}}} {_number(value)}\n"

    def _head(self, name: str, kind: str, meaning: str) -> None:
        self.text += f"# HELP oddtrail_{name} {meaning}\n# TYPE oddtrail_{name} {kind}\n"


def _wait(left: int, before: _Waiting | None, now: float) -> _Waiting:
    """Alerts that wait, since when nothing got through."""
    stuck = before is not None and 0 < before.left <= left
    return _Waiting(left, before.since if before is not None and stuck else now)


def _name_region(region: str | None) -> str:
    """A label for it; a series without a region is no series of the account.

    >>> [_name_region(region) for region in (None, "", "eu-west-1")]
    ['all', 'global', 'eu-west-1']
    """
    return "all" if region is None else region or "global"


def _label(labels: Iterable[tuple[str, str]]) -> str:
    r"""Labels as the format has them.

    >>> print(_label([("target", 'a"b\\c' + chr(10))]))
    target="a\"b\\c\\x0a"
    """
    shown = []
    for name, value in labels:
        text = inert(value, _LONGEST_LABEL).replace("\\", "\\\\").replace('"', '\\"')
        shown.append(f'{name}="{text}"')
    return ",".join(shown)


def _number(value: float) -> str:
    """A number as the format has it.

    >>> _number(3), _number(0.25), _number(1e9)
    ('3', '0.25', '1000000000')
    """
    return str(int(value)) if float(value).is_integer() else repr(round(float(value), 6))
