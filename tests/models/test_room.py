"""Arrays that are large lie in sheets, and are what they would be in memory."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from models.room import Array, Room
from models.words import Words, join


class ASheet:
    """A sheet of bytes in memory."""

    begun = 0

    def __init__(self) -> None:
        ASheet.begun += 1
        self._held = bytearray()

    def write(self, data: Any, /) -> None:
        self._held += data

    def keep(self) -> bytearray:
        assert self._held, "a sheet is never kept empty"
        return self._held


@pytest.fixture(params=[1, 40], ids=["all is large", "some is large"])
def room(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr("models.room.PIECE", 3)
    monkeypatch.setattr(ASheet, "begun", 0)
    return Room(ASheet, request.param)


DRAW = np.random.default_rng(15)
MAKERS: list[Callable[[Room, Array, Array], Array]] = [
    lambda room, array, _: room.insert(array, np.sort(DRAW.integers(0, len(array) + 1, 5)), np.arange(5)),
    lambda room, array, more: room.join(array, more, more),
    lambda room, array, more: room.pick(array, np.resize([True, True, False], len(array))),
    lambda room, array, more: room.zeros(len(array), np.int16),
    lambda room, array, more: room.keep(array.copy()),
]


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 20])
@pytest.mark.parametrize("make", MAKERS, ids=["insert", "join", "pick", "zeros", "keep"])
def test_arrays_in_sheets_are_those_in_memory(room: Room, make: Callable[..., Array], length: int) -> None:
    global DRAW
    array, more = np.arange(length) * 1.5, np.array([7, 8], dtype=np.int32)
    DRAW = np.random.default_rng(length)
    plain = make(Room(), array, more)
    DRAW = np.random.default_rng(length)
    made = make(room, array, more)
    assert made.dtype == plain.dtype
    assert made.tolist() == plain.tolist()
    if len(made):
        made[-1] += 1  # what was written can be changed
    assert plain.nbytes < 40 or ASheet.begun > 0


@pytest.mark.parametrize("at", [[0], [3], [6], [0, 0, 3, 3, 6, 6], [2, 3, 4]])
def test_values_are_put_in_where_pieces_meet(room: Room, at: list[int]) -> None:
    array, values = np.arange(6), 10 + np.arange(len(at))
    assert room.insert(array, np.array(at), values).tolist() == np.insert(array, at, values).tolist()


@pytest.mark.parametrize("parts", [[], [0], [2, 0, 1], [30, 30]])
def test_what_is_of_unknown_length_leaves_memory_once_it_is_large(room: Room, parts: list[int]) -> None:
    column = room.column(np.int32)
    for length in parts:
        column.append(np.arange(length))
    made = column.close()
    assert made.dtype == np.int32
    assert made.tolist() == [value for length in parts for value in range(length)]
    assert ASheet.begun == room.is_large(made.nbytes)
    made += 1  # what was written can be changed


def test_without_a_place_for_it_nothing_is_large() -> None:
    assert not Room(large=1).is_large(2**60)


def test_what_is_small_has_no_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ASheet, "begun", 0)
    room = Room(ASheet, 1000)
    room.insert(np.arange(9), np.array([4]), np.array([0]))
    room.zeros(100, np.int64)
    room.join(np.arange(3), np.arange(3))
    assert ASheet.begun == 0


def test_texts_are_joined_whatever_their_beginnings(room: Room) -> None:
    texts = pa.array(["", "x", "y\x1f한", "", "long enough to be seen", "z"], pa.large_string())
    for first, second in ((texts, texts), (texts[2:4], texts[1:]), (texts[:0], texts[3:]), (texts[5:], texts[:0])):
        assert join([first, second], room).equals(pa.concat_arrays([first, second]))
    assert join([texts[:0], texts[:0]], room).to_pylist() == []


def test_words_in_sheets_have_the_codes_of_words_in_memory(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.words.LEAST_RECENT", 5)
    draw, plain, words = np.random.default_rng(3), Words(len), Words(len, room)
    for _ in range(8):
        asked = [f"{'x' * number}{number}" for number in draw.integers(0, 40, 15).tolist()]
        assert words.codes(asked).tolist() == plain.codes(asked).tolist()
    assert words.column().equals(plain.column())
    assert ASheet.begun > 3
