"""A record opened: its fields, and its text, both without secrets."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

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
_HARMLESS: Final = frozenset(
    {
        "eventVersion", "eventTime", "eventSource", "eventName", "eventType", "eventCategory", "eventID", "requestID",
        "sharedEventID", "awsRegion", "sourceIPAddress", "apiVersion", "readOnly", "managementEvent", "userAgent",
        "recipientAccountId", "vpcEndpointId", "vpcEndpointAccountId", "resources", "tlsDetails", "errorCode",
        "userIdentity", "sessionCredentialFromConsole", "addendum",
    }
)  # fmt: skip
"""Fields that hold no secret; identity and user agent are looked at where they are remembered."""
_NULL: Final = b"null"
_decode = msgspec.json.Decoder().decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Opened(NamedTuple):
    """An opened record."""

    fields: Mapping[str, msgspec.Raw]
    """Strict JSON by name; empty where nothing can be read."""
    loose: Mapping[str, Any]
    """Decoded: the free-form fields that hold something, and all that nobody knows."""
    text: bytes
    """The record as delivered, or written again without its secrets."""
    clean: bool
    """Nothing had to be hidden."""


class Opener:
    """Opens records, and remembers names of fields that hold no secret."""

    def __init__(self) -> None:
        self._suspicion = Suspicion()

    def open(self, raw: bytes) -> Opened:
        """Open a record, whatever its bytes are.

        >>> opened = Opener().open(b'{"eventName": "X", "responseElements": {"sessionToken": "FwoG"}}')
        >>> opened.text, opened.clean
        (b'{"eventName":"X","responseElements":{"sessionToken":"REDACTED"}}', False)
        >>> sorted(Opener().open(b'{"requestParameters": {"a": NaN}, "eventName": "X"}').fields)
        ['eventName', 'requestParameters']
        """
        try:
            opened = _open(raw, raw)
            if b"\\ud" in raw or b"\\uD" in raw:
                _decode(raw)  # what is passed over is not looked into: it may hold half a character
            return self.look_through(opened) if self._suspicion.falls_on(opened.loose) else opened
        except DECODE_ERRORS:
            return self.open_leniently(raw)

    def look_through(self, opened: Opened) -> Opened:
        """The same without secrets in any corner."""
        record = _decode(opened.text)
        hidden = hide(record)
        if hidden is record:
            return opened
        text = write(hidden)
        return _open(text, text)._replace(clean=False)

    def open_leniently(self, raw: bytes) -> Opened:
        """Open a record that no strict decoder takes: its fields are repaired, its text is as delivered.

        Where what can be read holds a secret, the text is that, written again; else what cannot be read is redacted.
        """
        try:
            record = read_leniently(raw)
            hidden = hide(record)
            text = redact(raw) if hidden is record else write(hidden)
            return _open(write(hidden), text)._replace(clean=text == raw)
        except DECODE_ERRORS:
            text = redact(raw)
            return Opened({}, {}, text, text == raw)


def _open(written: bytes, text: bytes) -> Opened:
    fields = _decode_fields(written)
    loose = {
        name: _decode(value) for name, raw in fields.items() if name not in _HARMLESS and (value := bytes(raw)) != _NULL
    }
    return Opened(fields, loose, text, True)
