"""Names in the values of fields, as services write them: alone, in lists, tagged, or as an object's name or ARN."""

from collections.abc import Iterator
from typing import Any, Final

MOST: Final = 20
"""Tokens of one call, and names that are read from one field."""
_HELD: Final = ("content", "items", "item", "member")
"""Members of objects that stand for what they hold."""
_NAMES: Final = ("arn", "aRN", "name", "id", "Arn", "Name", "Id")
"""Members of an object that name it, the most exact first."""


def find_texts(value: Any, left: int = 4) -> Iterator[str]:
    """Find the names in a field's value, at most `MOST`.

    >>> list(find_texts("a")), list(find_texts([{"tag": 1, "content": "b"}])), list(find_texts({"name": "c"}))
    (['a'], ['b'], ['c'])
    """
    if isinstance(value, str):
        if value:
            yield value
    elif not left:
        return
    elif isinstance(value, list):
        for item in value[:MOST]:
            yield from find_texts(item, left - 1)
    elif isinstance(value, dict):
        held = next((value[key] for key in _HELD if key in value), None)
        if held is not None:
            yield from find_texts(held, left - 1)
        else:
            name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), "")
            if name:
                yield name


def join(first: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """Join tokens, at most `MOST`, each once.

    >>> join(("bucket:a",), ("key:k", "bucket:a"))
    ('bucket:a', 'key:k')
    """
    return tuple(dict.fromkeys(first + more))[:MOST]


def simple_name(field: str) -> str:
    """Write a field as most services do: its first letter small.

    >>> simple_name("FlowLogId")
    'flowLogId'
    """
    return field[:1].lower() + field[1:]
