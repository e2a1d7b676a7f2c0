"""Turn raw CloudTrail records into the columns of `features.event`, one memoised pass a record.

Most of a record repeats: the same identity, agent, address and action thousands of times a file. Each is worked out
once and remembered by its bytes as delivered; what is left of a record is a few look-ups and two tuples of values.
A record that the strict decoder does not take is repaired, if its identity, time and action can be read; else it is
set aside with its bytes. What is no call (digests, Insights, aggregates) is counted by name.

Times are microseconds since 1970, UTC. Lists of texts are tuples that rows share.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from features import facets
from features.action import ActionCatalogue
from features.address import LONGEST as LONGEST_ADDRESS
from features.address import parse_address
from features.exposure import exposures
from features.facets import LONGEST_NAME, SUCCESS, Call, Calls, Who
from features.fact import facts, hidden_error, multi_factor, signed_in_as
from features.instant import SECOND, micros, read_instant
from features.memo import Memo
from features.principal import Principal
from features.record import Record, decode_addendum, decode_record
from features.repair import UNREADABLE, read, repair
from features.resource import resources

_PAST: Final = micros(datetime(2006, 1, 1, tzinfo=UTC))
"""AWS began in 2006; no call is older."""
_EARLY: Final = timedelta(minutes=15)
"""How far ahead of the clock an event time may be."""
_DELIVERY: Final = 300 * SECOND
"""CloudTrail delivers after about five minutes on average."""

_MOST_UNMATCHED: Final = 10_000
_STORED: Final = frozenset({None, "Management", "Data", "NetworkActivity"})
_NULL: Final = (b"", b"null")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE).fullmatch
_ISSUED = re.compile(rb'"accessKeyId"\s*:\s*"([A-Z0-9]{16,128})"')
_GLOBAL_STS: Final = b'"sts.amazonaws.com"'

_OF_CALL: Final = ("service", "action", "level", "write", "level_source", "tactic")
_OF_ADDRESS: Final = ("address", "address_kind", "prefix")
_OF_AGENT: Final = ("agent", "user_agent")
_OF_ERROR: Final = ("error", "error_code", "error_message")
_OF_ROW: Final = (
    "position", "raw", "event_id", "event_time", "delivered_at", "account", "region", "category", "resources",
    "exposures", "facts", "flags", "shared_event_id", "vpc_endpoint", "patches", "issued_key",
)  # fmt: skip
COLUMNS: Final = (*Principal._fields, *_OF_CALL, *_OF_ADDRESS, *_OF_AGENT, *_OF_ERROR, *_OF_ROW)
"""Columns of the event schema that are made here; the others tell of the address and the file."""
_NONE: Final[tuple[str, ...]] = ()
_REPAIRED: Final = ("repaired",)


class SetAside(NamedTuple):
    """A record that cannot become an event."""

    position: int
    reason: str
    raw: bytes


@dataclass
class Normalised:
    """What came of some records: rows, records set aside, and those that are no call, by name."""

    columns: dict[str, list[Any]] = field(default_factory=dict)
    set_aside: list[SetAside] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)


class Normaliser:
    """Turns records into columns, and remembers from one call to the next.

    Parameters
    ----------
    catalogue
        Access levels and tactics of actions.

    Examples
    --------
    >>> normaliser = Normaliser(ActionCatalogue({"services": {}}, {"actions": {}}))
    >>> record = b'''{"eventVersion": "1.11", "eventTime": "2025-03-03T09:00:00Z", "eventName": "ListUsers",
    ...   "eventSource": "iam.amazonaws.com", "recipientAccountId": "111111111111", "readOnly": true,
    ...   "userIdentity": {"type": "Root", "accountId": "111111111111"}}'''
    >>> done = normaliser.normalise([record, b"{}"], delivered_at=None, now=datetime(2025, 3, 4, tzinfo=UTC))
    >>> done.columns["action"], done.columns["principal"], done.set_aside[0].reason
    (['iam:ListUsers'], ['root/111111111111'], 'no eventName')
    """

    def __init__(self, catalogue: ActionCatalogue) -> None:
        self.unmatched: Counter[str] = Counter()
        """Calls that neither the IAM definition nor our tables know, with how often they occurred."""
        self._questions: Counter[str] = Counter()
        self._memos: dict[str, Memo[Any, Any]] = {
            "who": Memo(facets.who, 65_536),
            "call": Memo(Calls(catalogue), 32_768),
            "address": Memo(lambda key: parse_address(*key), 65_536),
            "agent": Memo(facets.agent, 16_384),
            "error": Memo(facets.error, 16_384),
            "time": Memo(lambda text: read_instant(text) if text else None, 65_536),
            "resources": Memo(lambda key: tuple(resources(*key)), 65_536),
            "account": Memo(facets.account, 4_096),
        }

    @property
    def memo_hits(self) -> dict[str, float]:
        """Share of the questions each memo had answered before."""
        return {
            name: 1 - min(memo.misses / asked, 1.0)
            for name, memo in self._memos.items()
            if (asked := self._questions[name])
        }

    @property
    def memo_counts(self) -> tuple[int, int]:
        """Hits and misses of all memos together."""
        misses = sum(memo.misses for memo in self._memos.values())
        return max(self._questions.total() - misses, 0), misses

    def normalise(
        self, raws: Sequence[bytes | msgspec.Raw], *, delivered_at: datetime | None, now: datetime
    ) -> Normalised:
        """Columns of some records, in their order; `position` is the index in `raws`.

        Parameters
        ----------
        raws
            Records as delivered.
        delivered_at
            When CloudTrail delivered them; None stands for five minutes after each event.
        now
            The clock: what is later by more than 15 minutes is flagged `future`.
        """
        done = Normalised()
        batch = _Batch()
        delivered = None if delivered_at is None else micros(delivered_at)
        latest = micros(now + _EARLY)
        for position, raw in enumerate(raws):
            data = raw if type(raw) is bytes else bytes(raw)
            try:
                record = decode_record(data)
                if not data.isascii():
                    data.decode()
                flags = _NONE
            except UNREADABLE:
                fixed = repair(data)
                if fixed is None:
                    _no_record(done, position, data)
                    continue
                record, flags = fixed[0], _REPAIRED
            try:
                problem = self._row(batch, record, data, position, flags, delivered, latest)
            except Exception as error:  # one record never takes its neighbours, whatever it holds
                problem = f"could not be normalised: {type(error).__name__}"
            if problem is None:
                continue
            if problem.startswith("="):
                done.other[problem[1:]] += 1
            else:
                done.set_aside.append(SetAside(position, problem, data))
        done.columns = batch.columns()
        self._count(batch)
        return done

    def _row(
        self,
        batch: "_Batch",
        record: Record,
        data: bytes,
        position: int,
        flags: tuple[str, ...],
        delivered: int | None,
        latest: int,
    ) -> str | None:
        """Add a record's row; returns why there is none, or `=` and the name it is counted under."""
        name, source, memos = record.event_name, record.event_source, self._memos
        if record.event_category not in _STORED or record.event_type == "AwsCloudTrailInsight" or not name:
            return _elsewhere(record, data)
        if not source:
            return "no eventSource"
        text = record.event_time
        at: int | None = memos["time"][text]
        if at is None:
            return "eventTime cannot be read" if text else "no eventTime"

        identity = bytes(record.user_identity)
        account = record.recipient_account_id or ""
        who: Who | None = memos["who"][identity, "", ""]
        if who is not None and who.contextual:
            who = memos["who"][identity, source, account]
        if who is None:
            return "userIdentity cannot be read"
        account = memos["account"][account or who.account]

        call: Call = memos["call"][source, name, record.read_only]
        if not call.known and (len(self.unmatched) < _MOST_UNMATCHED or call.columns[1] in self.unmatched):
            self.unmatched[call.columns[1]] += 1
        address = memos["address"][record.source_ip_address, record.vpc_endpoint_id is not None]
        principal, invoked_by = who.columns, who.invoked_by
        if not invoked_by and address.kind == "aws_service" and principal.kind != "aws_service":
            invoked_by = address.text
            principal = principal._replace(invoked_by=invoked_by)
        agent = memos["agent"][record.user_agent, invoked_by]

        response = bytes(record.response_elements)
        error = SUCCESS
        if record.error_code or record.error_message:
            error = memos["error"][record.error_code, record.error_message]
        elif response not in _NULL and (hidden := hidden_error(call.columns[1], response)):
            error = memos["error"][hidden]
        if call.signs_in:
            principal = _signed_in(principal, record)

        request = bytes(record.request_parameters)
        listed = bytes(record.resources) if call.lists_resources or request in _NULL else b""
        touched = memos["resources"][call.columns[1], request, listed]
        opened = tuple(exposures(call.columns[1], request, account)) if call.exposes else _NONE
        stated = _NONE
        if call.states or principal.kind == "root" or who.imds == "1.0":
            stated = tuple(
                facts(
                    call.columns[1],
                    root=principal.kind == "root",
                    request=request,
                    response=response,
                    extra=bytes(record.additional_event_data),
                    failed=bool(error.columns[0]),
                    imds=who.imds,
                )
            )
        issued = ""
        if call.issues and (found := _ISSUED.search(response)):
            issued = found[1].decode()

        region = record.aws_region or ""
        if call.without_region or (call.is_sts and region == "us-east-1" and _GLOBAL_STS in bytes(record.tls_details)):
            region = ""
        shared, endpoint = record.shared_event_id, record.vpc_endpoint_id or ""
        event_id = record.event_id
        category = record.event_category or ("Data" if record.event_type == "Data" else "Management")

        extra = []
        if flags is _NONE and (who.repaired or len(text or "") != 20):
            extra.append("repaired")
        if event_id is None or _UUID(event_id) is None:
            event_id = _hashed(data)
            extra.append("hashed_id")
        if who.account and who.account != account:
            extra.append("cross_account")
        if at > latest:
            extra.append("future")
        elif at < _PAST:
            extra.append("past")
        patches = ""
        addendum = bytes(record.addendum)
        if addendum not in _NULL:
            patches = _patched(addendum)
            if patches:
                extra.append("updated")
        version = record.event_version
        if version is not None and version[:2] != "1.":
            extra.append("unknown_version")
        if (
            call.cut
            or agent.cut
            or error.cut
            or len(region) > LONGEST_NAME
            or len(endpoint) > LONGEST_NAME
            or len(record.source_ip_address or "") > LONGEST_ADDRESS
            or (shared is not None and len(shared) > LONGEST_NAME)
        ):
            region, endpoint = region[:LONGEST_NAME], endpoint[:LONGEST_NAME]
            shared = shared[:LONGEST_NAME] if shared is not None else None
            extra.append("cut")

        batch.principals.append(principal)
        batch.calls.append(call.columns)
        batch.addresses.append(address[:3])
        batch.agents.append(agent.columns)
        batch.errors.append(error.columns)
        batch.rows.append(
            (
                position, data, event_id, at, at + _DELIVERY if delivered is None else delivered, account, region,
                category, touched, opened, stated, flags + tuple(extra) if extra else flags, shared or None, endpoint,
                patches, issued,
            )
        )  # fmt: skip
        return None

    def _count(self, batch: "_Batch") -> None:
        rows = len(batch.rows)
        for name in self._memos:
            self._questions[name] += rows
        self._questions["error"] += sum(columns is not SUCCESS.columns for columns in batch.errors) - rows


class _Batch:
    """Rows in the making: for each group of columns, a tuple of its values a row."""

    def __init__(self) -> None:
        self.principals: list[Principal] = []
        self.calls: list[tuple[Any, ...]] = []
        self.addresses: list[tuple[Any, ...]] = []
        self.agents: list[tuple[Any, ...]] = []
        self.errors: list[tuple[Any, ...]] = []
        self.rows: list[tuple[Any, ...]] = []

    def columns(self) -> dict[str, list[Any]]:
        """The rows as columns."""
        groups: tuple[tuple[tuple[str, ...], list[Any]], ...] = (
            (Principal._fields, self.principals),
            (_OF_CALL, self.calls),
            (_OF_ADDRESS, self.addresses),
            (_OF_AGENT, self.agents),
            (_OF_ERROR, self.errors),
            (_OF_ROW, self.rows),
        )
        columns: dict[str, list[Any]] = {}
        for names, rows in groups:
            turned = map(list, zip(*rows, strict=True)) if rows else ([] for _ in names)
            columns.update(zip(names, turned, strict=True))
        return columns


def _no_record(done: Normalised, position: int, data: bytes) -> None:
    if data.strip(b'" ').startswith(b"CWL CONTROL MESSAGE"):
        done.other["control message"] += 1
    else:
        done.set_aside.append(SetAside(position, "no JSON object" if data.strip() else "empty", data))


_ELSEWHERE: Final = {"Insight": "insight", "Aggregated": "aggregated"}
_DIGEST: Final = (b'"digestStartTime"', b'"digestS3Object"')


def _elsewhere(record: Record, data: bytes) -> str:
    """What a record is that is no call: `=` and a name to count it under, or why it is set aside."""
    category = record.event_category
    if record.event_type == "AwsCloudTrailInsight":
        return "=insight"
    if category in _ELSEWHERE:
        return f"={_ELSEWHERE[category]}"
    if category not in _STORED:
        return "=category " + re.sub(r"[^A-Za-z0-9_-]", "_", category or "")[:40]
    if any(key in data for key in _DIGEST):
        return "=digest"
    if b'"s3:TestEvent"' in data:
        return "=test event"
    return "no eventName"


def _hashed(data: bytes) -> str:
    """An id for a record without one: the hash of its canonical JSON."""
    try:
        document = msgspec.json.decode(data)
    except UNREADABLE:
        document = read(data)
    return "sha256:" + hashlib.sha256(msgspec.json.encode(document, order="sorted")).hexdigest()


def _patched(addendum: bytes) -> str:
    """eventID of the record that an UPDATED_DATA addendum corrects."""
    try:
        told = decode_addendum(addendum)
    except UNREADABLE:
        return ""
    return told.original_event_id[:LONGEST_NAME] if told.reason == "UPDATED_DATA" else ""


def _signed_in(principal: Principal, record: Record) -> Principal:
    """What a sign-in says besides: the name of who signs in, and whether with a second factor."""
    extra = bytes(record.additional_event_data)
    name, mfa = signed_in_as(extra), multi_factor(extra)
    if name and principal.kind == "human" and principal.principal.startswith("idc/"):
        principal = principal._replace(principal_name=name)
    return principal if mfa is None else principal._replace(mfa=mfa)
