"""Which campaigns a detector found, and what it cost.

oddtrail finds a campaign when a raised alert names one of its events. A peer finds it when it raises the principal and
day of one of its events: a little kinder, since the peer need not say which events it meant.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd

from benchmarks.campaigns import Campaign
from features.times.day import day_number
from pipeline.stores.alert import Alert


@dataclass(slots=True)
class Judged:
    """A detector's result on one company."""

    found: set[str] = field(default_factory=set)
    """Ids of campaigns."""
    alerts: int = 0
    """Alerts raised over the test."""
    minutes: dict[str, float] = field(default_factory=dict)
    """From a found campaign's first call to the alert, where the detector says when it alerted."""
    waited: dict[str, float] = field(default_factory=dict)
    """Minutes from when its first call was delivered: what the detector adds to the delivery."""


def judge_alerts(
    revisions: Iterable[Alert], campaigns: Sequence[Campaign], delivered: Mapping[str, datetime] | None = None
) -> Judged:
    """Return what the raised alerts found.

    Parameters
    ----------
    revisions
        Of every alert, in the order in which they were written.
    campaigns
        What was planted.
    delivered
        When each planted event came, where times from the delivery are wanted.
    """
    owner = {event_id: campaign for campaign in campaigns for event_id in campaign.event_ids}
    came = first_delivered(campaigns, delivered or {})
    judged, raised = Judged(), set()
    for alert in revisions:
        if not alert.raised:
            continue
        raised.add(alert.alert_id)
        for campaign in {
            owner[event_id].id: owner[event_id] for event_id in alert.event_ids if event_id in owner
        }.values():
            waited = (alert.detected_at - campaign.start).total_seconds() / 60
            judged.found.add(campaign.id)
            judged.minutes[campaign.id] = min(waited, judged.minutes.get(campaign.id, waited))
            if campaign.id in came:
                waited = (alert.detected_at - came[campaign.id]).total_seconds() / 60
                judged.waited[campaign.id] = min(waited, judged.waited.get(campaign.id, waited))
    judged.alerts = len(raised)
    return judged


def first_delivered(campaigns: Sequence[Campaign], delivered: Mapping[str, datetime]) -> dict[str, datetime]:
    """Return when the first of each campaign's events came; none for a campaign of which nothing came.

    >>> came = datetime(2026, 3, 2, 9)
    >>> planted = Campaign("c", "simulator", "", "loud", came, came, ("e1", "e2"))
    >>> first_delivered([planted], {"e2": came})["c"] == came
    True
    """
    times = {c.id: [delivered[event_id] for event_id in c.event_ids if event_id in delivered] for c in campaigns}
    return {campaign: min(came) for campaign, came in times.items() if came}


def judge_days(
    raised: set[tuple[str, int]], campaigns: Sequence[Campaign], principal_days: Mapping[str, tuple[str, int]]
) -> Judged:
    """Return what a peer found that raised these principal-days.

    Parameters
    ----------
    raised
        (principal, day) pairs.
    campaigns
        What was planted.
    principal_days
        Principal and day of each planted event, as activity has them.
    """
    found = {c.id for c in campaigns if any(principal_days.get(event_id) in raised for event_id in c.event_ids)}
    return Judged(found, len(raised))


def reaching(scores: Path, days: range, at: float = 75) -> set[tuple[str, int]]:
    """Return the principals and days (since 1970-01-01) that reach a record score, raised or not.

    Parameters
    ----------
    scores
        `scores.parquet` of a backtest.
    days
        Days of the test, since 1970-01-01.
    at
        Record score; 75 means one false alert a day.
    """
    table = pd.read_parquet(scores, columns=["principal", "day", "record_score"])
    high = table[table["record_score"] >= at]
    reached = {(principal, day_number(day)) for principal, day in zip(high["principal"], high["day"], strict=True)}
    return {(principal, day) for principal, day in reached if day in days}


def clean_rate(scores: Path, attacked: set[tuple[str, int]], days: range, at: float = 75) -> float:
    """Return how often a day a principal without an attack reaches the record score, budget or not.

    Parameters
    ----------
    scores, days, at
        As for `reaching`.
    attacked
        Principals and days (since 1970-01-01) with an attack.
    """
    return len(reaching(scores, days, at) - attacked) / len(days)
