"""Documents of events for a search engine: one an event, under the names that people's dashboards, rules and jobs know.

Beside the seed's own fields (`@id @timestamp @message @owner @log_group @log_stream geoInfo`) stand ECS's, those of
Elastic's CloudTrail integration (`aws.cloudtrail.*`), and ours under `oddtrail.*`, which are the columns of
`features.normalise.event`. `docs/documents.md` lists them all.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from features.call.address import parse_address
from features.times.instant import micros
from pipeline.documents.category import categorize
from pipeline.documents.flat import flatten, write_as_elastic
from pipeline.documents.redact import may_hold_secret, redact
from pipeline.ingest.rows import Rows
from pipeline.search.bulk import Document

ECS_VERSION: Final = "8.11.0"
QUARANTINE: Final = "quarantine"
"""Last part of the name of the index for events whose time cannot be believed."""
LONGEST_MESSAGE: Final = 524_288
"""Bytes of a record that are kept beside what was made of it; CloudTrail's own limit is 256 KB for a log event."""
LONGEST_TEXT: Final = 8_191
_MOST_RESOURCES: Final = 100
_FREE: Final = (
    ("requestParameters", "request_parameters"),
    ("responseElements", "response_elements"),
    ("additionalEventData", "additional_eventdata"),
    ("serviceEventDetails", "service_event_details"),
)
"""Free-form fields, and what Elastic calls them."""
_PLAIN: Final = (
    ("eventVersion", "event_version"), ("requestID", "request_id"), ("eventType", "event_type"),
    ("apiVersion", "api_version"), ("recipientAccountId", "recipient_account_id"),
    ("sharedEventID", "shared_event_id"), ("vpcEndpointId", "vpc_endpoint_id"),
    ("eventCategory", "event_category"), ("errorCode", "error_code"), ("errorMessage", "error_message"),
)  # fmt: skip
"""Text fields of a record, and what Elastic calls them."""

GeoInfo: TypeAlias = Callable[[str], Mapping[str, Any] | None]
"""The record of an address in the shape of a GeoLite2 City record; None where nothing is known."""


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
_encode = msgspec.json.encode
_decode = msgspec.json.Decoder().decode


_NAMING: Final = Naming()


class DocumentMaker:
    """Makes documents of rows.

    Parameters
    ----------
    naming
        Names of indices.
    geo_info
        See `GeoInfo`.
    writes_texts
        Also write requests and responses as Elastic's integration does, as one text each, for rules that read them so.
    """

    def __init__(
        self, naming: Naming = _NAMING, geo_info: GeoInfo = lambda address: None, *, writes_texts: bool = False
    ) -> None:  # fmt: skip
        self._naming = naming
        self._geo_info = geo_info
        self._writes_texts = writes_texts
        self._first = 0

    def make(self, rows: Rows, transports: Mapping[str, Transport], now: datetime) -> list[Document]:
        """Make a document of each row.

        Parameters
        ----------
        transports
            How the records came, by `file`.
        now
            When they are indexed.
        """
        columns = rows.columns()
        names = list(columns)
        self._first = micros(now - self._naming.retention)
        ingested = _write_time(micros(now))
        return [
            self._make(dict(zip(names, values, strict=True)), transports, ingested)
            for values in zip(*columns.values(), strict=True)
        ]

    def _make(self, row: dict[str, Any], transports: Mapping[str, Transport], ingested: str) -> Document:
        raw: bytes = row["raw"]
        flags = list(row["flags"])
        record, raw = _open(raw)
        body = self._body(row, record, flags, transports.get(row["file"], _NO_TRANSPORT), ingested)
        body["@message"] = _message(raw, flags)
        if flags:
            body["oddtrail"]["flags"] = flags
        return Document(self._index(row), row["event_id"], _write(body), row["raw"])

    def _index(self, row: Mapping[str, Any]) -> str:
        if row["event_time"] < self._first or "future" in row["flags"]:
            return f"{self._naming.prefix}-{QUARANTINE}"
        return f"{self._naming.prefix}-{_write_day(row['event_time'] // 86_400_000_000)}"

    def _body(
        self, row: dict[str, Any], record: dict[str, Any], flags: list[str], transport: Transport, ingested: str
    ) -> dict[str, Any]:
        position, time = row["position"], _write_time(row["event_time"])
        category = categorize(row["action"], row["level"])
        failed = bool(row["error"])
        event = {
            "id": row["event_id"], "kind": "event", "module": "aws", "dataset": "aws.cloudtrail",
            "provider": record.get("eventSource") or f"{row['service']}.amazonaws.com",
            "action": record.get("eventName") or row["action"].partition(":")[2],
            "category": category.category, "type": category.type, "outcome": "failure" if failed else "success",
            "created": _write_time(row["delivered_at"]), "ingested": ingested,
        }  # fmt: skip
        body: dict[str, Any] = {
            "@timestamp": time,
            "@id": transport.ids[position] if position < len(transport.ids) else row["event_id"],
            "@owner": transport.owner or row["account"],
            "event": event,
            "ecs": {"version": ECS_VERSION},
            "cloud": _kept(provider="aws", region=row["region"], account=_kept(id=row["account"])),
            "user": _user(row, record),
            "aws": {"cloudtrail": self._trail(record, flags)},
            "oddtrail": _ours(row),
        }
        if transport.log_group:
            body["@log_group"], body["@log_stream"] = transport.log_group, transport.log_stream
        if transport.key:
            body["aws"]["s3"] = {"bucket": {"name": transport.bucket}, "object": {"key": transport.key}}
        if failed:
            body["error"] = _kept(code=row["error_code"], message=row["error_message"])
        if row["user_agent"]:
            body["user_agent"] = {"original": row["user_agent"], "name": row["agent"]}
        self._add_source(body, row)
        _add_related(body)
        return body

    def _add_source(self, body: dict[str, Any], row: Mapping[str, Any]) -> None:
        """Where the call came from."""
        address = row["address"]
        if not address:
            return
        source: dict[str, Any] = {"address": address}
        ip = parse_address(address).ip if row["address_kind"] in ("public", "private", "vpc_endpoint") else ""
        if ip:
            source["ip"] = ip
            found = self._geo_info(ip) if row["address_kind"] == "public" else None
            if found:
                body["geoInfo"] = found
        if row["country"] or row["city"]:
            source["geo"] = _kept(country_iso_code=row["country"], city_name=row["city"])
            if row["latitude"] is not None and row["longitude"] is not None:
                source["geo"]["location"] = {"lat": row["latitude"], "lon": row["longitude"]}
        if row["asn"]:
            source["as"] = {"number": row["asn"], "organization": {"name": row["organisation"]}}
        body["source"] = source

    def _trail(self, record: dict[str, Any], flags: list[str]) -> dict[str, Any]:
        """`aws.cloudtrail.*`, as Elastic's integration names and shapes it."""
        trail: dict[str, Any] = {}
        for name, shown in _PLAIN:
            value = record.get(name)
            if value is not None and value != "":
                trail[shown] = _bounded(value)
        for name, shown in (("readOnly", "read_only"), ("managementEvent", "management_event")):
            value = record.get(name)
            if isinstance(value, bool):
                trail[shown] = value
        identity = record.get("userIdentity")
        if isinstance(identity, dict):
            trail["user_identity"] = _identity(identity)
        resources = record.get("resources")
        if isinstance(resources, list):
            trail["resources"] = [_resource(each) for each in resources[:_MOST_RESOURCES] if isinstance(each, dict)]
        flat = {}
        for name, shown in _FREE:
            value = record.get(name)
            if value is None:
                continue
            found = flatten(value)
            if found.cut and "unsearchable" not in flags:
                flags.append("unsearchable")
            if found.value is not None:
                flat[shown] = found.value
            if self._writes_texts and value:
                text = write_as_elastic(value)
                if len(text) <= LONGEST_TEXT:
                    trail[shown] = text
        if flat:
            trail["flattened"] = flat
        if record.get("eventName") == "ConsoleLogin" and isinstance(record.get("additionalEventData"), dict):
            trail["console_login"] = {"additional_eventdata": _console(record["additionalEventData"])}
        return trail


def repair(document: Document, reason: str) -> Document | None:
    """Make a document that an engine refused acceptable: first without free-form objects, then with its record alone.

    What is left out is still in `@message`; `oddtrail.flags` says what happened.
    """
    body = _decode(document.body)
    if document.repairs == 0:
        trail = body.get("aws", {}).get("cloudtrail", {})
        for name in ("flattened", *(shown for _, shown in _FREE), "resources"):
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
    return document._replace(body=_write(body), repairs=document.repairs + 1)


def _open(raw: bytes) -> tuple[dict[str, Any], bytes]:
    """The decoded record, and its bytes, both without secrets; a record that no strict decoder takes is empty."""
    try:
        record = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}, redact(raw)
    if not isinstance(record, dict):
        return {}, redact(raw)
    if not _holds_secret(record):
        return record, raw
    clean = redact(raw)
    return _decode(clean), clean


def _holds_secret(record: dict[str, Any]) -> bool:
    """Whether any field of a record may hold a secret."""
    left: list[Any] = [record]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            for name, inner in value.items():
                if isinstance(inner, dict | list):
                    if inner and may_hold_secret(name, None):
                        return True
                    left.append(inner)
                elif inner is not None and may_hold_secret(name, inner):
                    return True
        elif isinstance(value, list):
            for inner in value:
                if isinstance(inner, dict | list):
                    left.append(inner)
                elif isinstance(inner, str) and may_hold_secret("", inner):
                    return True
    return False


def _message(raw: bytes, flags: list[str]) -> str:
    """The record as delivered, bounded."""
    if len(raw) > LONGEST_MESSAGE:
        flags.append("message_cut")
        raw = raw[:LONGEST_MESSAGE]
    return raw.decode("utf-8", "replace")


def _write(body: dict[str, Any]) -> bytes:
    """A document as one line of JSON; half a character, which UTF-8 cannot say, becomes a question mark."""
    try:
        return _encode(body)
    except UnicodeEncodeError:
        return _encode(_whole_characters(body))


def _whole_characters(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_whole_characters(name): _whole_characters(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_whole_characters(inner) for inner in value]
    return value


@lru_cache(65_536)
def _write_time(instant: int) -> str:
    """Microseconds since 1970 as ISO 8601.

    >>> _write_time(1_741_000_000_500_000)
    '2025-03-03T11:06:40.500Z'
    """
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


@lru_cache(4_096)
def _write_day(day: int) -> str:
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day):%Y.%m.%d}"


def _bounded(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT]


def _kept(**values: Any) -> dict[str, Any]:
    """The values that say something."""
    return {name: value for name, value in values.items() if value not in (None, "", (), [], {})}


def _text(holder: Any, name: str) -> str:
    value = holder.get(name) if isinstance(holder, dict) else None
    return _bounded(value) if isinstance(value, str) else ""


def _inner(holder: Any, name: str) -> dict[str, Any]:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else {}


def _user(row: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """ECS `user.*`: the identity that called, as Elastic's integration has it; who is behind it is ours to say."""
    identity = _inner(record, "userIdentity")
    issuer = _inner(_inner(identity, "sessionContext"), "sessionIssuer")
    name = _text(issuer, "userName") or _text(identity, "userName") or row["identity_name"]
    return _kept(id=_text(identity, "principalId"), name=name, entity=_kept(id=row["identity_arn"]))


def _identity(identity: Mapping[str, Any]) -> dict[str, Any]:
    context = _inner(identity, "sessionContext")
    issuer, attributes = _inner(context, "sessionIssuer"), _inner(context, "attributes")
    return _kept(
        type=_text(identity, "type"),
        arn=_text(identity, "arn"),
        access_key_id=_text(identity, "accessKeyId"),
        invoked_by=_text(identity, "invokedBy"),
        session_context=_kept(
            mfa_authenticated=_text(attributes, "mfaAuthenticated"),
            creation_date=_text(attributes, "creationDate"),
            session_issuer=_kept(
                type=_text(issuer, "type"),
                principal_id=_text(issuer, "principalId"),
                arn=_text(issuer, "arn"),
                account_id=_text(issuer, "accountId"),
            ),
        ),
    )


def _resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    return _kept(
        arn=_text(resource, "ARN") or _text(resource, "arn"),
        account_id=_text(resource, "accountId"),
        type=_text(resource, "type"),
    )


def _console(data: Mapping[str, Any]) -> dict[str, Any]:
    said = {"Yes": True, "No": False}
    return _kept(login_to=_text(data, "LoginTo")) | {
        shown: said[data[name]]
        for name, shown in (("MobileVersion", "mobile_version"), ("MFAUsed", "mfa_used"))
        if data.get(name) in ("Yes", "No")
    }


_OURS: Final = (
    "principal", "principal_name", "kind", "rule", "identity", "actor", "session", "session_class", "permission_set",
    "action", "service", "level", "tactic", "error", "address_kind", "prefix", "network", "vpc_endpoint", "agent",
    "resources", "exposures", "facts", "issued_key", "patches", "file", "position",
)  # fmt: skip
"""Columns of an event that stand under `oddtrail.` by their own names."""


def _ours(row: Mapping[str, Any]) -> dict[str, Any]:
    ours = {name: value for name in _OURS if (value := row[name]) not in (None, "", ())}
    ours["write"] = row["write"]
    if row["mfa"] is not None:
        ours["mfa"] = row["mfa"]
    return ours


def _add_related(body: dict[str, Any]) -> None:
    """ECS `related.*`: whatever else an analyst pivots on."""
    user, source = body["user"], body.get("source", {})
    names = dict.fromkeys(filter(None, (user.get("name"), body["oddtrail"].get("principal_name"))))
    related = _kept(user=[*names], ip=[source["ip"]] if "ip" in source else [])
    if related:
        body["related"] = related
