"""Making alerts of decisions: who, when, why, the events behind it and what is needed to act."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import compress
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from msgspec import structs

from features.times.day import date_of, day_bounds
from features.times.instant import HOUR, micros, moment_of
from models.baseline import Bools, Floats, Ints
from models.budget import FLOOR_NATS
from models.desk import Decision
from models.detectors.blame import name_model
from models.explain import Reason, told_with
from models.explain import reasons as reasons_of
from models.model import Model
from models.standing import Standing
from models.tactics import tactics_of
from pipeline.alerts.evidence import Counted, EvidenceEvents, contributing, matching, only_showing, weigh
from pipeline.alerts.harms import find_harms, tells
from pipeline.alerts.influencers import find_influencers
from pipeline.alerts.outcome import Shown, show_reason
from pipeline.alerts.scores import Strongest, find_none, tell_scores
from pipeline.alerts.sessions import Openings, ShowIssued, add_openers, find_openings, find_sessions
from pipeline.alerts.severity import severity_of
from pipeline.alerts.story import Weight, keep_story, tell
from pipeline.alerts.title import write_title
from pipeline.stores.alert import LATE_MINUTES, VERSION, Alert, AlertLine, AlertReason, AlertSession
from pipeline.stores.harm_title import lead_with_harm
from pipeline.text.plural import plural

_NAMED = frozenset({"human", "ci"})
MOST_TOLD = 20_000
"""Odd events of an alert that are looked at one by one, those that carry most."""


Members = Mapping[str, Mapping[str, Any]]
"""What structure says of each principal, by key (`pipeline.detect.activity.Activity.members`)."""


@dataclass(frozen=True, slots=True)
class Judge:
    """What judged a day: all that its alerts have in common."""

    model: Model
    """Has not learnt the day yet."""
    model_id: str
    """Of the model as the day began."""
    members: Members
    deployment: str
    zone: ZoneInfo
    """The deployment's."""

    def key_of(self, principal: int) -> str:
        """Key of a principal by its code."""
        return self.model.baseline.principals.values[principal]

    def name_of(self, principal: int) -> str:
        """Name of a principal by its code."""
        return str(self.members[self.key_of(principal)]["principal_name"])

    def alert_of(self, standing: Standing) -> str:
        """The id of the alert of a standing."""
        return make_id(self.deployment, self.key_of(standing.principal), standing.day, standing.late)


@dataclass(frozen=True)
class Evidence:
    """Why a standing is odd, and the events that show it."""

    reasons: list[Reason]
    """The weightiest first."""
    other: float
    """Nats that belong to no reason."""
    events: pd.DataFrame
    """The principal's of the day, as far as delivered."""
    masks: list[Bools]
    """Which of them hold the value of each reason."""
    shown: list[Shown]
    """The reasons, each with how its events ended."""
    carried: Floats
    """Nats that each event carries."""
    ids: list[str]
    """Of events that hold anything odd, those that weigh most first."""
    odd: Bools
    """Which events hold anything odd."""
    among: EvidenceEvents
    """All that was read."""

    @cached_property
    def odd_events(self) -> pd.DataFrame:
        """Events that hold anything odd; all of them where none does."""
        return self.events[self.odd] if self.odd.any() else self.events

    @cached_property
    def told(self) -> Ints:
        """Positions of the odd events that are looked at one by one: those that carry most, as they happened."""
        order = np.argsort(-self.carried, kind="stable")
        chosen: Ints = np.sort(order[self.odd[order]][:MOST_TOLD])
        return chosen

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """These events, one by one."""
        return self.among.rows(self.labels)

    @property
    def labels(self) -> list[int]:
        """Labels of these events among all that was read."""
        labels: list[int] = self.events.index[self.told].tolist()
        return labels

    @cached_property
    def sessions(self) -> list[AlertSession]:
        """Sessions that made the odd events, without who opened them."""
        return find_sessions(self.rows, self.carried[self.told].tolist())

    @property
    def harmful(self) -> list[dict[str, Any]]:
        """The events that are odd themselves, not only counted or of an odd day."""
        telling = [mask for reason, mask in zip(self.reasons, self.masks, strict=True) if tells(reason)]
        chosen = np.logical_or.reduce(telling)[self.told] if telling else np.zeros(len(self.told), dtype=bool)
        return list(compress(self.rows, chosen))

    def tell(self, zone: ZoneInfo) -> tuple[AlertLine, ...]:
        """The story of the odd events, as far as delivered."""
        ids = self.events["event_id"].to_numpy()
        weights = [
            Weight(reason.nats, frozenset(ids[mask])) for reason, mask in zip(self.reasons, self.masks, strict=True)
        ]
        return keep_story(tell(self.rows, len(self.rows), reasons=weights, zone=zone))


def read_events(standings: Sequence[Standing], judge: Judge, counted: Counted) -> EvidenceEvents:
    """The events that can be behind some standings, of the day that is judged and of days before."""
    day, zone, baseline = judge.model.day, judge.zone, judge.model.baseline
    first = min((standing.first_day for standing in standings), default=day)  # late ones are of earlier days
    since, until = day_bounds(first, zone)[0], day_bounds(day, zone)[1]
    reasoned = [(judge.key_of(standing.principal), reasons_of(standing, baseline)[0]) for standing in standings]
    with only_showing(counted, reasoned):
        return EvidenceEvents(counted.connection, {principal for principal, _ in reasoned}, since, until)


def make_alerts(
    decisions: Sequence[Decision],
    judge: Judge,
    events: EvidenceEvents | None,
    strongest: Strongest = find_none,
    show_issued: ShowIssued | None = None,
) -> list[Alert]:
    """The alerts of a day's decisions: a revision each, in the order they were decided.

    Parameters
    ----------
    decisions
        Of the day that the model judges.
    judge
        What judged the day.
    events
        Those behind the decisions at least (`read_events`); none where there is no decision.
    strongest
        Finds what a detector says of a standing's day.
    show_issued
        As `pipeline.alerts.sessions.find_openings` has it.
    """
    if events is None or not decisions:
        return []
    gathered = [_gather(decision.standing, judge, events, strongest) for decision in decisions]
    events.rows(sorted({label for evidence in gathered for label in evidence.labels}))  # all at once, not bit by bit
    keys = {session.access_key for evidence in gathered for session in evidence.sessions if session.started}
    openings = find_openings(events.connection, keys, events.since, events.until, show_issued)
    made = []
    for decision, evidence in zip(decisions, gathered, strict=True):
        alert, told = make_alert(decision, judge, evidence, openings), tell_scores(decision, judge.model, strongest)
        if by := decision.standing.by:
            why = next((one.text for one in told["measures"] if one.model == by), "an unusual hour")
            title = alert.title if evidence.reasons else tell_hour(alert.principal_name, why)
            told["title"] = f"{title} (raised by the {name_model(by)} model)"
        made.append(structs.replace(alert, **told))
    return made


def make_alert(decision: Decision, judge: Judge, evidence: Evidence, openings: Openings) -> Alert:
    """The alert of a decision: a revision to write.

    Parameters
    ----------
    decision
        What the desk decided.
    judge
        What judged the day.
    evidence
        Why, and the events that show it.
    openings
        Who handed out access keys, by key.
    """
    standing, model = decision.standing, judge.model
    key, member = judge.key_of(standing.principal), judge.members[judge.key_of(standing.principal)]
    name, kind = judge.name_of(standing.principal), str(member["kind"])
    identities = _rank(evidence.odd_events["identity_arn"]) or [str(member["identity_arn"])]
    accounts = _rank(evidence.odd_events["account"]) or _judged_accounts(standing, model)
    start, end = _window(evidence, standing, judge.zone)
    harmful = evidence.harmful
    inside = model.list_inside({opening for row in harmful for opening in row["exposures"]})
    harms = find_harms(evidence.reasons, harmful, inside)
    delay = find_delay(evidence.odd_events)
    return Alert(
        version=VERSION,
        alert_id=judge.alert_of(standing),
        revision=decision.revision,
        day=date_of(standing.day),
        account=accounts[0],
        accounts=tuple(accounts),
        principal=_principal(identities[0], name, kind),
        principal_key=key,
        principal_name=name,
        principal_kind=kind,
        identities=tuple(identities),
        members=tuple(sorted(map(judge.name_of, standing.sharing))),
        window_start=start,
        window_end=end,
        detected_at=moment_of(standing.tick),
        related=tuple(sorted(make_id(judge.deployment, judge.key_of(of[1]), of[0], *of[2:]) for of in decision.joins)),
        delay_minutes=delay,
        late=delay >= LATE_MINUTES,
        record_score=decision.score,
        raised=decision.raised,
        severity=severity_of(decision.score, harms, enough=standing.evidence >= FLOOR_NATS or bool(standing.by)),
        title=lead_with_harm(write_title(name, evidence.shown) + tell_span(standing) + tell_delay(delay), name, harms),
        evidence=standing.evidence,
        reasons=_reasons(evidence),
        other=evidence.other,
        sessions=add_openers(evidence.sessions, openings, standing.tick),
        harms=harms,
        story=evidence.tell(judge.zone),
        held_because=decision.held,
        influencers=find_influencers(evidence.events, evidence.reasons, evidence.masks),
        tactics=tuple(sorted(tactics_of(standing, model.baseline, model.traits.priors))),
        techniques=_techniques(evidence.reasons, model),
        event_count=int(evidence.odd.sum()),
        event_ids=tuple(evidence.ids),
        model_id=judge.model_id,
    )


def make_id(deployment: str, principal: str, day: int, late: int = 0) -> str:
    """The id of an alert: the same for every revision and replay of a principal's day.

    Parameters
    ----------
    late
        The day it came on, where the day it is of was closed by then (`models.ledger`).

    Examples
    --------
    >>> make_id("prod", "idc/ann", 20000) == make_id("prod", "idc/ann", 20000)
    True
    >>> make_id("prod", "idc/ann", 20000) == make_id("prod", "idc/ann", 20000, late=20003)
    False
    """
    parts = [deployment, principal, str(day), *([str(late)] if late else [])]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def find_delay(events: pd.DataFrame) -> int:
    """Minutes from the calls to when they came, the median; 0 without calls.

    >>> find_delay(pd.DataFrame({"event_time": pd.to_datetime([0]), "delivered_at": pd.to_datetime([3600 * 10**9])}))
    60
    """
    waited = (events["delivered_at"] - events["event_time"]).dt.total_seconds()
    return max(int(waited.median()) // 60, 0) if len(waited) else 0


def tell_delay(minutes: int) -> str:
    """The end of a title: how late its events came, where that has to be said.

    >>> tell_delay(7), tell_delay(850), tell_delay(4324)
    ('', '; delivered 14 hours late', '; delivered 3 days late')
    """
    if minutes < LATE_MINUTES:
        return ""
    hours = round(minutes / 60)
    return f"; delivered {plural(hours, 'hour') if hours < 48 else plural(round(hours / 24), 'day')} late"


def tell_span(standing: Standing) -> str:
    """What a title says of a theft that only several days show."""
    return f", over {plural(standing.day - standing.since + 1, 'day')}" if standing.since else ""


def tell_hour(name: str, why: str) -> str:
    """A title of an hour that was strange to a model, in which no call is odd.

    >>> tell_hour("ann", "9 regions in an hour, where 1 is typical"), tell_hour("ann", "active on Sunday at 03:00")
    ('ann had 9 regions in an hour, where 1 is typical', 'ann was active on Sunday at 03:00')
    """
    return f"{name} {'was' if why.startswith('active ') else 'had'} {why}"


def _gather(standing: Standing, judge: Judge, events: EvidenceEvents, strongest: Strongest) -> Evidence:
    """Why a standing is odd, and which of its principal's events show it."""
    reasons, other = reasons_of(standing, judge.model.baseline)
    start, end = day_bounds(standing.first_day, judge.zone)[0], day_bounds(standing.day, judge.zone)[1]
    came = day_bounds(standing.late, judge.zone)[0] if standing.late else None
    held = events.delivered(judge.key_of(standing.principal), start, end, standing.tick, came)
    masks = [matching(held, reason) for reason in reasons]
    shown = [show_reason(reason, held, mask) for reason, mask in zip(reasons, masks, strict=True)]
    carried = weigh(held, masks, [reason.nats for reason in reasons])
    alone = strongest(standing.by, standing) if standing.by and not reasons else None
    of_hour = [_is_in(held["event_time"], alone.hour)] if alone else []
    ids, odd = contributing(held, masks or of_hour, carried)
    return Evidence(reasons, other - standing.prior, held, masks, shown, carried, ids, odd, events)


def _is_in(times: "pd.Series[Any]", hour: int) -> Bools:
    """Which times lie in an hour since 1970."""
    return np.asarray(times.dt.floor("h") == pd.Timestamp(hour * 3600, unit="s", tz="UTC"), dtype=bool)


def _principal(arn: str, name: str, kind: str) -> str:
    """The ARN, with the name of whoever stands behind it where it lacks it."""
    return f"{arn} {name}" if kind in _NAMED and not arn.endswith(f"/{name}") else arn


def _rank(values: pd.Series) -> list[str]:
    """Distinct values, the most frequent first."""
    return [value for value, _ in Counter(values).most_common()]


def _judged_accounts(standing: Standing, model: Model) -> list[str]:
    """Accounts of what was judged, for where no event is there to ask; else the principal's own."""
    codes = [int(entry.evidence.items.account[entry.row]) for entry, _ in standing.contributions]
    return [model.baseline.accounts.values[code] for code in dict.fromkeys(codes)] or [
        model.baseline.accounts.values[int(model.baseline.account[standing.principal])]
    ]


def _window(evidence: Evidence, standing: Standing, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first hour with a reason, or of what a detector raised, to the end of the last; else the day's first."""
    hours = [reason.hour for reason in evidence.reasons]
    if not hours and evidence.odd.any():
        hours = [micros(time.to_pydatetime()) // HOUR for time in evidence.odd_events["event_time"]]
    hours = hours or [micros(day_bounds(standing.day, zone)[0]) // HOUR]
    return moment_of(min(hours) * HOUR), moment_of((max(hours) + 1) * HOUR)


def _reasons(evidence: Evidence) -> tuple[AlertReason, ...]:
    """Each reason with how many events hold its value now."""
    return tuple(
        AlertReason(
            feature=shown.reason.feature,
            dimension=shown.reason.dimension,
            value=shown.reason.value,
            typical=shown.reason.typical,
            actual=shown.reason.actual,
            nats=shown.reason.nats,
            text=told_with(shown.reason, shown.errors),
            hour=moment_of(shown.reason.hour * HOUR),
        )
        for shown in evidence.shown
    )


def _techniques(reasons: list[Reason], model: Model) -> tuple[str, ...]:
    """Techniques of the odd actions."""
    acted = [reason.value for reason in reasons if reason.entry and reason.entry.names_action]
    return tuple(sorted({technique for action in acted for technique in model.traits.priors.techniques(action)}))
