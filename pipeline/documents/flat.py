"""Free-form objects of a record, such as requests and responses, made fit for a flat field of a search engine.

Both engines keep each leaf as one term of path and value; a longer one than 32,766 bytes refuses the whole document,
as nesting does from 20 levels on. What is too long or too deep is left out, and whoever asks is told so: the record
beside it has it still.
"""

import re
from typing import Any, Final

import msgspec

LONGEST_LEAF: Final = 8_191
"""Characters of a text that is kept; four bytes each and a path beside stay below the engines' limit of a term."""
LONGEST_NAME: Final = 256
"""Characters of a field's name that is kept."""
DEEPEST: Final = 16
"""Levels; the engines' own limit is 20, which the names above take part of."""
MOST_LEAVES: Final = 2_000
"""Leaves of one object; CloudTrail cuts requests at 100 kB."""
MOST_CHARACTERS: Final = 131_072
"""Of all texts of one object."""
_SHORT: Final = 1_000
"""Bytes of an object in which nothing can be too long, numbers included."""
_TO_LEAVE_OUT: Final = re.compile(rb'null|""|[\[{][ \]}]|\n|\\u')
"""One of these stands in an object where something may have to be left out."""
_LONGEST_NUMBER: Final = 3_300
"""Bits of a number that is kept; engines read none of more than 1,000 digits."""


class Flattened(msgspec.Struct):
    """What was made of an object."""

    value: Any
    """None where nothing is left."""
    cut: bool
    """Something was left out."""


def flatten(value: Any) -> Flattened:
    """Make a decoded JSON value fit for a flat field; nulls and empty values, which nobody can search, are left out.

    Examples
    --------
    >>> flatten({"name": "x", "none": None, "list": [], "tags": [{"key": "a"}]})
    Flattened(value={'name': 'x', 'tags': [{'key': 'a'}]}, cut=False)
    >>> flatten({"policy": "x" * 40_000})
    Flattened(value=None, cut=True)
    """
    walk = _Walk()
    kept = walk.keep(value if isinstance(value, dict) else {"value": value}, 1)
    return Flattened(kept or None, walk.cut)


def is_flat(written: bytes) -> bool:
    """Whether a written object is fit for a flat field as it is; quick, and never wrongly true.

    >>> is_flat(b'{"name":"x","tags":[{"key":"a"}]}'), is_flat(b'{"name":null}'), is_flat(b'["x"]')
    (True, False, False)
    """
    return (
        len(written) <= _SHORT
        and written.startswith(b"{")
        and written.count(b"{") + written.count(b"[") <= DEEPEST
        and _TO_LEAVE_OUT.search(written) is None
    )


class _Walk:
    """One walk through an object."""

    def __init__(self) -> None:
        self.cut = False
        self.left = MOST_LEAVES
        self.characters = MOST_CHARACTERS

    def keep(self, value: Any, depth: int) -> Any:
        """What is kept of a value; None for nothing."""
        if isinstance(value, str):
            if not value:
                return None
            self.left -= 1
            self.characters -= len(value)
            if len(value) > LONGEST_LEAF or self.left < 0 or self.characters < 0:
                self.cut = True
                return None
            return value
        if isinstance(value, dict):
            return self._keep_object(value, depth)
        if isinstance(value, list):
            return self._keep_list(value, depth)
        if value is not None:
            self.left -= 1
            if self.left < 0 or (isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER):
                self.cut = True
                return None
        return value

    def _keep_object(self, value: dict[str, Any], depth: int) -> dict[str, Any] | None:
        if depth > DEEPEST:
            self.cut |= bool(value)
            return None
        kept = {}
        for name, inner in value.items():
            found = self.keep(inner, depth + 1)
            if found is None:
                continue
            if not name or len(name) > LONGEST_NAME or "\0" in name:
                self.cut = True
            else:
                kept[name] = found
        return kept or None

    def _keep_list(self, value: list[Any], depth: int) -> list[Any] | None:
        if depth > DEEPEST:
            self.cut |= bool(value)
            return None
        kept = [found for inner in value if (found := self.keep(inner, depth + 1)) is not None]
        return kept or None


def write_as_elastic(value: Any, depth: int = 0) -> str:
    """Write a decoded JSON value as Elastic's integration does, `{name=value, list=[a, b]}`, for the rules made for it.

    >>> write_as_elastic({"roleArn": "arn:x", "tags": [{"key": "a", "value": True}], "none": None})
    '{roleArn=arn:x, tags=[{key=a, value=true}], none=null}'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and depth < DEEPEST:
        return "{" + ", ".join([f"{name}={write_as_elastic(inner, depth + 1)}" for name, inner in value.items()]) + "}"
    if isinstance(value, list) and depth < DEEPEST:
        return "[" + ", ".join([write_as_elastic(inner, depth + 1) for inner in value]) + "]"
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
