"""What an event takes in an index: our documents beside the shapes that people index CloudTrail in today.

    python -m benchmarks.index_bytes PATH… --to opensearch+http://localhost:9200 [--events 20000]

The same events of the files are written in each shape into an index of its own, which is merged into one segment and
measured; then it is deleted. The shapes:

- **oddtrail**: our documents and template; and the same with requests and responses as texts besides.
- **stock function**: what AWS's own function for CloudWatch Logs subscriptions writes: the record's members at the top
  beside `@message`, into an index without a template. Its mapping grows, and what does not fit it is refused.
- **Elastic's integration**: its names and types, requests and responses as texts and as flat fields; its default drops
  the record, `preserve_original_event` keeps it.
"""

import argparse
import gzip
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec

from features.call.action import ActionCatalogue
from features.normalise.normaliser import Normaliser
from pipeline.datafiles import read_attack_priors, read_iam_actions
from pipeline.documents.capabilities import Capabilities, probe
from pipeline.documents.document import DocumentMaker
from pipeline.documents.fields import EVENT_FIELDS, Field
from pipeline.documents.opened import FREE
from pipeline.documents.template import make_mapping
from pipeline.enrich.networks import NO_NETWORKS
from pipeline.enrich.places import Places
from pipeline.ingest.rows import Rows, Span
from pipeline.search.bulk import BulkWriter, Document
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url

_NOW = datetime.now(UTC)
_TOGETHER = 4_096
_SETTINGS = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "60s", "codec": "best_compression"}
"""The same for all: what is compared is the shape."""
_OF_SEED = ("@id", "@timestamp", "@message", "@owner", "@log_group", "@log_stream")
_NOT_ELASTICS = ("oddtrail", "geoInfo", "@id", "@message", "@owner")
Body = dict[str, Any]


class Shape(NamedTuple):
    """A way to write events."""

    name: str
    mapping: Body | None
    """None lets the engine guess."""
    make: Callable[[Body], Body]
    """Makes its document of ours, which has requests as texts too."""


class Measured(NamedTuple):
    """What came of a shape."""

    name: str
    indexed: int
    refused: int
    json_bytes: float
    """Of a document, before it is compressed."""
    index_bytes: float
    """Of an event in the index."""
    fields: int
    """In the mapping at the end."""


def read_records(paths: list[Path], most: int) -> list[msgspec.Raw]:
    """The first records of some files or folders."""
    decode = msgspec.json.Decoder(dict[str, list[msgspec.Raw]]).decode
    files = sorted(file for path in paths for file in (path.rglob("*.json*") if path.is_dir() else [path]))
    records: list[msgspec.Raw] = []
    for file in files:
        content = file.read_bytes()
        found = decode(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content)
        records += found.get("Records", [])
        if len(records) >= most:
            break
    return records[:most]


def make_documents(records: list[msgspec.Raw], *, writes_texts: bool) -> Iterator[Document]:
    """Our documents of some records."""
    normaliser = Normaliser(ActionCatalogue(read_iam_actions(), read_attack_priors()))
    maker, places = DocumentMaker(writes_texts=writes_texts), Places(None, NO_NETWORKS)
    for start in range(0, len(records), _TOGETHER):
        made = normaliser.normalise(records[start : start + _TOGETHER], delivered_at=None, now=_NOW)
        yield from maker.make(Rows(made, [Span("benchmark", "", 0, None, 0)], places), {}, _NOW)


def shapes(capabilities: Capabilities) -> list[Shape]:
    """The shapes to compare."""
    ours = make_mapping(EVENT_FIELDS, capabilities)
    elastic = make_mapping(_elastic_fields(), capabilities)
    return [
        Shape("oddtrail", ours, _without_texts),
        Shape("oddtrail, with texts", ours, lambda body: body),
        Shape("stock function", None, _as_stock),
        Shape("Elastic's integration", elastic, _as_elastic),
        Shape("Elastic's integration, record kept", elastic, lambda body: _as_elastic(body, keeps=True)),
    ]


def _elastic_fields() -> Iterator[Field]:
    for field in EVENT_FIELDS:
        if field.name == "aws.cloudtrail.flattened":
            yield from (Field(f"{field.name}.{part}", "flat", "") for part in FREE.values())
        elif field.name.startswith(
            ("event.", "ecs.", "cloud.", "source.", "user", "group", "tls", "error", "aws", "related")
        ):
            yield field
    yield from (Field("@timestamp", "date", ""), Field("event.original", "kept", ""))


def _without_texts(body: Body) -> Body:
    trail = {name: value for name, value in body["aws"]["cloudtrail"].items() if name not in FREE.values()}
    return body | {"aws": body["aws"] | {"cloudtrail": trail}}


def _as_stock(body: Body) -> Body:
    record = msgspec.json.decode(body["@message"])
    return record | {name: body[name] for name in _OF_SEED if name in body}


def _as_elastic(body: Body, *, keeps: bool = False) -> Body:
    kept = {name: value for name, value in body.items() if name not in _NOT_ELASTICS}
    return kept | {"event": body["event"] | {"original": body["@message"]}} if keeps else kept


def measure(engine: Engine, shape: Shape, bodies: list[tuple[str, Body]]) -> Measured:
    """Write events in a shape, and see what they take."""
    index = f"benchmark-{uuid4().hex[:12]}"
    body: Body = {"settings": {"index": _SETTINGS}}
    _must(engine, "PUT", f"/{index}", body | ({"mappings": shape.mapping} if shape.mapping else {}))
    documents = [Document(index, identity, msgspec.json.encode(shape.make(body)), b"") for identity, body in bodies]
    sent = BulkWriter(engine, lambda document, reason: None, Deadline(1_800)).write(documents)
    _must(engine, "POST", f"/{index}/_flush")
    _must(engine, "POST", f"/{index}/_forcemerge", params={"max_num_segments": "1"}, timeout=1_800)
    _must(engine, "POST", f"/{index}/_refresh")
    stored = _must(engine, "GET", f"/{index}/_stats/store")["_all"]["primaries"]["store"]["size_in_bytes"]
    mapping = _must(engine, "GET", f"/{index}/_mapping")[index]["mappings"].get("properties", {})
    _must(engine, "DELETE", f"/{index}")
    lengths = [len(document.body) for document in documents]
    refused = len(sent.dead) + len(sent.left)
    return Measured(
        shape.name, sent.indexed, refused, sum(lengths) / len(lengths), stored / max(sent.indexed, 1), _count(mapping)
    )


def _must(engine: Engine, method: str, path: str, body: Body | None = None, **named: Any) -> Any:
    answer = engine.ask(method, path, body, **named)
    if answer.status not in (200, 201):
        raise SystemExit(f"{method} {path}: {answer.status} {' '.join(answer.error)}")
    return answer.body


def _count(properties: Mapping[str, Any]) -> int:
    """Fields of a mapping, those of objects and texts beside keywords too, as engines count them."""
    return sum(1 + _count(body.get("properties", {})) + _count(body.get("fields", {})) for body in properties.values())


def main() -> None:
    """Measure each shape, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--to", required=True)
    parser.add_argument("--events", type=int, default=20_000)
    given = parser.parse_args()
    engine = Engine(parse_url(given.to))
    capabilities = probe(engine)
    records = read_records(given.paths, given.events)
    made = make_documents(records, writes_texts=True)
    bodies = [(document.id, msgspec.json.decode(document.body)) for document in made]
    size = sum(len(bytes(each)) for each in records) / len(records)
    print(f"{len(bodies):,} events, {size:,.0f} bytes each; {capabilities}")
    print("| shape | bytes of a document | bytes of an event in the index | fields | refused |")
    print("|---|---|---|---|---|")
    for shape in shapes(capabilities):
        found = measure(engine, shape, bodies)
        sizes = f"{found.json_bytes:,.0f} | {found.index_bytes:,.0f} | {found.fields:,} | {found.refused:,}"
        print(f"| {found.name} | {sizes} |", flush=True)


if __name__ == "__main__":
    main()
