"""An alert in the names of the Elastic Common Schema, 8.11: what dashboards and detection rules of others look for."""

import ipaddress
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from models.explain import COUNTED
from pipeline.documents.document import ECS_VERSION
from pipeline.publish.bounded import distinct
from pipeline.stores.alert import Alert

MOST_PLACES: Final = 20
"""Actions, addresses, regions and agents that are named."""
SEVERITY: Final = {
    "critical": 99, "high": 73, "major": 73, "medium": 47, "minor": 47, "low": 21, "warning": 21,
}  # fmt: skip
"""Risk scores of Elastic's detection rules, by severity."""
TACTICS: Final = {
    "Reconnaissance": "TA0043", "Resource Development": "TA0042", "Initial Access": "TA0001", "Execution": "TA0002",
    "Persistence": "TA0003", "Privilege Escalation": "TA0004", "Defense Evasion": "TA0005",
    "Credential Access": "TA0006", "Discovery": "TA0007", "Lateral Movement": "TA0008", "Collection": "TA0009",
    "Command and Control": "TA0011", "Exfiltration": "TA0010", "Impact": "TA0040",
}  # fmt: skip
"""ATT&CK's ids, enterprise matrix."""


def project(alert: Alert) -> dict[str, Any]:
    """The fields of ECS; each is always there, so that a revision never leaves anything of an earlier one behind."""
    addresses = distinct(
        [*_influences(alert, "source.address"), *(each for one in alert.sessions for each in one.addresses)],
        MOST_PLACES,
    )
    openers = [opener for session in alert.sessions for opener in session.opened_by]
    regions = [*_influences(alert, "cloud.region"), *(each for harm in alert.harms for each in harm.regions)]
    actions = [
        *(reason.value for reason in alert.reasons if reason.feature not in COUNTED and _is_action(reason.value)),
        *_influences(alert, "event.action"),
        *(each for harm in alert.harms for each in harm.actions),
    ]
    people = [alert.principal_name, *alert.identities, *alert.members, *(one.identity for one in alert.sessions)]
    techniques = distinct(alert.techniques)
    return {
        "ecs": {"version": ECS_VERSION},
        "message": alert.title,
        "event": {
            "kind": "alert",
            "category": ["intrusion_detection"],
            "type": ["info"],
            "module": "oddtrail",
            "dataset": "oddtrail.alerts",
            "provider": "oddtrail",
            "id": alert.alert_id,
            "action": distinct(actions, MOST_PLACES),
            "reason": alert.reasons[0].text if alert.reasons else None,
            "risk_score": alert.record_score,
            "severity": SEVERITY[alert.severity],
            "start": _iso(alert.window_start),
            "end": _iso(alert.window_end),
            "created": _iso(alert.detected_at),
        },
        "user": {"name": alert.principal_name, "id": alert.principal_key},
        "source": {"address": addresses, "ip": _ips(addresses)},
        "cloud": {
            "provider": "aws",
            "account": {"id": distinct([alert.account, *alert.accounts])},
            "region": distinct(regions, MOST_PLACES),
        },
        "user_agent": {
            "name": _influences(alert, "user_agent.name"),
            "original": distinct((each for one in alert.sessions for each in one.agents), MOST_PLACES),
        },
        "threat": {
            "framework": "MITRE ATT&CK",
            "tactic": {
                "name": distinct(alert.tactics),
                "id": distinct(TACTICS.get(name, "") for name in alert.tactics),
            },
            "technique": {
                "id": distinct(each.partition(".")[0] for each in techniques),
                "subtechnique": {"id": [each for each in techniques if "." in each]},
            },
        },
        "related": {
            "user": distinct([*people, *(one.identity for one in openers), *(one.principal_name for one in openers)]),
            "ip": _ips([*addresses, *(one.address for one in openers)]),
        },
    }


def _influences(alert: Alert, field: str) -> list[str]:
    return [value for one in alert.influencers if one.field == field for value in one.values]


def _is_action(value: str) -> bool:
    """Whether a value is `service:Name`, and not a token such as `bucket:ledger` or `cidr:0.0.0.0/0`.

    >>> _is_action("iam:CreateUser"), _is_action("cidr:0.0.0.0/0"), _is_action("KR")
    (True, False, False)
    """
    service, _, name = value.partition(":")
    return bool(service and name and name[0].isupper() and name.isalnum())


def _ips(addresses: Iterable[str]) -> list[str]:
    """Those that are IP addresses, which is all that a field of that type takes."""
    found = []
    for address in addresses:
        try:
            found.append(str(ipaddress.ip_address(address)))
        except ValueError:
            continue
    return distinct(found)


def _iso(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
