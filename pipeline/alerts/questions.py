"""What to ask about an alert, and whom: questions that the person behind the calls can answer with yes or no.

An answer of no to any of them is what turns an alert into an incident; yes to all of them explains it.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, tzinfo
from typing import Final, NamedTuple

from models.explain import COUNTED
from models.openings import word_opening
from pipeline.alerts.wording import write_opener
from pipeline.stores.alert import Alert, AlertReason

MOST: Final = 7
"""Questions."""
MOST_NAMED: Final = 3
"""Names in one."""
LEAST_NATS: Final = 1.0
"""Of a reason that is asked about: it makes an attacker nearly three times likelier. A definition."""
_ACTIONS: Final = ("write", "read", "write_by_service", "read_by_service")
_PLACES: Final = {"country": "in {}", "asn": "on the network of AS{}", "prefix": "on the network {}"}

WHOM: Final = {
    "human": "the person, over another channel than the account that was used",
    "workload": "whoever owns the workload",
    "ci": "whoever last changed the pipeline, or started it",
    "external": "your contact at the other company",
    "root": "whoever holds the root user's credentials",
}
_ANYBODY: Final = "whoever owns it"


class Question(NamedTuple):
    """A question; it holds names from data."""

    whom: str
    text: str


def ask(alert: Alert, zone: tzinfo = UTC) -> list[Question]:
    """What to ask about an alert, what says most first; at most `MOST` questions.

    Parameters
    ----------
    zone
        Of the times that are named.
    """
    reasons = sorted(alert.reasons, key=lambda reason: -reason.nats)
    values = [reason for reason in reasons if reason.feature not in COUNTED]
    telling = [reason for reason in values if reason.nats >= LEAST_NATS] or values[:1]
    asked = [
        *_calls(alert, telling, zone),
        *_openings(alert),
        *_keys(alert),
        *_openers(alert, zone),
        *_places(alert, telling),
        *_regions(alert, telling),
        *_tools(alert, telling),
    ]
    others = f" The same is asked of {_list(alert.members)}." if alert.members else ""
    why = f"Is there a release, a migration, a new task or a ticket that explains it?{others}"
    whom = WHOM.get(alert.principal_kind, _ANYBODY)
    return [Question(whom, text) for text in [*asked[: MOST - 1], why]]


def _is_person(alert: Alert) -> bool:
    return alert.principal_kind in ("human", "root")


def _calls(alert: Alert, reasons: Sequence[AlertReason], zone: tzinfo) -> list[str]:
    start, end = (at.astimezone(zone) for at in (alert.window_start, alert.window_end))
    span = f"between {start:%d %b %H:%M} and {end:%d %b %H:%M}"
    tried = _values(reasons, "denied")
    done = [one for one in _values(reasons, *_ACTIONS) if one not in tried]
    if _is_person(alert):
        questions = [f"Did you call {_list(done)} {span}?"] if done else []
        questions += [f"Did you try {_list(tried)} {span}, which was denied?"] if tried else []
        return questions or [f"Were the calls {span} yours?"]
    questions = [f"Is it meant to call {_list(done)}, as it did {span}?"] if done else []
    questions += [f"Is it meant to try {_list(tried)}, which was denied {span}?"] if tried else []
    return questions or [f"Is it known what it did {span}?"]


def _openings(alert: Alert) -> list[str]:
    """What was opened, to whom; of a call that touches several things it is not known which."""
    found: dict[str, str] = {}
    for harm in alert.harms:
        things = [
            f"{kind.replace('_', ' ')} {name}" for kind, _, name in (one.partition(":") for one in harm.resources)
        ]
        what = " or ".join(things[:MOST_NAMED]) + (" or another" if len(things) > MOST_NAMED else "")
        for token in () if harm.tried else harm.exposures:
            found.setdefault(token, f"Is it on purpose that this {word_opening(token, what)}?")
    return list(found.values())[:2]


def _keys(alert: Alert) -> list[str]:
    issued = [key for harm in alert.harms for key in harm.issued_keys]
    return [f"For whom is the access key {_list(issued)} that was handed out?"] if issued else []


def _openers(alert: Alert, zone: tzinfo) -> list[str]:
    """Who opened the session, unless an AWS service did, as one does for each function and instance."""
    opened = [opener for session in alert.sessions for opener in session.opened_by[:1]]
    others = [
        one for one in opened if one.principal_kind != "aws_service" and one.principal_name != alert.principal_name
    ]
    return [f"Is it on purpose that the session was opened by {write_opener(one, zone)}?" for one in others[:1]]


def _places(alert: Alert, reasons: Sequence[AlertReason]) -> list[str]:
    found = [reason for reason in reasons if reason.dimension in _PLACES]
    named = [_PLACES[one.dimension].format(one.value) for one in found[:MOST_NAMED]]
    if not named:
        return []
    return [f"Were you {_list(named)} then?" if _is_person(alert) else f"Does any of it run {_list(named)}?"]


def _regions(alert: Alert, reasons: Sequence[AlertReason]) -> list[str]:
    regions = _values(reasons, "region")
    who = "Do you" if _is_person(alert) else "Does it"
    return [f"{who} have anything to do in the region {_list(regions)}?"] if regions else []


def _tools(alert: Alert, reasons: Sequence[AlertReason]) -> list[str]:
    tools = _values(reasons, "agent")
    who = "Do you" if _is_person(alert) else "Does it"
    return [f"{who} use {_list(tools)}?"] if tools else []


def _values(reasons: Iterable[AlertReason], *dimensions: str) -> list[str]:
    return list(dict.fromkeys(one.value for one in reasons if one.dimension in dimensions))


def _list(names: Sequence[str]) -> str:
    """Some names as text.

    >>> _list(["a"]), _list(["a", "b"]), _list(["a", "b", "c", "d", "e"])
    ('a', 'a and b', 'a, b, c and 2 more')
    """
    shown = [str(name) for name in dict.fromkeys(names)]
    rest = len(shown) - MOST_NAMED
    last = f"{rest:,} more" if rest > 0 else shown[-1]
    before = shown[:MOST_NAMED] if rest > 0 else shown[:-1]
    return f"{', '.join(before)} and {last}" if before else last
