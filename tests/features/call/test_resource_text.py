"""Names in the values of fields, as services write them."""

from typing import Any

import pytest

from features.call.resource_text import MOST, find_texts, simple_name

VALUES: list[tuple[Any, list[str]]] = [
    ("a", ["a"]),
    ("", []),
    (None, []),
    (7, []),
    (["a", "", None, 7, "b"], ["a", "b"]),
    ({"tag": 1, "content": "a"}, ["a"]),
    ([{"tag": 1, "content": "a"}, {"tag": 2, "content": "b"}], ["a", "b"]),
    ({"items": ["a", "b"]}, ["a", "b"]),
    ({"item": "a"}, ["a"]),
    ({"name": "n"}, ["n"]),
    ({"Name": "n"}, ["n"]),
    ({"name": "n", "arn": "arn:aws:iam::1:x"}, ["arn:aws:iam::1:x"]),
    ({"name": 7}, []),
    ({}, []),
    ([[[[[["a"]]]]]], []),
]


@pytest.mark.parametrize(("value", "texts"), VALUES)
def test_texts(value: Any, texts: list[str]) -> None:
    assert list(find_texts(value)) == texts


def test_lists_are_bounded() -> None:
    assert len(list(find_texts([str(number) for number in range(500)]))) == MOST


def test_fields_are_written_with_a_small_letter() -> None:
    assert [simple_name(name) for name in ("FlowLogId", "flowLogId", "")] == ["flowLogId", "flowLogId", ""]
