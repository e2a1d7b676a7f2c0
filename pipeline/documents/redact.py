"""Take secrets out of a record before it leaves: by the names of the fields that hold them, and by what they look like.

`hide` works on a decoded record, `redact` on the bytes of one that no strict decoder takes. `Suspicion` tells quickly
that a record holds none, as nearly all do.
"""

import re
from typing import Any, Final

import msgspec

from pipeline.documents.secret_name import ENVIRONMENTS, is_secret_name, simplify

MARK: Final = "REDACTED"
DEEPEST: Final = 64
"""Levels that are looked into."""
_NAMING: Final = frozenset(
    {"name", "key", "parametername", "parameterkey", "headername", "optionname", "variablename", "envname"}
)
_VALUES: Final = frozenset({"value", "values", "parametervalue", "stringvalue", "headervalue", "optionvalue"})
"""Fields of an object that names a field and gives its value, such as an option, a header, a parameter of a stack."""
_NOTHING: Final = ("arn:", "HIDDEN_DUE_TO", "<sensitiveDataRemoved>", "***", "{{resolve:")
"""What stands where a secret would, and is none: who owns it, or AWS's own mark."""
_MARKS: Final = (
    (
        r"(?<![a-z0-9])((?:X-Amz-Signature|X-Amz-Security-Token|X-Amz-Credential|Signature|Security-?Token|sig|auth|api_?key"
        r"|(?:(?:access|refresh|id|auth|bearer|session|oauth)[_-]?)?token|(?:client|app)[_-]?secret|secret"
        r"|[a-z_]{0,32}(?:password|passwd|pwd))(?:=|%3D))[^&\s\"'\\<>;,}]+",
        rf"\1{MARK}",
    ),
    (r"\b(Bearer|Basic)(\s+|%20)(?=[a-z._~+/-]*[0-9=])[a-z0-9._~+/=-]{12,}", rf"\1\2{MARK}"),
    (r"\beyJ[a-z0-9_-]{8,}\.eyJ[a-z0-9_-]{8,}\.[a-z0-9_-]*", MARK),
    (r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", MARK),
    (r"(://[^/\s:@\"\\]{0,256}:)[^/\s@\"\\]{1,256}@", rf"\1{MARK}@"),
    (r"\b(?:FwoG|IQoJ|FQoG|AQoD)[a-z0-9+/=%]{80,}", MARK),
    (r"\b(?:gh[posru]_[a-z0-9]{36,}|xox[abeoprs]-[a-z0-9-]{10,}|da2-[a-z0-9]{26})\b", MARK),
)
"""What secrets look like in a text, and what stands there instead: parameters of signed addresses and of connections,
headers, JSON web tokens, private keys, passwords in addresses, session tokens of STS, keys of other makers."""
_LOOKS = [(re.compile(look, re.IGNORECASE | re.DOTALL), instead) for look, instead in _MARKS]
_TEXT: Final = r'"(?:[^"\\]|\\.)*"'
_FIELD = re.compile(rf'("([^"\\]{{1,64}})"\s*:\s*)({_TEXT}|-?[0-9][-+0-9.eE]*|\[[^\[\]{{}}]*\])', re.DOTALL)
_INNER_FIELD = re.compile(r'(\\"([^"\\]{1,64})\\"\s*:\s*)\\"((?:[^"\\]|\\\\.)*)\\"', re.DOTALL)
"""The same in JSON that is a text in JSON."""
_INMOST_FIELD = re.compile(r'(\\+"([^"\\]{1,64})\\+"\s*:\s*\\+")[^"\\]*')
"""The same any number of times over."""
_SPECIAL = re.compile(r"[=\\\"@%]|-----B|(?i:bearer|basic)[ %]|eyJ|FwoG|IQoJ|FQoG|AQoD|gh[posru]_|xox|da2-")
"""One of these stands in every text that matches a look, or that has fields."""
_SHORT: Final = 7
"""Characters of a text that can hold no secret."""
_LONGEST_NAME: Final = 64
_MOST_NAMES: Final = 16_384
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.encode


class Suspicion:
    """Tells quickly that nothing in a record is secret, as in nearly all; names that are harmless are remembered."""

    def __init__(self) -> None:
        self._harmless: set[str] = set()

    def falls_on(self, value: Any) -> bool:
        """Whether a decoded value has to be looked through; never wrongly false.

        >>> suspicion = Suspicion()
        >>> suspicion.falls_on({"bucketName": "reports"}), suspicion.falls_on({"masterUserPassword": "x"})
        (False, True)
        """
        if isinstance(value, dict):
            if not self._harmless.issuperset(value) and self._is_suspicious(value):
                return True
            value = value.values()
        elif isinstance(value, str):
            return _looks_secret(value)
        elif not isinstance(value, list):
            return False
        for inner in value:
            kind = type(inner)
            if kind is str:
                if len(inner) > _SHORT and _looks_secret(inner):
                    return True
            elif (kind is dict or kind is list) and self.falls_on(inner):
                return True
        return False

    def _is_suspicious(self, value: dict[str, Any]) -> bool:
        """Whether names of an object say that something in it is secret."""
        for name in value:
            plain = simplify(name)
            if is_secret_name(name) or plain in _VALUES or plain == "environment" or plain in ENVIRONMENTS:
                return True
            if len(self._harmless) >= _MOST_NAMES:
                self._harmless.clear()
            if len(name) <= _LONGEST_NAME:
                self._harmless.add(name)
        return False


def _looks_secret(text: str) -> bool:
    """Whether a secret, or fields of their own, may stand in a text."""
    return _SPECIAL.search(text) is not None


def hide(value: Any, depth: int = 0) -> Any:
    """A decoded JSON value without its secrets; the same object where it has none.

    Raises
    ------
    RecursionError
        It is nested deeper than any record of CloudTrail's.

    Examples
    --------
    >>> hide({"credentials": {"accessKeyId": "ASIA1", "sessionToken": "FwoG"}})
    {'credentials': {'accessKeyId': 'ASIA1', 'sessionToken': 'REDACTED'}}
    >>> hide([{"name": "DB_PASSWORD", "value": "x"}, {"name": "REGION", "value": "eu"}])
    [{'name': 'DB_PASSWORD', 'value': 'REDACTED'}, {'name': 'REGION', 'value': 'eu'}]
    """
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(value, str):
        return hide_in_text(value, depth)
    if isinstance(value, dict):
        return _hide_in_object(value, depth)
    if isinstance(value, list):
        hidden = [hide(inner, depth + 1) for inner in value]
        return hidden if any(map(_differ, hidden, value)) else value
    return value


def _hide_in_object(value: dict[str, Any], depth: int) -> dict[str, Any]:
    names_secret = any(
        isinstance(inner, str) and simplify(name) in _NAMING and is_secret_name(inner) for name, inner in value.items()
    )
    hidden = {}
    for name, inner in value.items():
        if is_secret_name(name) or (names_secret and simplify(name) in _VALUES):
            hidden[name] = _mask(inner, depth + 1)
        elif _is_environment(name, inner):
            hidden[name] = _mask_values(inner, depth + 1)
        else:
            hidden[name] = hide(inner, depth + 1)
    return hidden if any(map(_differ, hidden.values(), value.values())) else value


def _differ(one: Any, other: Any) -> bool:
    return one is not other


def _is_environment(name: str, value: Any) -> bool:
    """Whether a field holds variables of an environment, as an object or as a list of names and values."""
    plain = simplify(name)
    if plain in ENVIRONMENTS:
        return isinstance(value, dict | list)
    return plain == "environment" and isinstance(value, list)


def _mask(value: Any, depth: int) -> Any:
    """A value without any text or number that is in it; a truth value says no secret."""
    if depth > DEEPEST:
        raise RecursionError
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {name: _mask(inner, depth + 1) for name, inner in value.items()} if value else value
    if isinstance(value, list):
        return [_mask(inner, depth + 1) for inner in value] if value else value
    return value if isinstance(value, str) and (not value or value == MARK or value.startswith(_NOTHING)) else MARK


def _mask_values(value: Any, depth: int) -> Any:
    """Variables without what they are set to."""
    if isinstance(value, dict):
        return {name: _mask(inner, depth + 1) for name, inner in value.items()} if value else value
    return [
        {name: _mask(inner, depth + 1) if simplify(name) in _VALUES else inner for name, inner in each.items()}
        if isinstance(each, dict)
        else each
        for each in value
    ]


def hide_in_text(text: str, depth: int = 0) -> str:
    """A text without the secrets in it, be it JSON, an address, a header or prose; the same where it has none.

    >>> hide_in_text("https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=0a1b")
    'https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=REDACTED'
    >>> hide_in_text('{"password": "x"}'), hide_in_text("nothing to hide")
    ('{"password":"REDACTED"}', 'nothing to hide')
    """
    if not _looks_secret(text):
        return text
    hidden = _hide_in_json(text, depth) if text.lstrip()[:1] in ("{", "[") else None
    hidden = _hide_fields(text) if hidden is None and '"' in text else hidden
    found = text if hidden is None else hidden
    for look, instead in _LOOKS:
        found = look.sub(instead, found)
    return text if found == text else found


def _hide_in_json(text: str, depth: int) -> str | None:
    """JSON in a text without its secrets; None when it is none."""
    try:
        value = _decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    hidden = hide(value, depth + 1)
    return text if hidden is value else _encode(hidden).decode()


def _hide_fields(text: str) -> str:
    """What looks like JSON in a text without the values of secret fields."""
    found = _FIELD.sub(lambda field: f'{field[1]}"{MARK}"' if is_secret_name(field[2]) else field[0], text)
    found = _INNER_FIELD.sub(lambda field: f'{field[1]}\\"{MARK}\\"' if is_secret_name(field[2]) else field[0], found)
    return _INMOST_FIELD.sub(lambda field: f"{field[1]}{MARK}" if is_secret_name(field[2]) else field[0], found)


def redact(record: bytes) -> bytes:
    """The bytes of a record that cannot be decoded, without its secrets.

    >>> redact(b'{"password": "x", "broken": NaN')
    b'{"password": "REDACTED", "broken": NaN'
    """
    text = _hide_fields(record.decode("utf-8", "surrogateescape"))
    for look, instead in _LOOKS:
        text = look.sub(instead, text)
    return text.encode("utf-8", "surrogateescape")
