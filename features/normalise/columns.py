"""Turn decoded records into columns: a pass a column, and whatever repeats is worked out once.

Most of a record repeats: the same identity, agent, address and action thousands of times a file. Each is remembered by
its bytes as delivered, so that a column is a look-up a row. What only a few records have (an error, a sign-in, a policy
in the request) is looked at in those few.

Times are microseconds since 1970, UTC. Lists of texts are tuples that rows share.
"""

from collections.abc import Iterable, Sequence
from itertools import compress
from operator import ne
from typing import Any, NamedTuple

import msgspec

from features.call.action import LONGEST, ActionCatalogue
from features.call.exposure import find_exposures
from features.call.fact import find_facts
from features.call.sign_in import add_sign_in
from features.call.verified import NONE_VERIFIED, VerifiedNames
from features.normalise.call import ActionTraits, CallColumns, Calls, went_to_global_sts
from features.normalise.caller import CallerColumns, Callers
from features.normalise.event_time import EventTimes, read_event_times
from features.normalise.memo import Memo
from features.normalise.normalised import Normalised
from features.normalise.outcome import SUCCESS, Outcomes
from features.normalise.problem import Fault, Problems, is_call, tell_problem
from features.normalise.rare import RareValues
from features.normalise.resources import Resources
from features.record.cloudtrail import ABSENT, Record
from features.record.event_id import read_corrected_id, read_event_ids
from features.record.fields import Fields


class RecordGroup(NamedTuple):
    """Decoded records that are made into columns together."""

    positions: Sequence[int]
    """Of the records among all that are normalised."""
    raws: Sequence[bytes | msgspec.Raw]
    records: Sequence[Record]
    repaired: bool = False

    def pick(self, rows: Iterable[int]) -> "RecordGroup":
        """Pick some of the records."""
        picked = list(rows)
        return RecordGroup(
            [self.positions[row] for row in picked],
            [self.raws[row] for row in picked],
            [self.records[row] for row in picked],
            self.repaired,
        )


class _Found(NamedTuple):
    """What is known of the records of a group once everything in them was looked up."""

    times: EventTimes
    callers: CallerColumns
    calls: CallColumns


class ColumnMaker:
    """Makes columns, and remembers from one group to the next."""

    def __init__(self, catalogue: ActionCatalogue, verified: VerifiedNames = NONE_VERIFIED) -> None:
        self.rows = 0
        """Rows made so far."""
        self._callers = Callers(verified)
        self._calls = Calls(catalogue)
        self._outcomes = Outcomes()
        self._resources = Resources()

    @property
    def memos(self) -> dict[str, Memo[Any, Any]]:
        """The memories that every row asks."""
        return {"caller": self._callers.memo, "call": self._calls.memo, "resources": self._resources.memo}

    def add(self, group: RecordGroup, done: Normalised, latest: int) -> Problems:
        """Add the rows of all records of a group; where some become no row, add none and tell their problems.

        Event times after `latest` are flagged `future`.
        """
        fields = Fields.of(group.records)
        callers = self._callers.look_up(fields)
        found = _Found(read_event_times(fields.event_time), callers, self._calls.look_up(fields, callers.accounts))
        if not (all(callers.columns) and all(found.calls.columns)) or found.times.unreadable:
            return _tell_problems(group, found)
        event_ids, hashed = read_event_ids(fields.event_id, group.raws)
        rare = RareValues()
        self._look_closer(group.records, fields, found, rare)
        _note_texts(fields, rare)
        rare.flag("hashed_id", hashed)
        _flag_rows(group, found, latest, rare)
        touched = self._resources.find(fields, found.calls.readers)
        for row, made in touched.made.items():
            rare.note("made", row, made)
        own = {
            "position": group.positions,
            "raw": group.raws,
            "event_id": event_ids,
            "event_time": found.times.instants,
            "resources": touched.tokens,
        }
        # all or nothing: so far nothing was added, and from here on nothing that a record holds can raise
        done.add_rows(callers.columns, found.calls.columns, own, rare)
        self.rows += len(found.calls.traits)
        return {}

    def _look_closer(self, records: Sequence[Record], fields: Fields, found: _Found, rare: RareValues) -> None:
        """Look at the few records that may have an error, hand out a key, open something, sign in or state a fact."""
        columns = zip(fields.error_code, fields.error_message, found.callers.notable, found.calls.traits, strict=True)
        rows = [row for row, (code, text, notable, traits) in enumerate(columns) if code or text or notable or traits]
        if told := _find_filled(fields.service_event_details, ABSENT):
            rows = sorted({*rows, *told})
        every_identity, every_traits, read = found.callers.notable, found.calls.traits, self._outcomes.read
        for row in rows:
            record, identity, traits = records[row], every_identity[row], every_traits[row]
            error, issued_key = read(record, traits)
            if error is not SUCCESS:
                rare.note("error", row, *error.columns)
                if error.cut:
                    rare.flag("cut", [row])
            if issued_key:
                rare.note("issued_key", row, issued_key)
            if traits is not None:
                self._look_into(record, traits, row, found, rare, error is not SUCCESS)
            if identity is not None or (traits is not None and traits.may_state_facts):
                root, imds = (False, "") if identity is None else (identity.principal.kind == "root", identity.imds)
                mfa, action = found.callers.columns[row][1].mfa, found.calls.actions[row]
                rare.note("facts", row, find_facts(action, record, root, error is not SUCCESS, imds, mfa))

    def _look_into(
        self, record: Record, traits: ActionTraits, row: int, found: _Found, rare: RareValues, failed: bool
    ) -> None:
        """Look into a record for what the traits of its action say there may be; a call that failed opened nothing."""
        if traits.signs_in:
            callers = found.callers.columns
            principal, session, *client = callers[row]
            callers[row] = (*add_sign_in(principal, session, bytes(record.additional_event_data)), *client)
        if traits.may_expose and not failed:
            request, account = bytes(record.request_parameters), found.calls.accounts[row]
            rare.note("exposures", row, find_exposures(traits.action, request, account))
        if traits.is_sts and went_to_global_sts(record):
            calls = found.calls.columns
            calls[row] = self._calls.drop_region(calls[row])


def _tell_problems(group: RecordGroup, found: _Found) -> Problems:
    """Tell why records become no row."""
    problems: Problems = {}
    unreadable = frozenset(found.times.unreadable)
    for row, (record, raw) in enumerate(zip(group.records, group.raws, strict=True)):
        if not found.calls.columns[row]:
            called = is_call(record.event_name, record.event_category, record.event_type)
            problems[row] = Fault("no eventSource") if called else tell_problem(record, bytes(raw))
        elif row in unreadable:
            problems[row] = Fault("eventTime cannot be read" if record.event_time else "no eventTime")
        elif not found.callers.columns[row]:
            problems[row] = Fault("userIdentity cannot be read")
    return problems


def _note_texts(fields: Fields, rare: RareValues) -> None:
    """Note what few records have in a field of their own."""
    for name, texts in (("shared_event_id", fields.shared_event_id), ("vpc_endpoint", fields.vpc_endpoint_id)):
        for row in _find_filled(texts, None):
            rare.note(name, row, (texts[row] or "")[:LONGEST])
    for row in _find_filled(fields.addendum, ABSENT):
        if corrected := read_corrected_id(fields.addendum[row]):
            rare.note("patches", row, corrected)
            rare.flag("updated", [row])


def _flag_rows(group: RecordGroup, found: _Found, latest: int, rare: RareValues) -> None:
    """Flag rows in which something is odd."""
    times, callers, calls = found
    rows = range(len(group.records))
    rare.flag("repaired", rows if group.repaired else times.unusual)
    rare.flag("repaired", [row for row, identity in callers.notable_rows() if identity.repaired])
    elsewhere = compress(rows, map(ne, callers.accounts, calls.accounts))
    rare.flag("cross_account", [row for row in elsewhere if callers.accounts[row]])
    rare.flag("past", times.find_past())
    rare.flag("future", times.find_after(latest))
    rare.flag("unknown_version", compress(rows, calls.new_version))
    rare.flag("cut", compress(rows, callers.cut))
    rare.flag("cut", compress(rows, calls.cut))


def _find_filled(values: Sequence[Any], empty: Any) -> list[int]:
    """Find the rows that hold something; most often there is none."""
    if values.count(empty) == len(values):
        return []
    return [row for row, value in enumerate(values) if value is not empty]
