"""Turn raw CloudTrail records into the columns of `features.event`, one memoised pass a record.

Most of a record repeats: the same identity, agent, address and action thousands of times a file. Each is worked out
once and remembered by its bytes as delivered; what is left of a record is a few look-ups and one tuple of values.
A record that the strict decoder does not take is repaired, if its identity, time and action can be read; else it is
set aside with its bytes. What is no call (digests, Insights, aggregates) is counted by name.

Times are microseconds since 1970, UTC. Lists of texts are tuples that rows share.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec.structs import astuple

from features import facets
from features.action import ActionCatalogue
from features.exposure import exposures
from features.facets import LONGEST_NAME, NONE, SUCCESS, Call, Callers, Calls, Who
from features.fact import facts, hidden_error
from features.instant import SECOND, micros, read_instant
from features.memo import Memo
from features.oddity import STORED, elsewhere, hashed_id, not_json, patched, signed_in
from features.principal import Principal
from features.record import NOTHING, Record, decode_record
from features.repair import UNREADABLE, repair
from features.resource import Reader, from_list, named
from features.rows import COLUMNS, Normalised, SetAside, groups

__all__ = ["COLUMNS", "Normalised", "Normaliser", "SetAside"]

_PAST: Final = micros(datetime(2006, 1, 1, tzinfo=UTC))
"""AWS began in 2006; no call is older."""
_EARLY: Final = timedelta(minutes=15)
"""How far ahead of the clock an event time may be."""
_DELIVERY: Final = 300 * SECOND
"""CloudTrail delivers after about five minutes on average."""

_MOST_UNMATCHED: Final = 10_000
_UUID = re.compile("-".join(f"[0-9a-fA-F]{{{digits}}}" for digits in (8, 4, 4, 4, 12))).fullmatch
_ISSUED = re.compile(rb'"accessKeyId"\s*:\s*"([A-Z0-9]{16,128})"')
_GLOBAL_STS: Final = b'"sts.amazonaws.com"'
_SECONDS: Final = {f"{second:02d}Z": second * SECOND for second in range(60)}
_VERSIONS: Final = frozenset({None, *(f"1.{minor}" for minor in range(100)), *(f"1.0{minor}" for minor in range(10))})


# what most records need of an answer, and the answer itself where that is not all
_Who = tuple[Principal | None, str, Who | None]
_Call = tuple[tuple[Any, ...], str, Reader | None, Call | None]
_From = tuple[tuple[str, str, str], facets.From | None]
_Add = Callable[[Record, bytes, int, bool], str | None]


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
        caller = Callers(16_384)
        self._who: Memo[bytes, _Who] = Memo(lambda raw: _who(caller(raw)), 32_768)
        self._stranger: Memo[tuple[bytes, str, str], Who | None] = Memo(lambda key: caller(*key), 16_384)
        call = Calls(catalogue)
        self._call: Memo[tuple[str, str, bool | None], _Call] = Memo(lambda key: _call(call(key)), 32_768)
        self._address: Memo[tuple[str | None, bool], _From] = Memo(lambda key: _from(facets.address(key)), 65_536)
        self._agent: Memo[tuple[str | None, str], facets.Told] = Memo(facets.agent, 16_384)
        self._error: Memo[tuple[str | None, str | None], facets.Told] = Memo(facets.error, 16_384)
        self._minute: Memo[str, int | None] = Memo(lambda text: read_instant(f"{text}00Z"), 16_384)
        self._named: Memo[tuple[str, tuple[Any, ...]], tuple[str, ...]] = Memo(lambda key: named(*key), 65_536)
        self._listed: Memo[bytes, tuple[str, ...]] = Memo(from_list, 32_768)
        self._account: Memo[str, str] = Memo(facets.account, 4_096)

    @property
    def memo_hits(self) -> dict[str, float]:
        """Share of the questions each memo had answered before."""
        return {
            name: max(1 - memo.misses / self._questions[name], 0.0)
            for name, memo in self._memos()
            if self._questions[name]
        }

    @property
    def memo_counts(self) -> tuple[int, int]:
        """Hits and misses of all memos together."""
        misses = sum(memo.misses for _, memo in self._memos())
        return max(self._questions.total() - misses, 0), misses

    def _memos(self) -> Iterable[tuple[str, Memo[Any, Any]]]:
        names = ("who", "call", "address", "agent", "minute", "named", "account")
        return ((name, getattr(self, f"_{name}")) for name in names)

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
        done = Normalised(groups())
        add = self._adder(done, None if delivered_at is None else micros(delivered_at), micros(now + _EARLY))
        decode = decode_record
        for position, raw in enumerate(raws):
            data = raw if type(raw) is bytes else bytes(raw)
            try:
                record = decode(data)
                if not data.isascii():
                    data.decode()
                problem = add(record, data, position, False)
            except Exception as error:  # one record never takes its neighbours, whatever it holds
                problem = _repaired(add, data, position, error)
            if problem:
                if problem.startswith("="):
                    done.other[problem[1:]] += 1
                else:
                    done.set_aside.append(SetAside(position, problem, data))
        rows = len(done.groups[-1].rows)
        for name, _ in self._memos():
            self._questions[name] += rows
        return done

    def _adder(self, done: Normalised, delivered: int | None, latest: int) -> _Add:
        """A function that adds a record's row; it returns why there is none, or `=` and what to count it under."""
        whos, calls, addresses, agents, errors = self._who, self._call, self._address, self._agent, self._error
        minutes, names, listings, accounts = self._minute, self._named, self._listed, self._account
        strangers, unmatched = self._stranger, self.unmatched
        add_who, add_call, add_address, add_agent, add_error, add_row = (group.rows.append for group in done.groups)

        def add(record: Record, data: bytes, position: int, repaired: bool) -> str | None:
            name, source = record.event_name, record.event_source
            category = record.event_category
            if not name or category not in STORED or record.event_type == "AwsCloudTrailInsight":
                return elsewhere(record, data)
            if not source:
                return "no eventSource"
            text = record.event_time or ""
            minute, second = minutes[text[:17]], _SECONDS.get(text[17:])
            if minute is None or second is None:
                at = read_instant(text)
                if at is None:
                    return "eventTime cannot be read" if text else "no eventTime"
                repaired = True
            else:
                at = minute + second

            identity = bytes(record.user_identity)
            principal, home, who = whos[identity]
            account, invoked_by = record.recipient_account_id or "", ""
            if who is not None and who.contextual:
                principal, home, who = _who(strangers[identity, source, account])
            if principal is None:
                return "userIdentity cannot be read"
            if who is not None:
                invoked_by = who.invoked_by
            account = accounts[account or home]
            call_columns, action, reader, call = calls[source, name, record.read_only]
            address_columns, address = addresses[record.source_ip_address, record.vpc_endpoint_id is not None]
            if address is not None and not invoked_by:
                invoked_by = address.service
                if principal.kind != "aws_service":
                    principal = principal._replace(invoked_by=invoked_by)
            agent = agents[record.user_agent, invoked_by]

            error, issued = SUCCESS, ""
            code, message = record.error_code, record.error_message
            if code:
                error = errors[code, None]
                if message:  # messages seldom repeat
                    error = facets.with_message(error, message)
            elif message:
                error = errors[None, message]
            elif call is not None and call.answers and record.response_elements is not NOTHING:
                response = bytes(record.response_elements)
                if b"rror" in response or call.signs_in:
                    hidden = hidden_error(action, response)
                    error = errors[hidden] if hidden else SUCCESS
                if call.issues and (found := _ISSUED.search(response)):
                    issued = found[1].decode()

            touched: tuple[str, ...] = ()
            if reader is not None:
                values: tuple[Any, ...] = ()
                try:
                    request = reader.decode(record.request_parameters)
                    if request is not None:
                        values = astuple(request)
                        touched = names[action, values]
                except TypeError:  # a list or an object is no key
                    touched = named(action, values)
                except UNREADABLE:
                    touched = ()
            if not touched and record.resources is not NOTHING:
                touched = listings[bytes(record.resources)]
            region, endpoint, shared = record.aws_region or "", record.vpc_endpoint_id or "", record.shared_event_id
            opened = stated = flags = NONE
            if repaired or (who is not None and who.repaired):
                flags = ("repaired",)
            if call is not None:
                if not call.known and (len(unmatched) < _MOST_UNMATCHED or action in unmatched):
                    unmatched[action] += 1
                if call.signs_in:
                    principal = signed_in(principal, record)
                if call.exposes:
                    opened = exposures(action, bytes(record.request_parameters), account)
                if call.without_region or (
                    call.is_sts and region == "us-east-1" and _GLOBAL_STS in bytes(record.tls_details)
                ):
                    region = ""
            if who is not None or (call is not None and call.states):
                imds = "" if who is None else who.imds
                stated = facts(action, record, principal.kind == "root", bool(error.columns[0]), imds)
            event_id, patches = record.event_id, ""
            if event_id is None or _UUID(event_id) is None:
                event_id = hashed_id(data)
                flags = (*flags, "hashed_id")
            if home and home != account:
                flags = (*flags, "cross_account")
            if not _PAST <= at <= latest:
                flags = (*flags, "past" if at < _PAST else "future")
            if record.addendum is not NOTHING and (patches := patched(record.addendum)):
                flags = (*flags, "updated")
            if record.event_version not in _VERSIONS:
                flags = (*flags, "unknown_version")
            cut = len(region) > LONGEST_NAME or len(name) > LONGEST_NAME or len(source) > LONGEST_NAME
            if cut or agent.cut or error.cut or (address is not None and address.cut):
                flags = (*flags, "cut")

            row = (
                position, data, event_id, at, at + _DELIVERY if delivered is None else delivered, account,
                region[:LONGEST_NAME], category or _category(record), touched, opened, stated, flags,
                shared[:LONGEST_NAME] if shared else None, endpoint[:LONGEST_NAME], patches, issued,
            )  # fmt: skip
            add_who(principal)
            add_call(call_columns)
            add_address(address_columns)
            add_agent(agent.columns)
            add_error(error.columns)
            add_row(row)
            return None

        return add


def _who(who: Who | None) -> _Who:
    """Columns and account of a caller, and the caller when something else has to be looked at."""
    if who is None:
        return None, "", None
    odd = who.contextual or who.repaired or who.invoked_by or who.imds == "1.0" or who.columns.kind == "root"
    return who.columns, who.account, who if odd else None


def _call(call: Call) -> _Call:
    """The same of a call."""
    odd = call.exposes or call.states or call.answers or call.signs_in or call.issues or call.is_sts
    return call.columns, call.action, call.reader, call if odd or call.without_region or not call.known else None


def _from(address: facets.From) -> _From:
    """The same of an address."""
    return address.columns, address if address.service or address.cut else None


def _category(record: Record) -> str:
    return "NetworkActivity" if record.event_type == "AwsVpceEvent" else "Management"


def _repaired(add: _Add, data: bytes, position: int, error: Exception) -> str | None:
    """What came of a record that could not be read as it is."""
    if isinstance(error, UNREADABLE):
        fixed = repair(data)
        if fixed is None:
            return not_json(data)
        try:
            return add(fixed[0], data, position, True)
        except Exception as second:
            error = second
    return f"could not be normalised: {type(error).__name__}"
