"""Event ids: CloudTrail's are UUIDs, and nobody else may choose one that is something else.

A record without a proper id is known by the hash of its content, so that the same record delivered again is the same
event. A record that corrects another names it by its id.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from features.record.cloudtrail import decode_addendum
from features.record.repair import DECODE_ERRORS, read_leniently

LONGEST: Final = 128
"""Characters of the id of a corrected record that are kept."""
_UUID: Final = re.compile("-".join(f"[0-9a-fA-F]{{{digits}}}" for digits in (8, 4, 4, 4, 12)), re.ASCII)
_LENGTH: Final = 36
_DASHES: Final = (8, 13, 18, 23)


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID.

    >>> is_uuid("3f1c1b8e-0000-4000-8000-00000000000a"), is_uuid("3f1c1b8e")
    (True, False)
    """
    return _UUID.fullmatch(text) is not None


def are_uuids(texts: Sequence[str | None]) -> bool:
    """Whether all texts are UUIDs, without looking at one after the other.

    >>> one = "3f1c1b8e-0000-4000-8000-00000000000a"
    >>> are_uuids([one, one]), are_uuids([one, None]), are_uuids([one, one.replace("a", "g")])
    (True, False, False)
    """
    try:
        whole = "".join(texts)  # type: ignore[arg-type]  # a None raises
        if set(map(len, texts)) - {_LENGTH}:  # type: ignore[arg-type]
            return False
        dashed = all(whole[place::_LENGTH] == "-" * len(texts) for place in _DASHES)
        digits = whole.replace("-", "")
        return dashed and len(digits) == 32 * len(texts) == 2 * len(bytes.fromhex(digits))
    except (TypeError, ValueError):
        return False


def hash_record(raw: bytes) -> str:
    """Make the id of a record without one: the hash of its canonical JSON.

    >>> hash_record(b'{"a": 1, "b": 2}') == hash_record(b' {"b":2,"a":1}')
    True
    """
    try:
        document = msgspec.json.decode(raw)
    except DECODE_ERRORS:
        document = read_leniently(raw)
    return "sha256:" + hashlib.sha256(msgspec.json.encode(document, order="sorted")).hexdigest()


def read_event_ids(
    texts: Sequence[str | None], raws: Sequence[bytes | msgspec.Raw]
) -> tuple[Sequence[str], Sequence[int]]:
    """Read the ids of events from their records' `eventID`; also tell the rows whose id is a hash.

    >>> ids, hashed = read_event_ids(["3f1c1b8e-0000-4000-8000-00000000000a", None], [b"{}", b"{}"])
    >>> ids[0], ids[1][:12], hashed
    ('3f1c1b8e-0000-4000-8000-00000000000a', 'sha256:44136', [1])
    """
    if are_uuids(texts):
        return texts, []  # type: ignore[return-value]  # none of them is None
    ids = [text if text is not None and is_uuid(text) else "" for text in texts]
    hashed = [row for row, text in enumerate(ids) if not text]
    for row in hashed:
        ids[row] = hash_record(bytes(raws[row]))
    return ids, hashed


def read_corrected_id(addendum: bytes | msgspec.Raw) -> str:
    """Read the eventID of the record that an UPDATED_DATA addendum corrects; "" for other reasons.

    >>> read_corrected_id(b'{"reason": "UPDATED_DATA", "originalEventID": "id"}')
    'id'
    >>> read_corrected_id(b'{"reason": "DELIVERY_DELAY"}')
    ''
    """
    try:
        found = decode_addendum(addendum)
    except DECODE_ERRORS:
        return ""
    return found.original_event_id[:LONGEST] if found.reason == "UPDATED_DATA" else ""
