"""What an engine may answer: refusals, parts of an answer, and nothing for the time being."""

import pytest

from pipeline.errors import SettingsError
from pipeline.ingest.run import ingest
from pipeline.search.engine import Answer, UnreachableError
from pipeline.sources.index.ask import ReadError
from tests.pipeline.ingest.records import NOW
from tests.pipeline.sources.index.documents import filled, ids
from tests.pipeline.sources.index.played import Watched

PARTS = {
    "failed shard": {
        "_shards": {"total": 2, "successful": 1, "failed": 1, "failures": [{"reason": {"reason": "\x1bx"}}]}
    },
    "fewer shards": {"_shards": {"total": 1, "successful": 0, "failed": 0}},
    "no shard": {"_shards": {"total": 0, "successful": 0, "failed": 0}},
    "timed out": {"timed_out": True},
    "ended early": {"terminated_early": True},
    "no hits": {"hits": None},
    "no words": None,
}


@pytest.mark.parametrize("part", PARTS.values(), ids=list(PARTS))
def test_part_of_an_answer_is_an_error_and_never_fewer_events(part):
    home = Watched(filled(25))

    def answer(method, path, body):
        if path == "/_search":
            whole = {"timed_out": False, "_shards": {"total": 1, "successful": 1, "failed": 0}, "hits": {"hits": []}}
            return Answer(200, None if part is None else whole | part)
        return None

    home.engine.faults.append(answer)
    with pytest.raises(ReadError, match=r"in part only|answers for 0 shards") as caught:
        home.read()
    assert "\x1b" not in str(caught.value)
    assert (home.state.held, home.target.files) == ({}, {})


@pytest.mark.parametrize(
    ("status", "kind", "error", "says"),
    [
        (429, "circuit_breaking_exception", UnreachableError, "takes no questions at present"),
        (503, "", UnreachableError, "run again when it does"),
        (403, "security_exception", SettingsError, "trainer"),
        (401, "security_exception", SettingsError, "check user and password"),
        (400, "illegal_argument_exception", ReadError, "refuses to be read"),
    ],
)
def test_a_refusal_ends_the_run_and_what_was_read_before_counts(status, kind, error, says):
    home = Watched(filled(100))
    pages = []

    def refuse(method, path, body):
        if path == "/_search" and body["size"] and body["_source"]:
            pages.append(body)
            return Answer(status, {"error": {"type": kind, "reason": "r"}}) if len(pages) > 5 else None
        return None

    home.engine.faults.append(refuse)
    with pytest.raises(error, match=says):
        home.read()
    assert not home.engine.held, "closed all the same"
    home.engine.faults.clear()
    home.read()
    assert home.ids == ids(100)


def test_a_document_that_is_nested_by_the_hundred_is_told():
    home = Watched(filled(25))

    def nest(method, path, body):
        if path == "/_search":
            raise RecursionError
        return None

    home.engine.faults.append(nest)
    with pytest.raises(ReadError, match="nested by the hundred"):
        home.read()


def test_a_busy_engine_is_asked_again():
    home, left = Watched(filled(25)), [429, 503]

    def busy(method, path, body):
        return Answer(left.pop(), {"error": "busy"}) if left and path == "/_search" else None

    home.engine.faults.append(busy)
    listing = home.list()
    listing._asker._patience = 60.0
    ingest(listing, home.target, now=NOW)
    assert (home.ids, left) == (ids(25), [])
