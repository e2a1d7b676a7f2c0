"""Small integers for very many strings: what a `Vocabulary` gives, in a quarter of its memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from models.room import Room, cut
from models.vocabulary import Codes, Vocabulary

SLICE: Final = 1 << 16
"""Words that are Python's strings at a time, where there are many."""
LEAST_RECENT: Final = 1 << 12
RECENT_SHARE: Final = 1 / 32
"""Words, and the share of all, up to which those that came last are kept as Python's strings: to put a few among many
costs as much as to put many."""
MOST_RECENT: Final = 1 << 22
"""The most of them, half a gigabyte: among a hundred million, as many as a day brings. Set by hand."""
SORTED: Final = 1 << 22
"""Hashes, and up to as many more, that are put in order together."""
Hashes: TypeAlias = npt.NDArray[np.uint32]
Places: TypeAlias = npt.NDArray[np.int32]
Texts: TypeAlias = Any
"""An Arrow array of strings; what its stubs know of it is too little."""


class Words:
    """Codes for words in the order of their first appearance; it only grows.

    Settled words are one Arrow array and are found by their hashes, which stand in order; what came since is a
    `Vocabulary`. Whatever a hash finds is compared with the word itself, so words of one hash are told apart.

    Parameters
    ----------
    hash_of
        Number of a word, the same while the process lives.
    room
        Where settled words lie; in memory where none is given.

    Examples
    --------
    >>> words = Words()
    >>> words.codes(["s3:GetObject", "iam:ListUsers", "s3:GetObject"])
    array([0, 1, 0])
    >>> words.word(1), len(words), words.get("absent")
    ('iam:ListUsers', 2, -1)
    """

    def __init__(self, hash_of: Callable[[str], int] = hash, room: Room | None = None) -> None:
        self._hash_of, self._room = hash_of, room or Room()
        self._settled: Texts = pa.array([], pa.large_string())
        self._hashes: Hashes = np.empty(0, dtype=np.uint32)
        """Of settled words, ascending."""
        self._places: Places = np.empty(0, dtype=np.int32)
        """Code of the word of each hash."""
        self._recent = Vocabulary()

    @classmethod
    def of(cls, words: Texts | Iterable[Texts], hash_of: Callable[[str], int] = hash, room: Room | None = None) -> Self:
        """Words whose codes are their places in an array without repetitions, or in several, one after another."""
        made, hashes = cls(hash_of, room), (room or Room()).column(np.uint32)

        def note() -> Iterator[Texts]:
            for texts in [words] if isinstance(words, pa.Array) else words:
                large = texts.cast(pa.large_string())
                for part in cut(len(large), SLICE):
                    hashes.append(made._hash(large[part]))
                yield large

        made._settled = join(note(), made._room)
        made._hashes, made._places = put_in_order(hashes.close(), made._room)
        return made

    def __reduce__(self) -> Any:
        """Travel as the words alone, into memory: another process hashes them otherwise."""
        return type(self).of, (self.column(), self._hash_of)

    def __len__(self) -> int:
        return len(self._settled) + len(self._recent)

    @property
    def nbytes(self) -> int:
        """Bytes that it takes, but for the few words that came last."""
        return int(self._settled.nbytes) + self._hashes.nbytes + self._places.nbytes

    def word(self, code: int) -> str:
        """The word of a code."""
        settled = len(self._settled)
        return str(self._settled[code].as_py()) if code < settled else self._recent.values[code - settled]

    def column(self, codes: slice | None = None) -> Texts:
        """Words in the order of their codes; all, unless some are asked for."""
        begin, end, settled = codes.start if codes else 0, codes.stop if codes else len(self), len(self._settled)
        recent = self._recent.values[max(begin - settled, 0) : max(end - settled, 0)]
        return pa.concat_arrays([self._settled[begin:end], pa.array(recent, pa.large_string())])

    def get(self, word: str) -> int:
        """Code of a word, -1 when it was never seen."""
        recent = self._recent.get(word)
        if recent >= 0:
            return len(self._settled) + recent
        hashed = np.uint32(self._hash_of(word) & 0xFFFFFFFF)
        for at in range(int(np.searchsorted(self._hashes, hashed)), len(self._hashes)):
            if self._hashes[at] != hashed:
                break
            if self.word(int(self._places[at])) == word:
                return int(self._places[at])
        return -1

    def codes(self, words: Sequence[str] | Texts) -> Codes:
        """Codes of words, shape (n,); unseen words get the next codes."""
        asked = (words if isinstance(words, pa.Array) else pa.array(words, pa.string())).cast(pa.large_string())
        out = np.empty(len(asked), dtype=np.int64)
        for at in range(0, len(asked), SLICE):
            out[at : at + SLICE] = self._code(asked.slice(at, SLICE))
        return out

    def _code(self, words: Texts) -> Codes:
        out = self._find(words)
        new = np.flatnonzero(out < 0)
        if len(new):
            out[new] = len(self._settled) + self._recent.codes(words.take(pa.array(new)).to_pylist())
            if len(self._recent) > max(LEAST_RECENT, min(MOST_RECENT, RECENT_SHARE * len(self._settled))):
                recent, self._recent = self._recent, Vocabulary()
                self._settle(pa.array(recent.values, pa.large_string()))
        return out

    def _find(self, words: Texts) -> Codes:
        """Codes among the settled; -1 for what is none of them."""
        out = np.full(len(words), -1, dtype=np.int64)
        hashes = self._hash(words)
        at, asked = np.searchsorted(self._hashes, hashes), np.arange(len(words))
        while len(asked):  # more than once where words have one hash
            here = at < len(self._hashes)
            here[here] = self._hashes[at[here]] == hashes[asked[here]]
            at, asked = at[here], asked[here]
            code = self._places[at]
            is_it = pc.equal(self._settled.take(pa.array(code)), words.take(pa.array(asked)))
            found = np.asarray(is_it.to_numpy(zero_copy_only=False), dtype=bool)
            out[asked[found]] = code[found]
            at, asked = at[~found] + 1, asked[~found]
        return out

    def _settle(self, words: Texts) -> None:
        """Put words that are new among the settled."""
        hashes, places = put_in_order(np.concatenate([self._hash(words[part]) for part in cut(len(words), SLICE)]))
        at = np.searchsorted(self._hashes, hashes)
        self._hashes = self._room.insert(self._hashes, at, hashes)
        self._places = self._room.insert(self._places, at, len(self._settled) + places)
        self._settled = join([self._settled, words], self._room)

    def _hash(self, words: Texts) -> Hashes:
        return np.fromiter(map(self._hash_of, words.to_pylist()), dtype=np.int64, count=len(words)).astype(np.uint32)


def put_in_order(hashes: Hashes, room: Room | None = None) -> tuple[Hashes, Places]:
    """Hashes ascending, and the place of each among those given; many are gone through once for each range of them.

    >>> put_in_order(np.array([7, 3, 5], dtype=np.uint32))
    (array([3, 5, 7], dtype=uint32), array([1, 2, 0], dtype=int32))
    """
    room, bits = room or Room(), max(len(hashes) // SORTED, 1).bit_length() - 1
    ordered, places = room.column(np.uint32, len(hashes)), room.column(np.int32, len(hashes))
    for number in range(1 << bits):
        found = [part.start + np.flatnonzero(hashes[part] >> (32 - bits) == number) for part in cut(len(hashes))]
        at = np.concatenate(found) if found else np.empty(0, dtype=np.int64)
        at = at[np.argsort(hashes[at])]
        ordered.append(hashes[at])
        places.append(at)
    return ordered.close(), places.close()


def join(parts: Iterable[Texts], room: Room) -> Texts:
    """Arrays of large strings as one.

    >>> join([pa.array(["x"], pa.large_string()), pa.array(["", "yz"], pa.large_string())], Room()).to_pylist()
    ['x', '', 'yz']
    """
    ends, data, size, length = room.column(np.int64), room.column(np.uint8), 0, 0
    ends.append(np.zeros(1))
    for texts in parts:
        own = _ends(texts)
        for part in cut(len(texts)):
            ends.append(own[part.start + 1 : part.stop + 1] - own[0] + size)
        data.append(np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)[own[0] : own[-1]])
        size += int(own[-1] - own[0])
        length += len(texts)
    buffers = [pa.py_buffer(column.close().data) for column in (ends, data)]
    return pa.Array.from_buffers(pa.large_string(), length, [None, *buffers])


def _ends(texts: Texts) -> npt.NDArray[np.int64]:
    """Where each word ends in the bytes of all, after where the first begins; shape (n + 1,)."""
    ends = np.frombuffer(texts.buffers()[1] or bytes(8), dtype=np.int64)
    return ends[texts.offset : texts.offset + len(texts) + 1]
