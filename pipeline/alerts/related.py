"""Other alerts that show the same hands at work: the same key, a key that the other handed out, an odd address."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pipeline.stores.alert import Alert

MOST_DAYS: Final = 7
"""Days between two alerts of one story."""
MOST: Final = 10
"""Alerts that are told."""


@dataclass(frozen=True, slots=True)
class Related:
    """Another alert, and what links it."""

    alert: Alert
    links: tuple[str, ...]
    """In words, the firmest first."""


def find_related(alert: Alert, others: Iterable[Alert]) -> list[Related]:
    """Alerts of the same week that share a key or an odd address with an alert, the firmest links first.

    What had too little evidence to be an alert says nothing of another one.

    Parameters
    ----------
    others
        The last revision of each alert; the alert itself may be among them.
    """
    found = []
    for other in others:
        near = abs((other.day - alert.day).days) <= MOST_DAYS and other.held_because != "evidence"
        if near and other.alert_id != alert.alert_id:
            links = _links(alert, other)
            if links:
                found.append(Related(other, tuple(links)))
    found.sort(key=lambda one: (not one.links[0].startswith("key"), -one.alert.record_score, one.alert.alert_id))
    return found[:MOST]


def _links(alert: Alert, other: Alert) -> list[str]:
    keys = [f"key {key}" for key in _keys(alert) if key in set(_keys(other))]
    if not (_is_placed(alert) or _is_placed(other)):
        return keys  # everybody's office carries everybody's evidence
    return keys + [f"address {address}" for address in _addresses(alert) if address in set(_addresses(other))]


def _keys(alert: Alert) -> list[str]:
    """Access keys that were used, handed out, or opened a session."""
    keys: list[str] = []
    for session in alert.sessions:
        keys += [session.access_key, *session.issued_keys, *(opener.access_key for opener in session.opened_by)]
    return list(dict.fromkeys(filter(None, keys)))


def _is_placed(alert: Alert) -> bool:
    """Whether the place is among what is odd."""
    return any(reason.dimension in ("prefix", "asn", "country") for reason in alert.reasons)


def _addresses(alert: Alert) -> list[str]:
    """Addresses without whose calls much of the evidence would not be there."""
    carried = [one.values for one in alert.influencers if one.field == "source.address"]
    return [address for values in carried for address in values]
