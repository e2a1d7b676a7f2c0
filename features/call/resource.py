"""What a call touched, as tokens `type:name`.

For the most used services a table says which field of a request names which type of resource; for the others the ARNs
in the record do. Only the fields in the table are decoded. Names are exact, because the one bucket nobody reads is what
matters. Keys of objects are no tokens.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import msgspec

from features.call.resource_field import FIELDS, SETS, SURVEYS, TYPES_BY_CALL
from features.record.repair import DECODE_ERRORS

MOST: Final = 20
"""Tokens of one call."""
LONGEST: Final = 256
"""Characters of a name."""
_MOST_BYTES: Final = 131_072

_ARN_TYPES: Final[Mapping[str, str]] = {
    "acm:certificate": "certificate",
    "cloudformation:stack": "stack",
    "cloudtrail:trail": "trail",
    "dynamodb:table": "table",
    "ec2:image": "image",
    "ec2:instance": "instance",
    "ec2:security-group": "security_group",
    "ec2:snapshot": "snapshot",
    "ec2:volume": "volume",
    "ecr:repository": "repository",
    "ecs:cluster": "cluster",
    "eks:cluster": "cluster",
    "guardduty:detector": "detector",
    "iam:group": "group",
    "iam:policy": "policy",
    "iam:role": "role",
    "iam:user": "user",
    "kinesis:stream": "stream",
    "kms:alias": "key",
    "kms:key": "key",
    "lambda:function": "function",
    "logs:log-group": "log_group",
    "rds:cluster": "database",
    "rds:db": "database",
    "rds:snapshot": "snapshot",
    "rds:cluster-snapshot": "snapshot",
    "s3": "bucket",
    "secretsmanager:secret": "secret",
    "sns": "topic",
    "sqs": "queue",
    "ssm:parameter": "parameter",
    "states:stateMachine": "state_machine",
}
"""Type of resource by service and first part of an ARN's resource."""
_ARN = re.compile(r"arn:aws[a-z-]*:([a-z0-9-]+):[a-z0-9-]*:\d*:(.+)", re.DOTALL)
_SECRET_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}\Z")
_ODD = re.compile(r"[^a-z0-9_]+")


class _Listed(msgspec.Struct, gc=False):
    """An item of a record's `resources`."""

    ARN: str | None = None


_decode_listed = msgspec.json.Decoder(list[_Listed] | None).decode


@dataclass(frozen=True, eq=False, slots=True)
class RequestReader:
    """Reads the fields of a service's requests that name resources."""

    decode: Callable[[bytes | msgspec.Raw], Any]
    """Decodes a request to a struct of these fields, or to None."""
    names: tuple[str, ...]
    """Of the fields."""
    types: tuple[str | None, ...]
    """Type of resource that each field names; None for one of EC2's lists."""
    types_in_lists: Mapping[str, str]
    """Type of resource that each field of an item of EC2's lists names."""


def find_reader(action: str) -> RequestReader | None:
    """Find the reader of an action's requests; None where only the record's own list names resources.

    >>> find_reader("s3:GetObject").names, find_reader("novelty:GetThing")
    (('bucketName',), None)
    """
    service, _, name = action.partition(":")
    if service not in FIELDS:
        return None
    other = next((type_ for (one, part), type_ in TYPES_BY_CALL.items() if one == service and part in name), None)
    return _make_reader(service, SETS if service == "ec2" and not name.startswith(SURVEYS) else (), other)


@cache
def _make_reader(service: str, sets: tuple[str, ...], other: str | None) -> RequestReader:
    """Make the reader of a service's requests; `other` is the type of resource where the table does not hold."""
    fields = FIELDS[service]
    names = (*fields, *sets)
    struct = msgspec.defstruct(f"Request_{_ODD.sub('_', service)}", [(name, Any, None) for name in names], gc=False)
    types = (*(other or usual for usual in fields.values()), *(None for _ in sets))
    return RequestReader(msgspec.json.Decoder(struct | None).decode, names, types, fields)


def name_requested(reader: RequestReader, values: Iterable[Any]) -> tuple[str, ...]:
    """Make tokens of the values that a reader found in a request, at most `MOST`, in its order.

    >>> name_requested(find_reader("ssm:GetParameters"), (None, ["/db/user", "/db/password"]))
    ('parameter:/db/user', 'parameter:/db/password')
    """
    found: dict[str, None] = {}
    for type_, value in zip(reader.types, values, strict=False):
        if value is None:
            continue
        if type_ is None:
            for type_of_item, text in _find_in_set(reader.types_in_lists, value):
                found[f"{type_of_item}:{_shorten(type_of_item, text)}"] = None
        elif isinstance(value, str):
            if value:
                found[f"{type_}:{_shorten(type_, value)}"] = None
        else:
            for text in _find_texts(value):
                found[f"{type_}:{_shorten(type_, text)}"] = None
    return tuple(found)[:MOST]


def _find_texts(value: Any) -> Iterator[str]:
    """Find the texts in a list, or the keys of an object."""
    items = value if isinstance(value, list | dict) else []
    return (item for item in list(items)[:MOST] if isinstance(item, str) and item)


def _find_in_set(types: Mapping[str, str], value: Any) -> Iterator[tuple[str, str]]:
    """Find types and names in one of EC2's lists."""
    items = value.get("items") if isinstance(value, dict) else None
    for item in items[:MOST] if isinstance(items, list) else ():
        for field, text in item.items() if isinstance(item, dict) else ():
            if field in types and isinstance(text, str) and text:
                yield types[field], text


def _shorten(type_: str, text: str) -> str:
    """Take the name of a resource that is given by name, ARN or URL; a role's ARN stays, for it tells the account."""
    match = _ARN.fullmatch(text) if text.startswith("arn:") else None
    if match:
        if type_ in ("role", "policy"):
            return text[:LONGEST]
        text = match[2]
        head = re.match(r"[A-Za-z-]+[:/]", text)
        if type_ == "parameter":
            text = text.removeprefix("parameter")
        elif head:
            text = text[head.end() :]
        if type_ == "log_group":
            text = text.removesuffix(":*")
        elif type_ == "secret":
            text = _SECRET_SUFFIX.sub("", text)
        elif type_ in ("function", "stack", "state_machine"):
            text = re.split(r"[:/]", text, maxsplit=1)[0]
    elif type_ in ("queue", "hosted_zone"):
        text = text.rpartition("/")[2]
    elif type_ == "key":
        text = text.removeprefix("alias/")
    return text[:LONGEST]


def name_listed(listed: bytes | msgspec.Raw) -> tuple[str, ...]:
    """Make tokens of the ARNs in a record's `resources`, at most `MOST`.

    >>> name_listed(b'[{"ARN": "arn:aws:s3:::pay/2026/03.csv"}, {"ARN": "arn:aws:s3:::pay"}]')
    ('bucket:pay',)
    """
    if not 4 < len(memoryview(listed)) <= _MOST_BYTES:
        return ()
    try:
        found = _decode_listed(listed) or []
    except DECODE_ERRORS:
        return ()
    tokens = dict.fromkeys(token_of(resource.ARN) for resource in found[: 5 * MOST] if resource.ARN)
    return tuple(token for token in tokens if token)[:MOST]


def token_of(arn: str) -> str:
    """Make the token of an ARN; "" for a text that is none.

    >>> token_of("arn:aws:s3:::pay/2026/03.csv"), token_of("arn:aws:iam::1:role/app/web"), token_of("nonsense")
    ('bucket:pay', 'role:arn:aws:iam::1:role/app/web', '')
    """
    match = _ARN.fullmatch(arn[: LONGEST * 4])
    if not match:
        return ""
    service, rest = match[1], match[2]
    head = re.split(r"[:/]", rest, maxsplit=1)[0]
    type_ = _ARN_TYPES.get(f"{service}:{head}") or _ARN_TYPES.get(service)
    if type_ == "bucket":
        return f"bucket:{head[:LONGEST]}"
    if type_:
        return f"{type_}:{_shorten(type_, arn)}"
    return f"{_ODD.sub('_', f'{service}_{head}'.lower())[:40]}:{(rest[len(head) + 1 :] or rest)[:LONGEST]}"
