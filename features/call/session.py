"""The credential a caller used: what changes from session to session of one principal."""

from typing import Final, NamedTuple

from features.record.cloudtrail import Identity
from features.times.instant import read_instant

LONGEST: Final = 256
"""Characters of a text about a caller that are kept."""
_SAID: Final = {"true": True, "false": False}


class Session(NamedTuple):
    """The credential a caller used, as kept."""

    session: str = ""
    session_start: int | None = None
    """Microseconds since 1970."""
    mfa: bool | None = None
    invoked_by: str = ""


def session_of(identity: Identity) -> Session:
    """The session an identity tells of.

    >>> session_of(Identity(access_key_id="AKIA1", invoked_by="rds.amazonaws.com"))
    Session(session='AKIA1', session_start=None, mfa=None, invoked_by='rds.amazonaws.com')
    """
    attributes = identity.session_context.attributes
    key, start = identity.access_key_id[:LONGEST], attributes.creation_date[:40]
    return Session(
        f"{key}/{start}" if start else key,
        read_instant(start) if start else None,
        _SAID.get(attributes.mfa_authenticated.lower()),
        identity.invoked_by[:LONGEST],
    )
