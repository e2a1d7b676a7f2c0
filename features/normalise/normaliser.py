"""Turn raw CloudTrail records into the columns of `features.normalise.event`.

Records are decoded and made into columns together, and one by one where something in them is odd: a record that the
strict decoder does not take is repaired, if its identity, time and action can be read; else it is set aside with its
bytes. What is no call (digests, Insights, aggregates) is counted by name. One record never takes its neighbours.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from features.call.action import ActionCatalogue
from features.normalise.columns import Batch, Columns, Problems
from features.normalise.normalised import COLUMNS, Normalised, SetAside
from features.normalise.not_call import not_json
from features.record.cloudtrail import Record, decode_record
from features.record.repair import DECODE_ERRORS, repair
from features.times.instant import micros

__all__ = ["COLUMNS", "Normalised", "Normaliser", "SetAside"]

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

    def __init__(self, catalogue: ActionCatalogue) -> None:
        self._columns = Columns(catalogue)

    @property
    def unmatched(self) -> Counter[str]:
        """Calls that neither the IAM definition nor our tables know, with how often they occurred."""
        return self._columns.unmatched

    @property
    def memo_hits(self) -> dict[str, float]:
        """Share of the questions each memo had answered before."""
        rows = self._columns.rows
        return {name: max(1 - memo.misses / rows, 0.0) for name, memo in self._columns.memos.items() if rows}

    @property
    def memo_counts(self) -> tuple[int, int]:
        """Hits and misses of all memos together."""
        memos = self._columns.memos.values()
        misses = sum(memo.misses for memo in memos)
        return max(self._columns.rows * len(memos) - misses, 0), misses

    def normalise(
        self, raws: Sequence[bytes | msgspec.Raw], *, delivered_at: datetime | None, now: datetime
    ) -> Normalised:
        """Columns of some records, in their order; `position` is the index in `raws`.

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
        run = _Run(self._columns, done, micros(now + _EARLY))
        for start in range(0, len(raws), _TOGETHER):
            some = raws[start : start + _TOGETHER]
            positions = range(start, start + len(some))
            try:
                batch = Batch(positions, some, _decode_all(some))
            except DECODE_ERRORS:  # one of them at least
                run.add_each(positions, some)
            else:
                run.add(batch)
        done.set_aside.sort(key=lambda kept: kept.position)
        return done


def _decode_all(raws: Sequence[bytes | msgspec.Raw]) -> list[Record]:
    return list(map(_decode if bytes in set(map(type, raws)) else decode_record, raws))


def _decode(raw: bytes | msgspec.Raw) -> Record:
    if type(raw) is bytes and not raw.isascii():
        raw.decode()
    return decode_record(raw)


class _Run:
    """One call of `normalise`."""

    def __init__(self, columns: Columns, done: Normalised, latest: int) -> None:
        self._columns = columns
        self._done = done
        self._latest = latest

    def add_each(self, positions: Sequence[int], raws: Sequence[bytes | msgspec.Raw]) -> None:
        """Add records of which some cannot be decoded: what lies between two such together."""
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
            self.add(Batch(positions, raws, decoded))

    def add(self, batch: Batch) -> None:
        """Add the rows of a batch, and note which of its records become none."""
        while batch.records:
            try:
                problems = self._columns.add(batch, self._done, self._latest)
            except Exception as error:  # one record never takes its neighbours, whatever it holds
                if len(batch.records) > 1:
                    middle = len(batch.records) // 2
                    self.add(batch.of(range(middle)))
                    self.add(batch.of(range(middle, len(batch.records))))
                elif isinstance(error, DECODE_ERRORS) and not batch.repaired:
                    self._add_repaired(batch.positions[0], batch.raws[0])
                else:
                    self._note(batch, {0: f"could not be normalised: {type(error).__name__}"})
                return
            self._note(batch, problems)
            if not problems:
                return
            batch = batch.of(row for row in range(len(batch.records)) if row not in problems)

    def _add_repaired(self, position: int, raw: bytes | msgspec.Raw) -> None:
        """Add the row of a record that cannot be read as it is."""
        data = bytes(raw)
        one = Batch([position], [data], [Record()], repaired=True)
        try:
            fixed = repair(data)
        except Exception as error:
            self._note(one, {0: f"could not be normalised: {type(error).__name__}"})
            return
        if fixed is None:
            self._note(one, {0: not_json(data)})
        else:
            self.add(one._replace(records=[fixed]))

    def _note(self, batch: Batch, problems: Problems) -> None:
        for row, problem in problems.items():
            if problem.startswith("="):
                self._done.others.append((batch.positions[row], problem[1:]))
            else:
                self._done.set_aside.append(SetAside(batch.positions[row], problem, batch.raws[row]))
