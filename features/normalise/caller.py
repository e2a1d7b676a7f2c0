"""The caller that a `userIdentity` names: the principal behind it, and the credential.

Sessions come and go; who is behind one is worked out once.
"""

import msgspec

from features.call.account import is_account
from features.call.principal import Principal
from features.call.resolve import is_contextual, pick_lasting_parts, resolve
from features.call.session import Session, read_session
from features.normalise.memo import Bounded
from features.record.cloudtrail import UserIdentity, decode_user_identity
from features.record.repair import DECODE_ERRORS, coerce, read_leniently


class Who(msgspec.Struct, frozen=True, gc=False):
    """A caller."""

    columns: Principal
    session: Session
    account: str
    """Account of the identity; empty when it is not one."""
    imds: str
    """Version of the metadata service that handed the credential out."""
    contextual: bool
    """The answer depends on the event source and the account of the record."""
    repaired: bool


def read_identity(raw: bytes) -> tuple[UserIdentity, bool] | None:
    """A `userIdentity` and whether it had to be repaired; None when it cannot be read.

    >>> read_identity(b'{"type": "Root", "accountId": 12}')[0].account_id
    '12'
    >>> read_identity(b'"root"') is None
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


class Callers:
    """Answers for callers."""

    def __init__(self, most: int) -> None:
        self._settled: Bounded[tuple[tuple[str, ...], str, str], Principal] = Bounded(most)

    def __call__(self, raw: bytes, source: str = "", account: str = "") -> Who | None:
        """The caller of a `userIdentity`; None when it cannot be read."""
        found = read_identity(raw)
        if found is None:
            return None
        identity, repaired = found
        key = (pick_lasting_parts(identity), source, account)
        principal = self._settled.get(key)
        if principal is None:
            principal = resolve(identity, source, account)
            self._settled.keep(key, principal)
        return Who(
            principal,
            read_session(identity),
            identity.account_id if is_account(identity.account_id) else "",
            identity.session_context.ec2_role_delivery,
            is_contextual(identity),
            repaired,
        )
