"""An alert's numbers, credentials and state in words, the same on a terminal, in a ticket, on a page and in JSON."""

from datetime import tzinfo
from math import exp, log
from typing import Final

from models.budget import FLOOR_NATS
from models.explain import COUNTED, word_number
from pipeline.alerts.nouns import tell_number
from pipeline.stores.alert import Alert, AlertOpener, AlertReason, AlertSession
from pipeline.words.dates import write_moment
from pipeline.words.words import ENGLISH, Words, to_say

_STRENGTHS: Final = (
    (log(1000), to_say("very strong")),
    (log(100), to_say("strong")),
    (log(10), to_say("medium")),
    (0.0, to_say("weak")),
)
"""Words for evidence, by the least of it: a thousand, a hundred, ten times likelier. A definition."""
_MOST_TIMES: Final = 1_000_000
"""Times likelier from which it does not matter how many more."""


def write_strength(nats: float, words: Words = ENGLISH) -> str:
    """Evidence in a word, for whoever does not want to know more.

    >>> [write_strength(nats) for nats in (12.9, 5.5, 2.4, 0.3)]
    ['very strong', 'strong', 'medium', 'weak']
    """
    return words.find(next((word for least, word in _STRENGTHS if nats >= least), _STRENGTHS[-1][1]))


def write_likelihood(nats: float, words: Words = ENGLISH) -> str:
    """What evidence comes to, in a sentence's part.

    >>> write_likelihood(4.1), write_likelihood(9.2)
    ('an attacker is some 60 times likelier to do this than the principal', \
'an attacker is some 9,900 times likelier to do this than the principal')
    >>> write_likelihood(51.2), write_likelihood(0.1)
    ('an attacker is over a million times likelier to do this than the principal', \
'an attacker is hardly likelier to do this than the principal')
    """
    times = exp(min(nats, 100.0))
    if times >= _MOST_TIMES:
        return words.say("an attacker is over a million times likelier to do this than the principal")
    if times < 2:
        return words.say("an attacker is hardly likelier to do this than the principal")
    rounded = f"{int(float(f'{times:.2g}')):,}"
    return words.say("an attacker is some {times} times likelier to do this than the principal", times=rounded)


def write_values(reason: AlertReason, words: Words = ENGLISH) -> tuple[str, str]:
    """Typical and actual value as text: shares of active hours for what is there or not, numbers for counts.

    >>> there = {"dimension": "read", "value": "s3:ListBuckets", "nats": 2.0, "text": "first call s3:ListBuckets"}
    >>> write_values(AlertReason(feature="surprise", typical=0.031, actual=1.0, **there))
    ('3.1%', 'seen')
    >>> write_values(AlertReason(feature="own_past", typical=1.38, actual=25.0, **there))
    ('1.4', '25')
    """
    if reason.feature in COUNTED:
        return tell_number(word_number(reason.typical), words), f"{reason.actual:,.0f}"
    return write_share(reason.typical, words), words.say("seen")


def write_share(share: float, words: Words = ENGLISH) -> str:
    """A share of active hours.

    >>> [write_share(share) for share in (0.0, 0.0002, 0.031, 0.5, 0.999, 1.0)]
    ['never', '<0.1%', '3.1%', '50%', '>99%', '100%']
    """
    if not share:
        return words.say("never")
    if share < 0.001:
        return "<0.1%"
    if 0.99 < share < 1:
        return ">99%"
    return f"{100 * share:.1f}%" if share < 0.1 else f"{100 * share:.0f}%"


def write_held(alert: Alert, words: Words = ENGLISH) -> str:
    """Why an alert was not raised; "" where it was, or where nobody wrote down why."""
    evidence = f"{alert.evidence:.1f}"
    reasons = {
        "evidence": words.say("too little evidence: {n} of {least}", n=evidence, least=f"{FLOOR_NATS:g}"),
        "score": words.say("record score below 75"),
        "others": words.say("weaker than what the daily budget is kept for"),
        "budget": words.say("held back by the daily budget"),
        "drill": words.say("a drill that is over"),
        None: "",
    }
    return "" if alert.raised else reasons[alert.held_because]


def write_session(session: AlertSession, zone: tzinfo, words: Words = ENGLISH) -> list[str]:
    """With what some of the calls were made, a line a thing: the credential, from where, with what, who opened it."""
    named = words.say("session {name}", name=session.session_name) if session.session_name else ""
    key = words.say("key {key}", key=session.access_key) if session.access_key else ""
    since = write_moment(session.started.astimezone(zone), words) if session.started else ""
    parts = [
        key or ("" if named else words.say("no access key")),
        named,
        words.say("since {time}", time=since) if since else "",
        "" if session.mfa is None else words.say("MFA") if session.mfa else words.say("no MFA"),
        words.say_many(session.calls, "{n} call", "{n} calls"),
    ]
    lines = [", ".join(filter(None, parts))]
    if session.addresses:
        lines.append(words.say("from {place}", place=", ".join(session.addresses)))
    if session.agents:
        lines.append(words.say("with {agent}", agent="; ".join(session.agents)))
    for number, opener in enumerate(session.opened_by):
        said = write_opener(opener, zone, words)
        lines.append(
            words.say("and that one opened by {opener}", opener=said)
            if number
            else words.say("opened by {opener}", opener=said)
        )
    if session.issued_keys:
        keys, number = ", ".join(session.issued_keys), len(session.issued_keys)
        lines.append(words.say_many(number, "handed out {n} key: {keys}", "handed out {n} keys: {keys}", keys=keys))
    return lines


def write_opener(opener: AlertOpener, zone: tzinfo, words: Words = ENGLISH) -> str:
    """Who opened a session, with what and when."""
    who = f"{opener.principal_name} ({words.find(opener.principal_kind)})"
    if opener.access_key:
        who = words.say("{who} with key {key}", who=who, key=opener.access_key)
    named = words.say("session {name}", name=opener.session_name) if opener.session_name else ""
    when = write_moment(opener.time.astimezone(zone), words, seconds=True)
    place = words.say("from {place}", place=opener.address)
    called = words.say("{action} at {time}", action=opener.action, time=when)
    return ", ".join(filter(None, [who, named, place, called]))
