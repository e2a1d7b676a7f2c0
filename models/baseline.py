"""What is normal, as decayed counts of active hours: one state, carried forward a day at a time.

A baseline of day D holds what was known when D's training ran; it never sees D. `learn` folds one day in, so that
training from scratch, nightly retraining and a replay are the same sequence of steps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from features.activity.dimensions import Dimension, find_dimension
from models.vocabulary import Vocabulary

Ints = npt.NDArray[np.int64]
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


def pair_key(left: Ints, right: Ints) -> Ints:
    """One sortable integer for two codes."""
    return (left.astype(np.int64) << 32) | right.astype(np.int64)


def sort_distinct(keys: Ints) -> Ints:
    """The distinct ones of some keys, ascending: `np.unique` hashes them, 15 times as slow where most are distinct.

    >>> sort_distinct(np.array([7, 3, 7]))
    array([3, 7])
    """
    ordered = np.sort(keys)
    distinct: Ints = ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0]
    return distinct


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

    def where(self, mask: Bools | Ints) -> "TokenRows":
        """The rows a mask selects."""
        return TokenRows(*(getattr(self, name)[mask] for name in self.__slots__))

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
    total: Floats = field(default_factory=lambda: np.empty(0))
    """The same, never decayed: what an analyst reads."""
    flagged_until: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """Day until which the value is kept from peers; 0 when it never was flagged."""

    @property
    def principal(self) -> Ints:
        """Principal code of each entry."""
        return self.key >> 32

    @property
    def token(self) -> Ints:
        """Token code of each entry."""
        return self.key & 0xFFFFFFFF

    def add(self, key: Ints, hours: Floats) -> Bools:
        """Add active hours; return which of the (unique) keys are new."""
        position, there = find(self.key, key)
        self.hours[position[there]] += hours[there]
        self.total[position[there]] += hours[there]
        new = ~there
        if new.any():
            keys = np.concatenate([self.key, key[new]])
            order = np.argsort(keys, kind="stable")
            self.key = keys[order]
            self.hours = np.concatenate([self.hours, hours[new]])[order]
            self.total = np.concatenate([self.total, hours[new]])[order]
            self.flagged_until = np.concatenate([self.flagged_until, np.zeros(new.sum(), dtype=np.int64)])[order]
        return new


class Baseline:
    """Decayed counts for every principal, token and dimension, as of the start of `day`.

    Examples
    --------
    >>> baseline = Baseline(day=100)
    >>> int(baseline.token_codes(["read"], ["s3:ListBuckets"], ["list"])[0])
    0
    """

    def __init__(self, day: int) -> None:
        self.day = day
        self.principals = Vocabulary()
        self.tokens = Vocabulary()
        self.dimensions = Vocabulary([ANY])
        self.groups = Vocabulary()
        self.accounts = Vocabulary()
        self.strata = Vocabulary(["person", "role", "user", "root", "other"])
        self.token_dimension: Ints = np.empty(0, dtype=np.int64)
        self.token_level: list[str] = []
        """Access level of each action token, as first seen; '' for other tokens."""
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
        codes = self.tokens.codes([f"{d}{SEPARATOR}{v}" for d, v in zip(dimensions, values, strict=True)])
        known = len(self.token_dimension)
        if len(self.tokens) > known:
            new = [token.partition(SEPARATOR)[0] for token in self.tokens.values[known:]]
            self.token_dimension = np.concatenate([self.token_dimension, self.dimensions.codes(new)])
            level = dict(zip(codes.tolist(), levels, strict=True))
            self.token_level.extend(level[code] for code in range(known, len(self.tokens)))
            self.resize()
        return codes

    def token(self, code: int) -> tuple[str, str]:
        """Dimension and value of a token."""
        dimension, _, value = self.tokens.values[code].partition(SEPARATOR)
        return dimension, value

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
        key, first, inverse = np.unique(pair_key(rows.principal, rows.token), return_index=True, return_inverse=True)
        new = self.pairs.add(key, _sums(inverse, rows.hours.astype(float), len(key)))
        self._learn_firsts(rows.where(_mask(first[new], len(rows))), circle[np.sort(first[new])])

    def _learn_firsts(self, rows: TokenRows, circle: Ints) -> None:
        settled = rows.day - self.first_day[rows.principal] >= SETTLING_DAYS
        principal, token = rows.principal[settled], rows.token[settled]
        np.add.at(self.firsts, (circle[settled], principal, self.token_dimension[token]), 1.0)
        keys = np.concatenate([self.recent_key, pair_key(self.stratum[principal], token)])
        self.recent_key, inverse = np.unique(keys, return_inverse=True)
        self.recent = _sums(inverse, np.concatenate([self.recent, np.ones(len(token))]), len(self.recent_key))

    def _decay(self, days: int) -> None:
        habit, firsts = 0.5 ** (days / HABIT_HALF_LIFE), 0.5 ** (days / FIRSTS_HALF_LIFE)
        self.pairs.hours *= habit
        self.hours *= habit
        self.active_days *= habit
        self.settled_hours *= firsts
        self.firsts *= firsts
        self.recent *= firsts
        keep = self.recent > FORGOTTEN_FIRSTS
        self.recent_key, self.recent = self.recent_key[keep], self.recent[keep]

    def flag(self, principals: Ints, tokens: Ints) -> None:
        """Keep values that were part of an alert from their principals' peers for `QUARANTINE_DAYS`."""
        position, there = find(self.pairs.key, pair_key(principals, tokens))
        self.pairs.flagged_until[position[there]] = self.day + QUARANTINE_DAYS


def _sums(groups: Ints, weights: Floats, length: int) -> Floats:
    return np.bincount(groups, weights=weights, minlength=length).astype(np.float64)


def _mask(positions: Ints, length: int) -> Bools:
    mask = np.zeros(length, dtype=bool)
    mask[positions] = True
    return mask
