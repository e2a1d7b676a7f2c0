"""Alerts beside native results, with real parts: Elastic's own reader and mapping, OpenSearch's shipped mapping."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.documents.alert_names import ALERTS, ANOMALIES, HISTORY, RESULTS
from pipeline.documents.document import Naming
from pipeline.documents.setup import set_up
from pipeline.publish.outbox import Published, publish
from pipeline.publish.setting import Setting
from pipeline.publish.target import Target
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from pipeline.stores.home import open_store
from tests.builders import a_count, a_reason, an_alert
from tests.pipeline.cli.commands import answer
from tests.pipeline.documents.test_template import SHIPPED, contains
from tests.pipeline.publish.test_document import START, full
from tests.servers.elastic_records import native_mapping, read_records
from tests.servers.engine import ServerError
from tests.servers.fixtures import ONE_PROCESS

pytestmark = ONE_PROCESS
NATIVE = Path(__file__).with_name("native")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
REVISIONS = [
    full(alert_id="a1", principal_name="alice"), an_alert("a2", record_score=70.0, principal_name="bøb 𝄞"),
    full(alert_id="a1", revision=2, record_score=97.5, principal_name="alice"),
    an_alert("a3", day="2026-04-02", reasons=[a_count(dimension="buckets"), a_reason(dimension="country", value="KR")]),
    an_alert("a4", reasons=[], influencers=[], raised=False, severity="low"),
]  # fmt: skip


def ready(server, prefix, tmp_path, home="home"):
    """A server that is set up and told of REVISIONS."""
    engine = Engine(parse_url(server.url))
    set_up(engine, Naming(prefix))
    target = Target(parse_url(server.url), Setting(events=prefix))
    with open_store(tmp_path / home) as store:
        store.alerts.append(REVISIONS)
        told = publish(store, target, NOW, seconds=120)
    assert told == Published(sent=4, revisions=5, left=0), told
    server.ask("POST", f"/{ALERTS},{HISTORY}-*/_refresh")
    return engine


def clean(server, *names):
    for name in names:
        try:
            server.ask("DELETE", f"/{name}")
        except ServerError as error:
            if error.status != 404:
                raise


def search(server, index, query, **more):
    found = server.ask("POST", f"/{index}/_search", {"size": 100, "query": query} | more)["hits"]["hits"]
    return {hit["_id"]: hit["_source"] for hit in found}


CONCRETE = [f"{RESULTS}-2026.03", f"{RESULTS}-2026.04", f"{HISTORY}-2026.03", f"{HISTORY}-2026.04"]
OF_ELASTIC = [f"{ALERTS}-2026.03", f"{ALERTS}-2026.04", *CONCRETE[2:]]
CUSTOM = ".ml-anomalies-custom-calls"


@pytest.fixture
def elastic(elasticsearch, prefix, tmp_path):
    clean(elasticsearch, *OF_ELASTIC, CUSTOM)
    ready(elasticsearch, prefix, tmp_path)
    yield elasticsearch
    clean(elasticsearch, *OF_ELASTIC, CUSTOM)


NATIVE_RECORD = {
    "job_id": "calls", "result_type": "record", "timestamp": 1772442000000, "bucket_span": 900, "detector_index": 0,
    "probability": 0.001, "record_score": 80.5, "initial_record_score": 80.5, "is_interim": False, "function": "rare",
    "partition_field_name": "user.name", "partition_field_value": "alice", "user.name": ["alice"],
}  # fmt: skip


def test_elastics_own_reader_reads_equal_values_and_gives_equal_ids(elastic, tmp_path):
    documents = search(elastic, ALERTS, {"match_all": {}})
    assert set(documents) == {"a1", "a2", "a3", "a4"}
    order = sorted(documents)
    read = read_records(elastic, tmp_path, [documents[name] for name in order])
    for name, (given, record) in zip(order, read, strict=True):
        document = documents[name]
        assert given == document["oddtrail"]["record_id"]
        different = {
            field: (value, document.get(field)) for field, value in record.items() if document.get(field) != value
        }
        assert not different, name
        assert {"timestamp", "bucket_span", "record_score", "typical", "actual", "causes", "influencers"} <= set(record)
    assert documents["a1"]["initial_record_score"] == 91.4
    assert documents["a1"]["record_score"] == 97.5


def test_beside_an_index_with_elastics_own_mapping_one_alias_and_one_query_read_both(elastic, prefix):
    elastic.ask("PUT", f"/{CUSTOM}", {"mappings": native_mapping(elastic)})
    elastic.ask("PUT", f"/{CUSTOM}/_doc/calls_record_1?refresh=true", NATIVE_RECORD)
    set_up(Engine(parse_url(elastic.url)), Naming(prefix))
    asked = {"bool": {"filter": [
        {"term": {"result_type": "record"}}, {"term": {"user.name": "alice"}},
        {"range": {"timestamp": {"gte": "2026-03-02T00:00:00Z", "lt": "2026-03-03T00:00:00Z"}}},
    ]}}  # fmt: skip
    for names in (ANOMALIES, f"{ALERTS},.ml-anomalies-*"):
        assert set(search(elastic, names, asked, sort=[{"record_score": "desc"}])) == {"a1", "calls_record_1"}
    by_time = {"range": {"@timestamp": {"gte": "2026-03-01"}}}  # an alias in both mappings
    assert {"a1", "calls_record_1"} <= set(search(elastic, ANOMALIES, by_time))


def test_elastics_own_mapping_takes_our_documents(elastic):
    elastic.ask("PUT", f"/{CUSTOM}", {"mappings": native_mapping(elastic)})
    for name, document in search(elastic, ALERTS, {"match_all": {}}).items():
        elastic.ask("PUT", f"/{CUSTOM}/_doc/{name}?refresh=true", document)
    with pytest.raises(ServerError, match="alias"):
        elastic.ask("PUT", f"/{CUSTOM}/_doc/x", {"@timestamp": 1})
    assert set(search(elastic, CUSTOM, {"term": {"over_field_value": "alice"}})) == {"a1"}


OTHER = "opensearch-ad-plugin-result-theirs"


@pytest.fixture
def detecting(opensearch, prefix, tmp_path):
    clean(opensearch, *CONCRETE, OTHER)
    ready(opensearch, prefix, tmp_path)
    yield opensearch
    clean(opensearch, *CONCRETE, OTHER)


def native(name):
    return json.loads((NATIVE / f"{name}.json").read_text())


def test_an_index_of_alerts_is_one_of_results_to_opensearch(detecting):
    mappings = detecting.ask("GET", f"/{RESULTS}/_mapping")
    assert set(mappings) == {f"{RESULTS}-2026.03", f"{RESULTS}-2026.04"}
    for body in mappings.values():
        assert contains(body["mappings"]["properties"], SHIPPED["properties"])
        assert str(body["mappings"]["dynamic"]) == "false"
        assert body["mappings"]["_meta"]["schema_version"] == 7
    aliases = detecting.ask("GET", f"/_alias/{RESULTS}")
    assert [index for index, body in aliases.items() if body["aliases"][RESULTS].get("is_write_index")] == [
        f"{RESULTS}-2026.04"
    ]
    assert set(search(detecting, f"{ALERTS}-2026.03", {"match_all": {}})) == {"a1", "a2", "a4"}


def test_native_results_and_alerts_in_the_same_indices_are_read_by_one_query_and_one_alias(detecting, prefix):
    detecting.ask("PUT", f"/{OTHER}", {"mappings": SHIPPED})
    [historical], [real_time] = native("historical_anomaly"), native("realtime_anomaly")
    for index, document in (
        (RESULTS, real_time),
        (OTHER, historical),
        *((OTHER, one) for one in native("realtime_normal")),
    ):
        body = {name: value for name, value in document.items() if name != "_id"}
        detecting.ask("PUT", f"/{index}/_doc/{document['_id']}?refresh=true", body)
    set_up(Engine(parse_url(detecting.url)), Naming(prefix))

    def of(name):
        entity = {"bool": {"filter": [{"term": {"entity.name": "user.name"}}, {"term": {"entity.value": name}}]}}
        graded = {"range": {"anomaly_grade": {"gt": 0}}}
        return {"bool": {"filter": [graded, {"nested": {"path": "entity", "query": entity}}]}}

    assert set(search(detecting, ANOMALIES, of("alice"))) == {"a1", historical["_id"]}
    assert set(search(detecting, ANOMALIES, of("svc-orders"))) == {real_time["_id"]}
    by_time = {"range": {"data_start_time": {"gte": 0}}}
    assert len(search(detecting, ANOMALIES, by_time)) == 4 + 2 + 3


def test_a_user_is_found_on_opensearch_though_its_mapping_is_nested(detecting):
    assert set(search(detecting, ALERTS, {"match": {"user.name": "alice"}})) == {"a1"}
    assert set(search(detecting, ALERTS, {"term": {"user.name.keyword": "bøb 𝄞"}})) == {"a2"}
    assert set(search(detecting, ALERTS, {"query_string": {"query": 'user.name:"alice" AND raised:true'}})) == {"a1"}


def test_what_people_write_stays_through_revisions_on_a_real_engine(detecting, tmp_path):
    index = f"{RESULTS}-2026.03"
    detecting.ask("POST", f"/{index}/_update/a2", {"doc": {"triage": {"status": "closed", "note": "a test"}}})
    with open_store(tmp_path / "home") as store:
        store.alerts.append([an_alert("a2", 2, record_score=88.0, influencers=[], principal_name="bøb 𝄞")])
        told = publish(store, Target(parse_url(detecting.url)), NOW, seconds=120)
    assert (told.sent, told.left) == (1, 0)
    document = detecting.ask("GET", f"/{index}/_doc/a2")["_source"]
    assert document["triage"] == {"status": "closed", "note": "a test"}
    assert (document["record_score"], document["initial_record_score"]) == (88.0, 70.0)
    assert document["source"]["address"] == document["oddtrail"]["influencers"] == []


def test_a_month_that_is_closed_waits_and_one_that_is_deleted_comes_back(detecting, tmp_path):
    march, april = CONCRETE[:2]
    target = Target(parse_url(detecting.url))
    detecting.ask("POST", f"/{march}/_close")
    detecting.ask("DELETE", f"/{april}")
    with open_store(tmp_path / "home") as store:
        store.alerts.append([an_alert("b1"), an_alert("b2", day="2026-04-03")])
        told = publish(store, target, NOW, seconds=60)
        assert (told.left, "closed" in told.problem) == (2, True), told  # b1, and a4 that April is sent again with
        detecting.ask("POST", f"/{march}/_open?wait_for_active_shards=1")
        assert publish(store, target, NOW, seconds=60).left == 0
    detecting.ask("POST", f"/{march},{april}/_refresh")
    assert set(search(detecting, march, {"match_all": {}})) == {"a1", "a2", "a4", "b1"}
    assert set(search(detecting, april, {"match_all": {}})) == {"a3", "b2"}


def test_both_sides_are_compared_out_of_a_real_engine(detecting, tmp_path):
    detecting.ask("PUT", f"/{OTHER}", {"mappings": SHIPPED})
    [historical] = native("historical_anomaly")
    for number, start in enumerate((START - 300_000, START + 40 * 3_600_000)):
        window = {"data_start_time": start, "data_end_time": start + 600_000}
        body = {name: value for name, value in (historical | window).items() if name != "_id"}
        detecting.ask("PUT", f"/{OTHER}/_doc/n{number}?refresh=true", body)
    arguments = ("compare-native", detecting.url, "--since", "2026-03-01", "--home", tmp_path / "home")
    told = answer(*arguments)
    assert [(row["day"], row["found_by"], row["windows_overlap"]) for row in told["compared"]] == [
        ("2026-03-02", "both", True), ("2026-03-04", "native", False), ("2026-04-02", "ours", False),
    ]  # fmt: skip
    assert answer(*arguments, "--index", "nowhere-*")["counts"]["native"] == 0


def test_the_days_of_an_alert_decide_its_month():
    from pipeline.documents.alert_names import name_index

    assert name_index(date(2026, 12, 31), "elasticsearch") == "oddtrail-alerts-2026.12"
