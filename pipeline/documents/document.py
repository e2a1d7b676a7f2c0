"""Documents of events for a search engine: one an event, under the names that people's dashboards, rules and jobs know.

Beside the seed's own fields (`@id @timestamp @message @owner @log_group @log_stream geoInfo`) stand ECS's, those of
Elastic's CloudTrail integration (`aws.cloudtrail.*`), and ours under `oddtrail.*`, which are the columns of
`features.normalise.event`. `docs/documents.md` lists them all.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from features.normalise.memo import Memo
from features.normalise.normalised import USUAL_DELAY
from features.record.repair import DECODE_ERRORS
from features.times.instant import DAY, micros
from pipeline.documents.call import remember_calls
from pipeline.documents.caller import Caller, CallerKey, Callers, GeoInfo
from pipeline.documents.members import LONGEST_TEXT, end, join, nest, write, write_members, write_time
from pipeline.documents.opened import FREE, Opened, Opener
from pipeline.documents.redact import hide, hide_in_text
from pipeline.documents.trail import NO_TARGET, Target, TrailWriter
from pipeline.ingest.rows import Rows, Span
from pipeline.search.bulk import Document

ECS_VERSION: Final = "8.11.0"
QUARANTINE: Final = "quarantine"
"""Last part of the name of the index for events whose time cannot be believed."""
LONGEST_MESSAGE: Final = 524_288
"""Bytes of a record that are kept beside what was made of it; CloudTrail's own limit is 256 KB for a log event."""
_ECS: Final = write_members({"ecs": {"version": ECS_VERSION}})
_USUAL: Final[dict[str, Any]] = {}
"""What most rows have in rare columns: nothing."""
_APART: Final = frozenset({"error_code", "error_message", "flags", "shared_event_id"})
"""Rare columns that do not stand under `oddtrail.` as they are."""


class Transport(NamedTuple):
    """How records came, as far as it is known."""

    owner: str = ""
    """Account of the log group."""
    log_group: str = ""
    log_stream: str = ""
    ids: Sequence[str] = ()
    """CloudWatch's ids of the records, by position."""
    bucket: str = ""
    key: str = ""


class Naming(NamedTuple):
    """Which index an event belongs in."""

    prefix: str = "cloudtrail"
    retention: timedelta = timedelta(days=400)
    """Events older than this go to quarantine, so that no time that somebody made up opens an index."""


_NO_TRANSPORT: Final = Transport()
_NAMING: Final = Naming()


class DocumentMaker:
    """Makes documents of rows.

    Parameters
    ----------
    naming
        Names of indices.
    geo_info
        See `pipeline.documents.caller.GeoInfo`.
    writes_texts
        Also write requests and responses as Elastic's integration does, as one text each, for rules that read them so.
    """

    def __init__(
        self, naming: Naming = _NAMING, geo_info: GeoInfo = lambda address: None, *, writes_texts: bool = False
    ) -> None:  # fmt: skip
        self._naming = naming
        self._opener = Opener()
        self._callers = Callers(geo_info, self._opener.suspicion)
        self._calls = remember_calls()
        self._trail = TrailWriter(writes_texts=writes_texts)
        self._indices: Memo[int, tuple[str, str]] = Memo(self._name_indices, 4_096)

    @property
    def writes_texts(self) -> bool:
        """See above; it may be changed once it is known what the engine's template needs."""
        return self._trail.writes_texts

    @writes_texts.setter
    def writes_texts(self, writes: bool) -> None:
        self._trail.writes_texts = writes

    def make(self, rows: Rows, transports: Mapping[str, Transport], now: datetime) -> Iterator[Document]:
        """Make a document of each row, as it is asked for: those of all rows would be many times the rows.

        Parameters
        ----------
        transports
            How the records came, by `file`.
        now
            When they are indexed.
        """
        batch, own = _Batch(rows, transports, now), rows.made.own
        callers, indices = self._callers.known(rows.places), self._indices
        first = micros(now - self._naming.retention)
        columns = zip(
            rows.made.callers, rows.made.calls, map(batch.delivery, own["position"]), own["position"],
            map(bytes, own["raw"]), own["event_id"], own["event_time"], own["resources"], batch.rare(), strict=True,
        )  # fmt: skip
        for values in columns:
            row = _Row(*values)
            day, apart = indices[row.event_time // DAY]
            if row.event_time < first or "future" in row.rare.get("flags", ()):
                day, apart = apart, day  # its time is not believed
            yield Document(day, row.event_id, self._make(row, callers, batch.ingested), row.raw, 0, apart)

    def _name_indices(self, day: int) -> tuple[str, str]:
        """The index of a day since 1970, and that of quarantine.

        An event is in the one or the other: what is before the first time that is believed, or ahead of the clock, goes
        to quarantine. It names the other, in which it is when it was sent by another clock or another retention.
        """
        date = write_time(day * DAY)[:10].replace("-", ".")
        return f"{self._naming.prefix}-{date}", f"{self._naming.prefix}-{QUARANTINE}"

    def _make(self, row: "_Row", callers: Memo[CallerKey, Caller], ingested: bytes) -> bytes:
        """The document of a row."""
        opened = self._opener.open(row.raw)
        try:
            caller = callers[bytes(opened.fields.user_identity), row.caller]
            if opened.clean and not caller.clean:
                opened = self._opener.look_through(opened)
            return self._write(row, opened, caller, ingested)
        except DECODE_ERRORS:  # in a part that opening passes over
            opened = self._opener.open_leniently(row.raw)
            return self._write(row, opened, callers[bytes(opened.fields.user_identity), row.caller], ingested)

    def _write(self, row: "_Row", opened: Opened, caller: Caller, ingested: bytes) -> bytes:
        call = self._calls[row.call, bytes(opened.fields.event_source), bytes(opened.fields.event_name)]
        trail, delivery, rare = self._trail.write(opened), row.delivery, row.rare
        at, event_id = row.record - delivery.first, write(row.event_id)
        message = opened.text[:LONGEST_MESSAGE]
        pieces = (
            b'{"@timestamp":"', write_time(row.event_time).encode(),
            b'","@id":', write(delivery.ids[at]) if at < len(delivery.ids) else event_id,
            b',"@owner":', delivery.owner or write(call.account), b",", delivery.group,
            b'"event":{"id":', event_id, b",", call.event,
            b',"outcome":"', b"failure" if "error" in rare else b"success",
            b'","created":"', write_time(delivery.at or row.event_time + USUAL_DELAY).encode(),
            b'","ingested":"', ingested, b'"},', _ECS, b",", call.document, b",", caller.document,
            _write_people(caller, trail.target), trail.target.document, trail.document,
            _write_error(rare) if rare else b"", delivery.write_aws(trail.cloudtrail, caller.identity),
            b'"oddtrail":{', caller.ours, call.ours, b",", delivery.ours, b'"position":%d' % at,
            _describe(row, opened, message, trail.unsearchable),
            b'},"@message":', write(message.decode("utf-8", "replace")), b"}",
        )  # fmt: skip
        return b"".join(pieces)


class _Delivery(NamedTuple):
    """A file's records, and how they came."""

    first: int
    """Index of the record that would be the file's first, among all."""
    at: int | None
    """When it was delivered, as its name says."""
    ids: Sequence[str]
    owner: bytes
    """As JSON; empty where the transport does not tell."""
    group: bytes
    """Members that tell the log group, each with a comma after it."""
    object: bytes
    """The member of `aws` that tells the object."""
    ours: bytes
    """The member of `oddtrail` that tells the file, with a comma after it."""

    def write_aws(self, trail: bytes, identity: bytes) -> bytes:
        """`aws` with a comma after it, where it says something."""
        if trail and identity and not self.object:
            return b'"aws":{"cloudtrail":{%b,%b}},' % (trail, identity)
        return end(nest(b"aws", join(nest(b"cloudtrail", join(trail, identity)), self.object)))

    @classmethod
    def of(cls, span: Span, transport: Transport) -> "_Delivery":
        where = {"bucket": {"name": transport.bucket}, "object": {"key": transport.key}} if transport.key else {}
        group = write_members({"@log_group": transport.log_group, "@log_stream": transport.log_stream})
        file = write_members({"file": span.file})
        return cls(
            span.start - span.position,
            None if span.delivered_at is None else micros(span.delivered_at),
            transport.ids,
            write(transport.owner) if transport.owner else b"",
            end(group),
            nest(b"s3", write_members(where)),
            end(file),
        )


class _Row(msgspec.Struct, gc=False):
    """A row: the shared values of its caller and call, and what it has for itself."""

    caller: tuple[Any, ...]
    call: tuple[Any, ...]
    delivery: _Delivery
    record: int
    """Index of its record among all."""
    raw: bytes
    event_id: str
    event_time: int
    resources: tuple[str, ...]
    rare: dict[str, Any]
    """Values of the rare columns in which it holds something else than most."""


class _Batch:
    """What the rows of one call of `make` share."""

    def __init__(self, rows: Rows, transports: Mapping[str, Transport], now: datetime) -> None:
        self.ingested = write_time(micros(now)).encode()
        self._made = rows.made
        self._starts = [span.start for span in rows.spans]
        self._deliveries = [_Delivery.of(span, transports.get(span.file, _NO_TRANSPORT)) for span in rows.spans]

    def delivery(self, record: int) -> _Delivery:
        """The delivery of a record."""
        return self._deliveries[bisect_right(self._starts, record) - 1]

    def rare(self) -> list[dict[str, Any]]:
        """What few rows have, for each row."""
        found: dict[int, dict[str, Any]] = {}
        for columns in self._made.rare:
            for row, values in columns.rows.items():
                found.setdefault(row, {}).update(zip(columns.names, values, strict=True))
        return [found.get(row, _USUAL) for row in range(len(self._made))]


def _describe(row: _Row, opened: Opened, message: bytes, unsearchable: bool) -> bytes:
    """What few rows have under `oddtrail.`, after a comma; most have resources at most."""
    is_cut = len(message) < len(opened.text)
    if opened.clean and not (row.rare or unsearchable or is_cut):
        return b',"resources":%b' % write(row.resources) if row.resources else b""
    ours: dict[str, Any] = {"resources": list(row.resources)}
    ours |= {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in row.rare.items()
        if name not in _APART
    }
    flags = [*row.rare.get("flags", ())]
    if unsearchable:
        flags.append("unsearchable")
    if is_cut:
        flags.append("message_cut")
    ours["flags"] = flags
    described = write_members(ours if opened.clean else hide(ours))
    return b"," + described if described else b""


def _write_people(caller: Caller, target: Target) -> bytes:
    """ECS's `user` and `related`, with a comma after them: who called, and whom it is about."""
    if target is NO_TARGET:
        return caller.people
    users = dict.fromkeys((*caller.users, *target.users))
    related = {name: value for name, value in (("user", [*users]), ("ip", [*caller.ips])) if value}
    return end(write_members({"user": caller.user | target.user, "related": related}))


def _write_error(rare: Mapping[str, Any]) -> bytes:
    """ECS's `error`, with a comma after it."""
    if "error" not in rare:
        return b""
    message = hide_in_text(rare["error_message"] or "")
    return end(nest(b"error", write_members({"code": rare["error_code"], "message": message})))


def is_quarantine(index_name: str) -> bool:
    """Whether an index is the one for events whose time cannot be believed.

    >>> is_quarantine("cloudtrail-quarantine"), is_quarantine("cloudtrail-2026.03.01")
    (True, False)
    """
    return index_name.endswith(f"-{QUARANTINE}")


def repair(document: Document, reason: str) -> Document | None:
    """Make a document that an engine refused acceptable: first without free-form objects, then with its record alone.

    What is left out is still in `@message`; `oddtrail.flags` says what happened.
    """
    body = msgspec.json.decode(document.body)
    if document.repairs == 0:
        trail = body.get("aws", {}).get("cloudtrail", {})
        for name in ("flattened", *FREE.values(), "resources"):
            trail.pop(name, None)
    elif document.repairs == 1:
        kept = ("@timestamp", "@id", "@owner", "@message")
        event = {name: body["event"][name] for name in ("id", "kind", "dataset", "ingested")}
        body = {name: body[name] for name in kept} | {"event": event, "oddtrail": {}}
        if len(body["@message"]) > LONGEST_TEXT:
            body["@message"] = body["@message"][:LONGEST_TEXT]
            body["oddtrail"]["flags"] = ["message_cut"]
    else:
        return None
    ours = body.setdefault("oddtrail", {})
    ours["flags"] = [*dict.fromkeys([*ours.get("flags", []), "refused"])]
    return document._replace(body=write(body), repairs=document.repairs + 1)
