"""Ingestion's sink for a search engine: what goes to another process, and what comes of rows and of other records."""

import pickle

from pipeline.documents.document import Naming
from pipeline.documents.sink import DocumentSink, Kept
from pipeline.search.url import parse_url

URL = parse_url("opensearch+http://127.0.0.1")


def test_a_sink_goes_to_another_process_without_its_connection():
    sink = DocumentSink(URL, Naming("trail"))
    there = pickle.loads(pickle.dumps(sink))
    assert (there.url, there.naming) == (URL, Naming("trail"))
    assert there.deadline.left > 1e9


def test_records_that_are_set_aside_are_handed_back_and_nothing_else():
    sink = DocumentSink(URL, Naming())
    assert sink.keep("set_aside", [], None) == []
    assert sink.keep("other", ["a digest"], None) == []
    assert sink.keep("set_aside", ["a record"], None) == [Kept(["a record"])]
