"""The session of a caller: the credential it used, which changes while the principal stays the same."""

from typing import Final, NamedTuple

from features.call.principal import LONGEST
from features.record.cloudtrail import UserIdentity
from features.times.instant import read_instant

_BOOLEANS: Final = {"true": True, "false": False}


class Session(NamedTuple):
    """A session as kept: columns of the event schema."""

    session: str = ""
    """Access key id; for a temporary credential `/` and its start besides."""
    session_start: int | None = None
    """Microseconds since 1970; None for a long-lived key."""
    mfa: bool | None = None
    """None when the record does not say."""
    invoked_by: str = ""
    """AWS service that called on the caller's behalf, as its host name."""


def read_session(identity: UserIdentity) -> Session:
    """Read the session from an identity.

    >>> read_session(UserIdentity(access_key_id="AKIA1", invoked_by="rds.amazonaws.com"))
    Session(session='AKIA1', session_start=None, mfa=None, invoked_by='rds.amazonaws.com')
    """
    attributes = identity.session_context.attributes
    key, start = identity.access_key_id[:LONGEST], attributes.creation_date[:40]
    return Session(
        f"{key}/{start}" if start else key,
        read_instant(start) if start else None,
        _BOOLEANS.get(attributes.mfa_authenticated.lower()),
        identity.invoked_by[:LONGEST],
    )
