"""What to do first about an alert, by tactic: for whoever is on call, at night, with no context.

The steps follow AWS' incident response playbooks (github.com/aws-samples/aws-incident-response-playbooks: compromised
IAM credentials, data access, ransomware); the wording is ours.
"""

from collections.abc import Iterable
from typing import Final

ORDER: Final = (
    "Defense Evasion",
    "Impact",
    "Exfiltration",
    "Persistence",
    "Privilege Escalation",
    "Credential Access",
    "Initial Access",
    "Execution",
    "Lateral Movement",
    "Collection",
    "Resource Development",
    "Discovery",
)
"""Tactics by what cannot wait: what blinds or destroys comes before what only looks."""

STEPS: Final[dict[str, str]] = {
    "Defense Evasion": (
        "Check what was switched off (`aws cloudtrail get-trail-status`; GuardDuty, Config, flow logs, alarms, MFA), "
        "switch it back on, and treat the time it was off as unseen."
    ),
    "Impact": (
        "Stop the damage: deny the principal's destructive calls, then check backups, snapshots, versioning and "
        "KMS keys pending deletion (`aws kms cancel-key-deletion`)."
    ),
    "Exfiltration": (
        "Close what was opened (bucket policy, shared snapshot or image, security group), then list what was read "
        "through it since."
    ),
    "Persistence": (
        "List what was left behind (new keys, users, login profiles, trust policies, functions, identity providers); "
        "disable it, do not delete it yet: it is evidence."
    ),
    "Privilege Escalation": (
        "Compare the principal's policies with yesterday's, detach what was attached, and check which roles it has "
        "assumed since."
    ),
    "Credential Access": (
        "Rotate the secrets, keys and parameters that were read, those in the evidence first; look for their use "
        "from elsewhere."
    ),
    "Initial Access": (
        "Confirm the sign-in with the person over another channel; if it was not them, reset the password and MFA and "
        "end their sessions."
    ),
    "Execution": (
        "Look at what was run (SSM command, function code, user data, container) and on which hosts; isolate those "
        "before you log in to them."
    ),
    "Lateral Movement": "Follow the roles that were assumed into other accounts and look at those sessions as well.",
    "Collection": "Find out which data was read or staged, and whether it left since (downloads, replication, shares).",
    "Resource Development": "Look at what was set up (instances, domains, senders) and where; stop what nobody owns.",
    "Discovery": "Ask the owner whether this was a script or an audit; if nobody knows, watch for writes that follow.",
}
"""What to do first, by ATT&CK tactic."""

CONTAIN: Final[dict[str, str]] = {
    "human": (
        "Ask {who} over another channel whether this was them. If not: end their sessions in IAM Identity Center, or "
        "disable the user's keys and password."
    ),
    "workload": (
        "Ask the owner of {who} about a release. If there was none: revoke its role's sessions (IAM console, Revoke "
        "active sessions) or its access keys, and find the host or function whose credentials were used."
    ),
    "ci": (
        "Ask the owners of {who} which run this was. If none: stop the pipeline, revoke the role's sessions, rotate "
        "its secrets and look at the trust policy's conditions."
    ),
    "root": (
        "Nobody should be root at this hour: reach the account's owner, change root's password and MFA, delete any "
        "root access key."
    ),
    "external": (
        "Ask who gave {who} access. If nobody can say: remove it from the trust or resource policy that let it in."
    ),
    "aws_service": "Find out who set up the service that acted as {who}; the change is theirs.",
    "anonymous": "Somebody without credentials was let in: find the public policy, and close it.",
}
"""How to find out whether it was them and how to stop them, by kind of principal."""

_ANYBODY: Final = (
    "Find out whether {who} did this on purpose; if nobody can say, revoke the credentials that were used."
)


def advise(kind: str, who: str, tactics: Iterable[str]) -> list[str]:
    """What to do first, most urgent first: contain, then the two most urgent tactics.

    >>> [step[:15] for step in advise("root", "root", ["Discovery", "Impact"])]
    ['Nobody should b', 'Stop the damage', 'Ask the owner w']
    """
    known = sorted((tactic for tactic in set(tactics) if tactic in STEPS), key=ORDER.index)
    return [CONTAIN.get(kind, _ANYBODY).format(who=who), *(STEPS[tactic] for tactic in known[:2])]
