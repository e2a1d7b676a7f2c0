"""What a record's `userIdentity` is resolved to: the principal behind it, its session, its account.

Sessions come and go; who is behind one is worked out once.
"""

import msgspec

from features.call.account import is_account
from features.call.principal import Principal
from features.call.resolve import is_contextual, pick_lasting_parts, resolve
from features.call.session import Session, read_session
from features.call.verified import NONE_VERIFIED, VerifiedNames
from features.normalise.memo import BoundedDict
from features.record.cloudtrail import UserIdentity, decode_user_identity
from features.record.repair import DECODE_ERRORS, coerce, read_leniently


class ResolvedIdentity(msgspec.Struct, frozen=True, gc=False):
    """A `userIdentity`, resolved."""

    principal: Principal
    session: Session
    account: str
    """Account of the identity; empty when what stands there is not one."""
    imds: str
    """Version of the metadata service that handed the credential out; empty when none did."""
    contextual: bool
    """The principal depends on the event source and the account of the record as well."""
    repaired: bool


def read_user_identity(raw: bytes) -> tuple[UserIdentity, bool] | None:
    """Read a `userIdentity`; also tell whether it had to be repaired. None when it cannot be read.

    >>> read_user_identity(b'{"type": "Root", "accountId": 12}')[0].account_id
    '12'
    >>> read_user_identity(b'"root"') is None
    True
    """
    if raw in (b"", b"null"):
        return UserIdentity(), False
    try:
        return decode_user_identity(raw), False
    except DECODE_ERRORS:
        document = read_leniently(raw)
    if document is None:
        return None
    kept, changed = coerce(document, UserIdentity)
    try:
        return msgspec.convert(kept, UserIdentity), changed
    except DECODE_ERRORS:
        return None


class IdentityResolver:
    """Resolves identities, and remembers the principals.

    Parameters
    ----------
    most
        Principals that are remembered at most.
    verified
        Roles whose sessions' names tell who it is.

    Examples
    --------
    >>> resolver = IdentityResolver(most=100)
    >>> resolver.resolve(b'{"type": "Root", "accountId": "111111111111"}').principal.principal
    'root/111111111111'
    """

    def __init__(self, most: int, verified: VerifiedNames = NONE_VERIFIED) -> None:
        self._verified = verified
        self._principals: BoundedDict[tuple[tuple[str, ...], str, str], Principal] = BoundedDict(most)

    def resolve(self, raw: bytes, source: str = "", account: str = "") -> ResolvedIdentity | None:
        """Resolve a `userIdentity`, by its record's event source and account where it is contextual.

        The answer is None when the identity cannot be read.
        """
        found = read_user_identity(raw)
        if found is None:
            return None
        identity, repaired = found
        return ResolvedIdentity(
            self._find_principal(identity, source, account),
            read_session(identity),
            identity.account_id if is_account(identity.account_id) else "",
            identity.session_context.ec2_role_delivery,
            is_contextual(identity),
            repaired,
        )

    def _find_principal(self, identity: UserIdentity, source: str, account: str) -> Principal:
        key = (pick_lasting_parts(identity, self._verified), source, account)
        principal = self._principals.get(key)
        if principal is None:
            principal = resolve(identity, source, account, self._verified)
            self._principals.keep(key, principal)
        return principal
