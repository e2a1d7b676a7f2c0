"""Turn decoded records into columns: a pass a column, and whatever repeats is worked out once.

Most of a record repeats: the same identity, agent, address and action thousands of times a file. Each is remembered by
its bytes as delivered, so that a column is a look-up a row. What only a few records have (an error, a sign-in, a policy
in the request) is looked at in those few.

Times are microseconds since 1970, UTC. Lists of texts are tuples that rows share.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import astuple

from features.call.account import safe_account
from features.call.action import ActionCatalogue
from features.call.error import find_hidden_error
from features.call.exposure import find_exposures
from features.call.fact import find_facts
from features.call.issued_key import read_issued_key
from features.call.resource import RequestReader, name_listed, name_requested
from features.call.sign_in import add_sign_in
from features.normalise import repeated as facets
from features.normalise.caller import Who
from features.normalise.memo import Memo
from features.normalise.normalised import NONE, OF_CALL, Normalised
from features.normalise.not_call import elsewhere, is_call
from features.normalise.repeated import LONGEST_NAME, SUCCESS, Call, Calls
from features.normalise.sender import Senders
from features.record.cloudtrail import ABSENT, Record
from features.record.event_id import read_corrected_id, read_event_ids
from features.record.fields import Fields
from features.record.repair import DECODE_ERRORS
from features.times.instant import SECONDS, micros, read_instant, read_minute

_PAST: Final = micros(datetime(2006, 1, 1, tzinfo=UTC))
"""AWS began in 2006; no call is older."""
_MOST_UNMATCHED: Final = 10_000
_GLOBAL_STS: Final = b'"sts.amazonaws.com"'
_VERSIONS: Final = frozenset({None, *(f"1.{minor}" for minor in range(100)), *(f"1.0{minor}" for minor in range(10))})

# what most records need of a call, and the call itself where that is not all
_Call = tuple[tuple[Any, ...] | None, str, str, RequestReader | None, bool, bool, Call | None]
_Key = tuple[str | None, str | None, bool | None, str | None, str | None, str | None, str, str | None]
"""Event source, name, readOnly, category, type, region, account and version of a record."""
_NO_CALL: Final[_Call] = (None, "", "", None, False, False, None)
Problems = dict[int, str]
"""Why records become no row, by their index in the batch; `=` and a name where they are no call."""


class Batch(NamedTuple):
    """Decoded records."""

    positions: Sequence[int]
    raws: Sequence[bytes | msgspec.Raw]
    records: Sequence[Record]
    repaired: bool = False

    def of(self, rows: Iterable[int]) -> "Batch":
        """Some of its records."""
        chosen = list(rows)
        return Batch(
            [self.positions[row] for row in chosen],
            [self.raws[row] for row in chosen],
            [self.records[row] for row in chosen],
            self.repaired,
        )


class Columns:
    """Makes columns, and remembers from one batch to the next."""

    def __init__(self, catalogue: ActionCatalogue) -> None:
        self.unmatched: Counter[str] = Counter()
        """Calls that neither the IAM definition nor our tables know, with how often they occurred."""
        self.rows = 0
        """Rows made so far."""
        known: Memo[tuple[str, str, bool | None], Call] = Memo(Calls(catalogue), 16_384)
        self._senders = Senders()
        self._call: Memo[_Key, _Call] = Memo(lambda key: _call(known, key), 32_768)
        self._error: Memo[tuple[str | None, str | None], facets.Told] = Memo(facets.error, 16_384)
        self._without_region: Memo[tuple[Any, ...], tuple[Any, ...]] = Memo(_without_region, 4_096)
        self._named: Memo[tuple[RequestReader, tuple[Any, ...]], tuple[str, ...]] = Memo(
            lambda key: name_requested(*key), 65_536
        )
        self._listed: Memo[bytes, tuple[str, ...]] = Memo(name_listed, 32_768)

    @property
    def memos(self) -> dict[str, Memo[Any, Any]]:
        """The memories that every row asks."""
        return {"sender": self._senders.memo, "call": self._call, "named": self._named}

    def add(self, batch: Batch, done: Normalised, latest: int) -> Problems:
        """Add the rows of all records of a batch; where some become no row, add none and say why.

        Event times after `latest` are flagged `future`.
        """
        records, raws = batch.records, batch.raws
        (
            versions, times, sources, names, types, categories, ids, shared, regions, addresses, user_agents, codes,
            messages, read_only, recipients, endpoints, identities, requests, _, _, listed, addenda, _,
        ) = Fields.of(records)  # fmt: skip
        at, mended = _times(times)
        senders, homes, senders_cut, callers = self._senders(identities, addresses, endpoints, user_agents, records)
        owners = [recipient or home for recipient, home in zip(recipients, homes, strict=True)]
        asked = zip(sources, names, read_only, categories, types, regions, owners, versions, strict=True)
        found = zip(*map(self._call.__getitem__, asked), strict=True)
        call_columns, actions, accounts, readers, new_version, calls_cut, calls = map(list, found)
        if not (all(call_columns) and all(senders)) or (mended and None in at):
            return _problems(batch, call_columns, at, senders)
        event_ids, hashed = read_event_ids(ids, raws)
        cut = {row for column in (calls_cut, senders_cut) if any(column) for row in _where(column)}

        # what few records have, by row
        rare: defaultdict[str, dict[int, tuple[Any, ...]]] = defaultdict(dict)
        flags: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
        unmatched: list[str] = []

        def flag(name: str, rows: Iterable[int]) -> None:
            for row in rows:
                flags[row] += (name,)

        def note(name: str, row: int, value: Any) -> None:
            if value:
                rare[name][row] = (value,)

        telling = enumerate(zip(codes, messages, callers, calls, strict=True))
        for row in [row for row, (code, message, who, call) in telling if code or message or who or call]:
            record, who, call, action = records[row], callers[row], calls[row], actions[row]
            error, issued = self._outcome(record, action, call)
            if error is not SUCCESS:
                rare["error"][row] = error.columns
                if error.cut:
                    cut.add(row)
            note("issued_key", row, issued)
            if call is not None:
                if not call.known:
                    unmatched.append(action)
                if call.signs_in:
                    principal, session, *others = senders[row]
                    senders[row] = (*add_sign_in(principal, session, bytes(record.additional_event_data)), *others)
                if call.exposes:
                    note("exposures", row, find_exposures(action, bytes(record.request_parameters), accounts[row]))
                if call.is_sts and regions[row] == "us-east-1" and _GLOBAL_STS in bytes(record.tls_details):
                    call_columns[row] = self._without_region[call_columns[row]]
            if who is not None or (call is not None and call.states):
                imds, root = ("", False) if who is None else (who.imds, who.columns.kind == "root")
                note("facts", row, find_facts(action, record, root, bool(error.columns[0]), imds))
        for name, texts in (("shared_event_id", shared), ("vpc_endpoint", endpoints)):
            for row in _filled(texts, None):
                note(name, row, (texts[row] or "")[:LONGEST_NAME])

        flag("repaired", range(len(records)) if batch.repaired else _repaired(mended, callers))
        flag("hashed_id", hashed)
        homed = enumerate(zip(homes, accounts, strict=True))
        flag("cross_account", [row for row, (home, account) in homed if home and home != account])
        if min(at) < _PAST or max(at) > latest:
            flag("past", [row for row, time in enumerate(at) if time < _PAST])
            flag("future", [row for row, time in enumerate(at) if time > latest])
        for row in _filled(addenda, ABSENT):
            if patch := read_corrected_id(addenda[row]):
                note("patches", row, patch)
                flag("updated", [row])
        if any(new_version):
            flag("unknown_version", _where(new_version))
        flag("cut", cut)
        rare["flags"] = {row: (names,) for row, names in flags.items()}

        # all or nothing
        touched = self._touched(readers, requests, listed)
        first = len(done)
        for each in done.rare:
            each.rows.update((first + row, values) for row, values in rare[each.names[0]].items())
        done.senders += senders
        done.calls += call_columns
        own: tuple[Sequence[Any], ...] = (batch.positions, raws, event_ids, at, touched)
        for values, new in zip(done.own.values(), own, strict=True):
            values.extend(new)
        for action in unmatched:
            if len(self.unmatched) < _MOST_UNMATCHED or action in self.unmatched:
                self.unmatched[action] += 1
        self.rows += len(records)
        return {}

    def _touched(
        self,
        readers: Sequence[RequestReader | None],
        requests: Sequence[msgspec.Raw],
        listed: Sequence[msgspec.Raw],
    ) -> list[tuple[str, ...]]:
        """Tokens of what each request names; where it names nothing, of the record's own list."""
        names, listings = self._named, self._listed
        touched = [NONE] * len(readers)
        for row, (reader, request) in enumerate(zip(readers, requests, strict=True)):
            if reader is None or request is ABSENT:
                continue
            try:
                read = reader.decode(request)
            except DECODE_ERRORS:
                continue
            if read is None:
                continue
            values = astuple(read)
            try:
                touched[row] = names[reader, values]
            except TypeError:  # a list or an object is no key
                touched[row] = name_requested(reader, values)
        for row in [row for row, resources in enumerate(listed) if resources is not ABSENT]:
            if not touched[row]:
                touched[row] = listings[bytes(listed[row])]
        return touched

    def _outcome(self, record: Record, action: str, call: Call | None) -> tuple[facets.Told, str]:
        """The error of a call, which only its response may tell, and the key that the response hands out."""
        errors, code, message = self._error, record.error_code, record.error_message
        if code:
            told = errors[code, None]
            return facets.with_message(told, message) if message else told, ""  # messages seldom repeat
        if message:
            return errors[None, message], ""
        if call is None or not call.answers or record.response_elements is ABSENT:
            return SUCCESS, ""
        response = bytes(record.response_elements)
        if response == b"null":
            return SUCCESS, ""
        hidden = find_hidden_error(action, response) if b"rror" in response or call.signs_in else None
        issued = read_issued_key(response) if call.issues else ""
        return errors[hidden] if hidden else SUCCESS, issued


def _problems(batch: Batch, calls: Sequence[Any], at: Sequence[Any], senders: Sequence[Any]) -> Problems:
    """Why records become no row."""
    problems: Problems = {}
    for row, (record, raw) in enumerate(zip(batch.records, batch.raws, strict=True)):
        if calls[row] is None:
            called = is_call(record.event_name, record.event_category, record.event_type)
            problems[row] = "no eventSource" if called else elsewhere(record, bytes(raw))
        elif at[row] is None:
            problems[row] = "eventTime cannot be read" if record.event_time else "no eventTime"
        elif senders[row] is None:
            problems[row] = "userIdentity cannot be read"
    return problems


def _times(texts: Sequence[str | None]) -> tuple[list[Any], list[int]]:
    """Event times, None where they cannot be read, and the rows whose time is not written as CloudTrail does."""
    minute, seconds = read_minute, SECONDS
    try:
        return [minute(text[:17]) + seconds[text[17:]] for text in texts], []  # type: ignore[index, operator]
    except (KeyError, TypeError):  # one of them at least is missing or written otherwise
        at = [read_instant(text or "") for text in texts]
    return at, [row for row, text in enumerate(texts) if not _is_usual(text)]


def _is_usual(time: str | None) -> bool:
    """Whether a time is written as CloudTrail does."""
    return time is not None and time[17:] in SECONDS and read_minute(time[:17]) is not None


def _repaired(mended: Sequence[int], callers: Sequence[Who | None]) -> list[int]:
    return sorted({*mended, *(row for row, who in enumerate(callers) if who is not None and who.repaired)})


def _filled(values: Sequence[Any], empty: Any) -> list[int]:
    """Rows that hold something; most often there is none."""
    if values.count(empty) == len(values):
        return []
    return [row for row, value in enumerate(values) if value is not empty]


def _where(values: Sequence[Any]) -> list[int]:
    return [row for row, value in enumerate(values) if value]


def _without_region(columns: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple("" if name == "region" else value for name, value in zip(OF_CALL, columns, strict=True))


def _call(known: Memo[tuple[str, str, bool | None], Call], key: _Key) -> _Call:
    """What most records need of a call, with what its record says besides of where it was made."""
    source, name, read_only, category, kind, region, account, version = key
    if not source or not name or not is_call(name, category, kind):
        return _NO_CALL
    call = known[source, name, read_only]
    region = "" if call.without_region else region or ""
    account = safe_account(account)
    category = category or ("NetworkActivity" if kind == "AwsVpceEvent" else "Management")
    columns = (*call.columns, account, region[:LONGEST_NAME], category)
    cut = call.cut or len(region) > LONGEST_NAME
    odd = call.exposes or call.states or call.answers or call.signs_in or call.issues or call.is_sts or not call.known
    return columns, call.action, account, call.reader, version not in _VERSIONS, cut, call if odd else None
