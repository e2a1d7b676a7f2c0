"""Documents made of records as the door makes them: by the real normaliser, with the real catalogue of actions."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from features.call.action import ActionCatalogue
from features.normalise.normaliser import Normaliser
from pipeline.datafiles import read_attack_priors, read_iam_actions
from pipeline.documents.document import DocumentMaker, Transport
from pipeline.enrich.networks import NO_NETWORKS
from pipeline.enrich.places import NameOf, PlaceOf, Places
from pipeline.ingest.rows import Rows, Span
from pipeline.search.bulk import Document

NOW = datetime(2026, 3, 3, tzinfo=UTC)
_NORMALISER = Normaliser(ActionCatalogue(read_iam_actions(), read_attack_priors()))


def documents(
    *records: Mapping[str, Any] | bytes,
    maker: DocumentMaker | None = None,
    geo: PlaceOf | None = None,
    networks: NameOf = NO_NETWORKS,
    transport: Transport | None = None,
    delivered_at: datetime | None = None,
    now: datetime = NOW,
) -> list[Document]:
    """Documents of records, given as objects or as the bytes they were delivered as."""
    raws = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    made = _NORMALISER.normalise(raws, delivered_at=delivered_at, now=now)
    assert not made.set_aside, made.set_aside
    rows = Rows(made, [Span("f1", "o", 0, delivered_at, 0)], Places(geo, networks))
    return list((maker or DocumentMaker()).make(rows, {"f1": transport} if transport else {}, now))


def body(record: Mapping[str, Any] | bytes, **named: Any) -> dict[str, Any]:
    """The one document of a record, decoded."""
    (document,) = documents(record, **named)
    found: dict[str, Any] = json.loads(document.body)
    return found


def at(document: Mapping[str, Any], path: str) -> Any:
    """What stands at a path in a document; None for nothing.

    >>> at({"a": {"b": 1}}, "a.b"), at({"a": 1}, "a.b")
    (1, None)
    """
    found: Any = document
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
