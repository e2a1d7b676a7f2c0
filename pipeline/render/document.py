"""A command's answer as JSON: plain values, one object, inert on a terminal."""

import json
import math
from collections.abc import Mapping, Set
from datetime import date, datetime, timedelta
from typing import Any


def plain(value: Any) -> Any:
    """The same in what JSON knows: times as ISO 8601 UTC, spans as seconds, what is not a number as null.

    >>> from datetime import UTC
    >>> plain({"at": datetime(2026, 3, 1, 9, tzinfo=UTC), "span": timedelta(minutes=15), "score": float("nan")})
    {'at': '2026-03-01T09:00:00Z', 'span': 900.0, 'score': None}
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Set):
        return sorted(map(plain, value))
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if hasattr(value, "item"):  # a NumPy scalar
        return plain(value.item())
    return str(value)


def to_json(document: Mapping[str, Any]) -> str:
    r"""One line of JSON in which whatever has no shape of its own is escaped.

    >>> to_json({"name": "\x9b31m\u202e\ud800한"})
    '{"name": "\\u009b31m\\u202e\\ud800한"}'
    """
    return escaped(json.dumps(plain(document), ensure_ascii=False, allow_nan=False))


def escaped(text: str) -> str:
    r"""JSON text on one line, with what is not printable as its escape: in a string, the only place for it, that means
    the same.

    >>> escaped('{"agent":\n"\x9b31m"}')
    '{"agent": "\\u009b31m"}'
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _unit_escapes(character) for character in text)


def _unit_escapes(character: str) -> str:
    if character in "\n\r\t":
        return " "  # between values; inside a string JSON does not allow them
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))
