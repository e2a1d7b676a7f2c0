"""Items as files for ingestion, a bounded slice at a time, with how each record came."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

import msgspec

from features.record.container import is_record
from features.record.repair import DECODE_ERRORS
from pipeline.delivery.item import Records
from pipeline.delivery.spill import SpilledRecord
from pipeline.documents.document import Transport
from pipeline.errors import OddtrailError
from pipeline.ingest.delivery import Delivery, origin_of, read_delivery
from pipeline.ingest.inflate import LIMITS, inflate_payload
from pipeline.ingest.log_file import LogFile

_RECORDS: Final = 2_000
_BYTES: Final = 4 << 20
"""Of a slice."""
NO_PATH: Final = Path()
"""Of a file whose content is given."""


class PayloadError(OddtrailError):
    """A payload that cannot be opened; the message is the reason."""


class Slice(NamedTuple):
    """Files to work on together."""

    files: list[LogFile]
    transports: dict[str, Transport]
    """By the first 16 digits of a file's digest, as rows have it."""


class LogData(NamedTuple):
    """What a subscription sent."""

    control: bool
    """It only asks whether anybody is there."""
    owner: str
    slices: Iterator[Slice]


class _LogEvent(msgspec.Struct):
    id: str | int = ""
    """A text of CloudWatch's; those who play it send a number."""
    message: msgspec.Raw = msgspec.Raw(b"null")


class _Data(msgspec.Struct):
    messageType: str = ""  # noqa: N815
    owner: str = ""
    logGroup: str = ""  # noqa: N815
    logStream: str = ""  # noqa: N815
    logEvents: list[_LogEvent] = []  # noqa: N815


_decode = msgspec.json.Decoder(_Data).decode
_string = msgspec.json.Decoder(str).decode


class _Origin(NamedTuple):
    """What records have in common that become one file."""

    origin: str
    transport: Transport
    """Without ids."""


def open_log_events(packed: bytes) -> LogData:
    """What a subscription of CloudWatch Logs sent.

    Raises
    ------
    PayloadError
        It is damaged, or inflates to more than any payload does.

    Examples
    --------
    >>> import gzip
    >>> open_log_events(gzip.compress(b'{"messageType": "CONTROL_MESSAGE"}')).control
    True
    """
    data = inflate_payload(packed)
    if data is None:
        raise PayloadError(f"its gzip is damaged, cut off or inflates to more than {LIMITS.payload >> 20} MiB")
    try:
        found = _decode(data)
    except DECODE_ERRORS:
        return LogData(False, "", iter([one_file(data, "message")]))
    if found.messageType != "DATA_MESSAGE":
        control = found.messageType == "CONTROL_MESSAGE"
        return LogData(control, found.owner, iter([] if control else [one_file(data, "message")]))
    transport = Transport(found.owner, found.logGroup, found.logStream)
    how = _Origin(found.logStream or "message", transport)
    return LogData(
        False, found.owner, _slices((how, str(event.id), _message(event.message)) for event in found.logEvents)
    )


def of_spill(records: Sequence[SpilledRecord]) -> Iterator[Slice]:
    """Records that come back."""
    return _slices((_Origin(record.origin, record.transport), record.id, record.raw) for record in records)


def of_records(item: Records) -> Slice:
    """Records of a message."""
    return one_file(item.content, item.origin, item.transport)


def one_file(content: bytes, origin: str, transport: Transport | None = None) -> Slice:
    """One file of its own."""
    file = _file(content, origin, transport or Transport())
    return Slice([file], {file.digest[:16]: transport} if transport else {})


def _slices(records: Iterable[tuple[_Origin, str, bytes]]) -> Iterator[Slice]:
    """Slices of records that are text each.

    Those that are well-formed stand one after the other in a file, so that the position of a record there tells its
    id; any other is a file of its own, for who knows how many records ingestion finds in it.
    """
    slice_, size, count = Slice([], {}), 0, 0
    run: list[tuple[str, bytes]] = []
    of_run: _Origin | None = None
    for how, id_, raw in records:
        if run and (how != of_run or count >= _RECORDS or size >= _BYTES):
            assert of_run is not None
            _add(slice_, b'{"Records":[%b]}' % b",".join(text for _, text in run), of_run, [name for name, _ in run])
            run = []
        if count >= _RECORDS or size >= _BYTES:
            yield slice_
            slice_, size, count = Slice([], {}), 0, 0
        if is_record(raw):
            of_run = how
            run.append((id_, raw.strip()))
        else:
            _add(slice_, raw, how, [id_])
        size += len(raw)
        count += 1
    if run and of_run is not None:
        _add(slice_, b'{"Records":[%b]}' % b",".join(text for _, text in run), of_run, [name for name, _ in run])
    if slice_.files:
        yield slice_


def _add(slice_: Slice, content: bytes, how: _Origin, ids: list[str]) -> None:
    file = _file(content, how.origin, how.transport)
    slice_.files.append(file)
    slice_.transports[file.digest[:16]] = how.transport._replace(ids=ids)


def _file(content: bytes, origin: str, transport: Transport) -> LogFile:
    return LogFile(NO_PATH, hashlib.sha256(content).hexdigest(), origin, delivery_of(transport), content)


def delivery_of(transport: Transport) -> Delivery:
    """What is known of a delivery: an object's by its key, a log group's by its owner."""
    return read_delivery(transport.key) if transport.key else Delivery(transport.owner)


def origin_of_key(key: str) -> str:
    """Where an object lay, as for a file of the same trail."""
    return origin_of(PurePosixPath(key))


def _message(value: msgspec.Raw) -> bytes:
    """The text of a log event; what is no text is taken as it stands."""
    try:
        return _string(value).encode("utf-8", "surrogatepass")
    except DECODE_ERRORS:
        return bytes(value)
