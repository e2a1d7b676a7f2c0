"""Turn raw CloudTrail records into the columns of `features.normalise.event`.

Records are decoded and made into columns together, and one by one where something in them is odd: a record that the
strict decoder does not take is repaired, if its identity, time and action can be read; else it is set aside with its
bytes. What is no call (digests, Insights, aggregates) is counted by name. One record never takes its neighbours.

The words of this room:

- *record*: what CloudTrail delivered, decoded. *Fields*: the same fields of many records, a column a field.
- *position*: index of a record among all that are normalised. *Row*: index in a group, or in what is done.
- *resolved identity*: what a `userIdentity` is resolved to. *Client*: address and tool of a call.
- *caller*: resolved identity and client, as columns. *Call*: action, account, region and category, as columns.
- *traits*: what the records of an action have to be looked at for. *Notable*: so is what makes that necessary.
- *outcome*: the error of a call, and the key that it handed out.
- *rare*: what few rows have; it is kept by row. *Flag*: what is odd about a row.
- *problem*: why a record becomes no row; a *fault* sets it aside, one of an *other kind* is counted by name.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from features.call.action import ActionCatalogue
from features.call.verified import NONE_VERIFIED, VerifiedNames
from features.normalise.columns import ColumnMaker, RecordGroup
from features.normalise.normalised import Normalised, SetAside
from features.normalise.problem import Fault, OtherKind, Problems, tell_problem_of_text
from features.record.cloudtrail import Record, decode_record
from features.record.repair import DECODE_ERRORS, repair
from features.record.usual import decode_records
from features.times.instant import micros

_EARLY: Final = timedelta(minutes=15)
"""How far ahead of the clock an event time may be."""
_TOGETHER: Final = 256
"""Records that are made into columns together; of more, the first have left the processor's cache."""


class Normaliser:
    """Turns records into columns, and remembers from one call to the next.

    Parameters
    ----------
    catalogue
        Access levels and tactics of actions.
    verified
        Roles whose sessions' names tell who it is.

    Examples
    --------
    >>> from datetime import UTC
    >>> normaliser = Normaliser(ActionCatalogue({"services": {}}, {"actions": {}}))
    >>> record = b'''{"eventVersion": "1.11", "eventTime": "2025-03-03T09:00:00Z", "eventName": "ListUsers",
    ...   "eventSource": "iam.amazonaws.com", "recipientAccountId": "111111111111", "readOnly": true,
    ...   "userIdentity": {"type": "Root", "accountId": "111111111111"}}'''
    >>> done = normaliser.normalise([record, b"{}"], delivered_at=None, now=datetime(2025, 3, 4, tzinfo=UTC))
    >>> done.columns["action"], done.columns["principal"], done.set_aside[0].reason
    (['iam:ListUsers'], ['root/111111111111'], 'no eventName')
    """

    def __init__(self, catalogue: ActionCatalogue, verified: VerifiedNames = NONE_VERIFIED) -> None:
        self._maker = ColumnMaker(catalogue, verified)

    @property
    def memo_counts(self) -> tuple[int, int]:
        """How many of the questions to all memos were answered before, and how many not."""
        memos = self._maker.memos.values()
        misses = sum(memo.misses for memo in memos)
        return max(self._maker.rows * len(memos) - misses, 0), misses

    def normalise(
        self, raws: Sequence[bytes | msgspec.Raw], *, delivered_at: datetime | None, now: datetime
    ) -> Normalised:
        """Turn some records into columns, in their order; `position` is the index in `raws`.

        Parameters
        ----------
        raws
            Records as delivered. A `Raw` is part of a document that is known to be UTF-8; bytes are looked at here.
        delivered_at
            When CloudTrail delivered them; None stands for five minutes after each event.
        now
            The clock: what is later by more than 15 minutes is flagged `future`.
        """
        done = Normalised(delivered_at=None if delivered_at is None else micros(delivered_at))
        intake = _Intake(self._maker, done, micros(now + _EARLY))
        for start in range(0, len(raws), _TOGETHER):
            some = raws[start : start + _TOGETHER]
            intake.take(range(start, start + len(some)), some)
        done.set_aside.sort(key=lambda kept: kept.position)
        return done


class _Intake:
    """Takes records in for one call of `normalise`: together, and apart where something in them is odd."""

    def __init__(self, maker: ColumnMaker, done: Normalised, latest: int) -> None:
        self._maker = maker
        self._done = done
        self._latest = latest

    def take(self, positions: Sequence[int], raws: Sequence[bytes | msgspec.Raw]) -> None:
        """Take some records in."""
        try:
            group = RecordGroup(positions, raws, _decode_all(raws))
        except DECODE_ERRORS:  # one of them at least cannot be decoded
            self._take_each(positions, raws)
        else:
            self._add(group)

    def _take_each(self, positions: Sequence[int], raws: Sequence[bytes | msgspec.Raw]) -> None:
        """Take records in of which some cannot be decoded: what lies between two such together."""
        between: list[tuple[int, bytes | msgspec.Raw, Record]] = []
        for position, raw in zip(positions, raws, strict=True):
            try:
                between.append((position, raw, _decode(raw)))
            except DECODE_ERRORS:
                self._add_all(between)
                between = []
                self._add_repaired(position, raw)
        self._add_all(between)

    def _add_all(self, records: Sequence[tuple[int, bytes | msgspec.Raw, Record]]) -> None:
        if records:
            positions, raws, decoded = zip(*records, strict=True)
            self._add(RecordGroup(positions, raws, decoded))

    def _add(self, group: RecordGroup) -> None:
        """Add the rows of a group, and note the problems of the records that become none."""
        while group.records:
            try:
                problems = self._maker.add(group, self._done, self._latest)
            except Exception as error:  # one record never takes its neighbours, whatever it holds
                self._add_apart(group, error)
                return
            self._note(group, problems)
            if not problems:
                return
            group = group.pick(row for row in range(len(group.records)) if row not in problems)

    def _add_apart(self, group: RecordGroup, error: Exception) -> None:
        """Add a group in which a record raised an error: in halves, until the record is alone."""
        count = len(group.records)
        if count > 1:
            self._add(group.pick(range(count // 2)))
            self._add(group.pick(range(count // 2, count)))
        elif isinstance(error, DECODE_ERRORS) and not group.repaired:
            self._add_repaired(group.positions[0], group.raws[0])
        else:
            self._note(group, {0: _blame(error)})

    def _add_repaired(self, position: int, raw: bytes | msgspec.Raw) -> None:
        """Add the row of a record that cannot be read as it is."""
        data = bytes(raw)
        group = RecordGroup([position], [data], [Record()], repaired=True)
        try:
            record = repair(data)
        except Exception as error:
            self._note(group, {0: _blame(error)})
            return
        if record is None:
            self._note(group, {0: tell_problem_of_text(data)})
        else:
            self._add(group._replace(records=[record]))

    def _note(self, group: RecordGroup, problems: Problems) -> None:
        for row, problem in problems.items():
            match problem:
                case OtherKind(name):
                    self._done.others.append((group.positions[row], name))
                case Fault(reason):
                    self._done.set_aside.append(SetAside(group.positions[row], reason, group.raws[row]))


def _blame(error: Exception) -> Fault:
    """Tell the problem of a record that raised an error."""
    return Fault(f"could not be normalised: {type(error).__name__}")


def _decode_all(raws: Sequence[bytes | msgspec.Raw]) -> list[Record]:
    return list(map(_decode, raws)) if bytes in set(map(type, raws)) else decode_records(raws)


def _decode(raw: bytes | msgspec.Raw) -> Record:
    if type(raw) is bytes and not raw.isascii():
        raw.decode()  # the decoder does not look into what it passes over
    return decode_record(raw)
