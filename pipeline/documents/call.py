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
_MOST_ACTIONS: Final = 4_096
_ACCOUNT, _REGION = OF_CALL.index("account"), OF_CALL.index("region")
"""Columns before the account tell of the action alone."""
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
    actions: Memo[CallKey, tuple[bytes, bytes]] = Memo(_describe, _MOST_ACTIONS)
    clouds: Memo[tuple[str, str], bytes] = Memo(_write_cloud, _MOST_ACTIONS)

    def make(key: CallKey) -> Call:
        columns, source, name = key
        event, ours = actions[columns[:_ACCOUNT], source, name]
        account, region = columns[_ACCOUNT], columns[_REGION]
        return Call(event, clouds[account, region], ours, account)

    return Memo(make, _MOST_CALLS)


def _write_cloud(place: tuple[str, str]) -> bytes:
    account, region = place
    cloud = {"provider": "aws", "region": region, "account": keep({"id": account})}
    return write_members({"cloud": keep(cloud)})


def _describe(key: CallKey) -> tuple[bytes, bytes]:
    """What is said of an action, wherever it is called: `event` and `ours`."""
    columns, source, name = key
    row = dict(zip(OF_CALL, columns, strict=False))
    category = categorize(row["action"], row["level"])
    event = {
        "kind": "event", "module": "aws", "dataset": "aws.cloudtrail",
        "provider": _text(source) or f"{row['service']}.amazonaws.com",
        "action": _text(name) or row["action"].partition(":")[2],
        "category": category.category, "type": category.type,
    }  # fmt: skip
    return write_members(event), write_members({name: row[name] for name in _OURS})


def _text(delivered: bytes) -> str:
    value = msgspec.json.decode(delivered) if delivered else None
    return bound(value) if isinstance(value, str) else ""
