"""Whether a call gave somebody else a credential: a key, a password or a device of a user that is not the caller's own.

Who took over one identity makes itself another that way. A caller may be told by its name only where it is a user
itself; a role that makes a user's key makes it for somebody else.
"""

from typing import Any, Final

from features.call.action_alias import IAM_PREFIXES
from features.call.document import fold_key, read_document

_OF_USER: Final = ("username",)
_GIVING: Final = {
    "iam:CreateAccessKey": _OF_USER,
    "iam:CreateLoginProfile": _OF_USER,
    "iam:CreateServiceSpecificCredential": _OF_USER,
    "iam:EnableMFADevice": _OF_USER,
    "iam:ResetServiceSpecificCredential": _OF_USER,
    "iam:UpdateAccessKey": _OF_USER,
    "iam:UpdateLoginProfile": _OF_USER,
    "iam:UploadSigningCertificate": _OF_USER,
    "iam:UploadSSHPublicKey": _OF_USER,
    "ds:ResetUserPassword": _OF_USER,
    "sso-directory:CreateBearerToken": ("userid", "username"),
    "sso-directory:UpdatePassword": ("userid", "username"),
    "transfer:ImportSshPublicKey": _OF_USER,
    "workmail:ResetPassword": ("userid",),
}
"""Calls that give a user a credential, with the fields of their request that name the user."""


def may_give_credential(action: str) -> bool:
    """Whether a call gives a user a credential.

    >>> may_give_credential("iam:CreateAccessKey"), may_give_credential("iam:DeleteAccessKey")
    (True, False)
    """
    return _find_key(action) in _GIVING


def gives_credential(action: str, request: bytes, caller: bytes) -> bool:
    """Whether a call that succeeded gave a credential to somebody else than its caller.

    A request that names nobody is about the caller itself.

    Parameters
    ----------
    action
        `service:EventName`.
    request
        JSON of requestParameters.
    caller
        JSON of userIdentity.

    Examples
    --------
    >>> eve = b'{"type": "IAMUser", "userName": "eve"}'
    >>> gives_credential("iam:CreateAccessKey", b'{"userName": "bob"}', eve)
    True
    >>> gives_credential("iam:CreateAccessKey", b'{"userName": "Eve"}', eve)
    False
    """
    fields = _GIVING.get(_find_key(action))
    if fields is None:
        return False
    asked, calls = _read(request), _read(caller)
    named = next((str(asked[field]) for field in fields if asked.get(field)), "")
    own = str(calls.get("username", "")) if calls.get("type") == "IAMUser" else ""
    takes_back = str(asked.get("status", "")).lower() == "inactive"
    return bool(named) and not takes_back and named.casefold() != own.casefold()


def _read(document: bytes) -> dict[str, Any]:
    """A document's members by folded name; none where it is no object."""
    found = read_document(document)
    return {fold_key(name): value for name, value in found.items()} if isinstance(found, dict) else {}


def _find_key(action: str) -> str:
    service, _, name = action.partition(":")
    return f"{IAM_PREFIXES.get(service, service)}:{name}"
