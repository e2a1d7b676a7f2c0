"""By what an alert is found in the page's search: the whole of a name, in any case."""

from collections.abc import Iterable, Iterator

from pipeline.alerts.related import marks_of
from pipeline.stores.alert import Alert


def mark(alert: Alert) -> Iterator[str]:
    """Everything an alert is found by: what links it to others, and what is looked for."""
    yield from marks_of(alert)
    yield mark_principal(alert.principal_key)
    for name in _names(alert):
        yield sought(name)
        kind, _, rest = name.partition(":")
        if rest and kind:
            yield sought(rest)


def mark_principal(key: str) -> str:
    """The mark of alerts of one principal, and of no other whose key begins so."""
    return f"of {key}"


def sought(text: str) -> str:
    """The mark of what somebody looks for.

    >>> sought(" S3:GetObject ")
    'is s3:getobject'
    """
    return f"is {text.strip().casefold()}"


def _names(alert: Alert) -> Iterable[str]:
    yield from (alert.alert_id, *alert.accounts, *alert.event_ids)
    yield from (reason.value for reason in alert.reasons)
    for influencer in alert.influencers:
        yield from influencer.values
    for session in alert.sessions:
        yield from (session.access_key, session.session_name, *session.addresses, *session.issued_keys)
        for opener in session.opened_by:
            yield from (opener.access_key, opener.address, opener.event_id)
    for harm in alert.harms:
        yield from (*harm.actions, *harm.resources)
