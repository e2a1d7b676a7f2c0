"""The parts of a record that repeat, each worked out from its bytes once: who called, what, with which agent.

Answers hold the values of their columns as one tuple, so that a row is put together from a few tuples.
"""

import re
from typing import Any, Final, NamedTuple

import msgspec

from features.action import ActionCatalogue
from features.address import parse_address
from features.agent import LONGEST as LONGEST_AGENT
from features.agent import agent_family, service_agent
from features.error import error_family
from features.exposure import may_expose
from features.fact import may_state
from features.memo import LONGEST as LONGEST_KEY
from features.principal import Principal, is_contextual, lasting, settled
from features.record import Identity, decode_identity
from features.repair import UNREADABLE, coerce, read
from features.resource import Reader, reader_of
from features.session import Session, session_of

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_ODD: Final = re.compile(r"[^A-Za-z0-9_-]")
LONGEST_NAME: Final = 128
"""Characters of an event source, an event name and a region that are kept."""
LONGEST_MESSAGE: Final = 1024
NO_ACCOUNT: Final = "unknown"
"""Account of a record that names none; never empty, for it is a folder's name."""


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


class Call(NamedTuple):
    """A call: what `features.action` says of it, and what else of its records has to be looked at."""

    columns: tuple[str, str, str, bool, str, str]
    """service, action, level, write, level_source, tactic."""
    action: str
    without_region: bool
    reader: Reader | None
    """Reads the resources that a request names; None when the record's own list tells them."""
    exposes: bool
    states: bool
    answers: bool
    """Its response may tell something: an error, a credential."""
    signs_in: bool
    issues: bool
    """Its response hands out a credential."""
    is_sts: bool
    known: bool
    """The IAM definition or a table of ours knows it."""
    cut: bool


class From(NamedTuple):
    """Where a call came from."""

    columns: tuple[str, str, str]
    """address, address_kind, prefix."""
    service: str
    """Host name of the AWS service the call came from; empty for others."""
    cut: bool


class Told(NamedTuple):
    """A user agent, or an error, with its columns."""

    columns: tuple[Any, ...]
    cut: bool


_BY_SERVICE: Final = ("aws_service", "aws_internal")
SUCCESS: Final = Told(("", None, None), False)
_ISSUING: Final = re.compile(
    r"sts:(?:AssumeRole|Get(?:Session|Federation)Token)\w*|iam:CreateAccessKey|sso:GetRoleCredentials|"
    r"cognito-identity:GetCredentialsForIdentity|rolesanywhere:CreateSession|redshift:GetClusterCredentials\w*"
)


def read_identity(raw: bytes) -> tuple[Identity, bool] | None:
    """A `userIdentity` and whether it had to be repaired; None when it cannot be read.

    >>> read_identity(b'{"type": "Root", "accountId": 12}')[0].account_id
    '12'
    >>> read_identity(b'"root"') is None
    True
    """
    if raw in (b"", b"null"):
        return Identity(), False
    try:
        return decode_identity(raw), False
    except UNREADABLE:
        document = read(raw)
    if document is None:
        return None
    kept, changed = coerce(document, Identity)
    try:
        return msgspec.convert(kept, Identity), changed
    except UNREADABLE:
        return None


class Callers:
    """Answers for callers. Sessions come and go; who is behind one is worked out once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._settled: dict[tuple[tuple[str, ...], str, str], Principal] = {}

    def __call__(self, raw: bytes, source: str = "", account: str = "") -> Who | None:
        """The caller of a `userIdentity`; None when it cannot be read."""
        found = read_identity(raw)
        if found is None:
            return None
        identity, repaired = found
        key = (lasting(identity), source, account)
        principal = self._settled.get(key)
        if principal is None:
            principal = settled(identity, source, account)
            if len(raw) <= LONGEST_KEY:
                if len(self._settled) >= self._most:
                    self._settled.clear()
                self._settled[key] = principal
        return Who(
            principal,
            session_of(identity),
            identity.account_id if _ACCOUNT.fullmatch(identity.account_id) else "",
            identity.session_context.ec2_role_delivery,
            is_contextual(identity),
            repaired,
        )


class Calls:
    """Answers for calls, from a catalogue."""

    def __init__(self, catalogue: ActionCatalogue) -> None:
        self._catalogue = catalogue

    def __call__(self, key: tuple[str, str, bool | None]) -> Call:
        source, name, read_only = key
        action = self._catalogue.action(source, name, read_only)
        return Call(
            action[:6],
            action.action,
            action.without_region,
            reader_of(action.action),
            may_expose(action.action),
            may_state(action.action),
            action.write or action.service == "signin",
            action.service == "signin",
            _ISSUING.fullmatch(action.action) is not None,
            action.service == "sts",
            action.known,
            len(source) > LONGEST_NAME or len(name) > LONGEST_NAME,
        )


def address(key: tuple[str | None, bool]) -> From:
    """Where a `sourceIPAddress`, and whether it came through a VPC endpoint, says a call came from."""
    found = parse_address(*key)
    return From(found[:3], found.text if found.kind in _BY_SERVICE else "", len(key[0] or "") > len(found.text))


def agent(key: tuple[str | None, str]) -> Told:
    """Agent of a user agent and of the service that called on somebody's behalf."""
    text, invoked_by = key
    kept = (text or "")[:LONGEST_AGENT]
    family = service_agent(invoked_by) if invoked_by else agent_family(kept)
    return Told((family, kept), len(text or "") > len(kept))


def error(key: tuple[str | None, str | None]) -> Told:
    """Family, code and message of an error; a null for what is missing."""
    code, message = key
    kept = message[:LONGEST_MESSAGE] if message is not None else None
    family = error_family(code, message)
    if not family:
        return SUCCESS
    return Told(
        (family, code[:256] if code else None, kept), len(message or "") > LONGEST_MESSAGE or len(code or "") > 256
    )


def with_message(told: Told, message: str) -> Told:
    """An error with what its message says."""
    return Told((*told.columns[:2], message[:LONGEST_MESSAGE]), told.cut or len(message) > LONGEST_MESSAGE)


def account(text: str) -> str:
    """An account as kept; safe as the name of a folder.

    >>> account("123456789012"), account("../etc"), account("")
    ('123456789012', '___etc', 'unknown')
    """
    return text if _ACCOUNT.fullmatch(text) else _ODD.sub("_", text[:64]) or NO_ACCOUNT
