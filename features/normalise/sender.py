"""Who sent a record, with which credential, from where and with what: of each combination, worked out once.

Answers hold the values of their columns as a tuple for each part of OF_SENDER, so that rows and combinations share
them: a new session of a known caller is one new part and not a new row of all.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec

from features.normalise import repeated as facets
from features.normalise.caller import Callers, Who
from features.normalise.memo import Memo
from features.record.cloudtrail import Record

Key: TypeAlias = tuple[bytes, str | None, bool, str | None]
"""Identity as delivered, address, whether through a VPC endpoint, and user agent of a record."""


class Sender(NamedTuple):
    """What most records need of their sender, and the caller where that is not all."""

    columns: tuple[tuple[Any, ...], ...] | None
    """Values of OF_SENDER; None when the identity cannot be read."""
    account: str
    cut: bool
    who: Who | None


NOBODY = Sender(None, "", False, None)


class Senders:
    """Answers for senders, remembered."""

    def __init__(self) -> None:
        parts = _Parts()
        self.memo: Memo[Key, Sender] = Memo(parts.of, 32_768)
        self._stranger: Memo[tuple[Any, ...], Sender] = Memo(parts.of_stranger, 16_384)

    def __call__(
        self,
        identities: Sequence[msgspec.Raw],
        addresses: Sequence[str | None],
        endpoints: Sequence[str | None],
        user_agents: Sequence[str | None],
        records: Sequence[Record],
    ) -> tuple[list[Any], ...]:
        """Of each record the fields of its sender, a list a field."""
        through = [endpoint is not None for endpoint in endpoints]
        sent = zip(map(bytes, identities), addresses, through, user_agents, strict=True)
        found = list(map(self.memo.__getitem__, sent))
        for row, (_, _, _, who) in enumerate(found):
            if who is not None and who.contextual:
                record = records[row]
                context = (record.event_source or "", record.recipient_account_id or "")
                key = (bytes(identities[row]), addresses[row], through[row], user_agents[row], *context)
                found[row] = self._stranger[key]
        return tuple(map(list, zip(*found, strict=True)))


class _Parts:
    """What senders are made of."""

    def __init__(self) -> None:
        callers = Callers(16_384)
        self._who: Memo[bytes, Who | None] = Memo(callers, 16_384)
        self._contextual: Memo[tuple[bytes, str, str], Who | None] = Memo(lambda key: callers(*key), 16_384)
        self._address: Memo[tuple[str | None, bool], facets.From] = Memo(facets.address, 65_536)
        self._agent: Memo[tuple[str | None, str], facets.Told] = Memo(facets.agent, 16_384)

    def of(self, key: Key) -> Sender:
        """The sender of a record."""
        identity, address, through, user_agent = key
        return self._sent_by(self._who[identity], address, through, user_agent)

    def of_stranger(self, key: tuple[Any, ...]) -> Sender:
        """The same where source and account of the record say more of who it is."""
        identity, address, through, user_agent, source, account = key
        return self._sent_by(self._contextual[identity, source, account], address, through, user_agent)

    def _sent_by(self, who: Who | None, address: str | None, through: bool, user_agent: str | None) -> Sender:
        if who is None:
            return NOBODY
        came, principal, session = self._address[address, through], who.columns, who.session
        told = self._agent[user_agent, session.invoked_by or came.service]
        if came.service and not session.invoked_by and principal.kind != "aws_service":
            session = session._replace(invoked_by=came.service)
        odd = who.contextual or who.repaired or who.imds == "1.0" or principal.kind == "root"
        columns = (principal, session, came.columns, told.columns)
        return Sender(columns, who.account, came.cut or told.cut, who if odd else None)
