"""What a call made, from its response: the instance started, the key created, the image copied.

Only responses of calls that make something are read, and of those only what the call is about: its name says
`RunInstances`, so a field `instanceId` names what was made, and `subnetId` where. An ARN tells its own type; the other
fields are those of the service's requests.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import msgspec

from features.call.resource_name import ec2_token, make_token, token_of
from features.call.resource_text import MOST, find_texts, simple_name
from features.record.repair import DECODE_ERRORS

_MAKES: Final = re.compile(
    r"(?:Allocate|Clone|Copy|Create|Import|Launch|Provision|Purchase|Register|Replicate|Request|Restore|Run|Upload)"
    r"(?:Default)?([A-Z]\w*?)(?:From[A-Z]\w*|ToPointInTime|V2)?"
)
"""Names of calls that make something, and what."""
_SILENT: Final = frozenset({"s3", "sts"})
"""Services whose responses name nothing that their requests do not, but credentials."""
_BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "fleet": ("instance",),
    "accesskey": ("user",),
}
"""What else a call makes or, unless the request says it, is about, by the thing in its name."""
_GENERIC: Final = frozenset({"arn", "aRN", "id"})
_STEM: Final = re.compile(r"(?:Ids?|Arns?|ARN|Name|Url|Identifier|Number)?(?:Set|s)?\Z")
_one: Final = partial(re.compile(r"(?:Set|(?<=[^s])s)\Z").sub, "")
"""Writes for one what is written for many."""
_MOST_BYTES: Final = 131_072
_DEEPEST: Final = 8
"""Levels of a response that are looked into."""


@dataclass(frozen=True, eq=False, slots=True)
class MadeReader:
    """Reads the responses of an action that makes something."""

    things: tuple[str, ...]
    """What it makes: words without gaps, as in the names of fields."""
    types: Mapping[str, str]
    """Type of resource by field."""


def find_made_reader(service: str, name: str, fields: Mapping[str, str]) -> MadeReader | None:
    """Find the reader of a call's responses; None for a call that makes nothing.

    Parameters
    ----------
    service, name
        Of the call.
    fields
        Fields of the service's requests that name a resource, with its type.

    Examples
    --------
    >>> find_made_reader("ec2", "RunInstances", {"instanceId": "instance"}).things
    ('instance',)
    >>> find_made_reader("ec2", "DescribeInstances", {"instanceId": "instance"}) is None
    True
    """
    found = _MAKES.fullmatch(name)
    if found is None or service in _SILENT:
        return None
    thing = _one(found[1]).lower()
    types = {field: type_ for field, type_ in fields.items() if not type_.endswith(":")}
    return MadeReader((thing, *(more for part, others in _BESIDE.items() if part in thing for more in others)), types)


def name_made(reader: MadeReader, response: bytes, named: Collection[str]) -> tuple[str, ...]:
    """Make tokens of what a response names, but for those that the request `named`, at most `MOST`.

    >>> reader = find_made_reader("ec2", "CopySnapshot", {"snapshotId": "snapshot"})
    >>> name_made(reader, b'{"requestId": "r", "snapshotId": "snap-2"}', ("snapshot:snap-1",))
    ('snapshot:snap-2',)
    """
    if not 4 < len(response) <= _MOST_BYTES:
        return ()
    try:
        parts = msgspec.json.decode(response)
    except DECODE_ERRORS:
        return ()
    made: dict[str, None] = {}
    for token in _find(reader, parts, "", _DEEPEST):
        if token and token not in named:
            made[token] = None
            if len(made) == MOST:
                break
    return tuple(made)


def _find(reader: MadeReader, value: Any, parent: str, left: int) -> Iterator[str]:
    """Find the tokens of what was made in a part of a response that lies in the member `parent`."""
    if isinstance(value, list):
        for item in value if left else ():
            yield from _find(reader, item, parent, left - 1)
    elif isinstance(value, dict):
        for key, inner in value.items():
            field = simple_name(key)
            texts = list(find_texts(inner)) if isinstance(inner, str) or field.endswith(("Set", "s")) else []
            if texts and _is_about(reader, field, parent):
                yield from (_make(reader, field, text) for text in texts)
            elif left and isinstance(inner, dict | list):
                yield from _find(reader, inner, field, left - 1)


def _is_about(reader: MadeReader, field: str, parent: str) -> bool:
    """Whether a field names what the call makes."""
    if field in _GENERIC and not parent:
        return True
    stem = _STEM.sub("", parent if field in _GENERIC else field).lower()
    type_ = "" if field in _GENERIC else reader.types.get(field, "").replace("_", "")
    return any((stem and (stem in thing or thing in stem)) or (type_ and type_ in thing) for thing in reader.things)


def _make(reader: MadeReader, field: str, text: str) -> str:
    """Make the token of a text in a field; "" where the type is not known."""
    types = reader.types
    type_ = types.get(field) or types.get(_one(field)) or ""
    if not type_ and field in _GENERIC:
        known = [type_ for type_ in types.values() if type_.replace("_", "") in reader.things[0]]
        type_ = max(known, key=len, default="")
    if text.startswith("arn:"):
        token = token_of(text)
        return "" if token.startswith("role:") else token  # the role's name is there too
    return make_token(type_, text) if type_ else ec2_token(text)
