"""Find JSON values by their brackets, outside strings: linear time, no recursion, whatever the depth.

For documents that no decoder takes. Nothing is validated here: what is between the brackets may be anything.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# everything up to the next bracket; a quote that ends the match opens a string that never closes
_UP_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb')*+["{}\[\]]', re.DOTALL)
_KEY = re.compile(rb"[\s,]*+(" + _STRING + rb")\s*+:\s*+", re.DOTALL)
_TEXT = re.compile(_STRING, re.DOTALL)
_SCALAR = re.compile(rb'[^,{}\[\]"]*+')
_OPENING: Final = b"{["
_QUOTE: Final = ord('"')


class Member(NamedTuple):
    """A member of an object: its key as written, without quotes, and where its value is."""

    key: bytes
    start: int
    stop: int


def find_end(data: bytes, start: int, limit: int | None = None) -> int:
    """Find the index after the object or array that starts at `start`; -1 when it does not close before `limit`.

    >>> find_end(b'{"a": "}"} {"b": 1}', 0)
    10
    >>> find_end(b'{"a": [1, 2', 0)
    -1
    """
    depth, at, stop = 0, start, len(data) if limit is None else min(limit, len(data))
    while found := _UP_TO_BRACKET.match(data, at, stop):
        at = found.end()
        character = data[at - 1]
        if character == _QUOTE:
            return -1
        depth += 1 if character in _OPENING else -1
        if depth <= 0:
            return at
    return -1


def find_members(data: bytes, start: int = 0, unfinished: bool = False) -> Iterator[Member]:
    """Find the complete members of the object that starts at `start`; with `unfinished`, the one after them as well.

    >>> [member.key for member in find_members(b'{"a": {"x": 1}, "b": NaN, "c": "cut')]
    [b'a', b'b']
    """
    at = start + 1
    while key := _KEY.match(data, at):
        stop = _find_stop(data, key.end())
        if stop < 0:
            if unfinished:
                yield Member(key[1][1:-1], key.end(), len(data))
            return
        yield Member(key[1][1:-1], key.end(), stop)
        at = stop


def _find_stop(data: bytes, start: int) -> int:
    """Find the index after the value that starts at `start`; -1 when it does not end."""
    first = data[start : start + 1]
    if first in (b"{", b"["):
        return find_end(data, start)
    if first == b'"':
        text = _TEXT.match(data, start)
        return text.end() if text else -1
    scalar = _SCALAR.match(data, start)
    stop = scalar.end() if scalar else start
    return stop if stop < len(data) else -1


def cut_depth(data: bytes, deepest: int) -> bytes:
    """Replace everything below `deepest` levels by null.

    >>> cut_depth(b'{"a": [[[1]]], "b": 2}', 2)
    b'{"a": [null], "b": 2}'
    """
    pieces: list[bytes] = []
    depth = at = kept = 0
    while found := _UP_TO_BRACKET.match(data, at):
        at = found.end()
        character = data[at - 1]
        if character == _QUOTE:
            break
        if character in _OPENING:
            depth += 1
            if depth == deepest + 1:
                pieces += (data[kept : at - 1], b"null")
        else:
            if depth == deepest + 1:
                kept = at
            depth = max(depth - 1, 0)
    if depth > deepest:
        return b"".join(pieces)
    pieces.append(data[kept:])
    return b"".join(pieces)
