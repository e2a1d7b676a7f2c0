"""Who called, with which credential, from where and with which tool: each combination is worked out once.

What is known of a caller is a tuple of values for each part of OF_CALLER, so that callers share parts: a new session of
a known principal is one new part, and not a new row of all.
"""

from collections.abc import Iterator, Sequence
from itertools import compress, count
from typing import Any, NamedTuple, TypeAlias

from features.call.sender import weigh_sender
from features.call.verified import NONE_VERIFIED, VerifiedNames
from features.normalise.client import ClientAddress, ClientAgent, read_address, read_agent
from features.normalise.memo import Memo
from features.normalise.resolved_identity import IdentityResolver, ResolvedIdentity
from features.record.fields import Fields

_CallerKey: TypeAlias = tuple[bytes, str | None, bool, str | None]
"""Identity as delivered, address, whether through a VPC endpoint, and user agent of a record."""
_ContextualKey: TypeAlias = tuple[bytes, str | None, bool, str | None, str, str]
"""The same, and the event source and account of the record."""


class Caller(NamedTuple):
    """A caller."""

    columns: tuple[Any, ...]
    """Values of OF_CALLER; empty when the identity cannot be read."""
    account: str
    """Account of the identity; empty when what stands there is not one."""
    cut: bool
    """A text was too long to be kept whole."""
    notable: ResolvedIdentity | None
    """The identity, where its records have to be looked at one by one; None for most."""


NOBODY = Caller((), "", False, None)
"""Caller whose identity cannot be read."""


class CallerColumns(NamedTuple):
    """The fields of many callers, a column a field."""

    columns: list[tuple[Any, ...]]
    accounts: list[str]
    cut: list[bool]
    notable: list[ResolvedIdentity | None]

    @classmethod
    def of(cls, callers: Sequence[Caller]) -> "CallerColumns":
        """Turn callers, one at least, into columns."""
        return cls._make(map(list, zip(*callers, strict=True)))

    def notable_rows(self) -> Iterator[tuple[int, ResolvedIdentity]]:
        """Rows whose identity is notable, with it."""
        return zip(compress(count(), self.notable), filter(None, self.notable), strict=True)


class Callers:
    """Knows callers, and remembers them."""

    def __init__(self, verified: VerifiedNames = NONE_VERIFIED) -> None:
        parts = _Parts(verified)
        self.memo: Memo[_CallerKey, Caller] = Memo(parts.make_caller, 32_768, _length)
        self._contextual: Memo[_ContextualKey, Caller] = Memo(parts.make_contextual_caller, 16_384)

    def look_up(self, fields: Fields) -> CallerColumns:
        """Look up the callers of some records."""
        through_endpoint = [endpoint is not None for endpoint in fields.vpc_endpoint_id]
        keys = zip(
            map(bytes, fields.user_identity), fields.source_ip_address, through_endpoint, fields.user_agent, strict=True
        )
        found = list(map(self.memo.__getitem__, keys))
        columns = CallerColumns.of(found)
        contextual = [row for row, identity in columns.notable_rows() if identity.contextual]
        if not contextual:
            return columns
        for row in contextual:
            found[row] = self._contextual[_contextual_key(fields, row)]
        return CallerColumns.of(found)


def _length(key: _CallerKey) -> int:
    identity, address, _, user_agent = key
    return len(identity) + len(address or "") + len(user_agent or "")


def _contextual_key(fields: Fields, row: int) -> _ContextualKey:
    return (
        bytes(fields.user_identity[row]),
        fields.source_ip_address[row],
        fields.vpc_endpoint_id[row] is not None,
        fields.user_agent[row],
        fields.event_source[row] or "",
        fields.recipient_account_id[row] or "",
    )


class _Parts:
    """What callers are made of."""

    def __init__(self, verified: VerifiedNames) -> None:
        resolve = IdentityResolver(16_384, verified).resolve
        self._identities: Memo[bytes, ResolvedIdentity | None] = Memo(resolve, 16_384, len)
        self._contextual: Memo[tuple[bytes, str, str], ResolvedIdentity | None] = Memo(
            lambda key: resolve(*key), 16_384
        )
        self._addresses: Memo[tuple[str | None, bool], ClientAddress] = Memo(lambda key: read_address(*key), 65_536)
        self._agents: Memo[tuple[str | None, str], ClientAgent] = Memo(lambda key: read_agent(*key), 16_384)

    def make_caller(self, key: _CallerKey) -> Caller:
        """Make a caller of what its record says."""
        identity, address, through_endpoint, user_agent = key
        return self._make(self._identities[identity], address, through_endpoint, user_agent)

    def make_contextual_caller(self, key: _ContextualKey) -> Caller:
        """Make a caller whose principal depends on the event source and the account of the record."""
        identity, address, through_endpoint, user_agent, source, account = key
        return self._make(self._contextual[identity, source, account], address, through_endpoint, user_agent)

    def _make(
        self, identity: ResolvedIdentity | None, text: str | None, through_endpoint: bool, user_agent: str | None
    ) -> Caller:
        if identity is None:
            return NOBODY
        session, address = identity.session, self._addresses[text, through_endpoint]
        principal = weigh_sender(identity.principal, session.invoked_by, address.columns[0], address.service)
        agent = self._agents[user_agent, session.invoked_by or address.service]
        if address.service and not session.invoked_by and principal.kind != "aws_service":
            session = session._replace(invoked_by=address.service)
        notable = identity.contextual or identity.repaired or identity.imds == "1.0" or principal.kind == "root"
        return Caller(
            (principal, session, address.columns, agent.columns),
            identity.account,
            address.cut or agent.cut,
            identity if notable else None,
        )
