"""Documents sent in bulk: whatever an engine answers, each is indexed, already there, or handed back with a reason."""

from threading import Event

import pytest

from pipeline.search.bulk import MOST_DOCUMENTS, BulkWriter, Sent, divide
from pipeline.search.deadline import Deadline
from pipeline.search.engine import Answer, UnreachableError
from tests.pipeline.search.scripted import (
    Clock,
    ScriptedEngine,
    documents,
    items,
    names,
    never,
    refuse,
    vanish,
    wait_for,
    writer,
)

CONFLICT = (409, "version_conflict_engine_exception", "document already exists")
BUSY = (429, "es_rejected_execution_exception", "queue full")
ODD = (400, "mapper_parsing_exception", "failed to parse")
BLOCKED = (403, "cluster_block_exception", "disk usage exceeded flood-stage watermark")


def test_what_is_taken_is_counted_and_what_was_there_is_a_duplicate():
    sent = writer(ScriptedEngine(items(201, CONFLICT, 201))).write(documents("a", "b", "c"))
    assert (sent.indexed, sent.duplicates, sent.left, sent.dead, sent.problem) == (2, 1, [], [], "")


def test_of_mixed_items_only_those_that_may_still_be_taken_are_sent_again():
    engine = ScriptedEngine(items(201, BUSY, ODD, CONFLICT))
    sent = writer(engine).write(documents("a", "b", "c", "d"))
    assert engine.asked == [["a", "b", "c", "d"], ["b"]]
    assert (sent.indexed, sent.duplicates) == (2, 1)
    assert [(each.document.id, each.reason) for each in sent.dead] == [
        ("c", "400 mapper_parsing_exception failed to parse")
    ]
    assert sent.dead[0].document.raw == b"raw c"


@pytest.mark.parametrize(
    "answer",
    [
        vanish,
        refuse(503),
        refuse(429),
        lambda ids: Answer(200, None),
        lambda ids: Answer(200, {"items": []}),
        lambda ids: Answer(200, {"errors": False}),
        lambda ids: Answer(200, {"errors": False, "items": [{"create": {"status": 201}}]}),
        lambda ids: Answer(200, {"items": [{"create": {"status": 201}}, "?"]}),
        lambda ids: Answer(200, ["items"]),
    ],
)
def test_an_answer_that_does_not_account_for_every_document_counts_for_none_it_leaves_out(answer):
    engine = ScriptedEngine(answer)
    sent = writer(engine).write(documents("a", "b"))
    assert sent.indexed + sent.duplicates == 2
    assert set(engine.held) >= {"b"}
    assert (sent.left, sent.dead) == ([], [])


def test_waits_grow_with_full_jitter_and_are_bounded():
    clock = Clock()
    sent = writer(ScriptedEngine(*[vanish] * 9), 600, clock=clock).write(documents("a"))
    assert sent.indexed == 1
    assert clock.waits == [0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 20.0, 20.0, 20.0]


def test_what_is_not_finished_in_time_is_handed_back_with_the_reason():
    clock = Clock()
    sent = writer(ScriptedEngine(items(201, BUSY), *[refuse(429)] * 99), 30, clock=clock).write(documents("a", "b"))
    assert sent.indexed == 1
    assert names(sent.left) == ["b"]
    assert "429" in sent.problem
    assert clock.time <= 30


def test_a_blocked_cluster_is_waited_for_and_no_event_is_given_up():
    clock = Clock()
    sent = writer(ScriptedEngine(items(BLOCKED), items(BLOCKED)), clock=clock).write(documents("a"))
    assert (sent.indexed, sent.dead) == (1, [])
    assert min(clock.waits) >= 5


@pytest.mark.parametrize(
    "answer",
    [
        refuse(401),
        refuse(403, "security_exception", "no permissions"),
        items((403, "security_exception", "no permissions")),
        items((400, "illegal_argument_exception", "Limit of total fields [1000] has been exceeded")),
        refuse(404),
    ],
)
def test_a_fault_of_configuration_stops_at_once_and_keeps_every_document(answer):
    engine = ScriptedEngine(answer)
    sent = writer(engine).write(documents("a"))
    assert sent.misconfigured
    assert (names(sent.left), sent.dead) == (["a"], [])
    assert sent.problem
    assert len(engine.asked) == 1


def test_a_request_that_is_too_large_is_halved_and_a_single_document_repaired():
    engine = ScriptedEngine(refuse(413), refuse(413), refuse(413))
    sent = writer(engine, repair=lambda document, reason: document._replace(body=b"1", repairs=1)).write(
        documents("a", "b", "c", "d")
    )
    assert engine.asked == [["a", "b", "c", "d"], ["a", "b"], ["a"], ["a"], ["b"], ["c", "d"]]
    assert (sent.indexed, sent.repaired) == (4, 1)


def test_a_document_that_is_refused_is_repaired_and_given_up_when_no_way_is_left():
    engine = ScriptedEngine(items(ODD, 201), items(ODD))
    repairs = []

    def repair(document, reason):
        repairs.append((document.id, reason))
        return document._replace(repairs=1) if not document.repairs else None

    sent = writer(engine, repair=repair).write(documents("a", "b"))
    assert [name for name, _ in repairs] == ["a", "a"]
    assert (sent.indexed, [each.document.id for each in sent.dead]) == (1, ["a"])


def test_an_index_that_the_engine_does_not_make_is_made():
    engine = ScriptedEngine(items((404, "index_not_found_exception", "no such index")))
    sent = writer(engine).write(documents("a"))
    assert engine.made == ["cloudtrail-2026.03.01"]
    assert sent.indexed == 1


def test_requests_are_bounded_in_documents_and_bytes():
    small = documents(*map(str, range(MOST_DOCUMENTS + 1)))
    assert [len(batch) for batch in divide(small)] == [MOST_DOCUMENTS, 1]
    large = [document._replace(body=b"x" * 3_000_000) for document in documents("a", "b", "c")]
    assert [len(batch) for batch in divide(large)] == [1, 1, 1]
    assert list(divide([])) == []


def test_several_requests_under_way_lose_nothing():
    engine = ScriptedEngine(vanish, refuse(503), vanish)
    clock = Clock()
    sent = writer(engine, clock=clock)
    sent._requests = 4
    done = sent.write(documents(*map(str, range(5_500))))
    assert done.indexed == 5_500 == len(engine.held)


def test_patience_ends_what_nothing_of_gets_through_and_progress_renews_it():
    clock = Clock()
    engine = ScriptedEngine(*[vanish] * 3, items(201, BUSY), *[vanish] * 99)
    sent = BulkWriter(engine, never, clock.deadline(10_000), 1, patience=60).write(documents("a", "b"))
    assert (sent.indexed, names(sent.left)) == (1, ["b"])
    assert sent.problem == "no answer"
    assert 60 <= clock.time - sum(clock.waits[:3]) < 60 + 2 * 20


def test_a_refusal_that_no_engine_gives_is_no_fault_of_the_documents():
    """Something between us and the engine says 400: were it taken for the engine's word, all would be buried."""
    engine = ScriptedEngine(*[refuse(400)] * 5)
    sent = writer(engine).write(documents("a", "b"))
    assert (sent.indexed, sent.dead) == (2, [])


def test_documents_are_made_as_they_are_sent():
    made = 0

    def make():
        nonlocal made
        for n in range(20_000):
            made += 1
            yield documents(str(n))[0]

    engine, seen = ScriptedEngine(), 0
    for sent in BulkWriter(engine, never, Clock().deadline(60), requests=2).send(make()):
        seen += sent.indexed
        assert made <= len(engine.held) + 3 * MOST_DOCUMENTS + 1
    assert seen == 20_000


def test_whoever_stops_listening_stops_the_sending():
    engine = ScriptedEngine()
    for _ in BulkWriter(engine, never, Clock().deadline(60), requests=2).send(documents(*map(str, range(20_000)))):
        break
    assert len(engine.held) <= 4 * MOST_DOCUMENTS


def test_after_a_fault_of_configuration_each_that_is_handed_back_says_so():
    engine = ScriptedEngine(refuse(403, "security_exception", "no permissions"))
    handed = list(BulkWriter(engine, never, Clock().deadline(60), requests=1).send(documents(*map(str, range(2_500)))))
    assert [len(sent.left) for sent in handed] == [1_000, 1_000, 500]
    assert all(sent.misconfigured and "no permissions" in sent.problem for sent in handed)


def test_what_is_indexed_is_counted_by_index():
    some = [document._replace(index_name=name) for document, name in zip(documents("a", "b", "c"), "xyx", strict=True)]
    sent = writer(ScriptedEngine(items(201, 201, CONFLICT))).write(some)
    assert sent.by_index == {"x": 1, "y": 1}


def test_requests_outlast_the_documents_of_one_call():
    engine, busy = ScriptedEngine(), writer(ScriptedEngine())
    busy._engine = engine
    first = list(busy.send_on(documents("a", "b")))
    second = list(busy.send_on(documents("c")))  # waits for the first, as one request may be under way
    rest = list(busy.finish())
    assert (first, [each.indexed for each in second], [each.indexed for each in rest]) == ([], [2], [1])
    assert list(busy.finish()) == []
    assert [each.indexed for each in busy.send(documents("d"))] == [1]


def test_who_stops_begins_no_request_again_and_is_told_what_became_of_all():
    clock = Clock()
    stopped = writer(ScriptedEngine(*[vanish] * 50), clock=clock)
    list(stopped.send_on(documents("a", "b")))
    told = list(stopped.stop())
    assert [names(each.left) for each in told] == [["a", "b"]]
    assert len(clock.waits) < 50


def failing(engine, count):
    """Documents, and an error once an engine has taken all that were sent."""
    yield from documents(*map(str, range(count)))
    wait_for(lambda: len(engine.held) == count // MOST_DOCUMENTS * MOST_DOCUMENTS)
    raise LookupError


def test_what_was_under_way_when_the_next_documents_fail_is_told():
    engine = ScriptedEngine()
    busy = BulkWriter(engine, never, Clock().deadline(60), requests=4)
    told = []
    with pytest.raises(LookupError):
        told.extend(busy.send_on(failing(engine, 2_500)))
    told += busy.stop()
    assert sum(sent.indexed for sent in told) == len(engine.held) == 2_000
    assert (list(busy.stop()), busy._pool) == ([], None)


def test_who_stops_listening_in_the_middle_is_told_the_rest():
    engine = ScriptedEngine()
    busy = BulkWriter(engine, never, Clock().deadline(60), requests=4)
    list(busy.send_on(documents(*map(str, range(3_500)))))
    finishing = busy.finish()
    told = [next(finishing)]
    finishing.close()
    told += busy.stop()
    assert sum(sent.indexed + len(sent.left) for sent in told) == 3_500
    assert busy._pool is None


def test_what_is_sent_at_once_is_over_when_its_documents_fail():
    engine = ScriptedEngine()
    busy = BulkWriter(engine, never, Clock().deadline(60), requests=4)
    with pytest.raises(LookupError):
        list(busy.send(failing(engine, 2_500)))
    assert (busy._under_way, busy._pool) == (set(), None)


def test_who_waits_while_another_is_not_let_in_is_handed_back_for_that_reason():
    refused = Event()

    class Two(ScriptedEngine):
        def ask(self, method, path, body=None, **named):
            if b'"_id":"0"' in body:
                raise UnreachableError("no answer")
            refused.set()
            return Answer(401, {"error": {"type": "security_exception", "reason": "who"}})

    deadline = Deadline(60, sleep=lambda seconds: refused.wait(10))
    handed = list(BulkWriter(Two(), never, deadline, requests=2).send(documents(*map(str, range(2_000)))))
    assert [(len(sent.left), sent.misconfigured, sent.problem[:3]) for sent in handed] == [(1_000, True, "401")] * 2


def test_of_two_reasons_the_one_that_somebody_has_to_mend_is_told():
    slow, refused, more = Sent(problem="no answer"), Sent(problem="401", misconfigured=True), Sent(problem="503")
    done = Sent()
    for each in (slow, refused, more):
        done.add(each)
    assert (done.problem, done.misconfigured) == ("401", True)
