"""What few rows have."""

from typing import get_args

from features.normalise.event import EVENT
from features.normalise.rare import NO_TEXTS, RARE, Flag, RareValues

FLAGS = get_args(Flag)


def test_rare_columns_are_of_the_event_schema_and_so_is_what_most_rows_hold() -> None:
    columns = {column.name: column.type for column in EVENT}
    for names, usual in RARE:
        assert len(names) == len(usual)
        for name, value in zip(names, usual, strict=True):
            assert value == {"string": "", "strings": NO_TEXTS}[columns[name]] or value is None


def test_only_what_is_not_empty_is_noted() -> None:
    rare = RareValues()
    for row, value in enumerate(("", NO_TEXTS, None, "key", ("root",))):
        rare.note("x", row, value)
    rare.note("error", 7, "", "code", "message")
    assert rare.by_column() == {"x": {3: ("key",), 4: (("root",),)}}


def test_flags_are_in_their_order_however_they_came() -> None:
    rare = RareValues()
    for name in reversed(FLAGS):
        rare.flag(name, [2])
    rare.flag("cut", [2, 0, 2])
    assert rare.by_column() == {"flags": {0: (("cut",),), 2: (FLAGS,)}}


def test_nothing_rare_is_nothing() -> None:
    rare = RareValues()
    rare.flag("past", [])
    assert rare.by_column() == {}
