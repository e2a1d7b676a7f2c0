"""A record opened: its fields, and its text, both without secrets."""

from typing import Any, Final, TypeAlias, get_args

import msgspec

from features.normalise.memo import Memo
from features.record.repair import DECODE_ERRORS, read_leniently
from pipeline.documents.members import write
from pipeline.documents.redact import Suspicion, hide, redact

FREE: Final = {
    "requestParameters": "request_parameters",
    "responseElements": "response_elements",
    "additionalEventData": "additional_eventdata",
    "serviceEventDetails": "service_event_details",
}
"""Free-form fields, and what Elastic calls them."""
NULL: Final = b"null"
MOST_FREE: Final = 4_096
"""Free-form fields that are remembered."""
ABSENT: Final = msgspec.Raw(b"")
FreeForm: TypeAlias = tuple[bytes, bytes, bytes, bytes]
"""The fields of FREE as JSON, in their order; empty where one is absent."""
_decode = msgspec.json.Decoder().decode
_decode_any = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Fields(msgspec.Struct, rename="camel", forbid_unknown_fields=True, gc=False):
    """The fields of a record whose names are known: as strict JSON, those whose values repeat as texts and truths."""

    event_version: str | None = None
    event_type: str | None = None
    event_category: str | None = None
    api_version: str | None = None
    recipient_account_id: str | None = None
    vpc_endpoint_id: str | None = None
    error_code: str | None = None
    session_credential_from_console: str | None = None
    read_only: bool | None = None
    management_event: bool | None = None
    user_identity: msgspec.Raw = ABSENT
    event_time: msgspec.Raw = ABSENT
    event_source: msgspec.Raw = ABSENT
    event_name: msgspec.Raw = ABSENT
    aws_region: msgspec.Raw = ABSENT
    source_address: msgspec.Raw = msgspec.field(name="sourceIPAddress", default=ABSENT)
    user_agent: msgspec.Raw = ABSENT
    request_parameters: msgspec.Raw = ABSENT
    response_elements: msgspec.Raw = ABSENT
    additional_event_data: msgspec.Raw = ABSENT
    service_event_details: msgspec.Raw = ABSENT
    request_id: msgspec.Raw = msgspec.field(name="requestID", default=ABSENT)
    event_id: msgspec.Raw = msgspec.field(name="eventID", default=ABSENT)
    shared_event_id: msgspec.Raw = msgspec.field(name="sharedEventID", default=ABSENT)
    vpc_endpoint_account_id: msgspec.Raw = ABSENT
    resources: msgspec.Raw = ABSENT
    tls_details: msgspec.Raw = ABSENT
    error_message: msgspec.Raw = ABSENT
    addendum: msgspec.Raw = ABSENT


_decode_fields = msgspec.json.Decoder(Fields).decode
_KNOWN: Final = {
    field.encode_name: (field.name, field.type if field.type is msgspec.Raw else get_args(field.type)[0])
    for field in msgspec.structs.fields(Fields)
}
"""What each field is called here, and is kept as."""
_NONE: Final[dict[str, Any]] = {}
_TO_LOOK_AT: Final = "errorMessage"
"""A field besides the free-form ones that may hold a secret; identity and user agent are looked at where they are
remembered."""


class Opened(msgspec.Struct, gc=False):
    """An opened record."""

    fields: Fields
    """None of them where nothing can be read."""
    free: FreeForm
    text: bytes
    """The record as delivered, or written again without its secrets."""
    clean: bool
    """Nothing had to be hidden."""


class Opener:
    """Opens records, and remembers what holds no secret: names of fields, and free-form fields that repeat."""

    def __init__(self) -> None:
        self.suspicion = Suspicion()
        self._suspicious: Memo[FreeForm, bool] = Memo(self._is_suspicious, MOST_FREE)

    def open(self, raw: bytes) -> Opened:
        """Open a record, whatever its bytes are.

        >>> opened = Opener().open(b'{"eventName": "X", "responseElements": {"sessionToken": "FwoG"}}')
        >>> opened.text, opened.clean
        (b'{"eventName":"X","responseElements":{"sessionToken":"REDACTED"}}', False)
        >>> Opener().open(b'{"requestParameters": {"a": NaN, "b": 1}, "eventName": "X"}').free[0]
        b'{"a":null,"b":1}'
        """
        try:
            try:
                fields, others = _decode_fields(raw), _NONE
            except msgspec.ValidationError:
                fields, others = _read_fields(raw)
            if fields.error_message is not ABSENT:
                others = {**others, _TO_LOOK_AT: _decode(fields.error_message)}
            opened = Opened(fields, _free(fields), raw, True)
            suspicious = self._suspicious[opened.free] or (others and self.suspicion.falls_on(others))
            if b"\\" in raw and (b"\\ud" in raw or b"\\uD" in raw):
                _decode(raw)  # what is passed over is not looked into: it may hold half a character
            return self.look_through(opened) if suspicious else opened
        except DECODE_ERRORS:
            return self.open_leniently(raw)

    def _is_suspicious(self, free: FreeForm) -> bool:
        return self.suspicion.falls_on(read_free(free))

    def look_through(self, opened: Opened) -> Opened:
        """The same without secrets in any corner."""
        record = _decode(opened.text)
        hidden = self.suspicion.hide(record)
        if hidden is record:
            return opened
        text = write(hidden)
        return _open(text, text, False)

    def open_leniently(self, raw: bytes) -> Opened:
        """Open a record that no strict decoder takes: its fields are repaired, its text is as delivered.

        Where what can be read holds a secret, the text is that, written again; else what cannot be read is redacted.
        """
        try:
            record = read_leniently(raw)
            hidden = hide(record)
            text = redact(raw) if hidden is record else write(hidden)
            return _open(write(hidden), text, text == raw)
        except DECODE_ERRORS:
            text = redact(raw)
            return Opened(Fields(), (b"", b"", b"", b""), text, text == raw)


def read_free(free: FreeForm) -> dict[str, Any]:
    """Decoded: the free-form fields that hold something.

    >>> read_free((b'{"a":1}', b"null", b"", b""))
    {'requestParameters': {'a': 1}}
    """
    return {name: _decode(value) for name, value in zip(FREE, free, strict=True) if value and value != NULL}


def _free(fields: Fields) -> FreeForm:
    return (
        bytes(fields.request_parameters), bytes(fields.response_elements), bytes(fields.additional_event_data),
        bytes(fields.service_event_details),
    )  # fmt: skip


def _open(written: bytes, text: bytes, clean: bool) -> Opened:
    try:
        fields = _decode_fields(written)
    except msgspec.ValidationError:
        fields, _ = _read_fields(written)
    return Opened(fields, _free(fields), text, clean)


def _read_fields(written: bytes) -> tuple[Fields, dict[str, Any]]:
    """The fields of a record in which some are of no known name, or hold what they should not; and those unknown."""
    known: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for delivered, raw in _decode_any(written).items():
        name, kind = _KNOWN.get(delivered, ("", None))
        if kind is msgspec.Raw:
            known[name] = raw
        elif kind is None:
            if bytes(raw) != NULL:
                unknown[delivered] = _decode(raw)
        elif isinstance(value := _decode(raw), kind):
            known[name] = value
    return Fields(**known), unknown
