"""What documents are, and what is taken from them."""

import json
from datetime import UTC, datetime

import pytest

from pipeline.ingest.delivery import Delivery
from pipeline.sources.index.kind import MESSAGE, ORIGINAL, OURS, RECORD, find_kind, is_dropped, tell_fields
from tests.pipeline.ingest.records import ACCOUNT, a_name, a_record
from tests.pipeline.sources.index.documents import elastic, ours, stock

RECORD_ = a_record()
TEXT = json.dumps(RECORD_)
PATH = f"https://trail.s3.eu-west-1.amazonaws.com/{a_name('20260302T1205Z')}"


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (ours(RECORD_), OURS),
        (stock(RECORD_), MESSAGE),
        (stock("no JSON"), MESSAGE),
        (elastic(TEXT), ORIGINAL),
        (elastic([TEXT]), ORIGINAL),
        ({"event.original": TEXT}, ORIGINAL),
        ({"message": TEXT, "@timestamp": "2026-03-02T12:00:00Z"}, ORIGINAL),
        (RECORD_, RECORD),
        ({**RECORD_, "@timestamp": "2026-03-02T12:00:00Z", "@version": "1"}, RECORD),
        (elastic(None), None),
        ({"message": "GET /"}, None),
        ({"message": json.dumps({"tags": RECORD_})}, None),
        ({"@message": 7}, None),
        ({"detail": {"requestParameters": RECORD_}}, None),
        ({}, None),
    ],
)
def test_a_document_is_told_by_where_its_record_lies(document, kind):
    assert find_kind(document) is kind


def test_a_document_of_which_the_pipeline_dropped_the_record_is_told():
    assert is_dropped(elastic(None))
    assert not is_dropped({"message": "GET /"})


@pytest.mark.parametrize(
    ("document", "origin", "delivery"),
    [
        (elastic(TEXT, PATH.partition("amazonaws.com/")[2]), a_name("20260302T1205Z"), "12:05"),
        ({"event": {"original": TEXT}, "log": {"file": {"path": PATH}}}, a_name("20260302T1205Z"), "12:05"),
        ({"event": {"original": TEXT}, "aws": {"cloudwatch": {"log_stream": "stream"}}}, "stream", ""),
        ({"event": {"original": TEXT, "created": "2026-03-19T10:00:00Z"}}, "index", ""),
        ({"event": {"original": TEXT}, "log": {"file": {"path": ["x"]}}}, "index", ""),
        ({"event": {"original": TEXT}, "log": {"file": {"path": "x/" * 4_000}}}, "index", ""),
    ],
)
def test_the_key_tells_the_delivery_and_no_time_of_an_agent_does(document, origin, delivery):
    taken = ORIGINAL.take(document, "index")
    assert [json.loads(text) for text in taken.texts] == [RECORD_]
    assert (taken.origin, f"{taken.delivery.at:%H:%M}" if taken.delivery.at else "") == (origin, delivery)


@pytest.mark.parametrize(
    ("created", "at"),
    [
        ("2026-03-02T12:05:00.000Z", None),
        ("2026-03-02T12:09:00.000Z", datetime(2026, 3, 2, 12, 9, tzinfo=UTC)),
        ("2026-03-02T12:09:00", None),
        ("noon", None),
        ("9999-99-99T00:00:00Z", None),
    ],
)
def test_our_documents_say_when_they_were_delivered_unless_it_was_not_known(created, at):
    taken = OURS.take(ours(RECORD_, created=created), "index")
    assert (taken.origin, taken.delivery) == ("index", Delivery(ACCOUNT, "", at))


def test_what_the_stock_functions_document_says_beside_the_record_is_not_believed():
    forged = stock(RECORD_) | {
        "event": {"created": "2020-01-01T00:00:00Z"},
        "aws": {"s3": {"object": {"key": a_name()}}},
    }
    taken = MESSAGE.take(forged, "index")
    assert (taken.origin, taken.delivery, taken.log_group) == (
        f"{ACCOUNT}_CloudTrail_us-east-1",
        Delivery(ACCOUNT),
        "trail",
    )


def test_a_record_that_logstash_took_the_time_out_of_gets_it_back():
    document = {name: value for name, value in RECORD_.items() if name != "eventTime"} | {
        "@timestamp": "2026-03-02T12:00:00Z"
    }
    [text] = RECORD.take(document, "index").texts
    assert json.loads(text) == RECORD_


def test_half_a_character_stays_an_escape():
    [text] = RECORD.take({**RECORD_, "userAgent": "\ud800"}, "index").texts
    assert json.loads(text)["userAgent"] == "\ud800"
    [text] = ORIGINAL.take({"event": {"original": "\ud800"}}, "index").texts
    assert text == b"\xed\xa0\x80"


def test_names_of_fields_are_bounded_and_harmless():
    told = tell_fields([{f"\x1b[31m{number}" * 50: {"a": 1} for number in range(1_000)}])
    assert len(told) < 1_200
    assert "\x1b" not in told
    assert told.endswith("more")
