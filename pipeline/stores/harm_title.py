"""A title that names the gravest harm of its alert, whatever else is odd about it.

A title tells what is oddest, and that may be a call that only looks, beside forty deletions. So what an alert's harms
show and its title leaves out is put before the rest: when the alert is made, and when one of before is read.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from models.openings import word_opening
from pipeline.stores.alert import AlertHarm
from pipeline.stores.harm import GRAVE, KINDS, NONE, weigh_harm

DRILL: Final = "[drill] "
"""What the title of a drill's alert begins with."""
MOST_LED: Final = 2
"""Grave harms that are put before a title."""
LONGEST: Final = 200
"""Characters after the name from which on a title whose harm was put before it does without smaller parts."""
_LONGEST_ACTION: Final = 60
_LONGEST_NAME: Final = 80
"""Characters of an action, and of a resource's name."""

_START, _END = r"(?:(?<=^)|(?<=, ))", r"(?=, |;|\Z| \()"
_CALLED: Final = re.compile(rf"{_START}called (?P<action>[^\s,]+:[^\s,]+)(?: and [\d,]+ more unusual calls?)?{_END}")
_TRIED: Final = re.compile(
    rf"{_START}tried (?P<action>[^\s,]+:[^\s,]+)(?: and [\d,]+ more calls?)?, (?:denied|which failed){_END}"
)
_COUNTED: Final = re.compile(
    rf"{_START}(?:made|used|touched|called) \d[^,]*(?:,\d{{3}}[^,]*)* in an hour, typical [^,;(]+{_END}"
)
_DEEDS: Final = {
    "logging_off": ("switched logging or a safeguard off",),
    "persistence": ("gave somebody else a credential",),
    "off_host": ("used its credential away from its host",),
    "no_mfa": ("signed in without the usual MFA",),
}
"""Words of a title for facts (`models.facts`) that are such a harm."""
_EXPOSED: Final = re.compile(rf"{_START}(?:opened |made .{{1,300}}? public|switched off the block of public access)")
_GRANTED: Final = re.compile(rf"{_START}granted ")
_WOULD_EXPOSE: Final = re.compile(rf"{_START}tried to (?:open |make |switch off the block )")
_WOULD_GRANT: Final = re.compile(rf"{_START}tried to grant ")
_OPENINGS: Final = {"exposed": (_EXPOSED, _WOULD_EXPOSE), "admin": (_GRANTED, _WOULD_GRANT)}
"""How a title tells of what was opened, and of what somebody tried to."""
_EMPTY: Final = re.compile(r"(?:had an unusual day|was used)(?:, |(?=;)|\Z)")
"""What a title says where there is nothing else to say."""


def lead_with_harm(title: str, name: str, harms: Sequence[AlertHarm]) -> str:
    """A title in which the gravest harm is named: put before the rest where the title leaves it out.

    Of grave harms two at most are put there, of others one; what was done comes before what was only tried. Where the
    title begins with a call that is grave, they follow it. Where it becomes long, smaller parts go: a call, a count, an
    attempt. A title that names its harm stays as it is.

    Parameters
    ----------
    title
        As `pipeline.alerts.title` writes it, with what may stand before and after.
    name
        Of the alert's principal, with which it begins.
    harms
        In the order of the alert.

    Examples
    --------
    >>> deleted = AlertHarm(kind="deleted", tried=False, calls=47, actions=("s3:DeleteObject",))
    >>> lead_with_harm("ann called s3:GetBucketAcl, from a new country (KR)", "ann", [deleted])
    'ann deleted or stopped things (47 × s3:DeleteObject), called s3:GetBucketAcl, from a new country (KR)'
    """
    before = "" if title.startswith(f"{name} ") else DRILL
    if not title.startswith(f"{before}{name} "):
        return title
    rest = title[len(before) + len(name) + 1 :]
    left_out = _find_left_out(rest, harms)
    if not left_out:
        return title
    lead = ", ".join(word_harm(harm) for harm in left_out)
    rest = _shorten(_EMPTY.sub("", rest, count=1), harms, LONGEST - len(lead))
    called = _CALLED.match(rest)
    if called and any(called["action"] in harm.actions and weigh_harm(harm) == GRAVE for harm in harms):
        return f"{before}{name} {called[0]}, {lead}{rest[called.end() :]}"
    return f"{before}{name} {lead}{'' if not rest or rest[0] in ';,' else ', '}{rest}"


def word_harm(harm: AlertHarm) -> str:
    """A harm as a part of a title: what was done, by which calls.

    >>> word_harm(AlertHarm(kind="secrets", tried=True, calls=9, actions=("ssm:GetParameter", "ssm:GetParameters")))
    'tried to read secrets (9 calls such as ssm:GetParameter)'
    """
    if harm.kind in _OPENINGS and harm.exposures and not harm.tried:
        return word_opening(harm.exposures[0], name_resource(next(iter(harm.resources), "")))
    kind = KINDS[harm.kind]
    deed = kind.tried if harm.tried else kind.done
    if not harm.actions:
        return deed
    action = _cut(harm.actions[0], _LONGEST_ACTION)
    if harm.calls == 1:
        return f"{deed} ({action})"
    return f"{deed} ({harm.calls:,} " + (f"× {action})" if len(harm.actions) == 1 else f"calls such as {action})")


def name_resource(token: str) -> str:
    """A resource's token as a title says it.

    >>> name_resource("security_group:sg-1"), name_resource("")
    ('security group sg-1', '')
    """
    kind, _, name = token.partition(":")
    return f"{kind.replace('_', ' ')} {_cut(name, _LONGEST_NAME)}" if name else ""


def _find_left_out(rest: str, harms: Sequence[AlertHarm]) -> list[AlertHarm]:
    """Of the gravest harms those that a title does not name, few of many."""
    known = [harm for harm in harms if harm.kind in KINDS and harm.kind != "root"]  # root's name says it
    top = max(map(weigh_harm, known), default=NONE)
    gravest = [harm for harm in known if weigh_harm(harm) == top]
    if top == NONE:
        return []
    told = [harm for harm in gravest if _names(rest, harm)]
    acted = {action for harm in told for action in harm.actions}
    left = [harm for harm in gravest if harm not in told and not (harm.actions and acted.issuperset(harm.actions))]
    if top < GRAVE:
        return left[:1] if left[:1] == gravest[:1] else []
    return left[:MOST_LED]


def _names(rest: str, harm: AlertHarm) -> bool:
    """Whether what follows the name in a title tells of a harm."""
    kind = KINDS[harm.kind]
    told = (kind.tried,) if harm.tried else (kind.done, *_DEEDS.get(harm.kind, ()))
    if any(re.search(f"{_START}{re.escape(words)}", rest) for words in told):
        return True
    if harm.kind in _OPENINGS and _OPENINGS[harm.kind][harm.tried].search(rest):
        return True
    return any(match["action"] in harm.actions for match in (_TRIED if harm.tried else _CALLED).finditer(rest))


def _shorten(rest: str, harms: Iterable[AlertHarm], room: int) -> str:
    """What follows, without smaller parts as long as it is too long; the names of harm stay."""
    done = {action for harm in harms for action in harm.actions if not harm.tried}
    for pattern in (_CALLED, _COUNTED, _TRIED):
        match = pattern.search(rest)
        if len(rest) <= room:
            break
        if match and match.groupdict().get("action") not in done:
            rest = (rest[: match.start()].removesuffix(", ") + rest[match.end() :]).removeprefix(", ")
    return rest


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
