"""What a sign-in says in its additionalEventData: the user's name, and whether a second factor was used."""

import re
from typing import Final

from features.call.principal import Principal
from features.call.session import Session

_LONGEST: Final = 131_072
"""Bytes that are read."""
_SECOND_FACTOR: Final = re.compile(rb'"MFAUsed"\s*:\s*"(Yes|No)"')
_ASKED_BY_AWS: Final = frozenset({"IAMUser", "Root"})
"""Types of identity whose second factor AWS asks for."""
_USER_NAME: Final = re.compile(rb'"UserName"\s*:\s*"([^"\\]{1,256})"')


def read_second_factor(extra: bytes) -> bool | None:
    """Read from additionalEventData whether a second factor was used; None when it does not say.

    >>> read_second_factor(b'{"MFAUsed": "No"}'), read_second_factor(b"")
    (False, None)
    """
    found = _SECOND_FACTOR.search(extra[:_LONGEST])
    return None if found is None else found[1] == b"Yes"


def read_user_name(extra: bytes) -> str:
    """Read from additionalEventData the name of who signs in; "" when it does not say.

    >>> read_user_name(b'{"UserName": "ana", "CredentialType": "PASSWORD"}')
    'ana'
    """
    found = _USER_NAME.search(extra[:_LONGEST])
    return found[1].decode("utf-8", "replace") if found else ""


def add_sign_in(principal: Principal, session: Session, extra: bytes) -> tuple[Principal, Session]:
    """Add what a sign-in says to the principal and session of its identity.

    Only a user of Identity Center is given the name: all others have theirs in their identity. Only of an IAM user and
    of root does AWS ask the second factor itself; whoever comes from an identity provider was asked there, so that a
    "No" says nothing of them.
    """
    name, second_factor = read_user_name(extra), read_second_factor(extra)
    if name and principal.rule == "identity_center_user":
        principal = principal._replace(principal_name=name)
    if second_factor is None:
        second_factor = session.mfa
    seen = second_factor or session.mfa or None
    return principal, session._replace(mfa=second_factor if principal.identity_type in _ASKED_BY_AWS else seen)
