"""Facts of a record itself: worth fixed evidence, less where they are usual. One entry a fact that gives any."""

from collections.abc import Callable
from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np

from features.activity.condition import AWAY, Condition
from features.call.fact import split_fact
from models.baseline import DEPLOYMENT, SEPARATOR, Baseline, Bools, Floats, Ints, Pairs, TokenRows, find, pair_key
from models.circles import Circles
from models.past import take

ROOT_NATS = 5.0
"""Nats of the first use of the root user. Set by hand on the prototype; not measured alone."""
LOGIN_NATS, LOGIN_MOST_NATS = 5.0, 8.0
"""Nats of a sign-in without MFA by somebody whose habit is MFA; and at most, however firm the habit. Set by hand on the
prototype; not measured alone."""
LOGGING_OFF_NATS = 4.0
"""Nats of switching a safeguard off by a call by which nobody ever did. Set by hand; not measured."""
CREDENTIAL_NATS = 4.0
"""Nats of giving somebody else a credential where nobody ever did. Set by hand; not measured."""
PORT_NATS = 4.0
"""Nats of opening a port that is attacked all day to the internet, where nobody ever did. Set by hand; not measured."""
OFF_HOST_NATS = 5.0
"""Nats of a workload's credential used from another place than its host's. Set by hand; not measured."""
OFF_HOST_FADE = 2.0
"""Nats that it loses with each factor e of earlier hours: roles that are used from a desk look like theft. Set by hand;
not measured."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How usual a fact is."""

    own: float
    """Earlier active hours of the principal in which the fact held, undecayed."""
    others: float
    """How many others of the deployment it ever held of, but for whoever is kept from its peers for it: what one
    machine does every hour is nobody else's habit, and what a thief did is nobody's."""
    mfa: float
    """Such hours with a sign-in with MFA."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What one fact is worth, how it is worded, and which events show it."""

    name: str
    phrase: str
    """What happened, for an analyst."""
    deed: str = ""
    """What its principal did, for a title; "" where the principal's name says it."""
    nats: Callable[[Seen], float]
    events: tuple[Condition, ...] | None = None
    """Which events show it; none where the record states the fact itself."""


_ENTRIES: Final = (
    Fact(
        name="root",
        phrase="the root user was used",
        nats=lambda seen: max(0.0, ROOT_NATS - log(1 + seen.own)),
    ),
    Fact(
        name="login_no_mfa",
        phrase="signed in without the usual MFA",
        deed="signed in without the usual MFA",
        nats=lambda seen: (
            min(LOGIN_MOST_NATS, LOGIN_NATS + log((seen.mfa + 1) / (seen.own + 1))) if seen.mfa > seen.own else 0.0
        ),
    ),
    Fact(
        name="logging_off",
        phrase="logging or a safeguard was switched off",
        deed="switched logging or a safeguard off",
        nats=lambda seen: max(0.0, LOGGING_OFF_NATS - log(1 + seen.own) - log(1 + seen.others)),
    ),
    Fact(
        name="credential_given",
        phrase="somebody else was given a key, a password or a device to sign in with",
        deed="gave somebody else a credential",
        nats=lambda seen: max(0.0, CREDENTIAL_NATS - log(1 + seen.own) - log(1 + seen.others)),
    ),
    Fact(
        name="port_opened",
        phrase="a port for administration, files or databases was opened to the internet",
        deed="opened a port for administration, files or databases to the internet",
        nats=lambda seen: max(0.0, PORT_NATS - log(1 + seen.own) - log(1 + seen.others)),
    ),
    Fact(
        name="off_host",
        phrase="a workload's credential was used away from its host, from another network or VPC endpoint",
        deed="used its credential away from its host, from another network or VPC endpoint",
        nats=lambda seen: max(0.0, OFF_HOST_NATS - OFF_HOST_FADE * log(1 + seen.own)),
        events=(AWAY,),
    ),
)

ACTS: Final = frozenset({"root", "logging_off", "credential_given", "port_opened"})
"""Facts that are critical whoever's they are: they blind, hand over control, or let everybody in."""
FACTS: Final = {fact.name: fact for fact in _ENTRIES}
"""Facts that are evidence, by name; others only describe."""
MFA: Final = "login_mfa"
"""The fact that is the habit of whoever signs in with MFA."""


def find_fact(value: str) -> Fact | None:
    """What a token's value says of a fact; None for facts that only describe.

    >>> find_fact("logging_off:cloudtrail:StopLogging").name, find_fact("imds_v1")
    ('logging_off', None)
    """
    return FACTS.get(split_fact(value)[0])


def weigh_fact(value: str, seen: Seen) -> float:
    """Evidence of a fact, in nats; higher is stranger, 0 for facts that only describe.

    Examples
    --------
    >>> weigh_fact("root", Seen(own=0, others=0, mfa=0)), weigh_fact("imds_v1", Seen(own=0, others=0, mfa=0))
    (5.0, 0.0)
    >>> round(weigh_fact("login_no_mfa", Seen(own=0, others=9, mfa=40)), 1)
    8.0
    """
    fact = find_fact(value)
    return fact.nats(seen) if fact else 0.0


def score_facts(baseline: Baseline, circles: Circles, rows: TokenRows) -> Floats:
    """Evidence of rows that are facts, nats, shape (n,)."""
    if not len(rows):
        return np.empty(0)
    pairs = baseline.pairs
    known = [baseline.token(int(token)) for token in rows.token]
    habit = {dimension: baseline.tokens.get(f"{dimension}{SEPARATOR}{MFA}") for dimension, _ in known}
    mfa = np.array([habit[dimension] for dimension, _ in known], dtype=np.int64)
    own = _hours_of(pairs, rows.principal, rows.token)
    others = circles.knowing(DEPLOYMENT, rows.principal, rows.token) - _is_known(baseline, rows)
    seen = zip(own, others, _hours_of(pairs, rows.principal, mfa), strict=True)
    return np.array([weigh_fact(fact, Seen(*hours)) for (_, fact), hours in zip(known, seen, strict=True)], dtype=float)


def _is_known(baseline: Baseline, rows: TokenRows) -> Bools:
    """Whether a row's own principal is among those who are known to have done it, shape (n,)."""
    pairs, key = baseline.pairs, pair_key(rows.principal, rows.token)
    _, there = find(pairs.key, key)
    _, is_kept = find(pairs.find_kept(baseline.day), key)
    return there & ~is_kept


def _hours_of(pairs: Pairs, principal: Ints, token: Ints) -> Floats:
    position, there = find(pairs.key, pair_key(principal, token))
    return np.where(there, take(pairs.total, position), 0.0)
