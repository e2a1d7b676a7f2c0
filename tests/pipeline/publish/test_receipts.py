"""Receipts in an engine: a document a day, each told once, again where it was written again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from pipeline.documents.alert_names import RECEIPTS
from pipeline.documents.document import Naming
from pipeline.documents.receipt_fields import RECEIPT_FIELDS
from pipeline.documents.setup import set_up
from pipeline.publish.receipts import SentReceipts, publish_receipts
from pipeline.publish.setting import Setting
from pipeline.publish.target import Target
from pipeline.search.engine import Answer, Engine
from pipeline.search.url import parse_url
from pipeline.stores.home import open_store
from tests.pipeline.publish.playing import PlayedTarget, Playing
from tests.pipeline.stores.jsonl.test_receipts import a_receipt
from tests.servers.fixtures import ONE_PROCESS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Receiving(Playing):
    """Takes documents one by one as well."""

    def __init__(self, product="opensearch"):
        super().__init__(product)
        self.put = {}
        self.asked = []
        self.forbidden = ""

    def _answer(self, method, path, body):
        if method != "PUT":
            return super()._answer(method, path, body)
        index, _, name = path.strip("/").partition("/_doc/")
        self.asked.append(path)
        if path == f"/{self.forbidden}":
            return Answer(403, {"error": {"type": "security_exception", "reason": "no permissions"}})
        if name in self.refuse:
            status, kind = self.refuse[name]
            return Answer(status, {"error": {"type": kind, "reason": "refused by the test"}})
        if name:
            there = name in self.put.setdefault(index, {})
            self.put[index][name] = body
            return Answer(200 if there else 201, {})
        if index in self.put:
            return Answer(400, {"error": {"type": "resource_already_exists_exception", "reason": index}})
        assert body["mappings"]["dynamic"] == "false"
        self.put[index] = {}
        return Answer(200, {"acknowledged": True})


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "home") as store:
        yield store


def send(store, engine, **named):
    return publish_receipts(store, PlayedTarget(engine), NOON, **named)


@pytest.mark.parametrize("product", ["opensearch", "elasticsearch"])
def test_each_day_is_a_document_in_its_month(store, product):
    engine = Receiving(product)
    for day in (2, 3):
        store.receipts.add(a_receipt(day))
    assert send(store, engine) == SentReceipts(2, 0)
    assert list(engine.put[f"{RECEIPTS}-2026.03"]) == ["eu-2026-03-02", "eu-2026-03-03"]
    document = engine.put[f"{RECEIPTS}-2026.03"]["eu-2026-03-02"]
    assert document["@timestamp"] == "2026-03-02T12:00:00Z"
    assert document["accounts"] == [{"account": "111122223333", "events": 7, "late": 1, "missing_hours": 3}]
    before = engine.requests
    assert send(store, engine) == SentReceipts(0, 0)
    assert engine.requests == before


def test_every_member_has_a_field():
    document = {"@timestamp": "", **a_receipt().as_dict()}
    assert {field.name.partition(".")[0] for field in RECEIPT_FIELDS} == set(document)
    within = {field.name.partition(".")[2] for field in RECEIPT_FIELDS if field.name.startswith("accounts.")}
    assert within == set(document["accounts"][0])


def test_a_receipt_that_was_written_again_takes_its_own_place(store):
    engine = Receiving()
    store.receipts.add(a_receipt())
    send(store, engine)
    store.receipts.add(a_receipt(events=9, written_at=NOON - timedelta(hours=5)))
    assert send(store, engine) == SentReceipts(1, 0)
    assert [each["events"] for each in engine.put[f"{RECEIPTS}-2026.03"].values()] == [9]


def test_an_engine_that_is_down_or_refuses_delays_and_loses_nothing(store):
    engine = Receiving()
    for day in (2, 3, 4):
        store.receipts.add(a_receipt(day))
    engine.down = True
    told = send(store, engine)
    assert (told.sent, told.left) == (0, 3)
    assert "does not answer" in told.problem
    engine.down = False
    engine.refuse["eu-2026-03-03"] = 403, "security_exception"
    told = send(store, engine)
    assert (told.sent, told.left) == (2, 1)
    assert "receipt of 2026-03-03 (403 security_exception" in told.problem
    engine.refuse.clear()
    assert send(store, engine) == SentReceipts(1, 0)
    assert send(store, engine, seconds=0) == SentReceipts(0, 0)


def test_an_index_that_is_refused_is_asked_for_once_and_keeps_no_other_month_back(store):
    engine = Receiving()
    engine.forbidden = f"{RECEIPTS}-2026.03"
    for receipt in (a_receipt(2), a_receipt(3), replace(a_receipt(), day=date(2026, 4, 1))):
        store.receipts.add(receipt)
    told = send(store, engine)
    assert (told.sent, told.left) == (1, 2)
    assert f"index {engine.forbidden} (403 security_exception" in told.problem
    assert engine.asked.count(f"/{engine.forbidden}") == 1


def test_no_request_is_waited_for_longer_than_there_is_time(store):
    engine = Receiving()
    store.receipts.add(a_receipt())
    assert send(store, engine, seconds=4).left == 0
    assert len(engine.timeouts) > 4
    assert max(engine.timeouts) <= 4


def test_no_time_is_told_and_another_engine_at_the_address_is_told_everything(store):
    engine = Receiving()
    store.receipts.add(a_receipt())
    assert send(store, engine, seconds=0) == SentReceipts(0, 1, "no time was left")
    assert send(store, engine) == SentReceipts(1, 0)
    engine.cluster, engine.put = "two", {}
    store.receipts.add(a_receipt(3))
    assert send(store, engine) == SentReceipts(2, 0)
    assert len(engine.put[f"{RECEIPTS}-2026.03"]) == 2


def test_what_was_noted_and_is_not_ours_says_nothing(store):
    engine = Receiving()
    store.receipts.add(a_receipt())
    send(store, engine)
    store.state.put_checkpoint(f"receipts {PlayedTarget(engine).name}", {"told": 7})
    assert send(store, engine) == SentReceipts(1, 0)


@ONE_PROCESS
def test_real_engines_take_them_and_find_them_by_what_they_say(server, store, prefix):
    url = parse_url(server.url)
    engine = Engine(url, connections=1)
    set_up(engine, Naming(prefix))
    target = Target(url, Setting(deployment=prefix))
    try:
        for day in (2, 3):
            store.receipts.add(a_receipt(day, deployment=prefix, events=day))
            assert publish_receipts(store, target, NOON, seconds=60) == SentReceipts(1, 0)
        server.ask("POST", f"/{RECEIPTS}-*/_refresh")
        asked = [{"term": {"deployment": prefix}}, {"range": {"accounts.events": {"gte": 3}}}]
        found = server.ask("POST", f"/{RECEIPTS}-*/_search", {"query": {"bool": {"filter": asked}}})["hits"]["hits"]
        assert [hit["_id"] for hit in found] == [f"{prefix}-2026-03-03"]
        assert (
            server.ask("GET", f"/{RECEIPTS}-2026.03/_mapping")[f"{RECEIPTS}-2026.03"]["mappings"]["dynamic"] == "false"
        )
    finally:
        server.ask("DELETE", f"/{RECEIPTS}-2026.03")
        engine.close()
