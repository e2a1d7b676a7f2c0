"""Other alerts that show the same hands at work: the same key, a key that the other handed out, an odd address, and who
made a user or a role beside what was made."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from features.call.principal import last_part
from pipeline.stores.alert import Alert

MOST_DAYS: Final = 7
"""Days between two alerts of one story."""
_NAMED: Final = ("role", "user")
MOST: Final = 10
"""Alerts that are told."""


@dataclass(frozen=True, slots=True)
class Related:
    """Another alert, and what links it."""

    alert: Alert
    links: tuple[str, ...]
    """In words, the firmest first."""


def find_related(alert: Alert, others: Iterable[Alert]) -> list[Related]:
    """Alerts of the same week that share a key or an odd address with an alert, or of which one is about a user or role
    that is odd in the other; the firmest links first.

    What had too little evidence to be an alert says nothing of another one.

    Parameters
    ----------
    others
        The last revision of each alert; the alert itself may be among them.
    """
    found = []
    for other in others:
        near = abs((other.day - alert.day).days) <= MOST_DAYS and other.held_because != "evidence"
        if near and other.alert_id != alert.alert_id and other.drill == alert.drill:
            links = _links(alert, other)
            if links:
                found.append(Related(other, tuple(links)))
    found.sort(key=lambda one: (not one.links[0].startswith("key"), -one.alert.record_score, one.alert.alert_id))
    return found[:MOST]


def marks_of(alert: Alert) -> set[str]:
    """Texts of which two alerts that `find_related` links have at least one in common."""
    named = {f"{kind} {name}" for kind, name in _names(alert) | _touched(alert)}
    return named | {f"key {key}" for key in _keys(alert)} | {f"address {one}" for one in _addresses(alert)}


def _links(alert: Alert, other: Alert) -> list[str]:
    keys = [f"key {key}" for key in _keys(alert) if key in set(_keys(other))]
    keys += [
        f"{kind} {name}" for kind, name in sorted(_names(alert) & _touched(other) | _names(other) & _touched(alert))
    ]
    if not (_is_placed(alert) or _is_placed(other)):
        return keys  # everybody's office carries everybody's evidence
    return keys + [f"address {address}" for address in _addresses(alert) if address in set(_addresses(other))]


def _keys(alert: Alert) -> list[str]:
    """Access keys that were used, handed out, or opened a session."""
    keys: list[str] = []
    for session in alert.sessions:
        keys += [session.access_key, *session.issued_keys, *(opener.access_key for opener in session.opened_by)]
    return list(dict.fromkeys(filter(None, keys)))


def _names(alert: Alert) -> set[tuple[str, str]]:
    """What the principal answers to where others name it: a user or a role."""
    kind = alert.principal_key.partition("/")[0]
    return {(kind, last_part(arn)) for arn in alert.identities} if kind in _NAMED else set()


def _touched(alert: Alert) -> set[tuple[str, str]]:
    """Users and roles that it touched where that is odd."""
    kinds = {f"resource:{kind}": kind for kind in _NAMED}
    reasons = (reason for reason in alert.reasons if reason.dimension in kinds)
    touched = {(kinds[reason.dimension], last_part(reason.value)) for reason in reasons}
    tokens = [token.partition(":") for harm in alert.harms for token in harm.resources]
    return touched | {(kind, last_part(name)) for kind, _, name in tokens if kind in _NAMED}


def _is_placed(alert: Alert) -> bool:
    """Whether the place is among what is odd."""
    return any(reason.dimension in ("prefix", "asn", "country") for reason in alert.reasons)


def _addresses(alert: Alert) -> list[str]:
    """Addresses without whose calls much of the evidence would not be there."""
    carried = [one.values for one in alert.influencers if one.field == "source.address"]
    return [address for values in carried for address in values]
