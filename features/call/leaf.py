"""A request as its leaves: each scalar and each policy document with the path to it.

Documents inside texts are gone into as if they were members. Left out is what a request takes away, and fields that
only describe. Lists and members that only wrap (EC2's `items` and `content`) are no part of a path.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from features.call.grantee import LONGEST_NAME
from features.call.policy import is_policy
from features.record.repair import DECODE_ERRORS, read_leniently

LONGEST: Final = 131_072
"""Bytes of a request and characters of a text in it that are read; CloudTrail cuts requests at 100 KB."""
_MOST_VALUES: Final = 20_000
_LONGEST_PATH: Final = 512

_TAKEN_AWAY = re.compile(r"(?:remove|revoke|delete|deny|disallow)|.*(?:toremove|torevoke|todelete|revocations)\Z")
_NOTE_FIELDS: Final = """
    tags tagset taglist tagspecification tagspecifications tagspecificationset description comment comments notes
    message clienttoken clientrequesttoken idempotencytoken
"""
_NOTES: Final = frozenset(_NOTE_FIELDS.split())
"""Fields in which anybody may write anything, and which change nothing."""
_NO_STEP: Final = frozenset({"items", "content", "member", "entry"})
"""Members that only wrap: they are no part of a path."""

Leaf = tuple[str, Any]
"""A path, in lower case, and the scalar or policy document there."""


def find_leaves(request: bytes) -> Iterator[Leaf]:
    """Find the scalars and policy documents of a request, in order, at most `_MOST_VALUES`.

    >>> list(find_leaves(b'{"launchPermission": {"add": {"items": [{"userId": "222222222222"}]}}, "tags": ["x"]}'))
    [('launchpermission.add.userid', '222222222222')]
    """
    left: list[Leaf] = [("", _read_document(request))]
    for _ in range(_MOST_VALUES):
        if not left:
            return
        path, value = left.pop()
        if isinstance(value, list):
            left += ((path, inner) for inner in reversed(value))
        elif is_policy(value):
            yield path, value
        elif isinstance(value, dict):
            left += (
                (_step(path, name), inner)
                for name, inner in ((name.lower(), inner) for name, inner in reversed(value.items()))
                if name not in _NOTES and not _TAKEN_AWAY.match(name)
            )
        elif isinstance(value, str) and (text := value.lstrip())[:1] in ("{", "[", '"'):
            document = _read_document(text.encode("utf-8", "replace"))
            if document is not None and not isinstance(document, bool | int | float):
                left.append((path, document))
            else:
                yield path, value
        else:
            yield path, value


def _step(path: str, name: str) -> str:
    if name in _NO_STEP or len(path) > _LONGEST_PATH:
        return path
    return f"{path}.{name[:LONGEST_NAME]}" if path else name[:LONGEST_NAME]


def _read_document(text: bytes) -> Any:
    """Read JSON, leniently when it must be; None when there is none."""
    if len(text) > LONGEST:
        return None
    try:
        return msgspec.json.decode(text)
    except DECODE_ERRORS:
        return read_leniently(text)
