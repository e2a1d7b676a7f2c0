"""The session of a caller: the credential it used, which changes while the principal stays the same."""

from typing import Final, NamedTuple

from features.call.principal import LONGEST
from features.record.cloudtrail import UserIdentity
from features.times.instant import read_instant

_BOOLEANS: Final = {"true": True, "false": False}


class Session(NamedTuple):
    """A session as kept: columns of the event schema."""

    session: str = ""
    """Access key id, else the credential's; for a temporary credential `/` and its start besides."""
    session_name: str = ""
    """As whoever opened the session chose it; nobody vouches for it."""
    session_start: int | None = None
    """Microseconds since 1970; None for a long-lived key."""
    mfa: bool | None = None
    """None when the record does not say."""
    invoked_by: str = ""
    """AWS service that called on the caller's behalf, as its host name."""


_OF_A_ROLE: Final = frozenset({"AssumedRole", "Role", "AWSAccount"})
"""Types whose principalId is a role's id, `:` and the session's name; of another account, where a role called."""


def read_session_name(identity: UserIdentity) -> str:
    """Read the name of a session: of an assumed role what follows the role's id, else what follows the role in its ARN;
    of a federated user the name that was federated. "" for others.

    >>> read_session_name(UserIdentity(type="AssumedRole", principal_id="AROA1:ana@example.com"))
    'ana@example.com'
    >>> read_session_name(UserIdentity(type="FederatedUser", arn="arn:aws:sts::111111111111:federated-user/ana"))
    'ana'
    """
    if identity.type in _OF_A_ROLE:
        return identity.principal_id.partition(":")[2] or _after(identity.arn, ":assumed-role/").partition("/")[2]
    if identity.type == "FederatedUser":
        return _after(identity.arn, ":federated-user/") or identity.principal_id.partition(":")[2]
    return ""


def has_second_factor(identity: UserIdentity) -> bool:
    """Whether AWS saw a second factor when the session was opened."""
    return _BOOLEANS.get(identity.session_context.attributes.mfa_authenticated.lower()) is True


def _after(text: str, mark: str) -> str:
    return text.partition(mark)[2]


def read_session(identity: UserIdentity) -> Session:
    """Read the session from an identity.

    >>> read_session(UserIdentity(access_key_id="AKIA1", invoked_by="rds.amazonaws.com"))
    Session(session='AKIA1', session_name='', session_start=None, mfa=None, invoked_by='rds.amazonaws.com')
    """
    attributes = identity.session_context.attributes
    key, start = (identity.access_key_id or identity.credential_id)[:LONGEST], attributes.creation_date[:40]
    return Session(
        f"{key}/{start}" if start else key,
        read_session_name(identity)[:LONGEST],
        read_instant(start) if start else None,
        _BOOLEANS.get(attributes.mfa_authenticated.lower()),
        identity.invoked_by[:LONGEST],
    )
