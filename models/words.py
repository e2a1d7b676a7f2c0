"""Small integers for very many strings: what a `Vocabulary` gives, in a quarter of its memory."""

from collections.abc import Callable, Sequence
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
        self._hashes: npt.NDArray[np.uint32] = np.empty(0, dtype=np.uint32)
        """Of settled words, ascending."""
        self._places: npt.NDArray[np.int32] = np.empty(0, dtype=np.int32)
        """Code of the word of each hash."""
        self._recent = Vocabulary()

    @classmethod
    def of(cls, words: Texts, hash_of: Callable[[str], int] = hash, room: Room | None = None) -> Self:
        """Words whose codes are their places in an array without repetitions."""
        made = cls(hash_of, room)
        made._settle(words.cast(pa.large_string()))
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

    def column(self) -> Texts:
        """All words, in the order of their codes."""
        return pa.concat_arrays([self._settled, pa.array(self._recent.values, pa.large_string())])

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
        parts = [self._hash(words[part]) for part in cut(len(words), SLICE)]
        hashes = np.concatenate(parts) if parts else np.empty(0, dtype=np.uint32)
        order = np.argsort(hashes)
        hashes, code = hashes[order], (len(self._settled) + order).astype(np.int32)
        at = np.searchsorted(self._hashes, hashes)
        self._hashes = self._room.insert(self._hashes, at, hashes)
        self._places = self._room.insert(self._places, at, code)
        self._settled = join(self._settled, words, self._room)

    def _hash(self, words: Texts) -> npt.NDArray[np.uint32]:
        return np.fromiter(map(self._hash_of, words.to_pylist()), dtype=np.int64, count=len(words)).astype(np.uint32)


def join(first: Texts, second: Texts, room: Room) -> Texts:
    """Two arrays of large strings as one.

    >>> join(pa.array(["x"], pa.large_string()), pa.array(["", "yz"], pa.large_string()), Room()).to_pylist()
    ['x', '', 'yz']
    """
    both = [(_ends(texts), texts) for texts in (first, second)]
    size = sum(int(ends[-1] - ends[0]) for ends, _ in both)
    length = len(first) + len(second)
    if not room.is_large(max(size, 8 * length)):
        return pa.concat_arrays([first, second])
    ends, data, so_far = room.column(np.int64, length + 1), room.column(np.uint8, size), 0
    ends.append(np.zeros(1))
    for own, texts in both:
        for part in cut(len(texts)):
            ends.append(own[part.start + 1 : part.stop + 1] - own[0] + so_far)
        held = texts.buffers()[2]
        data.append(np.frombuffer(held or b"", dtype=np.uint8)[own[0] : own[-1]])
        so_far += int(own[-1] - own[0])
    buffers = [pa.py_buffer(column.close().data) for column in (ends, data)]
    return pa.Array.from_buffers(pa.large_string(), length, [None, *buffers])


def _ends(texts: Texts) -> npt.NDArray[np.int64]:
    """Where each word ends in the bytes of all, after where the first begins; shape (n + 1,)."""
    ends = np.frombuffer(texts.buffers()[1] or bytes(8), dtype=np.int64)
    return ends[texts.offset : texts.offset + len(texts) + 1]
