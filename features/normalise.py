"""From the bytes of records to columns of events: one memoised pass, one bad record never taking its neighbours.

Distinct identities, calls, addresses and agents are few and resolved once; what is left per record is a decode and a
few look-ups. Memos are bounded: they are emptied when full.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from features.action import Action, ActionCatalogue
from features.address import parse_address
from features.agent import agent_family, service_agent
from features.brackets import members
from features.error import error_family
from features.event import EVENT
from features.exposure import exposures, may_expose
from features.fact import NEEDS_REQUEST, facts
from features.principal import Principal, resolve
from features.record import Identity, Record, decode_addendum, decode_identity, decode_record
from features.repair import UNREADABLE, coerce, read, repair
from features.resource import FIELDS, resources

_MOST_MEMO = 65_536
_MEMO_BYTES = 2_048
"""Longest bytes that are remembered."""
_LONG_TEXT = 1_024
DELIVERY: Final = timedelta(minutes=5)
"""Usual time between a call and its delivery, where the file does not say."""
EARLY: Final = timedelta(minutes=15)
"""An event later than the clock by more than this is in the future."""
FIRST: Final = datetime(2006, 1, 1, tzinfo=UTC)
"""Before it there was no AWS."""

_ENRICHED = frozenset({"country", "city", "latitude", "longitude", "asn", "organisation", "network", "file"})
COLUMNS: Final = tuple(column.name for column in EVENT if column.name not in _ENRICHED)
"""Columns a normaliser fills; the others are enrichment's."""

_STORED = frozenset({"Management", "Data", "NetworkActivity"})
_ID = re.compile(r"[A-Za-z0-9._:-]{8,128}", re.ASCII)
_PLAIN_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_NONE: tuple[str, ...] = ()
_Raw = bytes | msgspec.Raw
Key = TypeVar("Key")
Value = TypeVar("Value")


class SetAside(NamedTuple):
    """A record of which no event can be made."""

    position: int
    reason: str
    raw: bytes


@dataclass
class Normalised:
    """What became of some records; every record is a row, set aside, or counted in `other`."""

    columns: dict[str, list[Any]]
    set_aside: list[SetAside] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)


class Memo(Generic[Key, Value]):
    """Answers of a function, kept until there are too many."""

    def __init__(self, ask: Callable[[Key], Value]) -> None:
        self._ask = ask
        self.answers: dict[Key, Value] = {}
        self.misses = 0

    def miss(self, key: Key) -> Value:
        """Ask, and remember."""
        self.misses += 1
        if len(self.answers) >= _MOST_MEMO:
            self.answers.clear()
        answer = self.answers[key] = self._ask(key)
        return answer


class _Time(NamedTuple):
    iso: str
    delivered: str
    flags: tuple[str, ...]


class _Caller(NamedTuple):
    who: Principal
    account: str
    mended: bool
    """The identity had to be repaired."""
    imds: str


class _Call(NamedTuple):
    columns: Action
    fields: bool
    exposes: bool
    stated: bool
    """Facts need more than the name."""


class Normaliser:
    """Makes event columns of records.

    Parameters
    ----------
    catalogue
        Levels and tactics of calls.

    Attributes
    ----------
    unmatched
        Calls that are in no table, with how often they came.

    Examples
    --------
    >>> catalogue = ActionCatalogue({"services": {}}, {"actions": {}})
    >>> raw = b'{"eventTime": "2026-03-02T09:00:00Z", "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", '
    >>> raw += b'"eventID": "0123456789", "userIdentity": {"type": "Root", "accountId": "111111111111"}}'
    >>> made = Normaliser(catalogue).normalise([raw], delivered_at=None, now=datetime(2026, 3, 3, tzinfo=UTC))
    >>> made.columns["action"], made.columns["principal"], made.columns["delivered_at"]
    (['s3:ListBuckets'], ['root/111111111111'], ['2026-03-02T09:05:00Z'])
    """

    def __init__(self, catalogue: ActionCatalogue) -> None:
        self._catalogue = catalogue
        self._identity: Memo[tuple[bytes, str, str], _Caller] = Memo(self._resolve)
        self._calls: Memo[tuple[str, str, bool | None], _Call] = Memo(self._call)
        self._agents: Memo[tuple[str | None, str], str] = Memo(_agent)
        self._addresses: Memo[tuple[str | None, bool], tuple[str, str, str]] = Memo(_address)
        self._times: Memo[str, _Time | None] = Memo(self._time)
        self._resources: Memo[tuple[str, str, bytes, bytes], tuple[str, ...]] = Memo(_resources)
        self._now = datetime.max.replace(tzinfo=UTC)
        self._asked = 0
        self.unmatched: Counter[str] = Counter()

    @property
    def memo_hits(self) -> int:
        """Questions answered from memory so far."""
        return self._asked - self.memo_misses

    @property
    def memo_misses(self) -> int:
        """Questions that had to be worked out."""
        memos = (self._identity, self._calls, self._agents, self._addresses, self._times)
        return sum(memo.misses for memo in memos)

    def normalise(self, raws: Sequence[_Raw], *, delivered_at: datetime | None, now: datetime) -> Normalised:
        """Events of some records, in their order.

        Parameters
        ----------
        raws
            One record each, as delivered.
        delivered_at
            When their file was delivered; five minutes after each event when not known.
        now
            The clock: an event more than `EARLY` after it is in the future.
        """
        if now != self._now:
            self._now = now
            self._times.answers.clear()
        made = Normalised({})
        delivered = delivered_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if delivered_at else None
        rows: list[tuple[Any, ...]] = []
        for position, raw in enumerate(raws):
            try:
                record, repaired = decode_record(raw), False
            except UNREADABLE:
                mended = repair(bytes(raw))
                if mended is None:
                    made.set_aside.append(SetAside(position, "is no JSON object", bytes(raw)))
                    continue
                record, repaired = mended[0], True
            category = record.event_category or (
                "NetworkActivity" if record.event_type == "AwsVpceEvent" else "Management"
            )
            if category not in _STORED or record.event_type == "AwsCloudTrailInsight":
                made.other[_other_name(category, record)] += 1
                continue
            row = self._row(record, raw, position, category, delivered, repaired)
            if isinstance(row, str):
                name = _not_an_event(bytes(raw))
                if name:
                    made.other[name] += 1
                else:
                    made.set_aside.append(SetAside(position, row, bytes(raw)))
                continue
            rows.append(row)
        made.columns = (
            dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True)) if rows else {n: [] for n in COLUMNS}
        )
        self._asked += 5 * len(rows)
        return made

    def _row(
        self, record: Record, raw: _Raw, position: int, category: str, delivered: str | None, repaired: bool
    ) -> tuple[Any, ...] | str:
        """The values of `COLUMNS`, or why there are none."""
        name, source, time = record.event_name, record.event_source, record.event_time
        if not name or not source:
            return "has no event name or source"
        when = self._times.answers.get(time) or self._times.miss(time) if time else None
        if when is None:
            return f"has no event time that can be read ({str(time)[:40]!r})"
        identity_bytes = bytes(record.user_identity)
        account = record.recipient_account_id or ""
        key = (identity_bytes, account, "" if len(identity_bytes) > 4 else source)
        caller = self._identity.answers.get(key) or self._identity.miss(key)
        who, caller_account, mended = caller.who, caller.account, caller.mended
        call_key = (source, name, record.read_only)
        call = self._calls.answers.get(call_key) or self._calls.miss(call_key)
        action = call.columns
        if not action.known:
            self.unmatched[action.action] += 1
        agent_key = (record.user_agent, who.invoked_by)
        agent = self._agents.answers.get(agent_key) or self._agents.miss(agent_key)
        address_key = (record.source_ip_address, record.vpc_endpoint_id is not None)
        address = self._addresses.answers.get(address_key) or self._addresses.miss(address_key)
        code, message = record.error_code, record.error_message
        error = error_family(code, message) if code or message else ""
        request = bytes(record.request_parameters) if call.fields or call.exposes or call.stated else b""
        touched: tuple[str, ...] = _NONE
        listed = record.resources
        if call.fields or len(memoryview(listed)) > 4:
            resource_key = (action.service, name, request if call.fields else b"", bytes(listed))
            if len(request) + len(resource_key[3]) <= _MEMO_BYTES:
                found = self._resources.answers.get(resource_key)
                touched = self._resources.miss(resource_key) if found is None else found
            else:
                touched = _resources(resource_key)
        opened = tuple(exposures(action.action, request, account)) if call.exposes and not error else _NONE
        stated: tuple[str, ...] = _NONE
        if call.stated or who.kind == "root" or caller.imds == "1.0":
            stated = tuple(
                facts(
                    action.action,
                    root=who.kind == "root",
                    request=request,
                    response=bytes(record.response_elements),
                    extra=bytes(record.additional_event_data),
                    failed=bool(error),
                    imds=caller.imds,
                )
            )
            if "login_failed" in stated and not error:
                error = "credential"
        mfa = True if "login_mfa" in stated else False if "login_no_mfa" in stated else who.mfa
        issued = (
            _issued(record.response_elements)
            if name.startswith(("Assume", "GetSession", "GetFederation", "CreateAccessKey"))
            else ""
        )
        event_id = record.event_id
        flags = when.flags
        if event_id is None or not _ID.fullmatch(event_id):
            event_id = _hashed(bytes(raw))
            flags = (*flags, "hashed_id")
        if repaired or mended:
            flags = (*flags, "repaired")
        if caller_account and account and caller_account != account:
            flags = (*flags, "cross_account")
        patches = ""
        if len(memoryview(record.addendum)) > 4:
            patches, flags = _patches(record, flags)
        if record.event_version and not record.event_version.startswith("1."):
            flags = (*flags, "unknown_version")
        return (
            event_id,
            record.shared_event_id or None,
            when.iso,
            delivered or when.delivered,
            account or caller_account or who.identity_account,
            "" if action.without_region else (record.aws_region or "")[:64],
            category,
            action.service,
            action.action,
            action.level,
            action.write,
            action.level_source,
            action.tactic,
            error,
            code[:256] if code else None,
            message[:_LONG_TEXT] if message else None,
            who.principal,
            who.principal_name,
            who.kind,
            who.rule,
            who.identity,
            who.identity_type,
            who.identity_arn,
            who.identity_name,
            who.identity_account,
            who.permission_set,
            who.actor,
            who.session,
            who.session_class,
            who.session_start or None,
            mfa,
            who.invoked_by,
            *address,
            (record.vpc_endpoint_id or "")[:64],
            agent,
            (record.user_agent or "")[:_LONG_TEXT],
            touched,
            opened,
            stated,
            patches,
            issued,
            flags,
            position,
            raw,
        )

    def _resolve(self, key: tuple[bytes, str, str]) -> _Caller:
        raw, account, source = key
        identity, mended = _identity(raw)
        who = resolve(identity, source, account)
        if who.session_start and not _PLAIN_TIME.fullmatch(who.session_start):
            time = self._time(who.session_start)
            who = who._replace(session_start=time.iso if time else "")
        return _Caller(who, identity.account_id[:64], mended, identity.session_context.ec2_role_delivery)

    def _call(self, key: tuple[str, str, bool | None]) -> _Call:
        source, name, read_only = key
        action = self._catalogue.action(source, name, read_only)
        stated = action.action == "signin:ConsoleLogin" or action.action in NEEDS_REQUEST
        stated = stated or bool(
            facts(action.action, root=False, request=b"", response=b"", extra=b"", failed=False, imds="")
        )
        return _Call(action, action.service in FIELDS, action.write and may_expose(name), stated)

    def _time(self, text: str) -> _Time | None:
        try:
            time = datetime.fromisoformat(text.strip()[:40])
        except ValueError:
            return None
        time = (time.replace(tzinfo=UTC) if time.tzinfo is None else time).astimezone(UTC)
        flags = ("future",) if time > self._now + EARLY else ("past",) if time < FIRST else _NONE
        try:
            delivered = time + DELIVERY
        except OverflowError:
            return None
        return _Time(time.strftime("%Y-%m-%dT%H:%M:%SZ"), delivered.strftime("%Y-%m-%dT%H:%M:%SZ"), flags)


def _identity(raw: bytes) -> tuple[Identity, bool]:
    """An identity, and whether it had to be repaired."""
    if not raw or raw == b"null":
        return Identity(), False
    try:
        return decode_identity(raw), False
    except UNREADABLE:
        document = read(raw)
        return msgspec.convert(coerce(document or {}, Identity)[0], Identity), True


def _agent(key: tuple[str | None, str]) -> str:
    text, invoked_by = key
    return service_agent(invoked_by) if invoked_by else agent_family(text)


def _address(key: tuple[str | None, bool]) -> tuple[str, str, str]:
    parsed = parse_address(*key)
    return parsed.text, parsed.kind, parsed.prefix


def _resources(key: tuple[str, str, bytes, bytes]) -> tuple[str, ...]:
    return tuple(resources(*key))


def _patches(record: Record, flags: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    try:
        addendum = decode_addendum(record.addendum)
    except UNREADABLE:
        return "", (*flags, "repaired")
    if addendum.reason == "UPDATED_DATA" and _ID.fullmatch(addendum.original_event_id):
        return addendum.original_event_id, (*flags, "updated")
    return "", (*flags, "delayed")


_KEY_ID = re.compile(rb'"accessKeyId"\s*:\s*"([A-Z0-9]{16,128})"')


def _issued(response: msgspec.Raw) -> str:
    found = _KEY_ID.search(bytes(response)[:8192])
    return found[1].decode() if found else ""


def _hashed(raw: bytes) -> str:
    """Id of a record that has none: the hash of its canonical form, or of its bytes where it has no such form."""
    with suppress(*UNREADABLE):
        raw = msgspec.json.encode(msgspec.json.decode(raw), order="deterministic")
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _other_name(category: str, record: Record) -> str:
    if category == "Insight" or record.event_type == "AwsCloudTrailInsight":
        return "insight"
    if category in ("Aggregated", "Digest"):
        return category.lower()
    return f"category {category[:40]}"


def _not_an_event(raw: bytes) -> str:
    """Name of a document that is no event by design; "" for a broken event."""
    keys = {member.key: raw[member.start : member.stop] for member in members(raw, len(raw) - len(raw.lstrip()))}
    if b"digestS3Object" in keys or b"digestStartTime" in keys:
        return "digest"
    if b"insightDetails" in keys:
        return "insight"
    if b"timeWindow" in keys or b"eventId" in keys:
        return "aggregated"
    if keys.get(b"messageType") == b'"CONTROL_MESSAGE"':
        return "control message"
    return ""
