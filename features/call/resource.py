"""What a call touched, as tokens `type:name`.

For the most used services a table says which field of a request names which type of resource; for the others the ARNs
in the record do. Only the fields in the table are decoded. Names are exact, because the one bucket nobody reads is what
matters. Keys of objects are no tokens.

EC2's newer calls and S3's control plane wrap a request: `{"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content":
…}}}`. The same table holds there, with the first letters of the fields made small.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Final, TypeAlias

import msgspec
from msgspec.structs import astuple

from features.call.made import MadeReader, find_made_reader
from features.call.resource_field import BY_CALL, FIELDS, SURVEYS
from features.call.resource_name import copied_token, ec2_token, make_token, token_of
from features.call.resource_text import MOST, find_texts, join, simple_name
from features.record.repair import DECODE_ERRORS

_MOST_BYTES: Final = 131_072
_DEEPEST: Final = 8
"""Levels of a request that are looked into."""
_ODD: Final = re.compile(r"[^a-z0-9_]+")
_WRAPPED: Final = b'Request"'
_EC2_IDS: Final = re.compile(r"\w+Id(?:s|Set)?")
"""Fields in which EC2 has ids."""

_Read: TypeAlias = Callable[[Any], Iterable[str]]
"""Makes the tokens of a field's value; "" for what names nothing."""


class _Listed(msgspec.Struct, gc=False):
    """An item of a record's `resources`."""

    ARN: str | None = None


_decode_listed = msgspec.json.Decoder(list[_Listed] | None).decode


@dataclass(frozen=True, eq=False, slots=True)
class RequestReader:
    """Reads what names resources in the records of an action."""

    decode: Callable[[bytes | msgspec.Raw], Any]
    """Decodes a request to a struct of these fields, or to None."""
    names: tuple[str, ...]
    """Of the fields."""
    reads: tuple[_Read, ...]
    """How each field is read."""
    inside: _Read
    """Reads an object in which these fields may lie somewhere."""
    wraps: bool
    """A request may be wrapped in an object of the call's name."""
    survey: bool
    """Lists in a request are filters."""
    plain: bool
    """The fields of a request say all."""
    made: MadeReader | None = None
    """Reads what the call made from its response; None for calls that make nothing."""


def find_reader(action: str) -> RequestReader | None:
    """Find the reader of an action's records; None where only the record's own list names resources.

    >>> find_reader("s3:GetObject").names[0], find_reader("novelty:GetThing")
    ('bucketName', None)
    """
    service, _, name = action.partition(":")
    made = find_made_reader(service, name, FIELDS.get(service, {}))
    if service not in FIELDS and made is None:
        return None
    by_call = tuple(at for at, (one, part, _) in enumerate(BY_CALL) if one == service and part in name)
    wraps = service == "ec2" or (service == "s3" and "AccessPoint" in name)
    reader = _make_reader(service, by_call, name.startswith(SURVEYS), wraps)
    return reader if made is None else replace(reader, made=made, plain=False)


@cache
def _make_reader(service: str, by_call: tuple[int, ...], survey: bool, wraps: bool) -> RequestReader:
    """Make the reader of requests to a service; `by_call` are the entries of BY_CALL that hold as well."""
    fields: dict[str, str] = {}
    for own in [*(BY_CALL[at][2] for at in by_call), FIELDS.get(service, {})]:
        fields |= {field: type_ for field, type_ in own.items() if field not in fields}
    if survey:
        fields = {name: type_ for name, type_ in fields.items() if type_ not in ("inside:", "targets:")}
    fields = dict(sorted(fields.items(), key=lambda field: field[1] == "inside:"))
    names = tuple(fields)
    places = {f"field_{at}": name for at, name in enumerate(names)}
    struct = msgspec.defstruct(
        f"Request_{_ODD.sub('_', service)}", [(place, Any, None) for place in places], rename=places, gc=False
    )
    reads: dict[str, _Read] = {}
    inside = partial(_find_inside, reads, survey)
    reads.update((name, _read(type_, inside)) for name, type_ in fields.items())
    decode = msgspec.json.Decoder(struct | None).decode
    return RequestReader(decode, names, tuple(reads.values()), inside, wraps, survey, plain=not wraps)


def _read(type_: str, inside: _Read) -> _Read:
    """How a field of a type is read."""
    match type_:
        case "inside:":
            return inside
        case "keys:":
            return lambda value: (make_token("table", name) for name in find_texts(_keys(value)))
        case "targets:":
            return _find_targets
        case "arn:":
            return lambda value: map(token_of, find_texts(value))
        case "id:":
            return lambda value: map(ec2_token, find_texts(value))
        case "copied:":
            return lambda value: map(copied_token, find_texts(value))
    return partial(_name, type_)


def _keys(value: Any) -> list[Any]:
    return list(value) if isinstance(value, dict) else []


def _name(type_: str, value: Any) -> Iterable[str]:
    """Name the resources of a type."""
    if type(value) is str:
        return (make_token(type_, value),) if value else ()
    return [make_token(type_, text) for text in find_texts(value)]


def name_requested(reader: RequestReader, values: Iterable[Any]) -> tuple[str, ...]:
    """Make tokens of the values that a reader found in a request, at most `MOST`, in its order.

    >>> name_requested(find_reader("ssm:GetParameters"), (None, ["/db/user", "/db/password"]))
    ('parameter:/db/user', 'parameter:/db/password')
    """
    tokens: dict[str, None] = {}
    for read, value in zip(reader.reads, values, strict=False):
        if value is not None:
            for token in read(value):
                tokens[token] = None
                if len(tokens) > MOST:
                    break
    tokens.pop("", None)
    return tuple(tokens)[:MOST]


def name_wrapped(reader: RequestReader, request: bytes) -> tuple[str, ...]:
    """Make tokens of what a request names that may be wrapped in an object of the call's name, at most `MOST`.

    What the fields do not name is looked for inside; of a survey only in what is wrapped.

    >>> name_wrapped(find_reader("ec2:DeleteFlowLogs"),
    ...     b'{"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-0aa1bb2cc3dd4ee5f"}}}')
    ('flow_log:fl-0aa1bb2cc3dd4ee5f',)
    """
    try:
        read = reader.decode(request)
        named = () if read is None else name_requested(reader, astuple(read))
        if (_WRAPPED not in request and (named or reader.survey)) or len(request) > _MOST_BYTES:
            return named
        return join(named, _take(reader.inside(msgspec.json.decode(request))))
    except DECODE_ERRORS:
        return ()


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
    return _take(token_of(resource.ARN) for resource in found[: 5 * MOST] if resource.ARN)


def _take(tokens: Iterable[str]) -> tuple[str, ...]:
    """Take the first `MOST` distinct tokens."""
    taken: dict[str, None] = {}
    for token in tokens:
        if token:
            taken[token] = None
            if len(taken) == MOST:
                break
    return tuple(taken)


def _find_inside(reads: Mapping[str, _Read], plain: bool, value: Any, left: int = _DEEPEST) -> Iterator[str]:
    """Find what the fields of an object name, some levels deep; of a survey only the `plain` texts, no filters."""
    if not left or not isinstance(value, list | dict):
        return
    if isinstance(value, list):
        for item in value:
            yield from _find_inside(reads, plain, item, left - 1)
        return
    for key, inner in value.items():
        if plain and not isinstance(inner, str) and not key.endswith("Request"):
            continue
        name = simple_name(key)
        read = reads.get(name) or reads.get(name.removesuffix("Set").removesuffix("s"))
        texts = list(find_texts(inner))
        if read is not None and texts:
            yield from read(inner)
        elif texts and _EC2_IDS.fullmatch(key):
            yield from map(ec2_token, texts)
        else:
            yield from _find_inside(reads, plain, inner, left - 1)


def _find_targets(value: Any) -> Iterator[str]:
    """Find targets: `{key: "InstanceIds", values: […]}` of SSM, `{id: …}` or `{arn: …}` of others; a tag names none."""
    for item in value[:MOST] if isinstance(value, list) else ():
        target = {simple_name(key): inner for key, inner in item.items()} if isinstance(item, dict) else {}
        key, values = target.get("key"), list(find_texts(target.get("values")))
        if key == "InstanceIds":
            yield from (make_token("instance", text) for text in values)
        elif key == "ParameterValues":
            yield from map(ec2_token, values)
        elif key in ("resource-groups:Name", "ResourceGroup"):
            yield from (make_token("resource_group", text) for text in values)
        for text in find_texts([target.get("id"), target.get("arn")]):
            yield token_of(text) if text.startswith("arn:") else ec2_token(text)
