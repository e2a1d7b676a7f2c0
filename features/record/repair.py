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

from features.record.brackets import cut_depth, find_end, find_members
from features.record.cloudtrail import Record, decode_record

DEEPEST: Final = 64
"""Levels of nesting that are kept; CloudTrail's own records have some ten."""
DECODE_ERRORS = (msgspec.MsgspecError, RecursionError, UnicodeError, ValueError)
"""What decoders raise when they cannot read something."""
BOM: Final = b"\xef\xbb\xbf"
_ESCAPE = re.compile(r"\\(?:([\"\\/bfnrt]|u[0-9a-fA-F]{4})|(.?))", re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def repair(raw: bytes) -> Record | None:
    """Read a record; what it holds as bytes is strict JSON afterwards. None when there is no object in `raw`.

    >>> record = repair(b'{"eventName": "GetObject", "requestParameters": {"key": NaN, "to": "\\\\ud800"}}')
    >>> record.event_name, bytes(record.request_parameters).decode()
    ('GetObject', '{"key":null,"to":"\ufffd"}')
    """
    document = read_leniently(raw)
    return None if document is None else decode_record(_encode(coerce(document, Record)[0]))


def read_leniently(raw: bytes) -> dict[str, Any] | None:
    """Read the object in `raw` as leniently as can be without guessing; None when there is none.

    >>> read_leniently(b'{"a": NaN, "b": nonsense, "c": 1}'), read_leniently(b'[1]')
    ({'a': None, 'c': 1}, None)
    """
    data = raw.removeprefix(BOM).strip()
    if not data.startswith(b"{") or find_end(data, 0) != len(data):
        return None
    data = cut_depth(data, DEEPEST)
    whole = _load(data)
    if isinstance(whole, dict):
        return whole
    found: dict[str, Any] = {}
    for member in find_members(data):
        value = _load(data[member.start : member.stop])
        if value is not _NO_VALUE:
            found[member.key.decode("utf-8", "replace")] = value
    return found or None


def is_readable(piece: bytes) -> bool:
    """Whether an object can be read as a whole, leniently.

    >>> is_readable(b'{"a": NaN, "b": "\\\\ud800"}'), is_readable(b'{"a": "b, "c": 1}')
    (True, False)
    """
    return isinstance(_load(cut_depth(piece, DEEPEST)), dict)


def coerce(document: Any, struct: type[_Struct]) -> tuple[dict[str, Any], bool]:
    """Give the members of an object the types that a struct asks for; also tell whether one had another type.

    A null is a missing value. Scalars become text; what cannot be converted is left out. Members the struct does not
    know stay as they are.
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
            converted = _convert(value, fields[name])
            if converted is not _NO_VALUE:
                kept[name] = converted
            changed = changed or converted is not value
    return kept, changed


_NO_VALUE: Final = object()
"""Stands for a value that cannot be read or converted; None stands for JSON's null."""
_BOOLEANS: Final[dict[str, Any]] = {"true": True, "false": False}


def _convert(value: Any, wanted: Any) -> Any:
    options = (wanted,) if get_origin(wanted) is dict else get_args(wanted) or (wanted,)
    if msgspec.Raw in options:
        return value
    if str in options:
        return value if isinstance(value, str) else _to_text(value)
    if bool in options:
        return value if isinstance(value, bool) else _BOOLEANS.get(str(value).lower(), _NO_VALUE)
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        inner, changed = coerce(value, wanted)
        return inner if changed or not isinstance(value, dict) else value
    if isinstance(value, dict):  # a mapping of texts
        texts = {str(key): _to_text(item) for key, item in value.items()}
        return {key: text for key, text in texts.items() if text is not _NO_VALUE}
    return _NO_VALUE


def _to_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else _NO_VALUE


def _load(data: bytes) -> Any:
    """Read a JSON value leniently."""
    text = data.decode("utf-8", "replace")
    value = _parse(text)
    if value is _NO_VALUE:
        value = _parse(_keep_unknown_escapes(text))
    if value is not _NO_VALUE and _SURROGATE.search(text):
        value = msgspec.json.decode(_encode(value))
    return value


def _parse(text: str) -> Any:
    try:
        return json.loads(
            text, strict=False, parse_int=_parse_integer, parse_float=_parse_number, parse_constant=lambda _name: None
        )
    except DECODE_ERRORS:
        return _NO_VALUE


def _keep_unknown_escapes(text: str) -> str:
    """Double the backslash of escapes that JSON does not know, so that they are read as the characters they are."""
    return _ESCAPE.sub(lambda found: found[0] if found[1] else "\\\\" + (found[2] or ""), text)


def _parse_integer(digits: str) -> Any:
    return int(digits) if len(digits) < 19 else _parse_number(digits[:400])


def _parse_number(digits: str) -> float | None:
    number = float(digits)
    return number if abs(number) < float("inf") else None


def _encode(value: Any) -> bytes:
    """Write strict JSON; a lone surrogate becomes U+FFFD."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
