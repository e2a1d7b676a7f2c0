"""What to ask about an alert, and whom: questions that the person behind the calls can answer with yes or no.

An answer of no to any of them is what turns an alert into an incident; yes to all of them explains it.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, tzinfo
from typing import Final, NamedTuple

from models.explain import COUNTED
from models.openings import word_opening
from pipeline.alerts.nouns import tell_named
from pipeline.alerts.opening_words import tell_opened
from pipeline.alerts.wording import write_opener
from pipeline.stores.alert import Alert, AlertReason
from pipeline.stores.harm import GRAVE, weigh_harm
from pipeline.words.countries import name_with_code
from pipeline.words.dates import write_moment
from pipeline.words.words import ENGLISH, Words, put, to_say

MOST: Final = 7
"""Questions."""
MOST_NAMED: Final = 3
"""Names in one."""
LEAST_NATS: Final = 1.0
"""Of a reason that is asked about: it makes an attacker nearly three times likelier. A definition."""
_ACTIONS: Final = ("write", "read", "write_by_service", "read_by_service")
_PLACES: Final = {
    "country": to_say("in {place}"),
    "asn": to_say("on the network of AS{place}"),
    "prefix": to_say("on the network {place}"),
}

WHOM: Final = {
    "human": to_say("the person, over another channel than the account that was used"),
    "workload": to_say("whoever owns the workload"),
    "ci": to_say("whoever last changed the pipeline, or started it"),
    "external": to_say("your contact at the other company"),
    "root": to_say("whoever holds the root user's credentials"),
}
_ANYBODY: Final = to_say("whoever owns it")
_HOST: Final = re.compile(r"m?i-[0-9a-f]{8,17}")
"""Session names that AWS gives: those of instances."""


class Question(NamedTuple):
    """A question; it holds names from data."""

    whom: str
    text: str


def ask(alert: Alert, zone: tzinfo = UTC, words: Words = ENGLISH) -> list[Question]:
    """What to ask about an alert, what says most first; at most `MOST` questions.

    Parameters
    ----------
    zone
        Of the times that are named.
    words
        Of the language to ask in.
    """
    reasons = sorted(alert.reasons, key=lambda reason: -reason.nats)
    values = [reason for reason in reasons if reason.feature not in COUNTED]
    telling = [reason for reason in values if reason.nats >= LEAST_NATS] or values[:1]
    asked = [
        *_calls(alert, telling, zone, words),
        *_openings(alert, words),
        *_keys(alert, words),
        *_openers(alert, zone, words),
        *_sessions(alert, zone, words),
        *_places(alert, telling, words),
        *_regions(alert, telling, words),
        *_tools(alert, telling, words),
    ]
    why = words.say("Is there a release, a migration, a new task or a ticket that explains it?")
    if alert.members:
        others = _list(alert.members, words)
        why = f"{why} {words.say('The same is asked of {others}.', others=others)}"
    whom = words.find(WHOM.get(alert.principal_kind, _ANYBODY))
    return [Question(whom, text) for text in [*asked[: MOST - 1], why]]


def write_whom(questions: Sequence[Question], words: Words = ENGLISH) -> str:
    """Whom to ask them, and what an answer means."""
    return words.say("Ask {whom}; a no to any of these makes an incident of it:", whom=questions[0].whom)


def _is_person(alert: Alert) -> bool:
    return alert.principal_kind in ("human", "root")


def _calls(alert: Alert, reasons: Sequence[AlertReason], zone: tzinfo, words: Words) -> list[str]:
    start, end = (write_moment(at.astimezone(zone), words) for at in (alert.window_start, alert.window_end))
    named = _values(reasons, "denied")
    tried = _list(named, words) if named else ""
    grave = [harm.actions[0] for harm in alert.harms if harm.actions and weigh_harm(harm) == GRAVE]
    others = [one for one in dict.fromkeys([*grave, *_values(reasons, *_ACTIONS)]) if one not in named]
    done = _list(others, words) if others else ""
    if _is_person(alert):
        called = words.say("Did you call {calls} between {start} and {end}?", calls=done, start=start, end=end)
        denied = words.say(
            "Did you try {calls} between {start} and {end}, which was denied?", calls=tried, start=start, end=end
        )
        neither = words.say("Were the calls between {start} and {end} yours?", start=start, end=end)
    else:
        called = words.say(
            "Is it meant to call {calls}, as it did between {start} and {end}?", calls=done, start=start, end=end
        )
        denied = words.say(
            "Is it meant to try {calls}, which was denied between {start} and {end}?", calls=tried, start=start, end=end
        )
        neither = words.say("Is it known what it did between {start} and {end}?", start=start, end=end)
    return [*([called] if done else []), *([denied] if tried else [])] or [neither]


def _openings(alert: Alert, words: Words) -> list[str]:
    """What was opened, to whom; of a call that touches several things it is not known which."""
    found: dict[str, str] = {}
    for harm in alert.harms:
        things = [
            tell_named(f"{kind.replace('_', ' ')} {name}", words)
            for kind, _, name in (one.partition(":") for one in harm.resources)
        ]
        named = things[:MOST_NAMED] + ([words.say("another")] if len(things) > MOST_NAMED else [])
        what = named[0] if named else ""
        for other in named[1:]:
            what = words.say("{one} or {other}", one=what, other=other)
        for token in () if harm.tried else harm.exposures:
            opened = tell_opened(word_opening(token, what), words)
            found.setdefault(token, words.say("Is it on purpose that this {opened}?", opened=opened))
    return list(found.values())[:2]


def _keys(alert: Alert, words: Words) -> list[str]:
    issued = [key for harm in alert.harms for key in harm.issued_keys]
    if not issued:
        return []
    return [words.say("For whom is the access key {keys} that was handed out?", keys=_list(issued, words))]


def _openers(alert: Alert, zone: tzinfo, words: Words) -> list[str]:
    """Who opened the session, unless an AWS service did, as one does for each function and instance."""
    opened = [opener for session in alert.sessions for opener in session.opened_by[:1]]
    others = [
        one for one in opened if one.principal_kind != "aws_service" and one.principal_name != alert.principal_name
    ]
    return [
        words.say("Is it on purpose that the session was opened by {opener}?", opener=write_opener(one, zone, words))
        for one in others[:1]
    ]


def _sessions(alert: Alert, zone: tzinfo, words: Words) -> list[str]:
    """Whose a machine's session is of which only the name is known, and that was chosen by whoever opened it."""
    if _is_person(alert):
        return []
    return [
        words.say(
            "Who opened the session {name} at {time}? Its name, which whoever opens a session chooses, may say.",
            name=session.session_name,
            time=write_moment(session.started.astimezone(zone), words),
        )
        for session in alert.sessions[:1]
        if session.session_name and session.started and not session.opened_by
        if not _HOST.fullmatch(session.session_name)
    ]


def _places(alert: Alert, reasons: Sequence[AlertReason], words: Words) -> list[str]:
    found = [reason for reason in reasons if reason.dimension in _PLACES]
    named = [put(words.find(_PLACES[one.dimension]), {"place": _name_place(one, words)}) for one in found[:MOST_NAMED]]
    if not named:
        return []
    places = _list(named, words)
    if _is_person(alert):
        return [words.say("Were you {places} then?", places=places)]
    return [words.say("Does any of it run {places}?", places=places)]


def _name_place(reason: AlertReason, words: Words) -> str:
    return name_with_code(reason.value, words.language) if reason.dimension == "country" else reason.value


def _regions(alert: Alert, reasons: Sequence[AlertReason], words: Words) -> list[str]:
    named = _values(reasons, "region")
    if not named:
        return []
    regions = _list(named, words)
    if _is_person(alert):
        return [words.say("Do you have anything to do in the region {regions}?", regions=regions)]
    return [words.say("Does it have anything to do in the region {regions}?", regions=regions)]


def _tools(alert: Alert, reasons: Sequence[AlertReason], words: Words) -> list[str]:
    named = _values(reasons, "agent")
    if not named:
        return []
    tools = _list(named, words)
    if _is_person(alert):
        return [words.say("Do you use {tools}?", tools=tools)]
    return [words.say("Does it use {tools}?", tools=tools)]


def _values(reasons: Iterable[AlertReason], *dimensions: str) -> list[str]:
    return list(dict.fromkeys(one.value for one in reasons if one.dimension in dimensions))


def _list(names: Sequence[str], words: Words = ENGLISH) -> str:
    """Some names as text.

    >>> _list(["a"]), _list(["a", "b"]), _list(["a", "b", "c", "d", "e"])
    ('a', 'a and b', 'a, b, c and 2 more')
    """
    shown = [str(name) for name in dict.fromkeys(names)]
    rest = len(shown) - MOST_NAMED
    if rest > 0:
        return words.say("{names} and {more} more", names=", ".join(shown[:MOST_NAMED]), more=f"{rest:,}")
    if len(shown) == 1:
        return shown[0]
    return words.say("{names} and {last}", names=", ".join(shown[:-1]), last=shown[-1])
