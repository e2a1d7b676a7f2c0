"""Many strings' codes: those of a `Vocabulary`, however words arrive and whatever their hashes are."""

import os
import pickle
import random
import subprocess
import sys
from copy import deepcopy
from sys import getsizeof

import pyarrow as pa
import pytest

from models.vocabulary import Vocabulary
from models.words import LEAST_RECENT, SLICE, Words

DRAW = random.Random(15)
MANY = [f"resource:bucket\x1fbücket-{DRAW.randrange(40_000)}" for _ in range(60_000)]


def test_codes_are_those_of_a_vocabulary_and_stay() -> None:
    words, plain = Words(), Vocabulary()
    for some in (MANY[:7], MANY[:20_000], [], MANY[5_000:5_003], MANY):
        assert words.codes(some).tolist() == plain.codes(some).tolist()
        assert len(words) == len(plain)
    assert len(plain) > LEAST_RECENT  # most are settled
    assert words.column().to_pylist() == plain.values
    assert [words.word(code) for code in (0, 9_000, len(plain) - 1)] == [plain.values[n] for n in (0, 9_000, -1)]
    assert [words.get(word) for word in MANY[::500]] == [plain.get(word) for word in MANY[::500]]


def test_to_ask_for_a_code_adds_nothing() -> None:
    words = Words()
    assert words.get("absent") == -1
    assert words.codes([]).tolist() == []
    assert len(words) == 0


@pytest.mark.parametrize("hash_of", [lambda word: 7, len, lambda word: -len(word) << 40], ids=["one", "few", "low"])
def test_words_of_one_hash_are_told_apart(hash_of) -> None:
    asked = [f"{'x' * (number % 9)}{number}" for number in range(300)]
    words = Words.of(pa.array(asked[:200]), hash_of)
    assert words.codes(asked).tolist() == list(range(300))
    assert [words.get(word) for word in (asked[3], asked[250], "absent")] == [3, 250, -1]


def test_words_of_a_column_have_its_places_for_codes() -> None:
    column = pa.array(["x", "", "y\x1f한"])
    words = Words.of(column)
    assert words.codes(pa.array(["y\x1f한", "x", "z", ""])).tolist() == [2, 0, 3, 1]
    assert words.column().to_pylist() == [*column.to_pylist(), "z"]
    assert Words.of(column.slice(0, 0)).codes(["x"]).tolist() == [0]


def test_a_column_longer_than_a_slice_is_coded_whole() -> None:
    column = pa.array([str(number) for number in range(SLICE + 10)])
    assert Words.of(column).codes(column).tolist() == list(range(SLICE + 10))
    assert Words().codes(column).tolist() == list(range(SLICE + 10))


@pytest.mark.parametrize("sizes", [[0], [9, 0, 1], [3] * 40])
def test_words_come_in_parts_and_in_order_of_ranges(monkeypatch: pytest.MonkeyPatch, sizes: list[int]) -> None:
    """However many hashes are put in order together, and whatever they are, words are found."""
    monkeypatch.setattr("models.words.SORTED", 7)
    every = [f"s3:Get{number}" for number in range(sum(sizes))]
    for hash_of in (hash, len, lambda word: int(word[6:] or 0) << 30):
        left = iter(every)
        parts = [pa.array([next(left) for _ in range(size)], pa.string()) for size in sizes]
        words = Words.of(iter(parts), hash_of)
        assert words._hashes.tolist() == sorted(words._hashes.tolist())
        assert words.column().to_pylist() == every
        assert words.codes([*every, "x"]).tolist() == list(range(len(every) + 1))
        assert [words.get(word) for word in every[::9]] == list(range(0, len(every), 9))


def test_some_words_are_given_by_their_codes() -> None:
    words = Words.of(pa.array(["a", "b", "c"]))
    words.codes(["d", "e"])
    assert [words.column(slice(begin, end)).to_pylist() for begin, end in ((0, 2), (2, 4), (3, 5), (5, 5))] == [
        ["a", "b"], ["c", "d"], ["d", "e"], [],
    ]  # fmt: skip


def test_a_copy_grows_by_itself() -> None:
    words = Words.of(pa.array(["x", "y"]))
    copied = deepcopy(words)
    assert copied.codes(["z", "y"]).tolist() == [2, 1]
    assert len(words) == 2


def test_words_take_a_third_of_what_strings_do() -> None:
    words, plain = Words(), Vocabulary()
    for some in (list(MANY[at : at + 5_000]) for at in range(0, len(MANY), 5_000)):
        words.codes(some), plain.codes(some)
    strings = sum(getsizeof(value) + 8 for value in plain.values) + getsizeof(plain._codes) + 32 * len(plain)
    recent = sum(getsizeof(value) for value in words._recent.values) + getsizeof(words._recent._codes)
    assert words.nbytes + recent < strings / 2


def test_words_that_travel_are_found_where_hashes_are_others() -> None:
    """Python salts the hash of a string for each process."""
    told = pickle.dumps(Words.of(pa.array([f"s3:Get{number}" for number in range(9)], pa.large_string())))
    asked = "words.get('s3:Get7'), words.codes(['s3:Get3', 'new'])"
    program = f"import pickle, sys; words = pickle.load(sys.stdin.buffer); print({asked})"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program], input=told, capture_output=True, env=os.environ | {"PYTHONHASHSEED": seed}
        )
        assert done.stdout.decode().split() == ["7", "[3", "9]"], done.stderr
