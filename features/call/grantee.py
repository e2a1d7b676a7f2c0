"""Who is let in, as requests name them: account numbers, ARNs, organizations, everybody.

A grantee that no account is known of (a canonical user, a mail address) is `grantee:…`.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from features.call.account import is_account

EVERYBODY: Final = "principal:*"
LONGEST_NAME: Final = 128
"""Characters of a name in a token."""
_MOST_NAMES: Final = 100
"""Names that one text may hold."""
_ARN_ACCOUNT = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:(\d{12}):", re.ASCII)
_ANY_ACCOUNT = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(?=[0-9?]*[*?])[0-9*?]*(?::|\Z)", re.ASCII)
_ACCOUNT_FIRST = re.compile(r"(\d{12})(?::IAMPrincipals\Z|/)", re.ASCII)
_ORGANIZATION = re.compile(
    r"(?:arn:aws[a-z-]*:organizations::\d{12}:(?:organization|ou)/)?(o-[a-z0-9]{4,32})(?:/.*)?", re.ASCII
)
_UNIT = re.compile(r"(ou-[a-z0-9]{4,32}-[a-z0-9]{4,32}|r-[a-z0-9]{4,32})", re.ASCII)
_EVERYBODY_NAMES: Final = frozenset({"*", "all", "everyone", "anonymous", "publicanonymoususer"})
_EVERYBODY_PARTS: Final = ("/global/allusers", "/global/authenticatedusers", "publicanonymoususer")
"""Parts of S3's groups for everybody and for every AWS account, and of QuickSight's reader without a name."""


def account_of(text: str) -> str:
    """Take the account from an ARN, or from a text that is one; "" for others.

    >>> account_of("arn:aws:iam::222222222222:root"), account_of("222222222222"), account_of("*")
    ('222222222222', '222222222222', '')
    """
    if is_account(text):
        return text
    match = _ARN_ACCOUNT.match(text) or _ACCOUNT_FIRST.match(text)
    return match[1] if match else ""


def organization_of(text: str) -> str:
    """Take the organization from its id, its ARN or a unit's ARN; of a unit's id alone that id; "" for others.

    >>> organization_of("arn:aws:organizations::222222222222:ou/o-exampleorg/ou-ab12-cdef3456")
    'o-exampleorg'
    >>> organization_of("ou-ab12-cdef3456"), organization_of("222222222222")
    ('ou-ab12-cdef3456', '')
    """
    match = _ORGANIZATION.fullmatch(text) or _UNIT.fullmatch(text)
    return match[1] if match else ""


def is_everybody(text: str) -> bool:
    """Whether a text names everybody, or a principal of any account.

    >>> is_everybody("*"), is_everybody("arn:aws:iam::*:role/deploy"), is_everybody("arn:aws:s3:::*")
    (True, True, False)
    """
    lowered = text.lower()
    return (
        lowered in _EVERYBODY_NAMES
        or any(part in lowered for part in _EVERYBODY_PARTS)
        or _ANY_ACCOUNT.match(text) is not None
    )


def read_grantee(value: Any) -> Iterator[str]:
    """Read the tokens of whom a field names; several may be in one text, parted by commas.

    >>> list(read_grantee("all")), list(read_grantee(2222222222)), list(read_grantee("s3.amazonaws.com"))
    (['principal:*'], ['account:002222222222'], [])
    """
    for text in as_text(value).split(",", _MOST_NAMES)[:_MOST_NAMES]:
        name = text.strip().strip("\"'")
        if is_everybody(name):
            yield EVERYBODY
        elif organization := organization_of(name):
            yield f"org:{organization}"
        elif account := account_of(name):
            yield f"account:{account}"


def name_grantee(value: Any) -> str:
    """The token of a grantee whose account is unknown.

    >>> name_grantee("vpc-0123")
    'grantee:vpc-0123'
    """
    return f"grantee:{as_text(value)[:LONGEST_NAME]}"


def as_text(value: Any) -> str:
    """A scalar as text; an account that somebody wrote as a number has its zeros back.

    >>> as_text(True), as_text(2222222222), as_text(None)
    ('true', '002222222222', '')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value).zfill(12) if 10**8 <= value < 10**12 else str(value)[:LONGEST_NAME]
    return value if isinstance(value, str) else ""
