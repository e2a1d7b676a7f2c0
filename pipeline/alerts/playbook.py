"""What to do first about an alert: for whoever is on call, at night, with no context.

First who it was and how to stop them (`pipeline.alerts.contain`); then what to do about the harm
(`pipeline.alerts.remedies`), or, where no call does any that is known, about the tactics. Each step names the calls and
the things that it is about, and has a command, if only one that looks.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Final

from pipeline.alerts.commands import fill
from pipeline.alerts.contain import MOST_COMMANDS, contain
from pipeline.alerts.nouns import tell_named
from pipeline.alerts.remedies import REMEDIES, Remedy
from pipeline.alerts.step import Step
from pipeline.datafiles import read_attack_priors
from pipeline.stores.alert import Alert, AlertHarm
from pipeline.words.words import ENGLISH, Words

MOST_HARMS: Final = 5
"""Kinds of harm that get a step."""
MOST_NAMED: Final = 3
"""Calls, and things, that a step names; the others are counted."""

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
        "Check what was switched off (the trail, GuardDuty, Config, flow logs, alarms, MFA), switch it back on, and "
        "treat the time it was off as unseen."
    ),
    "Impact": (
        "Stop the damage: deny the principal's destructive calls, then check backups, snapshots, versioning and "
        "KMS keys pending deletion."
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

_HOST = re.compile(r"i-[0-9a-f]{8,17}")
_LOOK: Final = (
    "aws cloudtrail lookup-events --lookup-attributes AttributeKey={by},AttributeValue={name} "
    "--start-time {start} --end-time {end}"
)
"""Lists calls of the last 90 days by key, name or whatever else CloudTrail looks them up by."""
_LATER: Final = timedelta(hours=1)
_PARTITION: Final = re.compile(r"arn:(aws|aws-cn|aws-us-gov):", re.ASCII)
_GLOBAL: Final = "aws iam "
"""How commands begin that need no region."""


def advise(alert: Alert, words: Words = ENGLISH) -> list[Step]:
    """What to do first: contain, then the kinds of harm that cannot wait, or where there is none the tactics.

    A command that an earlier step has is not said again, unless a step had none then.

    Parameters
    ----------
    words
        Of the language to tell it in; commands are the same in all.
    """
    harms = [harm for harm in alert.harms if not _is_said(harm, alert)][:MOST_HARMS]
    steps = [contain(alert, words), *(_remedy(alert, harm, words) for harm in harms), *_by_tactic(alert, words)]
    said: dict[str, int] = {}
    for number, step in enumerate(steps):
        said = dict.fromkeys(step.commands, number) | said
    kept = [tuple(command for command in step.commands if said[command] == number) for number, step in enumerate(steps)]
    return [replace(step, commands=own or step.commands[:1]) for step, own in zip(steps, kept, strict=True)]


def _is_said(harm: AlertHarm, alert: Alert) -> bool:
    """Another step says it already: of root the first, of rights the one of administrators."""
    if harm.kind == "root":
        return alert.principal_kind == "root"
    return harm.kind == "rights" and any(other.kind == "admin" and other.tried <= harm.tried for other in alert.harms)


def _by_tactic(alert: Alert, words: Words) -> list[Step]:
    if alert.harms:
        return []
    known = sorted((tactic for tactic in set(alert.tactics) if tactic in STEPS), key=ORDER.index)[:2]
    steps = []
    for number, tactic in enumerate(known):
        actions = [action for action in _odd_actions(alert) if _find_tactics().get(action.lower(), "") == tactic]
        text = _name(words.find(STEPS[tactic]), actions, (), words)
        looks = _look(alert, actions[0] if number and actions else "", [])  # first all that was done with the key
        steps.append(Step(text, tuple(looks), named=bool(actions)))
    return steps


@cache
def _find_tactics() -> Mapping[str, str]:
    """The tactic that each call is known for, by its name in small letters."""
    return {action.lower(): entry["tactic"] for action, entry in read_attack_priors()["actions"].items()}


def _odd_actions(alert: Alert) -> list[str]:
    """What was called that is odd, the weightiest first."""
    acted = [reason.value for reason in alert.reasons if reason.dimension in _ACTED]
    return list(dict.fromkeys(acted))


_ACTED: Final = frozenset({"read", "read_by_service", "write", "write_by_service", "denied"})


def _remedy(alert: Alert, harm: AlertHarm, words: Words) -> Step:
    remedy = REMEDIES.get(harm.kind)  # none of a kind that another version found
    if remedy:
        said = words.find(remedy.tried if harm.tried else remedy.done)
    else:
        said = words.say("This version has no advice on {kind}: look at the calls.", kind=harm.kind.replace("_", " "))
    text = _name(said, harm.actions, harm.resources, words)
    commands = _commands(alert, harm, remedy) if remedy else []
    commands = commands or _look(alert, harm.actions[0] if harm.actions else "", harm.regions)
    return Step(text, tuple(commands[:MOST_COMMANDS]), named=bool(harm.actions or harm.resources))


def _name(text: str, actions: Sequence[str], resources: Sequence[str], words: Words) -> str:
    """A step's text, with the calls and things that it is about."""
    named = [f"{kind.replace('_', ' ')} {name}" for kind, _, name in (token.partition(":") for token in resources)]
    calls, things = _count(actions, words), _count([tell_named(one, words) for one in named], words)
    if calls and things:
        return f"{text} {words.say('It is about {calls} on {things}.', calls=calls, things=things)}"
    return f"{text} {words.say('It is about {calls}.', calls=calls)}" if calls else text


def _count(names: Sequence[str], words: Words) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    return (
        words.say("{names} and {more} more", names=shown, more=len(names) - MOST_NAMED)
        if len(names) > MOST_NAMED
        else shown
    )


def _look(alert: Alert, action: str, regions: Sequence[str]) -> list[str]:
    """Commands that list what was done: by the name of a call, else with the keys that were used."""
    keys = [session.access_key for session in alert.sessions if session.access_key]
    by, names = ("EventName", [action.partition(":")[2]]) if action else ("AccessKeyId", keys)
    start, end = (f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in (alert.window_start, alert.window_end + _LATER))
    found = [*regions, *(value for one in alert.influencers if one.field == "cloud.region" for value in one.values)]
    return fill(_LOOK, {"by": [by], "name": names, "start": [start], "end": [end]}, next(iter(found), ""))


def _commands(alert: Alert, harm: AlertHarm, remedy: Remedy) -> list[str]:
    """The commands of the calls that were made; what was only tried needs none that takes back."""
    values: dict[str, list[str]] = {"issued": list(harm.issued_keys), "grantee": _grantees(harm)}
    values["host"] = [one.session_name for one in alert.sessions if _HOST.fullmatch(one.session_name)]
    for token in harm.resources:
        kind, _, name = token.partition(":")
        values.setdefault(kind, []).append(name)
    values |= _place(alert, harm)
    region = harm.regions[0] if harm.regions and remedy.regional else ""
    made: dict[str, None] = {}
    for pattern, template in remedy.commands:
        called = not pattern or any(re.fullmatch(pattern, action) for action in harm.actions)
        if called and (_only_looks(template) or not harm.tried):
            made |= dict.fromkeys(fill(template, values, "" if template.startswith(_GLOBAL) else region))
    return list(made)


def _place(alert: Alert, harm: AlertHarm) -> dict[str, list[str]]:
    """Where the things of a call are, for their ARNs and addresses; nothing that the call itself names can be that."""
    found = _PARTITION.match(alert.principal)
    partition = found[1] if found else "aws"
    return {
        "account": list(alert.accounts) if len(alert.accounts) == 1 else [],  # else it is not known whose they are
        "region": list(harm.regions[:1]),
        "partition": [partition],
        "domain": ["amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"],
    }


def _grantees(harm: AlertHarm) -> list[str]:
    named = {"principal:*": "all"} | {
        token: token.partition(":")[2] for token in harm.exposures if token.startswith("account:")
    }
    return [named[token] for token in harm.exposures if token in named]


def _only_looks(template: str) -> bool:
    return re.match(r"aws [\w-]+ (get|list|describe)-", template) is not None
