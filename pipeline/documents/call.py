"""What a document says of a call: written once for each action in an account and region."""

from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from features.normalise.memo import Memo
from features.normalise.normalised import OF_CALL
from pipeline.documents.category import categorize
from pipeline.documents.members import bound, keep, write_members

CallKey: TypeAlias = tuple[tuple[Any, ...], bytes, bytes]
"""Values of OF_CALL; the event source and name as delivered."""
_MOST_CALLS: Final = 16_384
_OURS: Final = ("action", "service", "level", "tactic", "write")
"""Columns that stand under `oddtrail.` by their own names."""


class Call(NamedTuple):
    """Members of a document."""

    event: bytes
    """Of ECS's `event`."""
    document: bytes
    """ECS's `cloud`."""
    ours: bytes
    """Of `oddtrail`."""
    account: str


def remember_calls() -> Memo[CallKey, Call]:
    """Calls by what their records say.

    >>> columns = ("iam", "iam:CreateUser", "write", True, "iam", "persistence", "111111111111", "", "Management")
    >>> remember_calls()[columns, b'"iam.amazonaws.com"', b'"CreateUser"'].document
    b'"cloud":{"provider":"aws","account":{"id":"111111111111"}}'
    """
    return Memo(_make, _MOST_CALLS)


def _make(key: CallKey) -> Call:
    columns, source, name = key
    row = dict(zip(OF_CALL, columns, strict=True))
    category = categorize(row["action"], row["level"])
    event = {
        "kind": "event", "module": "aws", "dataset": "aws.cloudtrail",
        "provider": _text(source) or f"{row['service']}.amazonaws.com",
        "action": _text(name) or row["action"].partition(":")[2],
        "category": category.category, "type": category.type,
    }  # fmt: skip
    cloud = {"provider": "aws", "region": row["region"], "account": keep({"id": row["account"]})}
    return Call(
        write_members(event),
        write_members({"cloud": keep(cloud)}),
        write_members({name: row[name] for name in _OURS}),
        row["account"],
    )


def _text(delivered: bytes) -> str:
    value = msgspec.json.decode(delivered) if delivered else None
    return bound(value) if isinstance(value, str) else ""
