"""What is in the other index already is left out, and what cannot be told is not guessed."""

from typing import Any

import pytest

from pipeline.search.bulk import Document
from pipeline.search.elsewhere import leave_out
from pipeline.search.engine import Answer, UnreachableError
from pipeline.search.outcome import Outcome, Problem
from pipeline.search.url import parse_url
from tests.pipeline.search.scripted import names, writer

TIME = "2026-03-01T00:00:00.000Z"
HERE, THERE = "cloudtrail-2026.03.01", "cloudtrail-quarantine"
SAME: dict[str, Any] = {"found": True, "_source": {"@timestamp": TIME}}
NOT_FOUND: dict[str, Any] = {"found": False}


def error(kind: str) -> dict[str, Any]:
    return {"error": {"type": kind, "reason": "it says so"}}


MISSING = error("index_not_found_exception")


def documents(*names: str, elsewhere: str = THERE) -> list[Document]:
    body = b'{"@timestamp":"%b"}' % TIME.encode()
    return [Document(HERE, name, body, b"raw", elsewhere=elsewhere) for name in names]


class Asked:
    """An engine that knows what is where, and may have answers of its own for the first questions."""

    url = parse_url("opensearch+http://localhost")

    def __init__(self, held: dict[str, Any], *answers: Answer | Exception) -> None:
        self.held, self.answers = held, list(answers)
        self.asked: list[list[str]] = []
        self.sent: list[str] = []

    def ask(self, method: str, path: str, body: Any = None, **named: Any) -> Answer:
        if path == "/_bulk":
            self.sent += [line.split(b'"')[-2].decode() for line in body.split(b"\n")[:-1:2]]
            return Answer(200, {"errors": False, "items": [{"create": {"status": 201}}] * (body.count(b"\n") // 2)})
        assert (method, path) == ("POST", "/_mget")
        self.asked.append([each["_id"] for each in body["docs"]])
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        return Answer(200, {"docs": [self.held.get(each["_id"], NOT_FOUND) for each in body["docs"]]})


def test_what_is_there_is_left_out():
    engine = Asked({"b": SAME})
    found = leave_out(engine, documents("a", "b", "c"), 5)
    assert names(found) == ["a", "c"]


def test_an_index_that_is_not_there_is_asked_for_one_document():
    engine = Asked(dict.fromkeys("abc", MISSING))
    assert names(leave_out(engine, documents("a", "b", "c"), 5)) == ["a", "b", "c"]
    assert [len(asked) for asked in engine.asked] == [1]


def test_each_index_is_asked_for_its_own_documents():
    engine = Asked({"a": SAME, "b": MISSING, "c": MISSING})
    some = [*documents("a", "d"), *documents("b", "c", elsewhere="cloudtrail-2099.01.01")]
    assert names(leave_out(engine, some, 5)) == ["d", "b", "c"]
    assert engine.asked[-1] == ["a"]


@pytest.mark.parametrize("there", ["", "a", "b", "c", "abc"])
def test_no_document_is_asked_for_twice(there):
    engine = Asked(dict.fromkeys(there, SAME))
    some = [*documents("a", "b"), *documents("c", elsewhere="cloudtrail-2099.01.01")]
    assert names(leave_out(engine, some, 5)) == [name for name in "abc" if name not in there]
    assert sorted(name for asked in engine.asked for name in asked) == ["a", "b", "c"]
    alone = Asked({})
    leave_out(alone, documents("a"), 5)
    assert alone.asked == [["a"]]


def test_documents_that_can_be_in_one_index_only_cost_no_question():
    engine = Asked({})
    assert names(leave_out(engine, documents("a", elsewhere=""), 5)) == ["a"]
    assert engine.asked == []


def test_the_same_id_of_another_time_is_another_event():
    engine = Asked({"a": {"found": True, "_source": {"@timestamp": "2099-01-01T00:00:00.000Z"}}, "b": {"found": True}})
    assert names(leave_out(engine, documents("a", "b"), 5)) == ["a", "b"]


def test_a_closed_index_holds_nothing_that_anybody_finds():
    engine = Asked(dict.fromkeys("ab", error("index_closed_exception")))
    assert names(leave_out(engine, documents("a", "b"), 5)) == ["a", "b"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (UnreachableError("no answer"), Outcome.RETRY),
        (Answer(503, None), Outcome.RETRY),
        (Answer(429, {"error": {"type": "es_rejected_execution_exception", "reason": "queue"}}), Outcome.RETRY),
        (Answer(403, {"error": {"type": "cluster_block_exception", "reason": "blocked"}}), Outcome.RETRY_SLOWLY),
        (Answer(403, {"error": {"type": "security_exception", "reason": "no permissions"}}), Outcome.CONFIGURATION),
        (Answer(404, {"error": "no handler"}), Outcome.CONFIGURATION),
        (Answer(413, None), Outcome.CONFIGURATION),
        (Answer(200, {"docs": []}), Outcome.RETRY),
        (Answer(200, None), Outcome.RETRY),
        (Answer(200, {"docs": [None]}), Outcome.RETRY),
        (Answer(200, {"docs": [error("no_shard_available_action_exception")]}), Outcome.RETRY),
        (Answer(200, {"docs": [error("security_exception")]}), Outcome.CONFIGURATION),
    ],
)
def test_what_cannot_be_told_is_no_answer(answer, outcome):
    found = leave_out(Asked({}, answer), documents("a"), 5)
    assert isinstance(found, Problem)
    assert found.outcome is outcome


def test_what_is_elsewhere_is_a_duplicate_and_the_question_is_asked_until_it_is_answered():
    engine = Asked({"b": SAME}, UnreachableError("no answer"), Answer(503, None))
    sent = writer(engine).write(documents("a", "b", "c"))
    assert (sent.indexed, sent.duplicates, sent.left) == (2, 1, [])
    assert engine.sent == ["a", "c"]


def test_a_role_that_may_not_ask_stops_with_its_reason_and_keeps_everything():
    refused = Answer(403, {"error": {"type": "security_exception", "reason": "no permissions for [mget]"}})
    sent = writer(Asked({}, refused)).write(documents("a", "b"))
    assert (sent.misconfigured, names(sent.left)) == (True, ["a", "b"])
    assert sent.problem == "403 security_exception no permissions for [mget] (asked by id what is there already)"
