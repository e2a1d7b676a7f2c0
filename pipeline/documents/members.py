"""Members of a JSON object as bytes, so that what repeats is written once and documents are joined of such pieces."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import msgspec

LONGEST_TEXT: Final = 8_191
"""Characters of a text of a known field that are kept."""
_NUMBERS: Final = (bool, int, float)
"""What says something, though it be 0 or false."""
_SECONDS: Final = [f"{second:02d}.000Z" for second in range(60)]
_encode = msgspec.json.encode


def write(value: Any) -> bytes:
    """A value as JSON; half a character, which UTF-8 cannot say, becomes a question mark."""
    try:
        return _encode(value)
    except UnicodeEncodeError:
        return _encode(_whole_characters(value))


def write_members(values: Mapping[str, Any]) -> bytes:
    """The members that say something, without the braces around them.

    >>> write_members({"a": 1, "b": "", "c": None, "d": {}, "e": False})
    b'"a":1,"e":false'
    """
    return write(keep(values))[1:-1]


def keep(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that say something.

    >>> keep({"a": 0, "b": [], "c": {"d": ""}})
    {'a': 0, 'c': {'d': ''}}
    """
    return {name: value for name, value in values.items() if value or isinstance(value, _NUMBERS)}


def join(*members: bytes) -> bytes:
    """Members one after the other; empty ones are left out.

    >>> join(b'"a":1', b"", b'"b":2')
    b'"a":1,"b":2'
    """
    return b",".join(filter(None, members))


def end(members: bytes) -> bytes:
    """Members with a comma after them, so that others may follow; nothing where there are none.

    >>> end(b'"a":1'), end(b"")
    (b'"a":1,', b'')
    """
    return members + b"," if members else b""


def nest(name: bytes, members: bytes) -> bytes:
    """A member that is an object; nothing where it would be empty.

    >>> nest(b"a", b'"b":2'), nest(b"a", b"")
    (b'"a":{"b":2}', b'')
    """
    return b'"%b":{%b}' % (name, members) if members else b""


def bound(text: str) -> str:
    """A text of at most LONGEST_TEXT characters."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT]


def write_time(instant: int) -> str:
    """Microseconds since 1970 as ISO 8601.

    >>> write_time(1_741_000_000_500_000)
    '2025-03-03T11:06:40.500Z'
    """
    minute, micro = divmod(instant, 60_000_000)
    second, micro = divmod(micro, 1_000_000)
    if micro:
        return f"{_write_minute(minute)}{second:02d}.{micro // 1000:03d}Z"
    return _write_minute(minute) + _SECONDS[second]


@lru_cache(16_384)
def _write_minute(minute: int) -> str:
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute):%Y-%m-%dT%H:%M:}"


def _whole_characters(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_whole_characters(name): _whole_characters(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_whole_characters(inner) for inner in value]
    return value
