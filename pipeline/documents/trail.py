"""`aws.cloudtrail.*` of a document: a record's fields, as Elastic's integration names and shapes them."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final, NamedTuple

import msgspec

from features.normalise.memo import Memo
from pipeline.documents.flat import Flattened, flatten, is_flat, write_as_elastic
from pipeline.documents.members import LONGEST_TEXT, bound, end, join, keep, nest, write, write_members
from pipeline.documents.opened import ABSENT, FREE, MOST_FREE, FreeForm, Opened, read_free

_REPEATED: Final = (
    "event_version", "event_type", "event_category", "api_version", "recipient_account_id", "vpc_endpoint_id",
    "error_code", "session_credential_from_console", "read_only", "management_event",
)  # fmt: skip
"""Texts and truths that repeat; Elastic calls them as we do."""
_repeated_of = attrgetter(*_REPEATED)
PRUNED: Final = frozenset({"x-amz-id-2", "x-amz-request-id", "requestId", "_requestId", "ResponseMetadata"})
"""Members of free-form fields that name the request once more, or the machine that took it: nobody searches them."""
_MOST_RESOURCES: Final = 100
_SAID: Final = {"Yes": True, "No": False}
_TARGETS: Final = frozenset({"userName", "newUserName", "groupName"})
_decode = msgspec.json.Decoder().decode


class Target(NamedTuple):
    """What a request says of whom it is about, for ECS."""

    user: dict[str, Any]
    """`user.target` and `user.changes`."""
    users: tuple[str, ...]
    """For `related.user`."""
    document: bytes
    """`group`, with a comma after it."""


NO_TARGET: Final = Target({}, (), b"")


class Trail(msgspec.Struct, gc=False):
    """Members of a document."""

    cloudtrail: bytes
    """Of `aws.cloudtrail`, without the identity."""
    document: bytes
    """ECS's `tls`, with a comma after it."""
    target: Target
    unsearchable: bool
    """Something is in the record alone, for it would be too long or too deep for a flat field."""


class _Free(NamedTuple):
    """What is made of free-form fields."""

    members: bytes
    target: Target
    unsearchable: bool


class TrailWriter:
    """Writes records' fields, and remembers those that repeat.

    Parameters
    ----------
    writes_texts
        Also write free-form fields as Elastic's integration does, as one text each, for rules that read them so.
    """

    def __init__(self, *, writes_texts: bool) -> None:
        self._writes_texts = writes_texts
        self._repeated: Memo[tuple[str | bool | None, ...], bytes] = Memo(_write_repeated, 16_384)
        self._resources: Memo[bytes, bytes] = Memo(_write_resources, 4_096)
        self._tls: Memo[bytes, bytes] = Memo(_write_tls, 16_384)
        self._free: Memo[FreeForm, _Free] = Memo(self._write_free, MOST_FREE)

    @property
    def writes_texts(self) -> bool:
        """See above."""
        return self._writes_texts

    @writes_texts.setter
    def writes_texts(self, writes: bool) -> None:
        if writes != self._writes_texts:
            self._writes_texts = writes
            self._free.clear()

    def write(self, opened: Opened) -> Trail:
        """Write the fields of an opened record."""
        fields, free = opened.fields, self._free[opened.free]
        parts = [self._repeated[_repeated_of(fields)]]
        if fields.request_id is not ABSENT:
            parts.append(b'"request_id":%b' % _as_text(bytes(fields.request_id)))
        if fields.shared_event_id is not ABSENT:
            parts.append(b'"shared_event_id":%b' % _as_text(bytes(fields.shared_event_id)))
        if fields.error_message is not ABSENT:
            parts.append(b'"error_message":%b' % _as_text(bytes(fields.error_message)))
        if fields.resources is not ABSENT:
            parts.append(self._resources[bytes(fields.resources)])
        if free.members:
            parts.append(free.members)
        if opened.free[2] and bytes(fields.event_name) == b'"ConsoleLogin"':
            parts.append(_write_console_login(_decode(opened.free[2])))
        return Trail(
            join(*parts),
            b"" if fields.tls_details is ABSENT else self._tls[bytes(fields.tls_details)],
            free.target,
            free.unsearchable,
        )

    def _write_free(self, delivered: FreeForm) -> _Free:
        loose = read_free(delivered)
        texts, kept, unsearchable = [], {}, False
        for (name, shown), written in zip(FREE.items(), delivered, strict=True):
            if name in loose:
                value = _prune(loose[name])
                found = Flattened(value, False) if is_flat(written) else flatten(value)
                unsearchable = unsearchable or found.cut
                if found.value:
                    kept[shown] = found.value
                if self._writes_texts:
                    texts.append(_write_text(shown, value))
        flattened = write({"flattened": kept})[1:-1] if kept else b""
        target = _find_target(loose.get("requestParameters"), loose.get("responseElements"))
        return _Free(join(*texts, flattened), target, unsearchable)


def _as_text(written: bytes) -> bytes:
    """A written text as it is, where it is one and not too long; something else as a text."""
    if written.startswith(b'"') and len(written) <= LONGEST_TEXT:
        return written
    value = _decode(written)
    return write(bound(value if isinstance(value, str) else written.decode()))


def _write_repeated(values: tuple[str | bool | None, ...]) -> bytes:
    told = zip(_REPEATED, values, strict=True)
    return write_members({name: bound(value) if isinstance(value, str) else value for name, value in told})


def _prune(value: Any) -> Any:
    """A free-form field without what nobody searches.

    >>> _prune({"x-amz-id-2": "q83v", "bytesTransferredOut": 12})
    {'bytesTransferredOut': 12}
    """
    if type(value) is not dict or PRUNED.isdisjoint(value):
        return value
    return {name: inner for name, inner in value.items() if name not in PRUNED}


def _write_text(shown: str, value: Any) -> bytes:
    text = write_as_elastic(value)
    return write_members({shown: text}) if len(text) <= LONGEST_TEXT else b""


def _write_resources(written: bytes) -> bytes:
    resources = _decode(written)
    if not isinstance(resources, list):
        return b""
    found = [_describe_resource(each) for each in resources[:_MOST_RESOURCES] if isinstance(each, dict)]
    return write_members({"resources": [each for at, each in enumerate(found) if each and each not in found[:at]]})


def _describe_resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    arn = _text(resource, "ARN") or _text(resource, "arn")
    return keep({"arn": arn, "account_id": _text(resource, "accountId"), "type": _text(resource, "type")})


def _write_console_login(said: Any) -> bytes:
    data = _inner(said)
    found = {
        shown: _SAID[data[name]]
        for name, shown in (("MobileVersion", "mobile_version"), ("MFAUsed", "mfa_used"))
        if data.get(name) in ("Yes", "No")
    }
    return nest(
        b"console_login",
        nest(b"additional_eventdata", write_members(found | {"login_to": _text(data, "LoginTo")})),
    )


def _write_tls(written: bytes) -> bytes:
    """ECS's `tls` of `tlsDetails`.

    >>> _write_tls(b'{"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"}')
    b'"tls":{"version_protocol":"tls","version":"1.3","cipher":"TLS_AES_128_GCM_SHA256"},'
    """
    details = _inner(_decode(written))
    protocol, _, version = _text(details, "tlsVersion").partition("v")
    client = keep({"server_name": _text(details, "clientProvidedHostHeader")})
    said = {
        "version_protocol": protocol.lower(), "version": version, "cipher": _text(details, "cipherSuite"),
        "client": client,
    }  # fmt: skip
    return end(nest(b"tls", write_members(said)))


def _find_target(request: Any, response: Any) -> Target:
    """Whom a request is about, as Elastic's integration has it.

    >>> found = _find_target({"userName": "eve", "newUserName": "bob"}, {"user": {"userId": "AIDA1"}})
    >>> found.user, found.users
    ({'target': {'name': 'eve', 'id': 'AIDA1'}, 'changes': {'name': 'bob'}}, ('eve', 'bob'))
    """
    if type(request) is not dict or request.keys().isdisjoint(_TARGETS):
        return NO_TARGET
    answered = _inner(response)
    name, new = _text(request, "userName"), _text(request, "newUserName")
    target = keep({"name": name, "id": _text(_inner(answered.get("user")), "userId")})
    group = {"name": _text(request, "groupName"), "id": _text(_inner(answered.get("group")), "groupId")}
    user = keep({"target": target, "changes": keep({"name": new})})
    return Target(user, tuple(filter(None, (name, new))), end(nest(b"group", write_members(group))))


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return bound(value) if isinstance(value, str) else ""


def _inner(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
