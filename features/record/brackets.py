"""Find JSON values by their brackets, outside strings: linear time, no recursion, whatever the depth.

For documents that no decoder takes. Nothing is validated here: what is between the brackets may be anything.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# everything up to the next bracket; a quote that ends the match opens a string that never closes
_NEXT = re.compile(rb'(?:[^"{}\[\]]++|' + STRING + rb')*+["{}\[\]]', re.DOTALL)
_KEY = re.compile(rb"[\s,]*+(" + STRING + rb")\s*+:\s*+", re.DOTALL)
_TEXT = re.compile(STRING, re.DOTALL)
_SCALAR = re.compile(rb'[^,{}\[\]"]*+')
_OPENING: Final = b"{["
_QUOTE: Final = ord('"')


class Member(NamedTuple):
    """A member of an object: its key as written, without quotes, and where its value is."""

    key: bytes
    start: int
    stop: int


def value_end(data: bytes, start: int, limit: int | None = None) -> int:
    """Index after the object or array that starts at `start`; -1 when it does not close before `limit`.

    >>> value_end(b'{"a": "}"} {"b": 1}', 0)
    10
    >>> value_end(b'{"a": [1, 2', 0)
    -1
    """
    depth, at, stop = 0, start, len(data) if limit is None else min(limit, len(data))
    while found := _NEXT.match(data, at, stop):
        at = found.end()
        character = data[at - 1]
        if character == _QUOTE:
            return -1
        depth += 1 if character in _OPENING else -1
        if depth <= 0:
            return at
    return -1


def members(data: bytes, start: int = 0, cut: bool = False) -> Iterator[Member]:
    """Members of the object that starts at `start`, as far as they are complete; with `cut`, the next one as well.

    >>> [data.key for data in members(b'{"a": {"x": 1}, "b": NaN, "c": "cut')]
    [b'a', b'b']
    """
    at = start + 1
    while key := _KEY.match(data, at):
        stop = _value_stop(data, key.end())
        if stop < 0:
            if cut:
                yield Member(key[1][1:-1], key.end(), len(data))
            return
        yield Member(key[1][1:-1], key.end(), stop)
        at = stop


def _value_stop(data: bytes, start: int) -> int:
    first = data[start : start + 1]
    if first in (b"{", b"["):
        return value_end(data, start)
    if first == b'"':
        text = _TEXT.match(data, start)
        return text.end() if text else -1
    scalar = _SCALAR.match(data, start)
    stop = scalar.end() if scalar else start
    return stop if stop < len(data) else -1


def shallow(data: bytes, deepest: int) -> bytes:
    """The same document with everything below `deepest` levels replaced by null.

    >>> shallow(b'{"a": [[[1]]], "b": 2}', 2)
    b'{"a": [null], "b": 2}'
    """
    pieces: list[bytes] = []
    depth = at = kept = 0
    while found := _NEXT.match(data, at):
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
