"""Rows come in groups, whole, however they were cut into batches."""

from itertools import pairwise
from random import Random

import pyarrow as pa
import pytest

from pipeline.spark.groups import split_groups
from pipeline.spark.rows import share_out


@pytest.mark.parametrize("seed", range(8))
def test_groups_do_not_depend_on_batches(seed):
    chance = Random(seed)
    keys = sorted((chance.choice("ab"), chance.choice("xyz")) for _ in range(50))
    cuts = sorted({0, 50, *(chance.randrange(50) for _ in range(5))})
    batches = [
        pa.record_batch({"one": [key[0] for key in keys[start:stop]], "two": [key[1] for key in keys[start:stop]]})
        for start, stop in pairwise(cuts)
    ]
    groups = [
        list(zip(*table.to_pydict().values(), strict=True)) for table in split_groups(iter(batches), ["one", "two"])
    ]
    assert [key for group in groups for key in group] == keys
    assert [group[0] for group in groups] == sorted(set(keys))
    assert all(len(set(group)) == 1 for group in groups)


def test_nothing_is_no_group():
    assert list(split_groups(iter([pa.record_batch({"one": pa.array([], pa.string())})]), ["one"])) == []


def test_a_single_large_one_has_a_share_of_its_own():
    assert share_out([("a", 9), ("b", 1), ("c", 1)], 2) == [["a"], ["b", "c"]]
    assert share_out([], 2) == []
