"""Free-form objects made fit for a flat field: what is kept, what is left out, and that somebody is told."""

import json

import pytest

from pipeline.documents.flat import (
    DEEPEST,
    LONGEST_LEAF,
    MOST_CHARACTERS,
    MOST_LEAVES,
    flatten,
    is_flat,
    write_as_elastic,
)


def nested(levels):
    value = "x"
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("value", "kept", "cut"),
    [
        ({"a": 1, "b": None, "c": "", "d": [], "e": {"f": None}}, {"a": 1}, False),
        ({"a": [1, "x", None, {"b": False}]}, {"a": [1, "x", {"b": False}]}, False),
        ("text", {"value": "text"}, False),
        (["a", "b"], {"value": ["a", "b"]}, False),
        ({}, None, False),
        ({"a": "x" * (LONGEST_LEAF + 1), "b": 1}, {"b": 1}, True),
        ({"k" * 33_000: 1, "b": 1}, {"b": 1}, True),
        ({"": 1, "a\0b": 2, "b": 1}, {"b": 1}, True),
        ({"a": 10**1_200, "b": 10**30}, {"b": 10**30}, True),
        (nested(DEEPEST), nested(DEEPEST), False),
        (nested(DEEPEST + 1), None, True),
    ],
)  # fmt: skip
def test_what_is_kept_of_an_object(value, kept, cut):
    found = flatten(value)
    assert (found.value, found.cut) == (kept, cut)


def test_leaves_and_characters_are_bounded():
    many = flatten({str(n): n for n in range(MOST_LEAVES + 5)})
    assert (len(many.value), many.cut) == (MOST_LEAVES, True)
    long = flatten({str(n): "x" * 8_000 for n in range(100)})
    assert sum(map(len, long.value.values())) <= MOST_CHARACTERS
    assert long.cut


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1, "b": "x", "c": [1, {"d": True}]}, {"a": None}, {"a": ""}, {"a": []}, {"a": {}}, {"": 1}, {"a\0": 1},
        ["x"], "x", {"a": "y" * 2_000}, nested(DEEPEST), nested(DEEPEST + 1), {"k" * 300: 1}, {"a": 10**400},
        {"a": 10**1_200},
    ],
)  # fmt: skip
def test_what_is_quickly_found_fit_is_kept_whole(value):
    for written in (json.dumps(value), json.dumps(value, separators=(",", ":"))):
        if is_flat(written.encode()):
            assert flatten(value).value == value or "k" * 300 in value


def test_most_requests_are_quickly_found_fit():
    assert is_flat(b'{"bucketName":"b","Host":"b.s3.amazonaws.com","key":"a/b c","tags":[{"key":"k","value":"v"}]}')


def test_texts_are_written_as_elastic_writes_them():
    value = {"LoginTo": "https://x/", "MobileVersion": "No", "n": [1, 2.5, {"a": False}], "none": None}
    assert write_as_elastic(value) == "{LoginTo=https://x/, MobileVersion=No, n=[1, 2.5, {a=false}], none=null}"
