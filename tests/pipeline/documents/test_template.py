"""Index templates: taken by every engine, the same number of fields whatever comes, and no document lost to a type."""

import json
from pathlib import Path

import pytest

from pipeline.documents.alert_fields import ALERT_FIELDS, OURS
from pipeline.documents.capabilities import Capabilities, probe
from pipeline.documents.document import DocumentMaker, Naming, repair
from pipeline.documents.fields import EVENT_FIELDS
from pipeline.documents.setup import set_up
from pipeline.documents.template import make_alert_mapping, make_mapping, make_templates
from pipeline.search.bulk import BulkWriter
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from tests.pipeline.documents.making import at, documents
from tests.pipeline.documents.test_document import HOSTILE, hostile
from tests.pipeline.documents.test_trail import CONSOLE
from tests.pipeline.ingest.records import a_record

ROOT = Path(__file__).parents[3]

EVERY_TYPE = (None, True, "text", 7, 2.5, {}, {"a": {"b": 1}}, [], [1, "a"], [{"a": 1}, {"a": "x"}], "2026-03-02", "")


def index(server, prefix, records):
    """Index records, and tell what was sent and what is there."""
    engine, naming = Engine(parse_url(server.url)), Naming(prefix)
    set_up(engine, naming)
    made = documents(*records, maker=DocumentMaker(naming))
    sent = BulkWriter(engine, repair, Deadline(120)).write(made)
    assert (sent.indexed, sent.dead, sent.left) == (len(made), [], []), sent.problem
    return sent, {hit["_id"]: hit["_source"] for hit in server.documents(f"{prefix}-*")}, made


def names(properties, above=""):
    for name, body in properties.items():
        yield from names(body["properties"], f"{above}{name}.") if "properties" in body else [f"{above}{name}"]


def test_hostile_records_are_all_indexed_on_every_engine(server, prefix):
    sent, there, made = index(server, prefix, map(hostile, HOSTILE))
    assert sent.repaired == 0
    assert set(there) == {document.id for document in made}
    for document in made:
        assert there[document.id]["@message"] == json.loads(document.body)["@message"]


def test_a_free_form_field_may_be_of_any_type_and_no_field_is_ever_added(server, prefix):
    records = [a_record(requestParameters={"role": value, "n": {"role": value}}) for value in EVERY_TYPE]
    records += [a_record(requestParameters=value, responseElements=value) for value in EVERY_TYPE]
    records += [a_record(requestParameters={f"new{batch}.{n}": n for n in range(600)}) for batch in range(3)]
    sent, there, made = index(server, prefix, records)
    assert sent.repaired == 0
    assert len(there) == len(made)
    (mapping,) = server.ask("GET", f"/{prefix}-2026.03.02/_mapping").values()
    assert sorted(names(mapping["mappings"]["properties"])) == sorted(field.name for field in EVENT_FIELDS)


def test_a_known_field_may_be_of_any_type_without_losing_its_document(server, prefix):
    odd = [{name: value} for name in CONSOLE for value in EVERY_TYPE if name not in NEEDED]
    _, there, made = index(server, prefix, [CONSOLE | each | {"eventID": None} for each in odd])
    assert set(there) == {document.id for document in made}


NEEDED = ("eventTime", "eventName", "eventSource", "eventCategory", "eventType", "eventID", "userIdentity")
"""Fields that have to be what they are for a record to be an event."""


def test_nothing_in_a_template_but_its_flat_field_depends_on_the_engine():
    engines = [
        Capabilities("opensearch", (1, 3)),
        Capabilities("opensearch", (3, 8)),
        Capabilities("elasticsearch", (9, 2)),
    ]
    old, new, elastic = (make_mapping(EVENT_FIELDS, each) for each in engines)
    flat = [
        each["properties"]["aws"]["properties"]["cloudtrail"]["properties"].pop("flattened")
        for each in (old, new, elastic)
    ]
    assert flat == [
        {"type": "object", "enabled": False}, {"type": "flat_object"}, {"type": "flattened", "ignore_above": 8191},
    ]  # fmt: skip
    assert old == new == elastic


def test_every_part_of_a_document_has_a_field_or_is_flat():
    known = {field.name for field in EVENT_FIELDS}
    for record in (CONSOLE, a_record(errorCode="AccessDenied", errorMessage="x"), *map(hostile, HOSTILE)):
        (document,) = documents(record)
        for path in leaves(json.loads(document.body)):
            assert path in known or path.startswith("aws.cloudtrail.flattened."), path


def leaves(value, above=""):
    for name, inner in value.items():
        path = f"{above}{name}"
        if isinstance(inner, dict) and path not in ("source.geo.location", "aws.cloudtrail.flattened"):
            yield from leaves(inner, f"{path}.")
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            for each in inner:
                yield from leaves(each, f"{path}.")
        else:
            yield path if path != "aws.cloudtrail.flattened" else f"{path}."


def test_no_field_is_named_twice():
    for fields in (EVENT_FIELDS, ALERT_FIELDS):
        listed = [field.name for field in fields]
        assert len(listed) == len(set(listed))
        leaves = [field.name for field in fields if field.type not in ("nested", "user")]
        assert not [one for one in leaves for other in listed if other.startswith(f"{one}.")]


def test_ours_of_the_alerts_fields_are_those_of_the_published_schema():
    schema = json.loads((ROOT / "docs/alert.schema.json").read_text())["$defs"]

    def walk(part, above):
        for name, body in schema[part]["properties"].items():
            path = f"oddtrail.{name}" if not above and name in ("model_id", "related", "influencers") else above + name
            either = [body.get("items", {}), *body.get("anyOf", [])]
            inner = "".join(each.get("$ref", "") for each in either).rpartition("/")[2]
            yield from walk(inner, f"{path}.") if inner else [(path, body)]

    wanted = dict(walk("Alert", ""))
    assert [field.name for field in OURS] == list(wanted)
    times = {name for name, body in wanted.items() if '"date' in json.dumps(body)}
    nullable = {"reasons.hour", "sessions.started", "story.until"}  # of these the schema says only that they are texts
    assert {field.name for field in OURS if field.type == "date"} == times | nullable


SHIPPED = json.loads(Path(__file__).with_name("anomaly_results_7.json").read_text())
"""The results mapping of OpenSearch's anomaly detection 3.6, as a cluster gave it back."""


def contains(ours, theirs):
    """Whether all that a mapping says is said by another, as the plugin compares them."""
    if isinstance(theirs, dict):
        return isinstance(ours, dict) and all(name in ours and contains(ours[name], theirs[name]) for name in theirs)
    return ours == theirs


def test_on_opensearch_the_mapping_takes_in_the_whole_of_the_shipped_one():
    mapping = make_alert_mapping(Capabilities("opensearch", (3, 8)))
    assert contains(mapping["properties"], SHIPPED["properties"])
    assert mapping["_meta"]["schema_version"] == SHIPPED["_meta"]["schema_version"]
    assert not contains({"entity": {"type": "object"}}, {"entity": {"type": "nested"}})


def test_on_elasticsearch_a_user_is_no_nested_object():
    properties = make_alert_mapping(Capabilities("elasticsearch", (9, 2)))["properties"]
    assert properties["user"]["properties"]["name"] == {"type": "keyword", "ignore_above": 1024}
    assert "type" not in properties["user"]
    assert properties["@timestamp"] == {"type": "alias", "path": "timestamp"}


def test_templates_say_whose_they_are():
    for template in make_templates(Capabilities("opensearch", (3, 8)), Naming("t")):
        assert (
            template.body["_meta"]["made_by"] == template.body["template"]["mappings"]["_meta"]["made_by"] == "oddtrail"
        )
        assert at(template.body, "template.mappings.dynamic") == "false"


@pytest.mark.parametrize("lifecycle", [None, "keep"])
def test_a_policy_is_told_by_indices_of_events_alone(lifecycle):
    events, *others = make_templates(Capabilities("elasticsearch", (8, 1)), Naming("t"), lifecycle)
    assert at(events.body, "template.settings.index.lifecycle") == ({"name": "keep"} if lifecycle else None)
    for other in others:
        assert at(other.body, "template.settings.index.lifecycle") is None


def test_the_probe_decides_on_every_engine(server, prefix):
    capabilities = probe(Engine(parse_url(server.url)))
    kind = {"opensearch": "flat_object", "elasticsearch": "flattened"}[server.kind.product]
    assert capabilities.flat_type == kind
