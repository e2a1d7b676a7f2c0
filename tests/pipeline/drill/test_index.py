"""A drill takes the way of all documents: through an index of a real engine, a watch, and the alerts' index."""

import gzip
import json
from datetime import datetime
from typing import Any

from pipeline.documents.alert_names import ALERTS
from pipeline.documents.document import Naming
from pipeline.documents.setup import set_up
from pipeline.drill.engine import open_engine
from pipeline.drill.follow import Following
from pipeline.drill.play import Order, clean
from pipeline.publish.setting import Setting
from pipeline.publish.target import Target
from pipeline.search.engine import Engine
from pipeline.search.url import parse_url
from pipeline.stores.harm_title import DRILL
from pipeline.watch.plan import Plan
from pipeline.watch.watch import Watch
from tests.deliveries import delivered
from tests.pipeline.drill.conftest import at, begin, real
from tests.servers.engine import Server


def as_stock_documents(records: list[dict[str, Any]], index: str) -> bytes:
    """A bulk of them, as the function of CloudWatch Logs writes it."""
    lines: list[dict[str, Any]] = []
    for record in records:
        lines += [
            {"index": {"_index": index, "_id": record["eventID"]}},
            {"@id": record["eventID"], "@timestamp": record["eventTime"], "@message": json.dumps(record),
             "@owner": record["recipientAccountId"], "@log_group": "trail", "@log_stream": "stream"},
        ]  # fmt: skip
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def search(server: Server, index: str, query: dict[str, Any]) -> list[dict[str, Any]]:
    server.ask("POST", f"/{index}/_refresh")
    return [hit["_source"] for hit in server.ask("POST", f"/{index}/_search", {"query": query})["hits"]["hits"]]


def test_a_drill_goes_through_an_index_and_is_found_in_that_of_alerts(
    store, settings, company, opensearch, prefix
) -> None:
    index, source = f"cwl-{prefix}", f"{opensearch.url}/cwl-{prefix}*"
    set_up(Engine(parse_url(opensearch.url)), Naming(prefix))
    landing = [path for path in company.later if delivered(path) <= at(30)]
    records = [record for path in landing for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]]
    assert not opensearch.ask("POST", "/_bulk?refresh=true", as_stock_documents(records, index))["errors"]
    target = Target(parse_url(opensearch.url), Setting(deployment=prefix, events=prefix))
    watch = Watch(store, settings, Plan((source,), (target,), trains=False))
    assert watch.tick(at(36)).problems == []
    before = real(store)

    [drill] = begin(store, settings, Order(("trail-stopped",), "loud", into=source), at(37))
    ids = {"ids": {"values": [event.event_id for event in drill.events]}}
    assert {document["@log_group"] for document in search(opensearch, index, ids)} == {"CloudTrail"}
    now = at(37)

    def clock() -> datetime:
        return now

    following = Following(store, [drill], open_engine(opensearch.url), clock=clock)
    assert not following.look()
    now = at(44)
    assert watch.tick(now).problems == []
    opensearch.ask("POST", f"/{ALERTS}/_refresh")  # else it comes into sight half a minute later
    assert following.look()
    [one] = following.followed
    assert one.found, one.say_why()
    assert (one.taken_in, one.judged, one.alerted, one.indexed) == (now,) * 4
    assert one.fared is not None
    alert = {"term": {"alert_id": one.fared.alert_id}}
    [document] = search(opensearch, ALERTS, alert)
    assert document["title"].startswith(DRILL)
    assert (document["raised"], document["principal_key"]) == (True, drill.principal_key)
    assert real(store)[: len(before)] == before
    assert not any({*ids["ids"]["values"]}.intersection(told["event_ids"]) for told in real(store))

    assert clean(store, settings, at(45)) == [drill]
    assert search(opensearch, index, ids) == []
    assert watch.tick(at(46)).problems == []
    watch.close()
    [document] = search(opensearch, ALERTS, alert)
    assert not document["raised"]
    assert opensearch.ask("GET", f"/{index}/_count")["count"] == len(records)
