"""What a campaign was: its tactic and whose credentials it used, and recall told apart by that and by budget."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from benchmarks.campaigns import Campaign
from benchmarks.judge import Judged, first_delivered
from benchmarks.metrics import recall
from benchmarks.panel import PlantedEvent

SIMULATED: Final = {
    "leaked-key-new-administrator": "persistence",
    "instance-credentials-off-host": "credential-access",
    "secrets-sweep": "credential-access",
    "command-on-instances": "execution",
    "snapshot-shared": "exfiltration",
    "database-snapshot-public": "exfiltration",
    "trail-stopped": "defense-evasion",
    "trail-blinded": "defense-evasion",
    "bucket-exfiltration": "exfiltration",
    "bucket-ransom": "impact",
    "mining": "impact",
    "model-abuse": "impact",
    "role-trust-backdoor": "persistence",
    "function-backdoor": "persistence",
    "login-profile-taken": "privilege-escalation",
    "console-session-theft": "credential-access",
    "role-chain": "lateral-movement",
    "security-group-opened": "defense-evasion",
    "mail-abuse": "impact",
    "foreign-identity-provider": "persistence",
    "trust-anchor": "persistence",
    "slow-secret-reads": "credential-access",
}
"""Tactic (MITRE ATT&CK, cloud matrix) of what a technique of the simulator is for; a recording's name says its own."""
RECORDED: Final = {"otrf.ec2-proxy-s3-exfiltration": "exfiltration"}


def tactic(campaign: Campaign) -> str:
    """Return the tactic of what a campaign is for.

    Raises
    ------
    KeyError
        A technique of the simulator that the table does not have.

    Examples
    --------
    >>> from datetime import datetime
    >>> at = datetime(2026, 3, 2)
    >>> tactic(Campaign("c", "recording", "aws.execution.ssm-send-command", "loud", at, at, ("e",)))
    'execution'
    """
    if campaign.source == "simulator":
        return SIMULATED[campaign.technique]
    return RECORDED.get(campaign.technique) or campaign.technique.split(".")[1]


def victim(principal: str, kind: str) -> str:
    """Return what kind of principal was attacked, in words.

    >>> victim("idc/ann@example.com", "human"), victim("user/111122223333/AIDA", "workload")
    ('person', 'user')
    >>> victim("role/111122223333/AROA", "ci"), victim("role/111122223333/AROA", "workload")
    ('pipeline', 'role')
    """
    if principal.startswith("idc/"):
        return "person"
    if principal.startswith("user/"):
        return "user"
    return {"ci": "pipeline", "external": "vendor", "human": "person"}.get(kind, "role")


def tell_campaigns(
    campaigns: Sequence[Campaign],
    events: Mapping[str, PlantedEvent],
    levels: Mapping[float, Mapping[str, Judged]],
    ours: str,
) -> list[dict[str, Any]]:
    """Return one row a campaign: what it was, who found it at which budgets, and when.

    Parameters
    ----------
    events
        What the store knows of their events.
    levels
        Budget to each detector's result.
    ours
        The detector that says when it alerted.
    """
    came = first_delivered(campaigns, {event_id: event.delivered for event_id, event in events.items()})
    out = []
    for campaign in campaigns:
        known = next((events[event_id] for event_id in campaign.event_ids if event_id in events), None)
        found: dict[str, list[float]] = {}
        for budget, judged in levels.items():
            for name, result in judged.items():
                found.setdefault(name, []).extend([budget] if campaign.id in result.found else [])
        waited = {
            f"{budget:g}": round(judged[ours].waited[campaign.id], 2)
            for budget, judged in levels.items()
            if campaign.id in judged[ours].waited
        }
        delivery = (came[campaign.id] - campaign.start).total_seconds() / 60 if campaign.id in came else None
        out.append(
            {
                "id": campaign.id,
                "source": campaign.source,
                "technique": campaign.technique,
                "degree": campaign.degree,
                "tactic": tactic(campaign),
                "victim": victim(known.principal, known.kind) if known else "unknown",
                "calls": campaign.calls,
                "delivery_minutes": None if delivery is None else round(delivery, 2),
                "found": found,
                "minutes_from_delivery": waited,
            }
        )
    return out


def at_budgets(
    campaigns: Sequence[Campaign], levels: Mapping[float, Mapping[str, Judged]], days: int
) -> dict[str, Any]:
    """Return for each budget each detector's recall and alerts a day."""
    return {
        f"{budget:g}": {
            name: {
                "recall": recall(campaigns, result.found).to_dict(),
                "alerts_per_day": round(result.alerts / days, 3),
            }
            for name, result in judged.items()
        }
        for budget, judged in levels.items()
    }


def share_found(
    table: Iterable[Mapping[str, Any]], of: Callable[[Mapping[str, Any]], str], detector: str, budget: float
) -> dict[str, tuple[int, int]]:
    """Return for each part of the campaigns how many a detector found at a budget, and how many there were.

    >>> one = {"degree": "loud", "found": {"ours": [1.0, 5.0]}}
    >>> share_found([one, {**one, "found": {"ours": []}}], lambda row: row["degree"], "ours", 5)
    {'loud': (1, 2)}
    """
    out: dict[str, tuple[int, int]] = {}
    for row in table:
        found, all_of = out.get(of(row), (0, 0))
        out[of(row)] = found + (budget in row["found"][detector]), all_of + 1
    return dict(sorted(out.items()))
