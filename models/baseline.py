"""What is normal, as decayed counts of active hours: one state, carried forward a day at a time.

A baseline of day D holds what was known when D's training ran; it never sees D. `learn` folds one day in, so that
training from scratch, nightly retraining and a replay are the same sequence of steps.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from features.activity.dimensions import Dimension, find_dimension
from models.room import Room, cut
from models.vocabulary import Vocabulary
from models.words import Texts, Words

Ints = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

HABIT_HALF_LIFE = 45.0
"""Days after which an hour of habit counts half. Set by hand on the prototype; not measured alone."""
FIRSTS_HALF_LIFE = 14.0
"""Days after which a first counts half in the rate of firsts: firsts of the learning time were easy ones. Set by hand
on the prototype; not measured alone."""
SETTLING_DAYS = 5
"""Days of a new principal, in which everything is a first, that say nothing of its rate of firsts. Set by hand on the
prototype; not measured alone."""
FORGOTTEN_FIRSTS = 1e-3
"""Decayed firsts of a kind below which a token is no longer new in it; bounds memory, seen in no alert."""
QUARANTINE_DAYS = 14
"""Days a flagged value is kept from its principal's peers unless it is cleared. Set by hand on the prototype; to keep
it from its own principal too costs .03."""

PEERS, ACCOUNT, DEPLOYMENT, NOBODY = range(4)
"""The circles a value may be known in, smallest first."""
ANY = ""
"""The dimension that stands for being active at all."""
SEPARATOR = "\x1f"
PART = 1 << 18
"""Pairs, or tokens, that are looked at together, where there are many."""


def pair_key(left: Ints, right: Ints) -> Ints:
    """One sortable integer for two codes."""
    key = left.astype(np.int64)
    key <<= 32
    key |= right
    return key


def sort_distinct(keys: Ints) -> Ints:
    """The distinct ones of some keys, ascending: `np.unique` hashes them, 15 times as slow where most are distinct.

    >>> sort_distinct(np.array([7, 3, 7]))
    array([3, 7])
    """
    ordered = np.sort(keys)
    differs = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=differs[1:])
    distinct: Ints = ordered[differs]
    return distinct


def is_all(mask: Bools | Ints | slice) -> bool:
    """Whether a mask leaves nothing out.

    >>> is_all(np.array([True, True])), is_all(np.array([1, 0])), is_all(slice(0, 1))
    (True, False, False)
    """
    return isinstance(mask, np.ndarray) and mask.dtype == bool and bool(mask.all())


def find(sorted_keys: Ints, keys: Ints) -> tuple[Ints, Bools]:
    """Positions of keys in a sorted array, and which are there; absent ones get position 0.

    >>> find(np.array([3, 7]), np.array([7, 8]))
    (array([1, 0]), array([ True, False]))
    """
    if not len(sorted_keys):
        return np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=bool)
    positions = np.searchsorted(sorted_keys, keys)
    positions[positions == len(sorted_keys)] = 0
    there = sorted_keys[positions] == keys
    return np.where(there, positions, 0), there


@dataclass(slots=True)
class TokenRows:
    """Tokens of one or more days, coded; arrays of one length."""

    principal: Ints
    token: Ints
    day: Ints
    """Day of event time, in days since 1970 in the deployment's time zone."""
    hours: Ints
    """Active hours that held the token."""
    tick: Ints
    """End of the minute of delivery in which it first came, microseconds since 1970."""
    hour: Ints
    """First hour that held it, hours since 1970."""
    account: Ints

    def where(self, mask: Bools | Ints | slice) -> "TokenRows":
        """The rows a mask selects; itself where those are all."""
        return self if is_all(mask) else TokenRows(*(getattr(self, name)[mask] for name in self.__slots__))

    def __len__(self) -> int:
        return len(self.principal)


@dataclass(slots=True)
class ActiveRows:
    """Active hours of principals by dimension (`ANY`: at all); arrays of one length."""

    principal: Ints
    dimension: Ints
    day: Ints
    hours: Ints

    def where(self, mask: Bools | Ints) -> "ActiveRows":
        """The rows a mask selects."""
        return ActiveRows(*(getattr(self, name)[mask] for name in self.__slots__))


@dataclass(slots=True)
class Pairs:
    """What each principal ever did, one entry a (principal, token), sorted by key."""

    key: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    hours: Floats = field(default_factory=lambda: np.empty(0))
    """Decayed active hours that held the token."""
    total: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    """The same, never decayed: what an analyst reads."""
    flagged: dict[int, int] = field(default_factory=dict)
    """Day until which the value is kept from peers, by the key of each entry that ever was flagged."""

    @property
    def principal(self) -> Ints:
        """Principal code of each entry."""
        return self.key >> 32

    @property
    def token(self) -> Ints:
        """Token code of each entry."""
        return self.key & 0xFFFFFFFF

    def parts(self) -> "Iterator[Pairs]":
        """All entries, `PART` at a time."""
        for at in range(0, max(len(self.key), 1), PART):
            part = slice(at, at + PART)
            yield Pairs(self.key[part], self.hours[part], self.total[part], self.flagged)

    def find_kept(self, day: int) -> Ints:
        """Keys of entries that are kept from peers on a day, ascending."""
        return np.sort(np.array([key for key, until in self.flagged.items() if until > day], dtype=np.int64))

    def find_open(self, kept: Ints) -> Bools:
        """Which entries are not kept from peers, where so many are (`find_kept`), shape (n,)."""
        position, there = find(self.key, kept)
        out = np.ones(len(self.key), dtype=bool)
        out[position[there]] = False
        return out

    def sum_by_token(self, name: str, tokens: int, room: Room | None = None) -> Floats:
        """Everybody's `hours` or `total` of each token, shape (tokens,)."""
        out: Floats = (room or Room()).zeros(tokens, np.float64)
        for part in self.parts():
            np.add.at(out, part.token, getattr(part, name).astype(np.float64, copy=False))
        return out

    def add(self, key: Ints, hours: Ints, room: Room | None = None) -> Bools:
        """Add active hours; return which of the (unique, ascending) keys are new."""
        position, there = find(self.key, key)
        self.hours[position[there]] += hours[there]
        self.total[position[there]] += hours[there].astype(np.int32)
        new = ~there
        if new.any():
            at, room = np.searchsorted(self.key, key[new]), room or Room()
            self.key = room.insert(self.key, at, key[new])
            self.hours = room.insert(self.hours, at, hours[new])
            self.total = room.insert(self.total, at, hours[new])
        return new


class Baseline:
    """Decayed counts for every principal, token and dimension, as of the start of `day`.

    Parameters
    ----------
    room
        Where arrays by pair or token lie; in memory where none is given.

    Examples
    --------
    >>> baseline = Baseline(day=100)
    >>> int(baseline.token_codes(["read"], ["s3:ListBuckets"], ["list"])[0])
    0
    """

    def __init__(self, day: int, room: Room | None = None) -> None:
        self.day = day
        self.room = room or Room()
        self.principals = Vocabulary()
        self.tokens = Words(room=self.room)
        self.dimensions = Vocabulary([ANY])
        self.groups = Vocabulary()
        self.accounts = Vocabulary()
        self.strata = Vocabulary(["person", "role", "user", "root", "other"])
        self.levels = Vocabulary()
        self.token_dimension: Ints = np.empty(0, dtype=np.int32)
        self.token_level: Ints = np.empty(0, dtype=np.int16)
        """Access level (`levels`) of each action token, as first seen; that of '' for other tokens."""
        self.pairs = Pairs()
        self.stratum: Ints = np.empty(0, dtype=np.int64)
        self.group: Ints = np.empty(0, dtype=np.int64)
        self.account: Ints = np.empty(0, dtype=np.int64)
        self.first_day: Ints = np.empty(0, dtype=np.int64)
        self.last_day: Ints = np.empty(0, dtype=np.int64)
        self.active_days: Floats = np.empty(0)
        # by principal and dimension
        self.hours: Floats = np.empty((0, 1))
        self.total: Floats = np.empty((0, 1))
        self.settled_hours: Floats = np.empty((0, 1))
        self.firsts: Floats = np.empty((4, 0, 1))
        """Decayed firsts by the circle that knew them, shape (circles, principals, dimensions)."""
        self.recent_key: Ints = np.empty(0, dtype=np.int64)
        self.recent: Floats = np.empty(0)
        """Decayed firsts of each (stratum, token) by settled principals."""

    # -- codes ---------------------------------------------------------------------------------------------------

    def token_codes(self, dimensions: Sequence[str], values: Sequence[str], levels: Sequence[str]) -> Ints:
        """Codes of tokens, shape (n,); unseen ones are added with the access level they came with."""
        tokens = [f"{dimension}{SEPARATOR}{value}" for dimension, value in zip(dimensions, values, strict=True)]
        return self.code_tokens(tokens, dimensions, levels)

    def code_tokens(self, tokens: Sequence[str] | Texts, dimensions: Sequence[str], levels: Sequence[str]) -> Ints:
        """The same of tokens as they are kept: dimension, `SEPARATOR`, value."""
        [codes] = self.code_parts([(tokens, dimensions, levels)])
        return codes

    def code_parts(self, parts: Iterable[tuple[Sequence[str] | Texts, Sequence[str], Sequence[str]]]) -> Iterator[Ints]:
        """The same of part after part; what the new ones are stands where it is looked for once all are coded."""
        known, dimension, level = len(self.token_dimension), list[Ints](), list[Ints]()
        for tokens, dimensions, levels in parts:
            codes = self.tokens.codes(tokens)
            rows = np.flatnonzero(codes >= known)
            if len(rows):
                new = rows[np.unique(codes[rows], return_index=True)[1]].tolist()  # first rows, in the order of codes
                dimension.append(self.dimensions.codes([dimensions[row] for row in new]))
                level.append(self.levels.codes([levels[row] for row in new]))
                known += len(new)
            yield codes
        if dimension:
            self.token_dimension = self.room.join(self.token_dimension, *dimension)
            self.token_level = self.room.join(self.token_level, *level)
            self.resize()

    def restore_tokens(self, parts: Iterable[tuple[Texts, Texts]]) -> None:
        """Take tokens as they were kept, with their access levels, part after part."""
        dimension, level = (self.room.column(told.dtype) for told in (self.token_dimension, self.token_level))

        def note() -> Iterator[Texts]:
            for tokens, levels in parts:
                for part in cut(len(tokens), PART):
                    kept = tokens[part].to_pylist()
                    dimension.append(self.dimensions.codes([token.partition(SEPARATOR)[0] for token in kept]))
                    level.append(self.levels.codes(levels[part].to_pylist()))
                yield tokens

        self.tokens = Words.of(note(), room=self.room)
        self.token_dimension, self.token_level = dimension.close(), level.close()
        self.resize()

    def token(self, code: int) -> tuple[str, str]:
        """Dimension and value of a token."""
        dimension, _, value = self.tokens.word(code).partition(SEPARATOR)
        return dimension, value

    def level(self, code: int) -> str:
        """Access level of an action token, as first seen; '' for other tokens."""
        return self.levels.values[int(self.token_level[code])]

    def enrol(self, principal: str, stratum: str, group: str, account: str) -> int:
        """Code of a principal; its group may change, its stratum and home account never do."""
        return int(self.enrol_all([principal], [stratum], [group], [account])[0])

    def enrol_all(
        self, principals: Sequence[str], strata: Sequence[str], groups: Sequence[str], accounts: Sequence[str]
    ) -> Ints:
        """Codes of principals, shape (n,), as `enrol` gives each; all at once: cells are made anew for newcomers."""
        known = len(self.stratum)
        codes, group = self.principals.codes(principals), self.groups.codes(groups)
        new = np.sort(np.unique(codes, return_index=True)[1])
        new = new[codes[new] >= known]
        if len(new):
            kind = self.strata.codes([strata[row] for row in new.tolist()])
            home = self.accounts.codes([accounts[row] for row in new.tolist()])
            self.stratum = np.concatenate([self.stratum, kind])
            self.group = np.concatenate([self.group, group[new]])
            self.account = np.concatenate([self.account, home])
            self.first_day = np.concatenate([self.first_day, np.full(len(new), np.iinfo(np.int64).max)])
            self.last_day = np.concatenate([self.last_day, np.zeros(len(new), dtype=np.int64)])
            self.active_days = np.concatenate([self.active_days, np.zeros(len(new))])
            self.resize()
        self.group[codes] = group
        return codes

    def resize(self) -> None:
        """Give every principal and dimension its cells."""
        rows, columns = len(self.stratum) - self.hours.shape[0], len(self.dimensions) - self.hours.shape[1]
        if rows or columns:
            self.hours = np.pad(self.hours, ((0, rows), (0, columns)))
            self.total = np.pad(self.total, ((0, rows), (0, columns)))
            self.settled_hours = np.pad(self.settled_hours, ((0, rows), (0, columns)))
            self.firsts = np.pad(self.firsts, ((0, 0), (0, rows), (0, columns)))

    def which(self, holds: Callable[[Dimension], bool]) -> Bools:
        """Of which dimensions it holds, shape (dimensions,); `ANY` is none."""
        return np.array([name != ANY and holds(find_dimension(name)) for name in self.dimensions.values])

    def per_active_hour(self) -> Bools:
        """Which dimensions are judged per active hour rather than per hour in which they occur, shape (dimensions,)."""
        return self.which(lambda dimension: dimension.among == "active hours")

    # -- learning ------------------------------------------------------------------------------------------------

    def learn(self, day: int, rows: TokenRows, active: ActiveRows, circle: Ints) -> None:
        """Become the baseline of `day` by folding in what is known since.

        Parameters
        ----------
        day
            The day this becomes the baseline of; later than `self.day`.
        rows, active
            What became known, coded with this baseline's vocabularies; principals are enrolled.
        circle
            For each row, the smallest circle that knew its token before (`Circles.of`); only read for firsts.
        """
        self._decay(day - self.day)
        self.day = day
        np.minimum.at(self.first_day, active.principal, active.day)
        np.maximum.at(self.last_day, active.principal, active.day)
        np.add.at(self.hours, (active.principal, active.dimension), active.hours)
        np.add.at(self.total, (active.principal, active.dimension), active.hours)
        at_all = active.dimension == 0
        np.add.at(self.active_days, active.principal[at_all], 1.0)
        settled = active.day - self.first_day[active.principal] >= SETTLING_DAYS
        np.add.at(self.settled_hours, (active.principal[settled], active.dimension[settled]), active.hours[settled])
        key, first, hours = _sum_hours(rows)
        new = self.pairs.add(key, hours, self.room)
        self._learn_firsts(rows.where(_mask(first[new], len(rows))), circle[np.sort(first[new])])

    def _learn_firsts(self, rows: TokenRows, circle: Ints) -> None:
        settled = rows.day - self.first_day[rows.principal] >= SETTLING_DAYS
        principal, token = rows.principal[settled], rows.token[settled]
        np.add.at(self.firsts, (circle[settled], principal, self.token_dimension[token]), 1.0)
        key = pair_key(self.stratum[principal], token)
        distinct = sort_distinct(key)
        new = distinct[~find(self.recent_key, distinct)[1]]
        at = np.searchsorted(self.recent_key, new)
        self.recent_key = self.room.insert(self.recent_key, at, new)
        self.recent = self.room.insert(self.recent, at, np.zeros(len(new)))
        np.add.at(self.recent, np.searchsorted(self.recent_key, key), 1.0)

    def _decay(self, days: int) -> None:
        habit, firsts = 0.5 ** (days / HABIT_HALF_LIFE), 0.5 ** (days / FIRSTS_HALF_LIFE)
        self.pairs.hours *= habit
        self.hours *= habit
        self.active_days *= habit
        self.settled_hours *= firsts
        self.firsts *= firsts
        self.recent *= firsts
        keep = self.recent > FORGOTTEN_FIRSTS
        self.recent_key, self.recent = self.room.pick(self.recent_key, keep), self.room.pick(self.recent, keep)

    def flag(self, principals: Ints, tokens: Ints) -> None:
        """Keep values that were part of an alert from their principals' peers for `QUARANTINE_DAYS`."""
        key = pair_key(principals, tokens)
        known = key[find(self.pairs.key, key)[1]]
        self.pairs.flagged |= dict.fromkeys(known.tolist(), self.day + QUARANTINE_DAYS)


def _sum_hours(rows: TokenRows) -> tuple[Ints, Ints, Ints]:
    """Keys of the pairs in some rows, ascending; the first row of each, and its hours."""
    key = pair_key(rows.principal, rows.token)
    order = np.argsort(key, kind="stable")
    key = key[order]
    begins = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    hours: Ints = np.add.reduceat(rows.hours[order], begins) if len(begins) else np.empty(0, dtype=np.int64)
    return key[begins], order[begins], hours


def _mask(positions: Ints, length: int) -> Bools:
    mask = np.zeros(length, dtype=bool)
    mask[positions] = True
    return mask
