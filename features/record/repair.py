"""Read a record that no strict decoder takes, so that nobody can hide by writing something odd into a free field.

What is repaired: invalid UTF-8 and lone surrogates (replaced), NaN, Infinity and numbers no double holds (null),
control characters and unknown escapes in strings (kept), nesting below 64 levels (null), scalars of another type than
CloudTrail writes (converted). Of duplicate keys the last wins, as in every decoder. A member that still cannot be read
is left out. Cost is linear in the size of the record.
"""

import json
import re
from typing import Any, Final, TypeVar, get_args, get_origin

import msgspec

from features.record.brackets import members, shallow, value_end
from features.record.cloudtrail import Record

DEEPEST: Final = 64
"""Levels of nesting that are kept; CloudTrail's own records have some ten."""
UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeError, ValueError)
"""What decoders raise."""
BOM: Final = b"\xef\xbb\xbf"
_ESCAPE = re.compile(r"\\(?:([\"\\/bfnrt]|u[0-9a-fA-F]{4})|(.?))", re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def repair(raw: bytes) -> tuple[Record, bytes] | None:
    """A record and its bytes as strict JSON; None when there is no object in `raw`.

    >>> record, clean = repair(b'{"eventName": "GetObject", "requestParameters": {"key": NaN, "to": "\\\\ud800"}}')
    >>> record.event_name, bytes(record.request_parameters).decode()
    ('GetObject', '{"key":null,"to":"\ufffd"}')
    """
    document = read(raw)
    if document is None:
        return None
    clean = _encode(coerce(document, Record)[0])
    return msgspec.json.decode(clean, type=Record), clean


def read(raw: bytes) -> dict[str, Any] | None:
    """The object in `raw`, read as leniently as can be without guessing; None when there is none."""
    data = raw.removeprefix(BOM).strip()
    if not data.startswith(b"{") or value_end(data, 0) != len(data):
        return None
    data = shallow(data, DEEPEST)
    whole = _loads(data)
    if isinstance(whole, dict):
        return whole
    found: dict[str, Any] = {}
    for member in members(data):
        value = _loads(data[member.start : member.stop])
        if value is not _NOTHING:
            found[member.key.decode("utf-8", "replace")] = value
    return found or None


def is_readable(piece: bytes) -> bool:
    """Whether an object can be read as a whole, leniently.

    >>> is_readable(b'{"a": NaN, "b": "\\\\ud800"}'), is_readable(b'{"a": "b, "c": 1}')
    (True, False)
    """
    return isinstance(_loads(shallow(piece, DEEPEST)), dict)


def coerce(document: Any, struct: type[_Struct]) -> tuple[dict[str, Any], bool]:
    """Members of an object with the types a struct asks for, and whether one had another type.

    A null is a missing value. Scalars become text; what cannot be converted is left out.
    """
    kept: dict[str, Any] = {}
    changed = False
    if not isinstance(document, dict):
        return kept, document is not None
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(struct)}
    for name, value in document.items():
        if name not in fields:
            kept[name] = value
        elif value is not None:
            converted = _converted(value, fields[name])
            if converted is not _NOTHING:
                kept[name] = converted
            changed = changed or converted is not value
    return kept, changed


_NOTHING: Final = object()
_BOOLEAN: Final[dict[str, Any]] = {"true": True, "false": False}


def _converted(value: Any, wanted: Any) -> Any:
    options = (wanted,) if get_origin(wanted) is dict else get_args(wanted) or (wanted,)
    if msgspec.Raw in options:
        return value
    if str in options:
        return value if isinstance(value, str) else _text(value)
    if bool in options:
        return value if isinstance(value, bool) else _BOOLEAN.get(str(value).lower(), _NOTHING)
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        inner, changed = coerce(value, wanted)
        return inner if changed or not isinstance(value, dict) else value
    if isinstance(value, dict):  # a mapping of texts
        texts = {str(key): _text(item) for key, item in value.items()}
        return {key: text for key, text in texts.items() if text is not _NOTHING}
    return _NOTHING


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else _NOTHING


def _loads(data: bytes) -> Any:
    """A JSON value, leniently; `_NOTHING` when it is none."""
    text = data.decode("utf-8", "replace")
    value = _parsed(text)
    if value is _NOTHING:
        value = _parsed(_escaped(text))
    if value is not _NOTHING and _SURROGATE.search(text):
        value = msgspec.json.decode(_encode(value))
    return value


def _parsed(text: str) -> Any:
    try:
        return json.loads(
            text, strict=False, parse_int=_integer, parse_float=_finite, parse_constant=lambda _name: None
        )
    except UNREADABLE:
        return _NOTHING


def _escaped(text: str) -> str:
    """Unknown escapes as the characters they are."""
    return _ESCAPE.sub(lambda found: found[0] if found[1] else "\\\\" + (found[2] or ""), text)


def _integer(digits: str) -> Any:
    return int(digits) if len(digits) < 19 else _finite(digits[:400])


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if abs(number) < float("inf") else None


def _encode(value: Any) -> bytes:
    """Strict JSON; a lone surrogate becomes U+FFFD."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
