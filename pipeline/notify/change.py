"""Which revisions of an alert are told: when it is raised, when it becomes graver, and when it is taken back.

A raised alert is revised often, up to ten times at once and then once an hour, mostly since more of the same came.
Nobody should be woken for that. Told is a revision

- that raises it, or brings it to the severity that a notifier asks for: `raised`;
- whose severity is higher than what was told, or that does a kind of harm that was not told, or was told as only
  tried: `updated`;
- that is raised no more, as when a drill is over: `closed`.

That another alert belongs to the same break-in is no change of this one: the other one's own message says so. An alert
never ends by itself, for what was done stays done: people close it.
"""

from typing import Any, Final, Literal, NamedTuple

import msgspec

from pipeline.stores.alert import Alert

State = Literal["raised", "updated", "closed"]
LEVELS: Final = ("low", "medium", "high", "critical")
"""Severities that a notifier may ask for, the least first."""
_RANK: Final = {level: rank for rank, level in enumerate(LEVELS)} | {"warning": 0, "minor": 0, "major": 2}
"""Also those of version 1."""

HARM_WORDS: Final = {
    "logging_off": ("switched off what watches", "tried to switch off what watches"),
    "organization_left": ("took the account out of the organization's reach", "tried to leave the organization"),
    "destroyed": ("destroyed data, backups or keys", "tried to destroy data, backups or keys"),
    "exposed": ("opened something to others", "tried to open something to others"),
    "persistence": ("left a way back in", "tried to leave a way back in"),
    "off_host": ("used a machine's credentials elsewhere", "tried to use a machine's credentials elsewhere"),
    "rights": ("changed rights", "tried to change rights"),
    "admin": ("gave administrator's rights", "tried to give administrator's rights"),
    "deleted": ("deleted things", "tried to delete things"),
    "compute": ("started machines", "tried to start machines"),
    "mail": ("set up or sent mail", "tried to set up or send mail"),
    "models": ("used language models", "tried to use language models"),
    "secrets": ("read secrets", "tried to read secrets"),
    "data": ("read or copied data", "tried to read or copy data"),
    "commands": ("ran commands or code", "tried to run commands or code"),
    "no_mfa": ("signed in without MFA", "tried to sign in without MFA"),
    "root": ("used root", "tried to use root"),
}
"""What each kind of harm did, and what it tried; `pipeline.alerts.harms` has the kinds."""


class Told(msgspec.Struct, frozen=True):
    """What somebody knows of an alert."""

    revision: int
    severity: str
    done: tuple[str, ...] = ()
    """Kinds of harm that were done."""
    tried: tuple[str, ...] = ()
    closed: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


class Change(NamedTuple):
    """That a revision is to be told, and why."""

    state: State
    sentences: tuple[str, ...] = ()
    """What is new since the last message."""


def find_change(alert: Alert, told: Told | None, least: str = "low") -> Change | None:
    """Whether a revision is to be told to somebody who knows this much of its alert; None where it is not.

    Parameters
    ----------
    told
        What is known; None where the alert is not.
    least
        Severity from which on an alert is told; one that was told is told of, whatever it becomes.
    """
    if told is None or told.closed:
        new = told is None or alert.revision > told.revision
        return Change("raised") if new and alert.raised and reaches(alert.severity, least) else None
    if alert.revision <= told.revision:
        return None
    if not alert.raised:
        why = "The drill is over: nobody did this." if alert.drill else "It is raised no more."
        return Change("closed", (why,))
    sentences = []
    if rank(alert.severity) > rank(told.severity):
        sentences.append(f"It was {told.severity} and is {alert.severity} now.")
    did = [_say(harm.kind, harm.tried) for harm in alert.harms if _is_new(harm.kind, harm.tried, told)]
    if did:
        sentences.append(f"New since then: {', '.join(did)}.")
    return Change("updated", tuple(sentences)) if sentences else None


def know(alert: Alert, told: Told | None = None) -> Told:
    """What somebody knows who was told a revision, besides what was known."""
    done = {harm.kind for harm in alert.harms if not harm.tried} | set(told.done if told else ())
    tried = {harm.kind for harm in alert.harms if harm.tried} | set(told.tried if told else ())
    worst = max(alert.severity, told.severity if told and not told.closed else alert.severity, key=rank)
    return Told(alert.revision, worst, tuple(sorted(done)), tuple(sorted(tried - done)), not alert.raised)


def reaches(severity: str, least: str) -> bool:
    """Whether a severity is as high as another; nothing reaches `none`.

    >>> reaches("high", "medium"), reaches("low", "medium"), reaches("critical", "none")
    (True, False, False)
    """
    return least in _RANK and rank(severity) >= rank(least)


def rank(severity: str) -> int:
    """How grave a severity is, the gravest the highest."""
    return _RANK.get(severity, 0)


def _is_new(kind: str, tried: bool, told: Told) -> bool:
    return kind not in told.done and (not tried or kind not in told.tried)


def _say(kind: str, tried: bool) -> str:
    return HARM_WORDS.get(kind, (kind.replace("_", " "), f"tried: {kind.replace('_', ' ')}"))[tried]
