"""What to do first about an alert: for whoever is on call, at night, with no context.

First who it was and how to stop them, by kind of principal and by the credential that was used; then what to do about
the harm (`pipeline.alerts.remedies`), or, where no call does any that is known, about the tactics.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pipeline.alerts.commands import fill
from pipeline.alerts.remedies import REMEDIES, Remedy
from pipeline.stores.alert import Alert, AlertHarm, AlertOpener, AlertSession

MOST_HARMS: Final = 5
"""Kinds of harm that get a step."""
MOST_COMMANDS: Final = 4
"""Commands of a step."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and the commands for it, ready for a shell."""

    text: str
    commands: tuple[str, ...] = ()
    named: bool = False
    """The text holds names from data; otherwise all of it is ours."""


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
    "human": "Ask {who} over another channel whether this was them. If not: {stop}.",
    "workload": "Ask the owner of {who} about a release or a job. If there was none: {stop}, and find where the "
    "credential was "
    "taken from.",
    "ci": "Ask the owners of {who} which run this was. If none: stop the pipeline, {stop}, rotate its secrets, and "
    "look at "
    "the conditions of the role's trust policy.",
    "root": "Nobody should need root for this: reach the owner of the account now. If it was not them: change root's "
    "password and MFA, and delete any access key of root.",
    "external": "Ask who let {who} in. If nobody can say: take it out of the trust or resource policy that did.",
    "aws_service": "Find out who set up the service that acted as {who}; the change is theirs.",
    "anonymous": "Somebody without credentials was let in: find the public policy, and close it.",
}
"""How to find out whether it was them and how to stop them, by kind of principal."""
_ANYBODY: Final = "Find out whether {who} did this on purpose. If nobody can say: {stop}."
_RESERVED: Final = "AWSReservedSSO_"
_HOST = re.compile(r"i-[0-9a-f]{8,17}")
_USER = re.compile(r"arn:aws[\w-]*:iam::\d*:user/(?:.*/)?([^/]+)")
_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d*:role/(?:.*/)?([^/]+)")


def advise(alert: Alert) -> list[Step]:
    """What to do first: contain, then the kinds of harm that cannot wait, or where there is none the tactics."""
    harms = [harm for harm in alert.harms if not _is_said(harm, alert)][:MOST_HARMS]
    steps = [_contain(alert), *(_remedy(alert, harm) for harm in harms), *_by_tactic(alert)]
    said: dict[str, int] = {}
    for number, step in enumerate(steps):
        said = dict.fromkeys(step.commands, number) | said
    return [
        replace(step, commands=tuple(command for command in step.commands if said[command] == number))
        for number, step in enumerate(steps)
    ]


def _is_said(harm: AlertHarm, alert: Alert) -> bool:
    """Another step says it already: of root the first, of rights the one of administrators."""
    if harm.kind == "root":
        return alert.principal_kind == "root"
    return harm.kind == "rights" and any(other.kind == "admin" and other.tried <= harm.tried for other in alert.harms)


def _by_tactic(alert: Alert) -> list[Step]:
    if alert.harms:
        return []
    known = sorted((tactic for tactic in set(alert.tactics) if tactic in STEPS), key=ORDER.index)
    return [Step(STEPS[tactic]) for tactic in known[:2]]


def _contain(alert: Alert) -> Step:
    who = alert.principal_name
    stop, commands = _stop(alert)
    text = CONTAIN.get(alert.principal_kind, _ANYBODY).replace("{stop}", stop)
    sentences = [_put_name(text, who), *map(_tell_session, alert.sessions[:1])]
    return Step(" ".join(filter(None, sentences)), tuple(commands[:MOST_COMMANDS]), named=True)


def _put_name(text: str, who: str) -> str:
    """The text with the name at its place, in one pass, so that a name in braces is only ever a name."""
    return who.join(text.split("{who}"))


def _stop(alert: Alert) -> tuple[str, list[str]]:
    """How to stop the credentials that were used, in words, and the commands."""
    session = alert.sessions[0] if alert.sessions else None
    identity = session.identity if session else alert.identities[0] if alert.identities else ""
    if alert.principal_kind == "root":
        return "", fill(
            "aws iam get-account-summary --query 'SummaryMap.[AccountAccessKeysPresent,AccountMFAEnabled]'", {}
        )
    if _RESERVED in identity:
        return (
            "end their sessions in IAM Identity Center (Users, the user, Active sessions), and disable the user there",
            [],
        )
    if user := _USER.fullmatch(identity):
        return _stop_user(user[1], alert)
    if role := _ROLE.fullmatch(identity):
        return _stop_role(role[1], alert)
    return "revoke the credentials that were used", []


def _stop_user(user: str, alert: Alert) -> tuple[str, list[str]]:
    lasting = [session.access_key for session in alert.sessions if session.access_key.startswith("AKIA")]
    values = {"user": [user], "key": lasting, "document": [_deny_older(alert.detected_at)]}
    made = fill("aws iam update-access-key --user-name {user} --access-key-id {key} --status Inactive", values)
    if any(session.access_key.startswith("ASIA") for session in alert.sessions) or not lasting:
        made += fill(
            "aws iam put-user-policy --user-name {user} --policy-name RevokeOlderSessions --policy-document {document}",
            values,
        )
        return "disable the user's keys and password, and revoke the sessions that are open", made
    keys = f"key {lasting[0]}" if len(lasting) == 1 else "the keys"
    return f"disable {keys} of user {user}", made


def _stop_role(role: str, alert: Alert) -> tuple[str, list[str]]:
    values = {"role": [role], "document": [_deny_older(alert.detected_at)]}
    made = fill(
        "aws iam put-role-policy --role-name {role} --policy-name AWSRevokeOlderSessions --policy-document {document}",
        values,
    )
    openers = [opener for session in alert.sessions for opener in session.opened_by[-1:]]
    made += [command for opener in openers[:1] for command in _stop_opener(opener)]
    return f"revoke the open sessions of role {role}", made


def _stop_opener(opener: AlertOpener) -> list[str]:
    user = _USER.fullmatch(opener.identity)
    if not user or not opener.access_key.startswith("AKIA"):
        return []
    values = {"user": [user[1]], "key": [opener.access_key]}
    return fill("aws iam update-access-key --user-name {user} --access-key-id {key} --status Inactive", values)


def _deny_older(time: datetime) -> str:
    """The policy by which the IAM console revokes the sessions that were open at a time."""
    return (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":'
        f'{{"DateLessThan":{{"aws:TokenIssueTime":"{time:%Y-%m-%dT%H:%M:%SZ}"}}}}}}]}}'
    )


def _tell_session(session: AlertSession) -> str:
    """With what the calls were made, and who opened the session."""
    named = f"session {session.session_name}" if session.session_name else ""
    used = [part for part in (f"key {session.access_key}" if session.access_key else "", named) if part]
    places = [
        f"from {session.addresses[0]}" if session.addresses else "",
        f"with {_shorten(session.agents[0])}" if session.agents else "",
    ]
    sentence = " ".join(filter(None, [": " * bool(used) + ", ".join(used), *places])).strip()
    opened = [
        f"; {'opened' if not number else 'that one was opened'} by {_name_opener(opener)}"
        for number, opener in enumerate(session.opened_by)
    ]
    return f"Used{sentence if used else f' {sentence}'}{''.join(opened)}." if sentence else ""


def _shorten(agent: str) -> str:
    """The product that a user agent begins with; the whole of it stands beside the session.

    >>> _shorten("Boto3/1.34.131 md/Botocore#1.34.131"), _shorten("S3 Browser/11.6.7 (https://s3browser.com)")
    ('Boto3/1.34.131', 'S3 Browser/11.6.7')
    """
    product = re.match(r"[^/(]{1,40}(?:/[\w.]{1,20})?", agent)
    return product[0].strip() if product else agent[:40]


def _name_opener(opener: AlertOpener) -> str:
    key = f" with key {opener.access_key}" if opener.access_key else ""
    return f"{opener.principal_name}{key} from {opener.address} ({opener.action})"


def _remedy(alert: Alert, harm: AlertHarm) -> Step:
    remedy = REMEDIES[harm.kind]
    return Step(remedy.tried if harm.tried else remedy.done, tuple(_commands(alert, harm, remedy)[:MOST_COMMANDS]))


def _commands(alert: Alert, harm: AlertHarm, remedy: Remedy) -> list[str]:
    """The commands of the calls that were made; what was only tried needs none that takes back."""
    values: dict[str, list[str]] = {"issued": list(harm.issued_keys), "grantee": _grantees(harm)}
    values["host"] = [one.session_name for one in alert.sessions if _HOST.fullmatch(one.session_name)]
    for token in harm.resources:
        kind, _, name = token.partition(":")
        values.setdefault(kind, []).append(name)
    region = harm.regions[0] if harm.regions and remedy.regional else ""
    made: dict[str, None] = {}
    for pattern, template in remedy.commands:
        called = not pattern or any(re.fullmatch(pattern, action) for action in harm.actions)
        if called and (_only_looks(template) or not harm.tried):
            made |= dict.fromkeys(fill(template, values, region))
    return list(made)


def _grantees(harm: AlertHarm) -> list[str]:
    named = {"principal:*": "all"} | {
        token: token.partition(":")[2] for token in harm.exposures if token.startswith("account:")
    }
    return [named[token] for token in harm.exposures if token in named]


def _only_looks(template: str) -> bool:
    return re.match(r"aws [\w-]+ (get|list|describe)-", template) is not None
