from dataclasses import fields

import numpy as np

from models.items import Items


def items(length: int, start: int = 0) -> Items:
    """Items whose every column counts on from the one before, so that no two can be mixed up."""
    names = fields(Items)
    made = [np.arange(length) + start + 100 * number for number in range(len(names))]
    return Items(*made)


def columns(found: Items) -> list[list[int]]:
    return [getattr(found, field.name).tolist() for field in fields(Items)]


def test_a_choice_takes_the_same_rows_of_every_column() -> None:
    chosen = items(4).where(np.array([False, True, False, True]))
    assert columns(chosen) == [[column[1], column[3]] for column in columns(items(4))]
    assert len(chosen) == 2


def test_an_order_puts_every_column_in_it() -> None:
    assert columns(items(3).where(np.array([2, 0, 1]))) == [[c[2], c[0], c[1]] for c in columns(items(3))]


def test_parts_are_one_table() -> None:
    whole = Items.concatenated([items(2), items(3, start=2)])
    assert columns(whole) == columns(items(5))
