"""Take secrets out of a record before it leaves: by the names of the fields that hold them, and by what they look like.

`hide` works on a decoded record, `redact` on the bytes of one that no strict decoder takes. `Suspicion` tells quickly
that a record holds none, as nearly all do.
"""

import re
from enum import Enum, auto
from functools import lru_cache
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
        ("=", "%3d"),
    ),
    (r"\b(Bearer|Basic)(\s+|%20)(?=[a-z._~+/-]*[0-9=])[a-z0-9._~+/=-]{12,}", rf"\1\2{MARK}", ("bearer", "basic")),
    (r"\beyJ[a-z0-9_-]{8,}\.eyJ[a-z0-9_-]{8,}\.[a-z0-9_-]*", MARK, ("eyj",)),
    (r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", MARK, ("-----begin",)),
    (r"(://[^/\s:@\"\\]{0,256}:)[^/\s@\"\\]{1,256}@", rf"\1{MARK}@", ("://",)),
    (r"\b(?:FwoG|IQoJ|FQoG|AQoD)[a-z0-9+/=%]{80,}", MARK, ("fwog", "iqoj", "fqog", "aqod")),
    (
        r"\b(?:gh[posru]_[a-z0-9]{36,}|xox[abeoprs]-[a-z0-9-]{10,}|da2-[a-z0-9]{26})\b",
        MARK,
        ("ghp_", "gho_", "ghs_", "ghr_", "ghu_", "xox", "da2-"),
    ),
)
"""What secrets look like in a text, and what stands there instead: parameters of signed addresses and of connections,
headers, JSON web tokens, private keys, passwords in addresses, session tokens of STS, keys of other makers. One of the
last parts, in lower case, is in every text that matches."""
_LOOKS = [(re.compile(look, re.IGNORECASE | re.DOTALL), instead, parts) for look, instead, parts in _MARKS]
_TEXT: Final = r'"(?:[^"\\]|\\.)*"'
_FIELD = re.compile(rf'("([^"\\]{{1,64}})"\s*:\s*)({_TEXT}|-?[0-9][-+0-9.eE]*|\[[^\[\]{{}}]*\])', re.DOTALL)
_INNER_FIELD = re.compile(r'(\\"([^"\\]{1,64})\\"\s*:\s*)\\"((?:[^"\\]|\\\\.)*)\\"', re.DOTALL)
"""The same in JSON that is a text in JSON."""
_INMOST_FIELD = re.compile(r'(\\+"([^"\\]{1,64})\\+"\s*:\s*\\+")[^"\\]*')
"""The same any number of times over."""
_AUTHORIZATION = re.compile(r"(?i:bearer|basic) ")
_IN_ADDRESS = re.compile(r"://[^/\s@]{2,513}@")
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

    def hide(self, record: dict[str, Any]) -> dict[str, Any]:
        """What `hide` makes of a record, sooner: what nothing suspicious is in is passed over.

        >>> Suspicion().hide({"eventName": "X", "responseElements": {"password": "x"}})
        {'eventName': 'X', 'responseElements': {'password': 'REDACTED'}}
        """
        if not self._harmless.issuperset(record) and self._is_suspicious(record):
            return _hide_in_object(record, 0)
        hidden = {name: hide(inner, 1) if self.falls_on(inner) else inner for name, inner in record.items()}
        return hidden if any(map(_differ, hidden.values(), record.values())) else record

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
    """Whether a secret, or fields of their own, may stand in a text: whether a part of a look does, sought one by one,
    which is several times as fast as one expression for all.
    """
    return (
        "=" in text or "%" in text or "\\" in text or '"' in text
        or "eyJ" in text or "FwoG" in text or "IQoJ" in text or "FQoG" in text or "AQoD" in text
        or "xox" in text or "da2-" in text or "-----B" in text or ("_" in text and "gh" in text)
        or ("@" in text and "://" in text and _IN_ADDRESS.search(text) is not None)
        or (" " in text and _may_authorize(text))
    )  # fmt: skip


def _may_authorize(text: str) -> bool:
    if not text.isascii():  # other letters may be the same as small ones
        return _AUTHORIZATION.search(text) is not None
    small = text.lower()
    return "bearer " in small or "basic " in small


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
    told = [_tell(name[-_LONGEST_NAME:]) for name in value]
    names_secret = any(
        isinstance(inner, str) and is_secret_name(inner)
        for inner, kind in zip(value.values(), told, strict=True)
        if kind is _Told.NAMING
    )
    hidden, differs = {}, False
    for (name, inner), kind in zip(value.items(), told, strict=True):
        if kind is _Told.SECRET or (names_secret and kind is _Told.VALUE):
            found = _mask(inner, depth + 1)
        elif (kind is _Told.ENVIRONMENT and isinstance(inner, dict | list)) or (
            kind is _Told.ENVIRONMENT_LIST and isinstance(inner, list)
        ):
            found = _mask_values(inner, depth + 1)
        else:
            found = hide(inner, depth + 1)
        hidden[name] = found
        differs = differs or found is not inner
    return hidden if differs else value


class _Told(Enum):
    """What a name says of a value."""

    SECRET = auto()
    NAMING = auto()
    """It names another field."""
    VALUE = auto()
    """It is that one's value."""
    ENVIRONMENT = auto()
    """It holds variables of an environment, as an object or as a list of names and values."""
    ENVIRONMENT_LIST = auto()
    """The same where it is a list."""
    NOTHING = auto()


@lru_cache(8_192)
def _tell(name: str) -> _Told:
    plain = simplify(name)
    if is_secret_name(name):
        return _Told.SECRET
    if plain in ENVIRONMENTS:
        return _Told.ENVIRONMENT
    if plain == "environment":
        return _Told.ENVIRONMENT_LIST
    if plain in _VALUES:
        return _Told.VALUE
    return _Told.NAMING if plain in _NAMING else _Told.NOTHING


def _differ(one: Any, other: Any) -> bool:
    return one is not other


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
    found = _hide_looks(text if hidden is None else hidden)
    return text if found == text else found


def _hide_looks(text: str) -> str:
    """A text without what looks like a secret."""
    small = text.lower() if text.isascii() else ""  # other letters may be the same as small ones
    for look, instead, parts in _LOOKS:
        if not small or any(part in small for part in parts):
            text = look.sub(instead, text)
    return text


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
    text = _hide_looks(_hide_fields(record.decode("utf-8", "surrogateescape")))
    return text.encode("utf-8", "surrogateescape")
