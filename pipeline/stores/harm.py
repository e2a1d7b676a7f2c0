"""Kinds of harm: how grave each is, and the words for it.

`pipeline.alerts.harms` recognises them. What hands over control, cannot be undone or blinds whoever watches is grave.
"""

from dataclasses import dataclass
from typing import Final

from pipeline.stores.alert import AlertHarm

BULK: Final = 20
"""Calls of a kind that does harm by its number. A definition."""
NONE, SERIOUS, GRAVE = range(3)
"""Harm, from what only looks to what hands over control or cannot be undone."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of harm."""

    done: str
    """What was done, as a part of a sentence about whoever did it."""
    tried: str
    """The same where it was only tried."""
    grave: bool = False
    bulk: bool = False
    """So many of them as `BULK` are grave."""


KINDS: Final = {
    "logging_off": Kind("switched off what watches", "tried to switch off what watches", grave=True),
    "organization_left": Kind(
        "took the account out of the organization's reach", "tried to leave the organization", grave=True
    ),
    "destroyed": Kind(
        "destroyed or disabled data, backups or keys", "tried to destroy or disable data, backups or keys", grave=True
    ),
    "exposed": Kind("opened something to others", "tried to open something to others", grave=True),
    "persistence": Kind("left a way back in", "tried to leave a way back in", grave=True),
    "off_host": Kind(
        "used a machine's credentials elsewhere", "tried to use a machine's credentials elsewhere", grave=True
    ),
    "rights": Kind("changed rights", "tried to change rights"),
    "admin": Kind("gave administrator's rights", "tried to give administrator's rights", grave=True),
    "deleted": Kind("deleted or stopped things", "tried to delete or stop things", bulk=True),
    "compute": Kind("started machines", "tried to start machines"),
    "mail": Kind("set up or sent mail", "tried to set up or send mail"),
    "models": Kind("used language models", "tried to use language models"),
    "secrets": Kind("read secrets", "tried to read secrets"),
    "data": Kind("read or copied data", "tried to read or copy data"),
    "commands": Kind("ran commands or code", "tried to run commands or code"),
    "no_mfa": Kind("signed in without MFA", "tried to sign in without MFA"),
    "root": Kind("used root", "tried to use root"),
}
"""By name, what cannot wait first."""


def weigh_harm(harm: AlertHarm) -> int:
    """How grave a harm is; an attempt is a step less than the deed.

    >>> weigh_harm(AlertHarm(kind="exposed", tried=True, calls=1)) == SERIOUS
    True
    """
    kind = KINDS.get(harm.kind)
    grave = kind is not None and (kind.grave or (kind.bulk and harm.calls >= BULK))
    return max((GRAVE if grave else SERIOUS) - harm.tried, NONE)
