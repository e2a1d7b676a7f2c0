"""Alerts: one JSON object a revision, with its reasons, the events behind it and what is needed to act."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from features.times.day import date_of
from features.times.instant import HOUR, micros, moment_of
from models.baseline import Bools
from models.desk import Decision
from models.explain import Reason, reasons, told_with
from models.ledger import Standing
from models.model import Model
from models.tactics import tactics_of
from pipeline.alerts.evidence import EvidenceEvents, contributing, matching

SEVERITIES = ((75.0, "critical"), (50.0, "major"), (25.0, "minor"), (3.0, "warning"), (0.0, "low"))
_NAMED = frozenset({"human", "ci"})
_MOST_VALUES = 5
_INFLUENCE = 0.1
_INFLUENCERS = {
    "event.action": "action",
    "source.address": "address",
    "cloud.region": "region",
    "user_agent.name": "agent",
    "cloud.account.id": "account",
}


def severity(score: float) -> str:
    """Severity band of a record score.

    >>> severity(80.0), severity(30.0)
    ('critical', 'minor')
    """
    return next(name for least, name in SEVERITIES if score >= least or least == 0.0)


def alert_id(deployment: str, principal: str, day: int) -> str:
    """The same for every revision and replay of a principal's day.

    >>> alert_id("prod", "idc/ann", 20000) == alert_id("prod", "idc/ann", 20000)
    True
    """
    return hashlib.sha256(f"{deployment}\x1f{principal}\x1f{day}".encode()).hexdigest()[:32]


def alert(
    decision: Decision,
    model: Model,
    members: Mapping[str, Mapping[str, Any]],
    events: EvidenceEvents,
    *,
    day_start: datetime,
    day_end: datetime,
    deployment: str,
    model_id: str,
) -> dict[str, Any]:
    """The document of a revision.

    Parameters
    ----------
    decision
        What the desk decided.
    model
        The model that judged, before it learnt the day.
    members
        What structure says of each principal.
    events
        Holds the principal's events of the day.
    day_start, day_end
        The deployment's day the ledger belongs to.
    """
    standing = decision.standing
    key = model.baseline.principals.values[standing.principal]
    told, other = reasons(standing, model.baseline)
    held = events.delivered(key, day_start, day_end, standing.tick)
    masks = [matching(held, reason) for reason in told]
    ids, odd = contributing(held, masks)
    count = int(odd.sum())
    accounts = _accounts(held[odd] if count else held, standing, model)
    hours = [reason.hour for reason in told] or [micros(day_start) // HOUR]
    member = members[key]
    identities = [arn for arn, _ in Counter(held["identity_arn"][odd] if count else held["identity_arn"]).most_common()]
    name = str(member["principal_name"])
    arn = identities[0] if identities else str(member["identity_arn"])
    return {
        "alert_id": alert_id(deployment, key, standing.day),
        "revision": decision.revision,
        "day": str(date_of(standing.day)),
        "account": accounts[0],
        "accounts": accounts,
        "principal": f"{arn} {name}" if member["kind"] in _NAMED and not arn.endswith(f"/{name}") else arn,
        "principal_key": key,
        "principal_name": name,
        "principal_kind": member["kind"],
        "identities": identities or [arn],
        "members": sorted(_name(members, model, code) for code in standing.sharing),
        "window_start": _iso(moment_of(min(hours) * HOUR)),
        "window_end": _iso(moment_of((max(hours) + 1) * HOUR)),
        "detected_at": _iso(moment_of(standing.tick)),
        "record_score": decision.score,
        "raised": decision.raised,
        "severity": severity(decision.score),
        "title": title(name, told),
        "evidence": standing.total,
        "reasons": [_reason(reason, int(mask.sum())) for reason, mask in zip(told, masks, strict=True)],
        "other": other,
        "influencers": _influencers(held, told, masks),
        "tactics": sorted(tactics_of(standing, model.baseline, model.traits.priors)),
        "techniques": sorted(
            {t for r in told if r.entry and r.entry.names_action for t in model.traits.priors.techniques(r.value)}
        ),
        "event_count": count,
        "event_ids": ids,
        "model_id": model_id,
    }


def title(name: str, told: list[Reason]) -> str:
    """One line: who did what, and what made it odd.

    >>> title("ann", [])
    'ann behaves unlike itself'
    """
    acted = [r for r in told if r.entry and r.entry.names_action]
    placed = [r.entry.noun for r in told if r.entry and r.entry.attack == "place"]
    opened = [r for r in told if r.dimension == "exposure"]
    facts = [r for r in told if r.dimension == "fact"]
    counted = [r for r in told if r.feature in ("own_past", "population")]
    parts = []
    if acted:
        others = len(acted) - 1
        more = f" and {others} more unusual {'call' if others == 1 else 'calls'}" if others else ""
        parts.append(f"called {acted[0].value}{more}")
    if opened:
        parts.append(f"opened something to {opened[0].value}")
    if facts:
        parts.append(facts[0].text.partition(":")[0])
    if counted and not parts:
        parts.append(f"made {counted[0].actual:,.0f} {counted[0].text.partition(':')[0]} in an hour")
    if placed:
        parts.append(f"from a {placed[0]} unusual for it")
    return f"{name} {', '.join(parts)}" if parts else f"{name} behaves unlike itself"


def _reason(reason: Reason, events: int) -> dict[str, Any]:
    return {
        "feature": reason.feature,
        "dimension": reason.dimension,
        "value": reason.value,
        "typical": reason.typical,
        "actual": reason.actual,
        "nats": reason.nats,
        "text": told_with(reason, events),
    }


def _accounts(events: pd.DataFrame, standing: Standing, model: Model) -> list[str]:
    found = [account for account, _ in Counter(events["account"]).most_common()]
    if found:
        return found
    codes = [int(entry.evidence.items.account[entry.row]) for entry, _ in standing.contributions]
    return [model.baseline.accounts.values[code] for code in dict.fromkeys(codes)] or [
        model.baseline.accounts.values[int(model.baseline.account[standing.principal])]
    ]


def _influencers(events: pd.DataFrame, told: list[Reason], masks: list[Bools]) -> list[dict[str, Any]]:
    """Field values without whose events a good part of the evidence would not be there, the strongest first."""
    total = sum(reason.nats for reason in told)
    if not total or events.empty:
        return []
    weighed = [(reason.nats, mask) for reason, mask in zip(told, masks, strict=True)]
    out = []
    for field, column in _INFLUENCERS.items():
        shares = {}
        for value, rows in events.groupby(column, sort=True).groups.items():
            of_value = events.index.isin(rows)
            lost = sum(nats for nats, mask in weighed if mask.any() and not (mask & ~of_value).any())
            if value and lost / total >= _INFLUENCE:
                shares[str(value)] = lost / total
        if shares:
            ordered = sorted(shares, key=lambda value: (-shares[value], value))[:_MOST_VALUES]
            out.append({"field": field, "values": ordered, "share": shares[ordered[0]]})
    return sorted(out, key=lambda influencer: -influencer["share"])


def _name(members: Mapping[str, Mapping[str, Any]], model: Model, code: int) -> str:
    return str(members[model.baseline.principals.values[code]]["principal_name"])


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
