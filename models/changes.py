"""One change that reaches many principals is told once: who shares what, and with whom it stays.

A first that three or more principals of a circle share today or yesterday is one change: it stays with the one whose
other evidence is largest and leaves the others. A place or tool that nobody here ever had is a move of everybody who
shares it, where most of them do nothing else that is odd: an office, a network or a provider has moved, and what most
others of a place or tool have moved for goes along. What is done there is no part of it, so that whoever acts in a move
is told of as ever, and holds the move as well.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from models.baseline import NOBODY
from models.standing import Entry, Evidence, Key, Shared, is_open

WAVE = 3
"""Principals that must share a first for it to be a change. Set by hand on the prototype; not measured alone."""
MOVE_FAMILIES: Final = ("place", "tool")
"""Families whose values can move with everybody: where somebody calls from, and with what. A definition."""
MOVE_QUIET_NATS: Final = 1.0
"""Nats of what is not shared, from which on whoever is in a move does something else that is odd: at 4, ten
credentials that each read a secret from one host were a move. Set by hand; not measured."""
_MOVED, _GONE_ALONG = -2, -3
"""Circles of a move: a place or tool that nobody here ever had, and one that others had before."""


class Changes:
    """The entries of open ledgers, and the changes that they share.

    Examples
    --------
    >>> Changes().list_held((7, 0))
    ([], frozenset())
    """

    def __init__(self) -> None:
        self._entries: dict[Key, list[Entry]] = {}
        self._sharing: dict[Shared, dict[Key, int]] = {}
        """Who shares a first, and from which tick on."""
        self._others: dict[Key, float] = {}
        self._holders: dict[Shared, Key] = {}
        self._moves: dict[Shared, bool] = {}
        self._roles: dict[Key, tuple[float, bool, bool]] = {}
        """What each ledger that shares a change was for the others, the last time that it was looked at."""

    def forget(self, day: int) -> None:
        """Forget the ledgers that a day does not go on with."""
        self._entries = {key: kept for key, kept in self._entries.items() if is_open(key, day)}
        sharing = {
            shared: {key: tick for key, tick in keys.items() if is_open(key, day)}
            for shared, keys in self._sharing.items()
        }
        self._sharing = {shared: keys for shared, keys in sharing.items() if keys}
        self._forget_found()
        self._roles.clear()
        for key in {key for shared, keys in self._sharing.items() if self._is_many(shared) for key in keys}:
            self._note_role(key)

    def add(self, key: Key, evidence: Evidence, row: int, tick: int) -> None:
        """Add an item to a ledger; who shares it holds this very key, for a tuple an item would be many."""
        self._forget_found()
        entry = Entry(evidence, row, _list_shared(evidence, row))
        self._entries.setdefault(key, []).append(entry)
        for shared in entry.shared:
            self._sharing.setdefault(shared, {})[key] = tick

    def entries_of(self, key: Key) -> Sequence[Entry]:
        """All that a ledger has, held by it or by another."""
        return self._entries.get(key, ())

    def list_held(self, key: Key) -> tuple[list[Entry], frozenset[int]]:
        """The entries that count for a ledger, and the principals that share the changes among them."""
        sharing: set[int] = set()
        held: list[Entry] = []
        for entry in self.entries_of(key):
            change = self._find_change(entry)
            if change is not None:
                if self._holder(change) != key:
                    continue
                sharing.update(other for _, other, *_ in self._sharing[change])
            held.append(entry)
        return held, frozenset(sharing - {key[1]})

    def reach(self, came: Iterable[Key]) -> set[Key]:
        """Ledgers that may stand otherwise since some of them grew: those, and whoever shares a change with them.

        Where that makes a ledger something else for the others, whoever shares one with it, and so on; each is looked
        at once.
        """
        grown = set(came)
        reached, wave = set(grown), grown
        while wave:
            shared = {one for key in wave for one in self._list_shared_by(key)}
            near = {key for one in shared for key in self._sharing[one]} - reached
            reached |= near
            wave = {key for key in near if self._note_role(key)}
        for key in grown:
            if any(self._list_shared_by(key)):
                self._note_role(key)
        return reached

    def _list_shared_by(self, key: Key) -> Iterable[Shared]:
        """What a ledger shares with many."""
        return (one for entry in self.entries_of(key) for one in entry.shared if self._is_many(one))

    def _note_role(self, key: Key) -> bool:
        """Note what a ledger is for those who share a change with it; say whether that is something else now."""
        role = self._other(key), self._is_quiet(key), self._moved(key)
        if self._roles.get(key) == role:
            return False
        self._roles[key] = role
        return True

    def _forget_found(self) -> None:
        """Forget what was found of ledgers as they stood."""
        self._others.clear()
        self._holders.clear()
        self._moves.clear()

    def _find_change(self, entry: Entry) -> Shared | None:
        """The change that an entry is part of."""
        for shared in entry.shared:
            if self._is_many(shared) and (shared[0] >= 0 or self._is_move(shared)):
                return shared
        return None

    def _is_many(self, shared: Shared) -> bool:
        keys = self._sharing[shared]
        return len(keys) >= WAVE and len({principal for _, principal, *_ in keys}) >= WAVE

    def _is_move(self, shared: Shared) -> bool:
        """Whether most of those who share a place or tool do nothing else that is odd, or moved for another."""
        if shared not in self._moves:
            keys, belongs = self._sharing[shared], self._is_quiet if shared[0] == _MOVED else self._moved
            self._moves[shared] = 2 * sum(map(belongs, keys)) > len(keys)
        return self._moves[shared]

    def _is_quiet(self, key: Key) -> bool:
        """Whether what a ledger shares with nobody is little."""
        alone = (e.piece.nats for e in self.entries_of(key) if not any(map(self._is_many, e.shared)))
        return sum(alone) < MOVE_QUIET_NATS

    def _moved(self, key: Key) -> bool:
        """Whether a ledger holds a place or tool that nobody ever had, and of a move."""
        places = (shared for entry in self.entries_of(key) for shared in entry.shared if shared[0] == _MOVED)
        return any(self._is_many(shared) and self._is_move(shared) for shared in places)

    def _holder(self, shared: Shared) -> Key:
        """The ledger a change stays with: the largest other evidence, then the later day, then the older principal.

        A move stays with who came first, while nobody in it does anything else that is odd.
        """
        if shared not in self._holders:
            keys = self._sharing[shared]
            quiet = MOVE_QUIET_NATS if shared[0] < 0 else 0.0
            self._holders[shared] = max(
                keys,
                key=lambda key: (
                    other if (other := self._other(key)) >= quiet else 0.0, -keys[key] if quiet else 0, key[0], -key[1]
                ),
            )  # fmt: skip
        return self._holders[shared]

    def _other(self, key: Key) -> float:
        """Evidence of a ledger that no change explains, before it is combined."""
        if key not in self._others:
            self._others[key] = sum(e.piece.nats for e in self.entries_of(key) if self._find_change(e) is None)
        return self._others[key]


def _list_shared(evidence: Evidence, row: int) -> tuple[Shared, ...]:
    """The changes that an item may be part of."""
    if evidence.circle[row] < 0:
        return ()
    token = int(evidence.items.token[row])
    near = evidence.circle[row], token
    if evidence.pieces[row].family not in MOVE_FAMILIES:
        return (near,)
    return (_MOVED if evidence.items.circle[row] == NOBODY else _GONE_ALONG, token), near
