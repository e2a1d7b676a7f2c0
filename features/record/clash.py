"""Whether two records that bear one id say the same: further deliveries do, however they were written.

CloudTrail delivers an event more than once, and others (an index, a log group) write it in their own way: members are
left out, cut, or put as text. A record that says something else under an id that is taken is another one, whoever gave
it the id: it must not be lost as a duplicate.
"""

import hashlib
from typing import Any, Final

import msgspec

from features.record.repair import DECODE_ERRORS, read_leniently
from features.times.instant import read_instant

MARK: Final = "~"
"""Between an id that two records bear and what tells the later one apart; no id of CloudTrail's holds it."""
_DIGITS: Final = 16
_LONGEST_TIME: Final = 40
_TEXTS: Final = {True: "true", False: "false"}
_REDACTED: Final = "REDACTED"
"""What our documents put in the place of a secret."""


def say_the_same(one: bytes, other: bytes) -> bool:
    """Whether two records say the same, as far as both say anything.

    What cannot be read says the same as nothing but its own bytes.

    Examples
    --------
    >>> say_the_same(b'{"eventName": "A", "readOnly": true}', b'{"readOnly":"true","eventName":"A","x":1}')
    True
    >>> say_the_same(b'{"eventName": "A"}', b'{"eventName": "B"}')
    False
    """
    if one == other:
        return True
    mine, theirs = _read(one), _read(other)
    return isinstance(mine, dict) and isinstance(theirs, dict) and _agree(mine, theirs)


def name_apart(event_id: str, raw: bytes) -> str:
    """The id of a record whose own id another one bears: the same for the same bytes.

    >>> name_apart("0d1e", b"{}")
    '0d1e~44136fa355b3678a'
    """
    return f"{event_id}{MARK}{hashlib.sha256(raw).hexdigest()[:_DIGITS]}"


def _read(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except DECODE_ERRORS:
        return read_leniently(raw)


def _agree(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_agree(value, other[key]) for key, value in one.items() if key in other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_agree, one, other))
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        text, parts = (one, other) if isinstance(one, str) else (other, one)
        try:
            return isinstance(text, str) and _agree(msgspec.json.decode(text), parts)
        except DECODE_ERRORS:
            return False
    mine, theirs = _write(one), _write(other)
    return mine == theirs or _REDACTED in mine or _REDACTED in theirs or _are_one_time(mine, theirs)


def _are_one_time(one: str, other: str) -> bool:
    """Whether two texts write the same instant, as an export writes it otherwise than a log file does."""
    if not (one[:4].isdigit() and other[:4].isdigit()) or max(len(one), len(other)) > _LONGEST_TIME:
        return False
    instant = read_instant(one)
    return instant is not None and instant == read_instant(other)


def _write(value: Any) -> str:
    return _TEXTS[value] if isinstance(value, bool) else str(value)
