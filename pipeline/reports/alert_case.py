"""One alert as frames: its story, its evidence, the days it is held against, the records, and what to ask and do."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from math import log
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd

from models.detectors.blame import name_model
from pipeline.alerts.events import AlertEvents, read_events, read_raw
from pipeline.alerts.playbook import advise
from pipeline.alerts.questions import ask
from pipeline.alerts.related import MOST_DAYS, find_related
from pipeline.alerts.story import recall_story, tell
from pipeline.alerts.wording import write_held, write_session, write_values
from pipeline.connection import connect
from pipeline.errors import NoHistoryError, StoreError
from pipeline.reports.alert_frame import read_latest
from pipeline.reports.inert_frame import inert_frame
from pipeline.reports.principal_calls import DAYS, TABLES, take_principal
from pipeline.reports.source import find_home
from pipeline.settings import Settings, load_settings
from pipeline.stores.alert import Alert
from pipeline.stores.home import Store, open_store
from pipeline.stores.jsonl.alerts import AlertsJsonl

ODD_NATS: Final = log(10)
"""Evidence of a line that is marked odd: it makes an attacker ten times likelier. A definition."""
_TEXT: Final = 1000
"""Characters of a sentence."""
_RECORD: Final = 20_000
"""Characters of a raw record."""


@dataclass(frozen=True, slots=True)
class Case:
    """An alert and what the store holds of it."""

    settings: Settings
    """Of the home that was opened."""
    alert: Alert
    found: AlertEvents | None
    """Its events; None where they are not kept any more."""
    raw: list[bytes]
    """The records of the events that it names, in the order they happened; none where they are not kept."""
    alerted: frozenset[date]
    """Days of its principal with an alert that was raised."""
    related: list[tuple[Alert, tuple[str, ...]]]
    """Other alerts of the same hands, with what links them."""
    calls: duckdb.DuckDBPyConnection
    """What its principal did in the weeks up to its day (`pipeline.reports.principal_calls.TABLES`)."""

    @property
    def zone(self) -> ZoneInfo:
        """The deployment's."""
        return ZoneInfo(self.settings.timezone)


def open_case(alert_id: str = "", home: Path | str | None = None, days: int = DAYS) -> Case:
    """One alert, and what the store holds of it; others may write meanwhile.

    Parameters
    ----------
    alert_id
        Its id, or how that starts; without, the strongest of the newest fortnight with alerts that was raised.
    home
        As of `pipeline.reports.source.open_events`.
    days
        Days of its principal that are read, up to its own: those it may be held against.

    Raises
    ------
    StoreError
        There is no store, no such alert, or more than one that starts so.
    NoHistoryError
        No alert was raised yet.
    """
    settings = load_settings({"home": home})
    folder = find_home(settings)
    settings = settings.model_copy(update={"home": folder})
    with open_store(folder, create=False) as store:
        alert = _find(store.alerts, alert_id) if alert_id else _strongest(store)
        return take_case(store, settings, alert, days)


def take_case(
    store: Store,
    settings: Settings,
    alert: Alert,
    days: int = DAYS,
    alerts: Callable[[date, date], Iterable[Alert]] | None = None,
) -> Case:
    """The same of a store that is open; `settings.home` is its folder.

    `alerts` gives the last revision of each alert of the days from one to another; without, the file is read.
    """
    told = read_events(store.events, settings, alert)
    found = told if told.rows else None
    around = timedelta(days=max(days, MOST_DAYS))
    read_alerts = alerts or partial(read_latest, store.alerts)
    own: set[date] = set()

    def near() -> Iterator[Alert]:
        for one in read_alerts(alert.day - around, alert.day + around):
            if one.principal_key == alert.principal_key and one.raised:
                own.add(one.day)
            yield one

    related = [(one.alert, one.links) for one in find_related(alert, near())]
    return Case(
        settings=settings,
        alert=alert,
        found=found,
        raw=read_raw(store.events, alert, found) if found else [],
        alerted=frozenset(own),
        related=related,
        calls=_take_calls(store, settings, alert, days),
    )


def _take_calls(store: Store, settings: Settings, alert: Alert, days: int) -> duckdb.DuckDBPyConnection:
    """What its principal did up to its day; nothing where no activity is kept."""
    if store.activity.days():
        return take_principal(store, settings, alert.principal_key, days, alert.day)
    nothing = connect(settings.threads, settings.memory)
    nothing.execute(TABLES)
    return nothing


def summarize(case: Case) -> pd.DataFrame:
    """Two columns, `what` and `value`: what the alert is, of whom, when, how rare, and with what it was done."""
    alert, zone = case.alert, case.zone
    start, end = (at.astimezone(zone) for at in (alert.window_start, alert.window_end))
    rows = [
        ("title", alert.title),
        ("id", alert.alert_id),
        ("who", f"{alert.principal_name} ({alert.principal_kind}), {alert.principal}"),
        ("accounts", ", ".join(alert.accounts)),
        ("when", f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}, {case.settings.timezone}"),
        ("severity", f"{alert.severity}, record score {alert.record_score:.0f} of 100"),
        ("state", "raised" if alert.raised else write_held(alert)),
        ("tactics", ", ".join(alert.tactics)),
    ]
    rows += [("credential", line) for session in alert.sessions for line in write_session(session, zone)]
    return inert_frame(pd.DataFrame(rows, columns=["what", "value"]), longest=_TEXT)


def tell_story(case: Case) -> pd.DataFrame:
    """The calls in order.

    Returns
    -------
    DataFrame
        A row a session or some calls of it that are alike: `time` and `until` (the deployment's time zone; missing
        where there was one call), `text`, `calls` (0 for a session), `opens` (it is a session), `denied`, and `odd`:
        its calls make an attacker ten times likelier. Told from what the alert kept where the events are gone; then
        nothing is odd.
    """
    found = case.found
    told = tell(found.rows, found.total, reasons=found.reasons, zone=case.zone) if found else None
    story = told or recall_story(case.alert)
    rows = [
        {
            "time": _local(case, line.time),
            "until": _local(case, line.until) if line.until else pd.NaT,
            "text": line.text,
            "calls": line.calls,
            "opens": line.opens,
            "denied": line.denied,
            "odd": line.nats >= ODD_NATS,
        }
        for line in (story.lines if story else ())
    ]
    columns = ["time", "until", "text", "calls", "opens", "denied", "odd"]
    return inert_frame(pd.DataFrame(rows, columns=columns), longest=_TEXT)


def show_evidence(case: Case) -> pd.DataFrame:
    """What makes it odd; its parts add up to the alert's evidence.

    Returns
    -------
    DataFrame
        A row a reason, the weightiest first, and one for the smaller ones where there are: `text`, `dimension`,
        `value`, `typical` and `actual` as an analyst reads them, `nats` (evidence), `share` of it, 0 to 1, and `hour`
        (the deployment's time zone).
    """
    alert = case.alert
    rows: list[dict[str, Any]] = [
        {
            "text": reason.text,
            "dimension": reason.dimension,
            "value": reason.value,
            **dict(zip(("typical", "actual"), write_values(reason), strict=True)),
            "nats": reason.nats,
            "hour": _local(case, reason.hour) if reason.hour else pd.NaT,
        }
        for reason in sorted(alert.reasons, key=lambda one: -one.nats)
    ]
    rest = alert.evidence - sum(reason.nats for reason in alert.reasons)
    if abs(rest) >= _LEAST:
        smaller: dict[str, Any] = {"text": "smaller reasons", "nats": rest, "hour": pd.NaT}
        rows.append(smaller | dict.fromkeys(_TEXTS, ""))
    columns = ["text", "dimension", "value", "typical", "actual", "nats", "hour"]
    frame = pd.DataFrame(rows, columns=columns)
    total = float(frame["nats"].sum())
    frame.insert(6, "share", frame["nats"] / total if total > 0 else 0.0)
    return inert_frame(frame, longest=_TEXT)


_LEAST: Final = 0.05
"""Nats of smaller reasons that are told. A definition."""
_TEXTS: Final = ("dimension", "value", "typical", "actual")


def show_measures(case: Case) -> pd.DataFrame:
    """What made the day's strangest hour strange to models of vectors: `model`, `measure`, `typical`, `actual`,
    `share`, `text` and `hour`; no row where none scored it 50 or more."""
    rows = [
        (name_model(one.model), one.measure, one.typical, one.actual, one.share, one.text, _local(case, one.hour))
        for one in case.alert.measures
    ]
    columns = ["model", "measure", "typical", "actual", "share", "text", "hour"]
    return inert_frame(pd.DataFrame(rows, columns=columns), longest=_TEXT)


EVENT_COLUMNS: Final = (
    "event_time", "action", "error", "account", "region", "address", "country", "organisation", "agent", "resources",
    "event_id",
)  # fmt: skip


def show_events(case: Case, most: int = 200) -> pd.DataFrame:
    """The events behind it, in order: `EVENT_COLUMNS`, times in the deployment's time zone; at most so many, those that
    the alert names before others."""
    rows = case.found.rows[:most] if case.found else []
    frame = pd.DataFrame([{name: row[name] for name in EVENT_COLUMNS} for row in rows], columns=EVENT_COLUMNS)
    frame["event_time"] = [_local(case, at) for at in frame["event_time"]]
    frame["resources"] = [", ".join(tokens[:_MOST_TOKENS]) for tokens in frame["resources"]]
    ordered = frame.sort_values(["event_time", "event_id"], kind="stable", ignore_index=True)
    return inert_frame(ordered, longest=300)


_MOST_TOKENS: Final = 5


def show_raw(case: Case, most: int = 5) -> pd.DataFrame:
    """The first records as CloudTrail delivered them: `record`, the text, cut at 20,000 characters."""
    rows = [record[: 4 * _RECORD].decode("utf-8", "backslashreplace") for record in case.raw[:most]]
    return inert_frame(pd.DataFrame({"record": rows}, dtype=object), longest=_RECORD)


def show_questions(case: Case) -> pd.DataFrame:
    """What to ask: `whom`, `question`; what says most first."""
    return inert_frame(pd.DataFrame(ask(case.alert, case.zone), columns=["whom", "question"]), longest=_TEXT)


def show_steps(case: Case) -> pd.DataFrame:
    """What to do first: `step`, and `command`, one a row where a step has several."""
    rows = [(step.text, command) for step in advise(case.alert) for command in step.commands or ("",)]
    return inert_frame(pd.DataFrame(rows, columns=["step", "command"]), longest=2 * _TEXT)


def show_related(case: Case) -> pd.DataFrame:
    """Other alerts of the same hands, the firmest links first: `alert_id`, `day`, `score`, `raised`, `title` and
    `links`."""
    rows = [
        (one.alert_id, pd.Timestamp(one.day), one.record_score, one.raised, one.title, ", ".join(links))
        for one, links in case.related
    ]
    return inert_frame(
        pd.DataFrame(rows, columns=["alert_id", "day", "score", "raised", "title", "links"]), longest=300
    )


def write_query(case: Case) -> str:
    """Python that reads everything its principal did in its hours; empty where the events are gone."""
    return case.found.query if case.found else ""


def _local(case: Case, time: Any) -> pd.Timestamp:
    """A time of the deployment's zone, without the zone."""
    return pd.Timestamp(time).tz_convert(case.zone).tz_localize(None).floor("s")


def _strongest(store: Store) -> Alert:
    """The strongest that was raised, of the newest fortnight with one."""
    newest = max((line.alert.day for line in store.alerts.follow(0) if line.alert and line.alert.raised), default=None)
    if newest is None:
        raise NoHistoryError(
            f"{store.home} holds no alert that was raised: `oddtrail train`, then `oddtrail score`; or give the id of "
            "one that was held"
        )
    best: Alert | None = None
    for alert in read_latest(store.alerts, newest - timedelta(days=13), newest):
        stronger = best is None or (alert.record_score, best.alert_id) > (best.record_score, alert.alert_id)
        if alert.raised and not alert.drill and stronger:
            best = alert
    if best is None:
        raise NoHistoryError(f"{store.home} holds no alert that was raised but drills: give the id of one")
    return best


_SOME: Final = 2
"""Alerts whose ids start so that are remembered: enough to see that there is more than one."""


def _find(alerts: AlertsJsonl, start: str) -> Alert:
    """The last revision of the alert whose id is this or the only one that starts so."""
    found: dict[str, Alert] = {}
    for line in alerts.follow(0):
        alert = line.alert
        if alert is None or not alert.alert_id.startswith(start):
            continue
        known = found.get(alert.alert_id)
        if alert.revision >= known.revision if known else len(found) < _SOME or alert.alert_id == start:
            found[alert.alert_id] = alert
    if start in found or len(found) == 1:
        return found[start] if start in found else next(iter(found.values()))
    told = "no alert's id starts" if not found else "more than one alert's id starts"
    raise StoreError(f"{told} with '{start[:60]}': `open_alerts` and `oddtrail alerts list` show those there are")
