"""Alerts held against what was planted: which attacks were found, which were missed and why, what was harmless."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import duckdb

from pipeline.simulate.truth import Campaign, Oddity, Truth
from pipeline.stores.alert import Alert

NEW_WORK = "ordinary work, for the first time"
"""What is behind an alert that shows nothing planted."""


@dataclass(frozen=True)
class Found:
    """An attack that was raised."""

    campaign: Campaign
    alert_id: str
    after: timedelta
    """From its first call to the delivery with which a raised alert showed it; CloudTrail's own delay is in it."""


@dataclass(frozen=True)
class Missed:
    """An attack that was not raised."""

    campaign: Campaign
    why: str


@dataclass
class Verdict:
    """What the alerts were worth."""

    found: list[Found] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    harmless: dict[str, str] = field(default_factory=dict)
    """Alerts that were no attack: what was behind them."""
    raised_at: dict[str, datetime] = field(default_factory=dict)
    """When each alert was first raised."""

    def attack_of(self, alert_id: str) -> Found | None:
        """The attack that an alert found."""
        return next((found for found in self.found if found.alert_id == alert_id), None)


def compare(truth: Truth, revisions: Sequence[Alert], connection: duckdb.DuckDBPyConnection) -> Verdict:
    """Hold the revisions of alerts against the truth.

    Parameters
    ----------
    truth
        What was planted.
    revisions
        Of every alert, in the order in which they were written.
    connection
        Has the view `events`, to say why an attack was missed.
    """
    verdict = Verdict()
    last = {alert.alert_id: alert for alert in revisions}
    raised = [alert for alert in revisions if alert.raised]
    for alert in raised:
        verdict.raised_at.setdefault(alert.alert_id, alert.detected_at)
    attacked: set[str] = set()
    for campaign in truth.campaigns:
        start = _read_time(campaign.start)
        showing = [alert for alert in raised if shows(alert, campaign) and alert.detected_at >= start]
        attacked |= {alert.alert_id for alert in showing}
        if showing:
            first = min(showing, key=lambda alert: (alert.detected_at, alert.alert_id))
            verdict.found.append(Found(campaign, first.alert_id, first.detected_at - start))
        else:
            held = [alert for alert in last.values() if shows(alert, campaign)]
            verdict.missed.append(Missed(campaign, _why(campaign, held, connection)))
    for alert_id in verdict.raised_at:
        if alert_id not in attacked:
            verdict.harmless[alert_id] = _cause(last[alert_id], truth.oddities)
    return verdict


def shows(alert: Alert, campaign: Campaign) -> bool:
    """Whether a revision shows a campaign: one of its calls is evidence. The right principal alone is luck."""
    return bool(set(alert.event_ids) & set(campaign.event_ids))


def _cause(alert: Alert, oddities: Sequence[Oddity]) -> str:
    for oddity in oddities:
        if oddity.principal_name == alert.principal_name and _overlaps(alert, oddity):
            return oddity.cause
    return NEW_WORK


def _overlaps(alert: Alert, oddity: Oddity) -> bool:
    return alert.window_start <= _read_time(oddity.end) and _read_time(oddity.start) < alert.window_end


def _why(campaign: Campaign, showing: Sequence[Alert], connection: duckdb.DuckDBPyConnection) -> str:
    """Why an attack was missed, as far as the data says."""
    if showing:
        score = max(alert.record_score for alert in showing)
        return f"seen, with record score {score:.0f}, but held back by the budget"
    own, others, actions = connection.execute(
        """
        WITH attack AS (SELECT DISTINCT action FROM events WHERE event_id IN (SELECT unnest($ids))),
        before AS (
            SELECT action, bool_or(principal = $who) AS own, bool_or(principal <> $who) AS others
            FROM events WHERE event_time < $start GROUP BY action
        )
        SELECT count(*) FILTER (own), count(*) FILTER (others), count(*) FROM attack LEFT JOIN before USING (action)
        """,
        {"ids": list(campaign.event_ids), "who": campaign.principal_key, "start": _read_time(campaign.start)},
    ).fetchone() or (0, 0, 0)
    calls = len(campaign.event_ids)
    return (
        f"{calls} call{'s' * (calls != 1)}, of {actions} kind{'s' * (actions != 1)}: {own} {campaign.principal_name} "
        f"made before, {others} others make here"
    )


def _read_time(text: str) -> datetime:
    """A time as the truth writes it."""
    return datetime.fromisoformat(text)
