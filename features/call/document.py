"""Read the free-form objects of a record: what was asked, what was answered, what a service says of its own work."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from features.record.repair import DECODE_ERRORS, read_leniently

LONGEST: Final = 131_072
"""Bytes that are read; CloudTrail cuts at 100 KB."""
_MOST_VALUES: Final = 20_000
_MARKUP: Final = frozenset({"xmlns", "xmlns:xsi", "xsi:type"})
"""What services that speak XML leave in a request: it says nothing."""
_PAIRS: Final = (
    ("key", "value"),
    ("name", "value"),
    ("parametername", "parametervalue"),
    ("path", "value"),
)
"""Members of an object that is itself a member's name and its value."""


def read_document(text: bytes) -> Any:
    """Read a JSON object or array, leniently when it must be; None when there is none, or it is too long.

    >>> read_document(b'{"name": NaN}'), read_document(b"")
    ({'name': None}, None)
    """
    if not text or text == b"null" or len(text) > LONGEST:
        return None
    try:
        return msgspec.json.decode(text)
    except DECODE_ERRORS:
        return read_leniently(text)


def fold_key(name: str) -> str:
    """Fold the name of a member, of which services write the same in several ways.

    >>> fold_key("access_logs"), fold_key("AccessLogs")
    ('accesslogs', 'accesslogs')
    """
    return name.replace("_", "").replace("-", "").lower()


def walk_members(document: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Walk the values of a document that hold no others, each with the folded names of the members it lies in.

    Objects and arrays without anything in them are values too; places in arrays have no name. Texts that are JSON are
    looked into.

    >>> list(walk_members({"Logging": [{"Enabled": False}, {}], "Rule": {"xmlns": "http://…"}}))
    [(('logging', 'enabled'), False), (('logging',), None), (('rule',), None)]
    """
    left: list[tuple[tuple[str, ...], Any]] = [((), document)]
    for _ in range(_MOST_VALUES):
        if not left:
            return
        path, value = left.pop()
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            inner = read_document(value.encode("utf-8", "replace"))
            value = value if inner is None else inner
        if isinstance(value, dict):
            value = {name: inner for name, inner in value.items() if name not in _MARKUP}
        if isinstance(value, dict) and value:
            left += (((*path, *_fold_path(name)), inner) for name, inner in reversed(value.items()))
            left += _read_pair(path, value)
        elif isinstance(value, list) and value:
            left += ((path, inner) for inner in reversed(value))
        else:
            yield path, None if isinstance(value, dict | list) else value


def _read_pair(path: tuple[str, ...], value: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Read an object that names a member and its value: an attribute of ELB, a parameter of RDS, a patch of a stage."""
    if len(value) > 5:  # a pair has little besides
        return
    members = {fold_key(name): inner for name, inner in value.items()}
    for name, of_value in _PAIRS:
        text = members.get(name)
        removed = name == "path" and members.get("op") == "remove"
        if isinstance(text, str) and (of_value in members or removed):
            yield (*path, *_fold_path(text)), None if removed else members.get(of_value)


def _fold_path(name: str) -> tuple[str, ...]:
    """Fold a name that may be a path, such as `access_logs.s3.enabled`."""
    return tuple(fold_key(part) for part in name[:256].replace("/", ".").split(".") if part)
