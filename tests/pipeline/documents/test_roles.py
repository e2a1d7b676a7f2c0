"""Roles: on an OpenSearch with users each may what it needs and is refused what it does not."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from pipeline.documents.alert_names import RECEIPTS, RESULTS
from pipeline.documents.document import DocumentMaker, Naming
from pipeline.documents.roles import make_elasticsearch_roles, make_opensearch_roles
from pipeline.documents.setup import require_template, set_up
from pipeline.publish.outbox import Published, publish
from pipeline.publish.receipts import SentReceipts, publish_receipts
from pipeline.publish.target import Target
from pipeline.search.bulk import BulkWriter
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from pipeline.stores.home import open_store
from tests.builders import an_alert
from tests.pipeline.documents.making import documents
from tests.pipeline.ingest.records import a_record
from tests.pipeline.stores.jsonl.test_receipts import a_receipt
from tests.servers.engine import ServerError
from tests.servers.fixtures import ONE_PROCESS

PASSWORD = "Some-Word.19-of-theirs"
DUTIES = ("lambda", "trainer", "worker", "analyst")
pytestmark = ONE_PROCESS


@pytest.fixture(scope="module")
def cluster(opensearch_with_users):
    """A cluster that is set up, with an event, an alert, and a user of each role."""
    server, naming = opensearch_with_users, Naming("rolestest")
    set_up(Engine(parse_url(server.url)), naming)
    for duty in DUTIES:
        user = {"password": PASSWORD, "opendistro_security_roles": [f"oddtrail-rolestest-{duty}"]}
        server.ask("PUT", f"/_plugins/_security/api/internalusers/{duty}", user)
    server.ask("PUT", "/rolestest-2026.03.01/_doc/e1?refresh=true", {"event": {"id": "e1"}, "@timestamp": "2026-03-01"})
    server.ask("PUT", f"/{RESULTS}-2026.03/_doc/a1?refresh=true", {"alert_id": "a1"})
    server.ask("PUT", "/payroll/_doc/p1?refresh=true", {"n": 1})

    def may(duty, method, path, body=None):
        try:
            return server.ask(method, path, body, user=duty, password=PASSWORD)
        except ServerError as error:
            if error.status != 403:
                raise
            return None

    yield SimpleNamespace(server=server, naming=naming, may=may)
    server.ask("DELETE", "/payroll")
    server.ask("DELETE", f"/{RESULTS}-2026.03")


def bulk(*lines):
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def statuses(answer):
    return [status["status"] for item in answer["items"] for status in item.values()] if answer else [403]


def test_the_door_of_a_lambda_finds_its_template_and_creates_events(cluster, monkeypatch):
    monkeypatch.setenv("ENGINE_PASSWORD_OF_TESTS", PASSWORD)
    engine = Engine(parse_url(cluster.server.url.replace("admin@", "lambda@")))
    require_template(engine, cluster.naming)
    made = documents(a_record(), a_record(eventTime="2099-01-01T00:00:00Z"), maker=DocumentMaker(cluster.naming))
    assert {document.index_name for document in made} == {"rolestest-2026.03.02", "rolestest-quarantine"}
    writer = BulkWriter(engine, lambda document, reason: None, Deadline(60))
    assert writer.write(made).indexed == 2
    assert writer.write(made).duplicates == 2
    later = datetime(2099, 1, 2, tzinfo=UTC)
    again = documents(*(each.raw for each in made), maker=DocumentMaker(cluster.naming), now=later)
    assert {document.index_name for document in again} == {"rolestest-quarantine", "rolestest-2099.01.01"}
    assert writer.write(again).duplicates == 2


EVENT, ALERT, OTHER = "/rolestest-2026.03.01", f"/{RESULTS}-2026.03", "/payroll"
READING = [("GET", "/_search"), ("GET", "/_mapping"), ("POST", "/_search/point_in_time?keep_alive=1m")]


@pytest.mark.parametrize("duty", DUTIES)
@pytest.mark.parametrize(("method", "path"), READING)
def test_who_reads_what(cluster, duty, method, path):
    may = [cluster.may(duty, method, f"{index}{path}") is not None for index in (EVENT, ALERT, OTHER)]
    assert (
        may
        == {
            "lambda": [False, False, False],
            "trainer": [True, False, False],
            "worker": [True, True, False],
            "analyst": [True, True, False],
        }[duty]
    )


@pytest.mark.parametrize("duty", DUTIES)
@pytest.mark.parametrize("action", ["create", "index"])
def test_who_writes_what(cluster, duty, action):
    may = []
    for number, index in enumerate((EVENT, ALERT, OTHER)):
        lines = ({action: {"_index": index[1:], "_id": f"{duty}-{action}-{number}-{uuid4()}"}}, {"alert_id": "x"})
        may.append(statuses(cluster.may(duty, "POST", "/_bulk", bulk(*lines))) in ([200], [201]))
    assert (
        may
        == {
            "lambda": [True, False, False],
            "trainer": [False, False, False],
            "worker": [False, True, False],
            "analyst": [False, False, False],
        }[duty]
    )


@pytest.mark.parametrize("duty", DUTIES)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", EVENT, None),
        ("DELETE", ALERT, None),
        ("DELETE", OTHER, None),
        ("POST", f"{EVENT}/_close", None),
        ("PUT", f"{EVENT}/_settings", {"index": {"refresh_interval": "1s"}}),
        ("PUT", f"{EVENT}/_mapping", {"properties": {"new": {"type": "keyword"}}}),
        ("PUT", "/_index_template/oddtrail-rolestest", {"index_patterns": ["rolestest-*"]}),
        ("DELETE", "/_index_template/oddtrail-rolestest", None),
        ("PUT", "/somebody-elses", None),
        ("PUT", "/_cluster/settings", {"transient": {"indices.recovery.max_bytes_per_sec": "41mb"}}),
        ("GET", "/_plugins/_security/api/internalusers", None),
        ("PUT", "/_plugins/_security/api/roles/oddtrail-rolestest-lambda", {"cluster_permissions": ["*"]}),
        ("PUT", "/_snapshot/backup", {"type": "fs", "settings": {"location": "/tmp"}}),
    ],
)  # fmt: skip
def test_nobody_deletes_or_changes_what_the_cluster_is(cluster, duty, method, path, body):
    assert cluster.may(duty, method, path, body) is None


@pytest.mark.parametrize("duty", ["trainer", "worker", "analyst"])
def test_who_reads_may_end_what_he_opened_to_read(cluster, duty):
    opened = cluster.may(duty, "POST", f"{EVENT}/_search/point_in_time?keep_alive=1m")
    assert cluster.may(duty, "POST", "/_search", {"pit": {"id": opened["pit_id"]}})
    assert cluster.may(duty, "DELETE", "/_search/point_in_time", {"pit_id": [opened["pit_id"]]})


@pytest.mark.parametrize("duty", DUTIES)
@pytest.mark.parametrize("index", [EVENT, ALERT])
def test_nobody_deletes_a_document(cluster, duty, index):
    answer = cluster.may(duty, "POST", "/_bulk", bulk({"delete": {"_index": index[1:], "_id": "e1"}}))
    assert statuses(answer) == [403]


@pytest.mark.parametrize("duty", DUTIES)
def test_who_writes_down_what_became_of_an_alert(cluster, duty):
    name = {"_index": ALERT[1:], "_id": "a1"}
    answer = cluster.may(duty, "POST", "/_bulk", bulk({"update": name}, {"doc": {"triage": {"status": duty}}}))
    assert statuses(answer) == [200 if duty in ("worker", "analyst") else 403]
    if duty in ("worker", "analyst"):
        alert = cluster.may(duty, "GET", f"{ALERT}/_doc/a1")["_source"]
        assert alert == {"alert_id": "a1", "triage": {"status": duty}}


def test_nobody_but_the_worker_writes_history(cluster):
    line = {"create": {"_index": "oddtrail-alerts-history-2026.03", "_id": "a1-1"}}
    assert statuses(cluster.may("analyst", "POST", "/_bulk", bulk(line, {}))) == [403]
    assert statuses(cluster.may("worker", "POST", "/_bulk", bulk(line, {}))) == [201]
    cluster.server.ask("DELETE", "/oddtrail-alerts-history-2026.03")


def test_the_worker_publishes_with_its_own_rights(cluster, monkeypatch, tmp_path):
    monkeypatch.setenv("ENGINE_PASSWORD_OF_TESTS", PASSWORD)
    target = Target(parse_url(cluster.server.url.replace("admin@", "worker@")))
    now = datetime(2026, 3, 2, tzinfo=UTC)
    times = iter([now, now + timedelta(hours=1)])
    with open_store(tmp_path) as store:
        store.alerts.append([an_alert("p1", day="2026-02-02"), an_alert("p1", 2, day="2026-02-02")])
        assert publish(store, target, now, seconds=60) == Published(sent=1, revisions=2, left=0)
        for _ in range(2):  # the second finds the index made
            store.receipts.add(a_receipt(written_at=next(times)))
            assert publish_receipts(store, target, now, seconds=60) == SentReceipts(1, 0)
    for index in (f"{RESULTS}-2026.02", "oddtrail-alerts-history-2026.02", f"{RECEIPTS}-2026.03"):
        cluster.server.ask("DELETE", f"/{index}")


def test_what_opensearch_cannot_forbid_is_as_we_say(cluster):
    """Who may create a document may overwrite it: `docs/documents.md` says so."""
    lines = ({"index": {"_index": EVENT[1:], "_id": "e1"}}, {"event": {"id": "e1"}, "@timestamp": "2026-03-01"})
    assert statuses(cluster.may("lambda", "POST", "/_bulk", bulk(*lines))) == [200]


def test_elasticsearchs_roles_are_lists_of_its_privileges():
    known = {"read", "view_index_metadata", "create_doc", "create_index", "index", "indices:data/read/mget*"}
    for role in make_elasticsearch_roles(Naming()):
        assert {privilege for each in role.body["indices"] for privilege in each["privileges"]} <= known
        assert not {"*", "oddtrail-*"} & {name for each in role.body["indices"] for name in each["names"]}
    assert [role.name for role in make_elasticsearch_roles(Naming())] == [
        role.name for role in make_opensearch_roles(Naming())
    ]
