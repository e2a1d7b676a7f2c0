"""A row of a table of CloudTrail made a record again: what Athena, CloudTrail Lake and Logs Insights return.

Tables spell CloudTrail's names in small letters, and a structure may be JSON, a structure, or text as Athena prints it:
`{type=IAMUser, principalid=AIDA…, sessioncontext=null}`. Such text has no quotes. Where a value in it looks like a
field, nobody can tell who called, and the row is no record.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from features.record.foreign import CLOUDTRAIL_HISTORY, name_of_columns
from features.record.repair import DECODE_ERRORS

Shape: TypeAlias = Mapping[str, Any]
"""A structure's fields as CloudTrail spells them, each with its own structure or None; an empty one is a map."""
_ISSUER: Final[Shape] = dict.fromkeys(("type", "principalId", "arn", "accountId", "userName"))
_SESSION: Final[Shape] = {
    "sessionIssuer": _ISSUER,
    "attributes": dict.fromkeys(("creationDate", "mfaAuthenticated")),
    "webIdFederationData": {"federatedProvider": None, "attributes": {}},
    "sourceIdentity": None,
    "ec2RoleDelivery": None,
    "ec2IssuedInVpc": None,
    "assumedRoot": None,
}
_USER: Final[Shape] = {
    **_ISSUER,
    **dict.fromkeys(("invokedBy", "accessKeyId", "identityProvider", "credentialId")),
    "sessionContext": _SESSION,
    "onBehalfOf": dict.fromkeys(("userId", "identityStoreArn")),
    "inScopeOf": dict.fromkeys(("sourceArn", "sourceAccount", "issuerType", "credentialsIssuedTo")),
}
_RESOURCE: Final[Shape] = dict.fromkeys(("ARN", "accountId", "type", "ARNPrefix"))
_TLS: Final[Shape] = dict.fromkeys(("tlsVersion", "cipherSuite", "clientProvidedHostHeader"))
_ADDENDUM: Final[Shape] = dict.fromkeys(("reason", "updatedFields", "originalRequestID", "originalEventID"))

_TEXTS: Final = (
    "eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent", "errorCode",
    "errorMessage", "requestID", "eventID", "eventType", "apiVersion", "recipientAccountId", "sharedEventID",
    "vpcEndpointId", "vpcEndpointAccountId", "eventCategory",
)  # fmt: skip
_TRUTHS: Final = ("readOnly", "managementEvent", "sessionCredentialFromConsole")
_OBJECTS: Final = (
    "requestParameters", "responseElements", "additionalEventData", "serviceEventDetails", "insightDetails",
    "edgeDeviceDetails", "eventContext",
)  # fmt: skip
_NEEDED: Final = ("eventName", "eventSource", "eventTime", "userIdentity")
_RECORDS: Final = ("eventjson", "@message", "cloudtrailevent", "_raw")
"""Columns that hold a record as text."""
_NOTHING: Final = frozenset({"", "null", "NULL", "\\N", "-"})
_TOKEN: Final = re.compile(r"[{}\[\]]|(?:^|, )([A-Za-z][\w.:-]*)=")
_OPENING: Final = "{["


class AmbiguousRowError(ValueError):
    """A value in a row looks like a field: nobody can tell which it is."""


Maker: TypeAlias = Callable[[Any], Any]
"""Makes a member of a record of a value; None where it has none."""


class Table(NamedTuple):
    """What the columns of a table say of it."""

    of_records: bool = False
    """Its rows can be made records."""
    foreign: str = ""
    """What it is that is none of CloudTrail's."""
    problem: str = ""
    """Why no record can be made of its rows, though it is CloudTrail's."""
    text: str = ""
    """The column that holds each record as text."""
    columns: tuple[tuple[str, tuple[str, ...], Maker], ...] = ()
    """Each column with the member it becomes, below whichever, and how."""

    def record(self, row: Mapping[str, Any]) -> bytes:
        """The record that a row was.

        Raises
        ------
        AmbiguousRowError
            It cannot be told what the row says.

        Examples
        --------
        >>> table = read_columns(["eventname", "eventsource", "eventtime", "useridentity"])
        >>> table.record({"eventname": "A", "eventsource": "s", "eventtime": "t", "useridentity": "{type=Root}"})
        b'{"eventName":"A","eventSource":"s","eventTime":"t","userIdentity":{"type":"Root"}}'
        """
        if self.text:
            return str(row.get(self.text) or "").encode("utf-8", "replace")
        record: dict[str, Any] = {}
        for name, path, make in self.columns:
            value = make(row.get(name))
            if value is None:
                continue
            into = record
            for step in path[:-1]:
                inner = into.setdefault(step, {})
                into = inner if isinstance(inner, dict) else {}
            into[path[-1]] = value
        return msgspec.json.encode(record)


def read_columns(names: Sequence[str]) -> Table:
    """What a table is, by the names of its columns.

    >>> read_columns(["class_uid", "metadata"]).foreign, read_columns(["a", "b"])
    ('OCSF', Table(of_records=False, foreign='', problem='', text='', columns=()))
    >>> read_columns(["eventname", "eventtime", "arn"]).problem
    'a table of CloudTrail without eventSource and userIdentity: select these columns too'
    """
    small = {name.strip().lower(): name for name in names}
    if text := next((small[name] for name in _RECORDS if name in small), ""):
        return Table(of_records=True, text=text)
    columns = [(name, *found) for name in names if (found := _member_of(name)) is not None]
    members = {path[0] for _, path, _ in columns}
    if len(members & set(_NEEDED)) > 1:
        missing = [name for name in _NEEDED if name not in members]
        if not missing:
            return Table(of_records=True, columns=tuple(columns))
        told = " and ".join([", ".join(missing[:-1]), missing[-1]] if len(missing) > 1 else missing)
        return Table(problem=f"a table of CloudTrail without {told}: select these columns too")
    foreign = name_of_columns(small.keys())
    if foreign == CLOUDTRAIL_HISTORY:
        return Table(problem=f"{foreign} does not say who called: download it as JSON instead")
    return Table(foreign=foreign)


def _member_of(name: str) -> tuple[tuple[str, ...], Maker] | None:
    """Which member a column becomes, and how."""
    first, *rest = name.strip().split(".")
    found = _MEMBERS.get(first.lower().replace("_", ""))
    if found is None:
        return None
    member, shape, make = found
    path = [member]
    for step in rest:
        if not isinstance(shape, Mapping):
            return None
        spelt = next((inner for inner in shape if inner.lower() == step.lower()), step if not shape else None)
        if spelt is None:
            return None
        path.append(spelt)
        shape = shape.get(spelt)
        make = _text if shape is None else _struct(shape)
    return tuple(path), make


def _text(value: Any) -> Any:
    if value is None or (isinstance(value, str) and value in _NOTHING):
        return None
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _truth(value: Any) -> Any:
    if isinstance(value, str):
        return {"true": True, "false": False, "1": True, "0": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _object(value: Any) -> Any:
    """A free-form value: JSON as text, a map, or a map as Athena and Lake print it."""
    if not isinstance(value, str):
        return _plain(value)
    text = value.strip()
    if text in _NOTHING:
        return None
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
        return msgspec.Raw(text.encode())
    except DECODE_ERRORS:
        pass
    if text.startswith("{") and text.endswith("}"):
        fields = _fields_of(text[1:-1])
        if fields is not None:
            return {name: _object(inner) for name, inner in reversed(fields)}  # of twins the first stays
    return text


def _struct(shape: Shape) -> Maker:
    """Makes a structure of JSON, of a structure, or of one as Athena prints it."""

    def make(value: Any) -> Any:
        if not isinstance(value, str):
            return _spell(_plain(value), shape)
        text = value.strip()
        if text in _NOTHING:
            return None
        try:
            return _spell(msgspec.json.decode(text), shape)
        except DECODE_ERRORS:
            return _read_printed(text, shape)

    return make


def _list(shape: Shape) -> Maker:
    """The same of a list of structures."""

    def make(value: Any) -> Any:
        if not isinstance(value, str):
            return None if value is None else [_spell(item, shape) for item in _plain(value)]
        text = value.strip()
        if text in _NOTHING:
            return None
        try:
            return [_spell(item, shape) for item in msgspec.json.decode(text, type=list[Any])]
        except DECODE_ERRORS:
            items = re.split(r"(?<=\}), (?=\{)", text.removeprefix("[").removesuffix("]"))
            return [_read_printed(item, shape) for item in items if item.strip()]

    return make


def _plain(value: Any) -> Any:
    """A value as JSON can hold it; a map may come as pairs."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        if value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
            return {str(name): _plain(inner) for name, inner in value}
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str | bool | int | float) else _text(value)


def _spell(value: Any, shape: Shape) -> Any:
    """Give the members of a structure CloudTrail's spelling; those without a value are left out."""
    if not isinstance(value, Mapping) or not shape:
        return value
    spelt = {name.lower(): name for name in shape}
    made: dict[str, Any] = {}
    for name, inner in value.items():
        member = spelt.get(str(name).lower(), str(name))
        below = shape.get(member)
        kept = _spell(inner, below) if below is not None else _text(inner) if member in shape else inner
        if kept is not None:
            made[member] = kept
    return made


def _read_printed(text: str, shape: Shape) -> Any:
    """Read a structure as Athena prints it."""
    if text in _NOTHING:
        return None
    fields = _fields_of(text[1:-1], shape) if text.startswith("{") and text.endswith("}") else None
    if fields is None or len({name for name, _ in fields}) < len(fields):
        raise AmbiguousRowError("a value of userIdentity or resources looks like one of its fields")
    made: dict[str, Any] = {}
    spelt = {name.lower(): name for name in shape}
    for name, inner in fields:
        member = spelt.get(name.lower(), name)
        below = shape.get(member)
        value = _read_printed(inner, below) if below is not None and inner.startswith("{") else _text(inner)
        if value is not None:
            made[member] = value
    return made


def _fields_of(text: str, shape: Shape | None = None) -> list[tuple[str, str]] | None:
    """Fields of what is between a structure's brackets, known ones where there is a shape; None where it is none."""
    known = {name.lower() for name in shape} if shape else None
    depth = 0
    starts: list[tuple[str, int, int]] = []
    for token in _TOKEN.finditer(text):
        if token[1] is None:
            depth += 1 if token[0] in _OPENING else -1
            if depth < 0:
                return None
        elif not depth and (known is None or token[1].lower() in known):
            starts.append((token[1], token.start(), token.end()))
    if depth or (text and (not starts or starts[0][1])):
        return None
    stops = [start for _, start, _ in starts[1:]] + [len(text)]
    return [(name, text[begin:stop]) for (name, _, begin), stop in zip(starts, stops, strict=True)]


_MEMBERS: Final[Mapping[str, tuple[str, Shape | None, Maker]]] = {
    **{name.lower(): (name, None, _text) for name in _TEXTS},
    **{name.lower(): (name, None, _truth) for name in _TRUTHS},
    **{name.lower(): (name, {}, _object) for name in _OBJECTS},
    "useridentity": ("userIdentity", _USER, _struct(_USER)),
    "tlsdetails": ("tlsDetails", _TLS, _struct(_TLS)),
    "addendum": ("addendum", _ADDENDUM, _struct(_ADDENDUM)),
    "resources": ("resources", None, _list(_RESOURCE)),
}
"""By a column's name in small letters: the member, the structure below it, and what makes it."""
